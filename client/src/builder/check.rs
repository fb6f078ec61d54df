//! The checks of the builder, one function per thing that can be wrong.

use std::net::IpAddr;

use http::header::{ACCEPT_LANGUAGE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Uri};
use zeroize::Zeroizing;

use super::pair::PUBLIC_KEY_ID;
use super::setters::Builder;
use super::text::Text;
use crate::client::Route;
use crate::credentials::Credentials;
use crate::crypto::{Algorithm, Certificate, PrivateKey, PublicKey, pem};
use crate::error::Error;
use crate::operation::Identity;
use crate::transport::ClientCertificate;
use crate::trust::PlatformKey;

/// The merchant id; only a client of a brand alone may do without.
pub(super) fn mchid(builder: &Builder) -> Result<String, Error> {
    let mchid = builder.mchid.as_str();
    if mchid.is_empty() && builder.brand.is_some() && builder.pair.is_absent() {
        return Ok(String::new());
    }
    let plain = !mchid.is_empty() && mchid.len() <= 32 && mchid.bytes().all(|byte| byte.is_ascii_digit());
    match plain {
        true => Ok(mchid.to_owned()),
        false => Err(Error::configuration(
            "the merchant id: expected digits, like 1900000001",
        )),
    }
}

/// The merchant's credentials of APIv3. A client of APIv2 alone has none, nor has that of a brand alone.
pub(super) fn merchant(builder: &Builder, mchid: &str) -> Result<Option<Credentials>, Error> {
    let is_optional = has_v2_key(builder) || mchid.is_empty();
    if is_optional && builder.pair.is_absent() {
        builder.pair.read("merchant")?;
        return Ok(None);
    }
    let credentials = builder.pair.credentials("merchant", mchid.to_owned(), None)?;
    Ok(Some(credentials))
}

/// Whether the APIv2 key was given.
#[cfg_attr(not(feature = "apiv2"), allow(unused_variables))]
pub(super) fn has_v2_key(builder: &Builder) -> bool {
    #[cfg(feature = "apiv2")]
    return builder.v2.key.is_some();
    #[cfg(not(feature = "apiv2"))]
    false
}

/// Takes certificate and private key out of the p12 file, where they were not given otherwise.
#[cfg(feature = "p12")]
pub(super) fn open_p12(builder: &mut Builder) -> Result<(), Error> {
    let Some(p12) = builder.v2.p12.take() else {
        return Ok(());
    };
    if builder.pair.certificate.is_some() || builder.pair.private_key.is_some() {
        return Err(Error::configuration(
            "the merchant's certificate and key were given twice, as p12 and as PEM",
        ));
    }
    let pair = p12.open(&builder.mchid)?;
    builder.pair.certificate = Some(Text::given(pair.certificate));
    builder.pair.private_key = Some(Text::Given(pair.private_key));
    Ok(())
}

/// The merchant's certificate and key for mutual TLS, if both are known.
pub(super) fn client_certificate(builder: &Builder) -> Result<Option<ClientCertificate>, Error> {
    let missing = |given: &str, setter: &str| {
        Err(Error::configuration(format!(
            "mutual TLS needs the merchant's certificate and its private key: {given} was given, `{setter}` was not"
        )))
    };
    let pair = &builder.pair;
    let (certificate, key) = match (&pair.certificate, &pair.private_key) {
        (Some(certificate), Some(key)) => (certificate, key),
        (Some(_), None) if has_v2_key(builder) && pair.signer.is_none() => {
            return missing("the certificate", "private_key_pem");
        }
        // With a serial, the private key may be there for APIv3 alone.
        (None, Some(_)) if has_v2_key(builder) && pair.serial.is_none() => {
            return missing("the private key", "certificate_pem");
        }
        _ => return Ok(None),
    };
    // Written anew: whatever text the reader of keys accepts, TLS gets in one form.
    let chain = pem::all(&certificate.read("the certificate")?)
        .map_err(|problem| Error::configuration(format!("the certificate: {problem}")))?;
    let key = PrivateKey::from_pem(&key.read("the private key")?)?;
    if key.algorithm() != Algorithm::Rsa {
        // WeChat Pay's mutual TLS is for RSA certificates; the transport says so when one is needed.
        return Ok(None);
    }
    let key = key.to_pem()?;
    let chain = chain.iter().filter(|(label, _)| label == "CERTIFICATE");
    let mut text = Zeroizing::new(Vec::with_capacity(16 << 10));
    for (label, der) in chain {
        text.extend_from_slice(pem::write(label, der).as_bytes());
    }
    text.extend_from_slice(key.as_bytes());
    Ok(Some(ClientCertificate { pem: text }))
}

