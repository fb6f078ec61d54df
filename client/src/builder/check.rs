//! The checks of the builder, one function per thing that can be wrong.

use std::net::IpAddr;
use std::sync::Arc;

use http::header::{ACCEPT_LANGUAGE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Uri};
use zeroize::Zeroizing;

use super::setters::Builder;
use super::text::Text;
use crate::client::Route;
use crate::credentials::{Decryptor, Signer};
use crate::crypto::{Certificate, PrivateKey, PublicKey};
use crate::error::{BoxError, Error};
use crate::transport::{BoxFuture, ClientCertificate};
use crate::trust::PlatformKey;

/// What WeChat Pay calls its public keys.
const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_";

pub(super) fn mchid(mchid: &str) -> Result<String, Error> {
    let plain = !mchid.is_empty() && mchid.len() <= 32 && mchid.bytes().all(|byte| byte.is_ascii_digit());
    match plain {
        true => Ok(mchid.to_owned()),
        false => Err(Error::configuration(
            "the merchant id: expected digits, like 1900000001",
        )),
    }
}

/// The merchant's side: who signs, who decrypts, under which serial.
pub(super) struct Merchant {
    pub serial: String,
    pub signer: Arc<dyn Signer>,
    pub decryptor: Option<Arc<dyn Decryptor>>,
}

pub(super) fn merchant(builder: &Builder) -> Result<Merchant, Error> {
    let key = builder
        .private_key
        .as_ref()
        .map(|text| PrivateKey::from_pem(&text.read("the private key")?))
        .transpose()?
        .map(Arc::new);
    let certificate = builder
        .certificate
        .as_ref()
        .map(|text| Certificate::from_pem(&text.read("the certificate")?))
        .transpose()?;
    if let (Some(key), Some(certificate)) = (&key, &certificate)
        && key.public_key()? != *certificate.public_key()
    {
        return Err(Error::configuration(
            "the certificate and the private key are not a pair: take both from the same download",
        ));
    }
    if is_v2_only(builder) {
        return Ok(Merchant {
            serial: String::new(),
            signer: Arc::new(NoSigner),
            decryptor: None,
        });
    }
    let serial = serial(builder.serial.as_deref(), certificate.as_ref())?;
    let own = key.clone().map(|key| -> Arc<dyn Signer> { key });
    let signer = builder.signer.clone().or(own).ok_or_else(|| {
        Error::configuration("the private key is missing: give apiclient_key.pem, or a signer")
    })?;
    let decryptor = builder.decryptor.clone();
    Ok(Merchant {
        serial,
        signer,
        decryptor: decryptor.or_else(|| key.map(|key| -> Arc<dyn Decryptor> { key })),
    })
}

/// Whether the APIv2 key was given.
#[cfg_attr(not(feature = "apiv2"), allow(unused_variables))]
pub(super) fn has_v2_key(builder: &Builder) -> bool {
    #[cfg(feature = "apiv2")]
    return builder.v2.key.is_some();
    #[cfg(not(feature = "apiv2"))]
    false
}

/// Whether nothing but the APIv2 key was given.
fn is_v2_only(builder: &Builder) -> bool {
    has_v2_key(builder)
        && builder.private_key.is_none()
        && builder.signer.is_none()
        && builder.serial.is_none()
}

/// What signs for APIv3 where there is only the APIv2 key.
struct NoSigner;

impl Signer for NoSigner {
    fn sign<'a>(&'a self, _message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, BoxError>> {
        let problem = "APIv3 needs the merchant's private key: give apiclient_key.pem to the builder";
        Box::pin(std::future::ready(Err(problem.into())))
    }
}

