//! X.509 certificates, as far as WeChat Pay needs them: serial, public key, validity.
//!
//! In: PEM text or DER. Out: a [`Certificate`]. No chain is built: a platform certificate is trusted
//! because it came sealed under the APIv3 key, or because the caller gave it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use x509_cert::der::{Decode as _, Encode as _};

use super::key::PublicKey;
use super::pem;
use crate::Error;

/// A certificate: the platform's or the merchant's own.
#[derive(Debug, Clone)]
pub struct Certificate {
    serial: String,
    public_key: PublicKey,
    not_before: u64,
    not_after: u64,
}

impl Certificate {
    /// Reads PEM text.
    ///
    /// # Errors
    /// A configuration error that says what the text is instead.
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        let wrong = |problem: &str| Error::configuration(format!("the certificate: {problem}"));
        match pem::first(text).map_err(wrong)? {
            ("CERTIFICATE", der) => Self::from_der(&der),
            (label, _) => Err(wrong(&format!(
                "expected `CERTIFICATE`, found `{}`",
                label.escape_debug()
            ))),
        }
    }

    /// Reads DER.
    ///
    /// # Errors
    /// When it is not an X.509 certificate, or its key is not one that [`PublicKey::from_spki`] takes.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let wrong = || Error::configuration("the certificate: it is not an X.509 certificate");
        let certificate = x509_cert::Certificate::from_der(der).map_err(|_| wrong())?;
        let inner = certificate.tbs_certificate();
        let spki = inner.subject_public_key_info().to_der().map_err(|_| wrong())?;
        let validity = inner.validity();
        Ok(Self {
            serial: serial(inner.serial_number().as_bytes()),
            public_key: PublicKey::from_spki(&spki)?,
            not_before: validity.not_before.to_unix_duration().as_secs(),
            not_after: validity.not_after.to_unix_duration().as_secs(),
        })
    }

    /// The serial number in upper-case hexadecimal, with leading zeros: what `Wechatpay-Serial` and
    /// `serial_no` hold.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The public key.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// From when on it is valid.
    pub fn not_before(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.not_before)
    }

    /// The time until which it is valid: the certificate's own, or the `expire_time` that WeChat Pay
    /// announced for it if that is earlier.
    pub fn not_after(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.not_after)
    }

    /// The same certificate, which WeChat Pay retires at `end` if that is before its own end.
    pub(crate) fn until(mut self, end: SystemTime) -> Self {
        let end = end.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        self.not_after = self.not_after.min(end);
        self
    }

    /// Whether it is valid at this time.
    pub fn is_valid_at(&self, now: SystemTime) -> bool {
        (self.not_before()..=self.not_after()).contains(&now)
    }
}

impl PublicKey {
    /// Reads PEM text: `PUBLIC KEY`, `RSA PUBLIC KEY`, or the key of a `CERTIFICATE`.
    ///
    /// # Errors
    /// A configuration error that says what the text is instead.
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        let wrong = |problem: &str| Error::configuration(format!("the public key: {problem}"));
        let (label, der) = pem::first(text).map_err(wrong)?;
        match label {
            "PUBLIC KEY" => Self::from_spki(&der),
            "RSA PUBLIC KEY" => Self::from_pkcs1(&der),
            "CERTIFICATE" => Ok(Certificate::from_der(&der)?.public_key().clone()),
            "PRIVATE KEY" | "RSA PRIVATE KEY" => Err(wrong("this is a private key")),
            label => Err(wrong(&format!(
                "expected `PUBLIC KEY`, found `{}`",
                label.escape_debug()
            ))),
        }
    }
}

/// DER puts a zero byte before a number whose first bit is set; it is not part of the serial.
fn serial(der: &[u8]) -> String {
    let digits = match der {
        [0, rest @ ..] if !rest.is_empty() => rest,
        all => all,
    };
    super::hex(digits).to_ascii_uppercase()
}
