//! The files: which is what, whether each is intact, and whether they belong together.

use std::path::Path;
use std::time::{Duration, SystemTime};
use std::{fs, io};

use wechatpay_client::crypto::{Algorithm, Certificate, PrivateKey, PublicKey};

use crate::report::Report;

/// What a merchant needs.
#[derive(Default)]
pub struct Found {
    /// The PEM text of the private key; never printed.
    pub key_pem: Option<String>,
    pub certificate: Option<Certificate>,
    /// The PEM text of WeChat Pay's public key.
    pub public_key_pem: Option<String>,
    /// The merchant id that the certificate is issued to.
    pub mchid: Option<String>,
    keys: Vec<(String, String, PublicKey)>,
    certificates: Vec<(String, String, Certificate)>,
    public_keys: Vec<(String, String, PublicKey)>,
}

/// Beyond any file of a merchant's.
const LARGEST: u64 = 1 << 20;

pub fn check(folder: &Path, report: &mut Report) -> io::Result<Found> {
    let mut paths: Vec<_> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    // The others first: a certificate names the merchant, whose id opens the p12 file.
    paths.sort_by_key(|path| (path.extension().is_some_and(|kind| kind == "p12"), path.clone()));
    let mut found = Found::default();
    for path in paths.iter().filter(|path| path.is_file()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match fs::metadata(path) {
            Ok(metadata) if metadata.len() > LARGEST => continue,
            _ => file(path, &name, &fs::read(path)?, &mut found, report),
        }
    }
    together(&mut found, report);
    Ok(found)
}

fn file(path: &Path, name: &str, bytes: &[u8], found: &mut Found, report: &mut Report) {
    let text = String::from_utf8_lossy(bytes);
    let label = text
        .split("-----BEGIN ")
        .nth(1)
        .and_then(|rest| rest.split("-----").next());
    match label {
        Some("PRIVATE KEY" | "RSA PRIVATE KEY") => private_key(path, name, &text, found, report),
        Some("CERTIFICATE") => certificate(name, &text, found, report),
        Some("PUBLIC KEY" | "RSA PUBLIC KEY") => match PublicKey::from_pem(&text) {
            Ok(key) => found.public_keys.push((name.to_owned(), text.into_owned(), key)),
            Err(error) => report.fail(
                name,
                error.to_string(),
                "download it again from the merchant platform",
            ),
        },
        Some("CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST") => {
            report.ok(
                name,
                "a certificate request; it is not needed once there is a certificate",
            );
        }
        Some(label) => report.warn(name, format!("a `{label}`, which WeChat Pay does not use")),
        None if name.ends_with(".p12") || name.ends_with(".pfx") => p12(path, name, found, report),
        None if name.ends_with(".pem") => {
            report.fail(
                name,
                "not PEM: it has no `-----BEGIN …-----` line",
                "download it again, or copy it whole",
            );
        }
        None => {}
    }
}

fn private_key(path: &Path, name: &str, text: &str, found: &mut Found, report: &mut Report) {
    match PrivateKey::from_pem(text).and_then(|key| key.public_key()) {
        Ok(public) => {
            report.ok(name, format!("a private key, {}", kind(&public)));
            if is_open(path) {
                report.warn(name, "everybody on this machine can read it: chmod 600");
            }
            found.keys.push((name.to_owned(), text.to_owned(), public));
        }
        Err(error) => report.fail(
            name,
            error.to_string(),
            "it must be the unencrypted apiclient_key.pem",
        ),
    }
}

fn certificate(name: &str, text: &str, found: &mut Found, report: &mut Report) {
    match Certificate::from_pem(text) {
        Ok(certificate) => found
            .certificates
            .push((name.to_owned(), text.to_owned(), certificate)),
        // A test CA's certificate, for example.
        Err(error) => report.warn(name, format!("not one of WeChat Pay's certificates: {error}")),
    }
}

#[cfg(feature = "p12")]
fn p12(path: &Path, name: &str, found: &mut Found, report: &mut Report) {
    let mchid = crate::settings::setting("WECHATPAY_MCHID").or_else(|| {
        let own = found.certificates.iter().filter_map(|(_, pem, _)| owner(pem));
        own.into_iter().next()
    });
    let Some(mchid) = mchid else {
        return report.warn(name, "not opened: set WECHATPAY_MCHID, which is its password");
    };
    // Building a client opens it and checks that its key and certificate belong together.
    let client = wechatpay_client::Client::builder()
        .mchid(mchid)
        .api_v2_key("0123456789abcdef0123456789abcdef")
        .certificate_p12_file(path, None)
        .build();
    match client {
        Ok(_) => report.ok(
            name,
            "certificate and private key, for APIv2; opens with the merchant id",
        ),
        Err(error) => report.fail(
            name,
            error.to_string(),
            "its password is the merchant id that it was issued to",
        ),
    }
}