/// Takes certificate and private key out of the p12 file, where they were not given otherwise.
#[cfg(feature = "apiv2")]
pub(super) fn open_p12(builder: &mut Builder) -> Result<(), Error> {
    let Some(p12) = builder.v2.p12.take() else {
        return Ok(());
    };
    if builder.certificate.is_some() || builder.private_key.is_some() {
        return Err(Error::configuration(
            "the merchant's certificate and key were given twice, as p12 and as PEM",
        ));
    }
    let pair = p12.open(&builder.mchid)?;
    builder.certificate = Some(Text::given(pair.certificate));
    builder.private_key = Some(Text::Given(pair.private_key));
    Ok(())
}

/// The merchant's certificate and key for mutual TLS, if both are known.
pub(super) fn client_certificate(builder: &Builder) -> Result<Option<ClientCertificate>, Error> {
    let (Some(certificate), Some(key)) = (&builder.certificate, &builder.private_key) else {
        return Ok(None);
    };
    let certificate = certificate.read("the certificate")?;
    let key = key.read("the private key")?;
    let mut pem = Zeroizing::new(Vec::with_capacity(certificate.len() + key.len() + 2));
    for part in [certificate.as_str(), "\n", key.as_str(), "\n"] {
        pem.extend_from_slice(part.as_bytes());
    }
    Ok(Some(ClientCertificate { pem }))
}

fn serial(given: Option<&str>, certificate: Option<&Certificate>) -> Result<String, Error> {
    let wrong = |problem: &str| {
        Err(Error::configuration(format!(
            "the certificate's serial: {problem}"
        )))
    };
    let Some(given) = given else {
        return match certificate {
            Some(certificate) => Ok(certificate.serial().to_owned()),
            None => wrong("missing; give it, or apiclient_cert.pem"),
        };
    };
    if given.starts_with(PUBLIC_KEY_ID) {
        return wrong(
            "this is the id of a WeChat Pay public key; expected that of the merchant's own certificate",
        );
    }
    if given.is_empty() || given.len() > 64 || !given.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return wrong(
            "expected hexadecimal digits, as the merchant platform or `openssl x509 -serial` shows them",
        );
    }
    match certificate {
        Some(certificate) if !certificate.serial().eq_ignore_ascii_case(given) => {
            wrong("it is not the serial of the certificate that was given too")
        }
        _ => Ok(given.to_ascii_uppercase()),
    }
}

/// WeChat Pay's side: its keys.
pub(super) fn platform(builder: &Builder, own: &str) -> Result<Vec<PlatformKey>, Error> {
    let mut keys: Vec<PlatformKey> = Vec::new();
    for (id, text) in &builder.public_keys {
        if !id.starts_with(PUBLIC_KEY_ID) {
            return Err(Error::configuration(format!(
                "the id of a WeChat Pay public key: expected `{PUBLIC_KEY_ID}…`, as the merchant platform shows it"
            )));
        }
        if !id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            return Err(Error::configuration(
                "the id of a WeChat Pay public key: expected letters, digits and `_`",
            ));
        }
        let key = PublicKey::from_pem(&text.read("the WeChat Pay public key")?)?;
        keys.push(PlatformKey::from_public_key(id.clone(), key));
    }
    for text in &builder.platform_certificates {
        let certificate = Certificate::from_pem(&text.read("the platform certificate")?)?;
        if certificate.serial().eq_ignore_ascii_case(own) {
            return Err(Error::configuration(
                "the platform certificate: this is the merchant's own certificate, which never signs answers",
            ));
        }
        keys.push(PlatformKey::from_certificate(&certificate));
    }
    for (at, key) in keys.iter().enumerate() {
        if keys[..at].iter().any(|other| other.id() == key.id()) {
            return Err(Error::configuration(format!(
                "the key `{}` was given twice",
                key.id()
            )));
        }
    }
    Ok(keys)
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
    let uri: Uri = text.parse().map_err(|_| wrong("it is no URL"))?;
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
            Error::configuration(format!("the {what} holds a character that no header may have"))
        })
    };
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, value("user agent", &name)?);
    if let Some(language) = language {
        headers.insert(ACCEPT_LANGUAGE, value("language", language)?);
    }
    Ok(headers)
}