/// WeChat Pay's keys.
pub(super) fn platform(builder: &Builder, own: &[&Credentials]) -> Result<Vec<PlatformKey>, Error> {
    let merchants = builder.public_keys.iter().map(|key| (key, Identity::Merchant));
    let brands = builder.brand.iter().flat_map(|brand| &brand.public_keys);
    let own_keys = own_keys(builder)?;
    let mut keys = Vec::new();
    for ((id, text), identity) in merchants.chain(brands.map(|key| (key, Identity::Brand))) {
        keys.push(public_key(id, text, identity)?);
    }
    for text in &builder.platform_certificates {
        let certificate = Certificate::from_pem(&text.read("the platform certificate")?)?;
        if own
            .iter()
            .any(|own| certificate.serial().eq_ignore_ascii_case(&own.serial))
        {
            return Err(Error::configuration(
                "the platform certificate: this is the merchant's own certificate or the brand's, which never signs responses",
            ));
        }
        keys.push(PlatformKey::from_certificate(&certificate));
    }
    for (at, key) in keys.iter().enumerate() {
        if own_keys.contains(key.public_key()) {
            return Err(Error::configuration(format!(
                "the key `{}`: this is the public key of the merchant or the brand, which never signs responses; \
                 give WeChat Pay's (`pub_key.pem`)",
                key.id()
            )));
        }
        if keys[..at].iter().any(|other| other.id() == key.id()) {
            return Err(Error::configuration(format!(
                "the key `{}` was given twice",
                key.id()
            )));
        }
    }
    Ok(keys)
}

/// The public keys of the merchant and the brand, as far as they are known.
fn own_keys(builder: &Builder) -> Result<Vec<PublicKey>, Error> {
    let brand = builder.brand.as_ref().map(|brand| &brand.pair);
    let mut keys = Vec::new();
    for (pair, whose) in [(Some(&builder.pair), "merchant"), (brand, "brand")] {
        let Some(pair) = pair else { continue };
        let (private, certificate) = pair.read(whose)?;
        if let Some(key) = private {
            keys.push(key.public_key()?);
        }
        keys.extend(certificate.map(|certificate| certificate.public_key().clone()));
    }
    Ok(keys)
}

fn public_key(id: &str, text: &Text, identity: Identity) -> Result<PlatformKey, Error> {
    let wrong =
        |problem: String| Error::configuration(format!("the id of a WeChat Pay public key: {problem}"));
    if !id.starts_with(PUBLIC_KEY_ID) {
        return Err(wrong(format!(
            "expected `{PUBLIC_KEY_ID}…`, as the merchant platform shows it"
        )));
    }
    if !id
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        return Err(wrong("expected letters, digits and `_`".to_owned()));
    }
    let pem = text.read("the WeChat Pay public key")?;
    if pem.contains("-----BEGIN CERTIFICATE-----") {
        return Err(Error::configuration(
            "the WeChat Pay public key: this is a certificate, expected `pub_key.pem` with a `PUBLIC KEY`; a \
             platform certificate belongs into `platform_certificate_pem`, the merchant's own into `certificate_pem`",
        ));
    }
    let key = PublicKey::from_pem(&pem)?;
    Ok(PlatformKey::from_public_key(id.to_owned(), key, identity))
}

/// Where requests go; whether that may be plain http.
pub(super) fn route(builder: &Builder) -> Result<(Route, bool), Error> {
    let base = builder.base_url.as_deref().map(base_url).transpose()?;
    let fallback = builder.fallback_base_url.as_deref().map(base_url).transpose()?;
    if fallback.is_some() && base.is_none() {
        return Err(Error::configuration("a second base URL needs a first one"));
    }
    let plain = |url: &Option<(String, bool)>| url.as_ref().is_some_and(|(_, plain)| *plain);
    let loopback = plain(&base) || plain(&fallback);
    let route = Route {
        base: base.map(|(url, _)| url),
        fallback: fallback.map(|(url, _)| url),
        failover: !builder.no_failover,
    };
    Ok((route, loopback))
}

/// A base URL without its last slash, and whether it is plain http.
fn base_url(text: &str) -> Result<(String, bool), Error> {
    let wrong = |problem: &str| Error::configuration(format!("the base URL: {problem}"));
    let uri: Uri = text.parse().map_err(|_| wrong("it is not a URL"))?;
    let authority = uri.authority().ok_or_else(|| wrong("expected https://host"))?;
    if authority.as_str().contains('@') {
        return Err(wrong("it must hold neither user nor password"));
    }
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
        return Err(wrong("it must have no path: the operation's own is signed"));
    }
    match uri.scheme_str() {
        Some("https") => Ok((format!("https://{authority}"), false)),
        Some("http") if is_loopback(authority.host()) => Ok((format!("http://{authority}"), true)),
        Some("http") => Err(wrong("plain http is allowed to loopback addresses only")),
        _ => Err(wrong("expected https://…")),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The headers of every request.
pub(super) fn headers(user_agent: Option<&str>, language: Option<&str>) -> Result<HeaderMap, Error> {
    let own = concat!("wechatpay-client/", env!("CARGO_PKG_VERSION"));
    let name = format!("{own} ({}; {})", std::env::consts::OS, std::env::consts::ARCH);
    let name = match user_agent {
        Some(theirs) => format!("{theirs} {name}"),
        None => name,
    };
    let value = |what: &str, text: &str| {
        HeaderValue::from_str(text).map_err(|_| {
            Error::configuration(format!(
                "the {what} contains a character that is not allowed in a header"
            ))
        })
    };
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, value("user agent", &name)?);
    if let Some(language) = language {
        headers.insert(ACCEPT_LANGUAGE, value("language", language)?);
    }
    Ok(headers)
}