#[cfg(not(feature = "p12"))]
fn p12(_: &Path, name: &str, _: &mut Found, report: &mut Report) {
    report.ok(
        name,
        "not opened: that takes `--features p12`; only APIv2 uses it",
    );
}

/// What belongs together, and what was mistaken for something else.
fn together(found: &mut Found, report: &mut Report) {
    let keys = std::mem::take(&mut found.keys);
    // Brands have keys of their own.
    let merchants = keys.iter().find(|(name, ..)| name.starts_with("apiclient"));
    let Some((key_name, pem, _)) = merchants.or(keys.first()) else {
        return report.fail(
            "apiclient_key.pem",
            "no private key in this folder",
            "merchant platform, API security: apply for the API certificate",
        );
    };
    found.key_pem = Some(pem.clone());
    certificates(found, &keys, key_name, report);
    for (name, pem, public) in std::mem::take(&mut found.public_keys) {
        if keys.iter().any(|(.., key)| key.to_pem() == public.to_pem()) {
            report.fail(
                &name,
                "the public half of a private key in this folder, not WeChat Pay's key",
                "download pub_key.pem from the merchant platform: API security, WeChat Pay public key",
            );
        } else {
            report.ok(&name, format!("WeChat Pay's public key, {}", kind(&public)));
            found.public_key_pem = Some(pem);
        }
    }
    if found.certificate.is_none() && !report.has_failed() {
        report.fail(
            "apiclient_cert.pem",
            format!("no certificate of {key_name} in this folder"),
            "its serial is needed to sign; the merchant platform shows it as well",
        );
    }
}

fn certificates(
    found: &mut Found,
    keys: &[(String, String, PublicKey)],
    merchants: &str,
    report: &mut Report,
) {
    for (name, pem, certificate) in std::mem::take(&mut found.certificates) {
        let public = certificate.public_key().to_pem();
        let pair = keys.iter().find(|(.., key)| key.to_pem() == public);
        match pair {
            Some((key, ..)) if key == merchants => {
                validity(&name, "the merchant's certificate", &certificate, report);
                found.mchid = owner(&pem);
                found.certificate = Some(certificate);
            }
            Some((key, ..)) => validity(&name, &format!("the certificate of {key}"), &certificate, report),
            None if name.starts_with("apiclient") => report.fail(
                &name,
                format!("serial {} belongs to another private key", certificate.serial()),
                "key and certificate must come from the same application; take both from there",
            ),
            None => validity(&name, "a platform certificate", &certificate, report),
        }
    }
}

/// Prints serial and validity.
fn validity(name: &str, what: &str, certificate: &Certificate, report: &mut Report) {
    let (now, end) = (SystemTime::now(), certificate.not_after());
    let text = format!(
        "{what}, serial {}, {}, valid until {}",
        certificate.serial(),
        kind(certificate.public_key()),
        httpdate::fmt_http_date(end)
    );
    if now < certificate.not_before() {
        report.fail(
            name,
            format!("{text}: not valid yet"),
            "check this machine's clock",
        );
    } else if now > end {
        report.fail(
            name,
            format!("{text}: expired"),
            "apply for a new one on the merchant platform",
        );
    } else if end < now + Duration::from_secs(30 * 86_400) {
        report.warn(name, format!("{text}: expires within 30 days"));
    } else {
        report.ok(name, text);
    }
}

/// The size of the modulus: OAEP with SHA-1 takes 42 bytes of it.
fn kind(key: &PublicKey) -> String {
    match key.algorithm() {
        Algorithm::Rsa => format!("RSA {} bits", (key.max_clear_len() + 42) * 8),
        other => format!("{other:?}").to_uppercase(),
    }
}

/// The merchant id that a certificate is issued to: its common name, where that is a number.
fn owner(pem: &str) -> Option<String> {
    use base64::Engine as _;
    use x509_cert::der::Decode as _;
    let body = pem
        .split("-----BEGIN CERTIFICATE-----")
        .nth(1)?
        .split("-----END")
        .next()?;
    let base64: String = body.split_whitespace().collect();
    let der = base64::engine::general_purpose::STANDARD.decode(base64).ok()?;
    let certificate = x509_cert::Certificate::from_der(&der).ok()?;
    let subject = certificate.tbs_certificate().subject().to_string();
    let name = subject
        .split(',')
        .find_map(|part| part.trim().strip_prefix("CN="))?;
    name.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| name.to_owned())
}

#[cfg(unix)]
fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn is_open(_: &Path) -> bool {
    false
}
