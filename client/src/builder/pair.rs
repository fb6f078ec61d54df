//! The key pair of a merchant or a brand, as it was given.

use std::sync::Arc;

use super::text::Text;
use crate::credentials::{Credentials, Decryptor, Pool, Signer};
use crate::crypto::{ApiV3Key, Certificate, PrivateKey};
use crate::error::Error;

/// What WeChat Pay calls its public keys.
pub(super) const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_";

/// A private key, or what signs instead of it, and its certificate, or the certificate's serial number.
#[derive(Default)]
pub(super) struct Pair {
    pub serial: Option<String>,
    pub certificate: Option<Text>,
    pub private_key: Option<Text>,
    pub signer: Option<Arc<dyn Signer>>,
    pub decryptor: Option<Arc<dyn Decryptor>>,
}

impl Pair {
    /// Whether nothing was given that could sign.
    pub fn is_absent(&self) -> bool {
        self.private_key.is_none() && self.signer.is_none() && self.serial.is_none()
    }

    /// Checks that key and certificate belong together. `whose` is for messages: `merchant`, `brand`.
    pub fn credentials(
        &self,
        whose: &str,
        id: String,
        api_v3_key: Option<ApiV3Key>,
    ) -> Result<Credentials, Error> {
        let (key, certificate) = self.read(whose)?;
        let serial = serial(whose, self.serial.as_deref(), certificate.as_ref())?;
        let own = key
            .clone()
            .map(|key| -> Arc<dyn Signer> { Arc::new(Pool::new(key)) });
        let signer = self.signer.clone().or(own).ok_or_else(|| {
            Error::configuration(format!(
                "the {whose}'s private key is missing: give apiclient_key.pem, or a signer"
            ))
        })?;
        let decryptor = self.decryptor.clone();
        Ok(Credentials {
            id,
            serial,
            signer,
            decryptor: decryptor.or_else(|| key.map(|key| -> Arc<dyn Decryptor> { key })),
            api_v3_key,
        })
    }

    /// Reads and compares what was given.
    pub fn read(&self, whose: &str) -> Result<(Option<Arc<PrivateKey>>, Option<Certificate>), Error> {
        let key = match &self.private_key {
            Some(text) => Some(Arc::new(PrivateKey::from_pem(&text.read("the private key")?)?)),
            None => None,
        };
        let certificate = match &self.certificate {
            Some(text) => Some(Certificate::from_pem(&text.read("the certificate")?)?),
            None => None,
        };
        if let (Some(key), Some(certificate)) = (&key, &certificate)
            && key.public_key()? != *certificate.public_key()
        {
            return Err(Error::configuration(format!(
                "the {whose}'s certificate and private key are not a pair: take both from the same download"
            )));
        }
        Ok((key, certificate))
    }
}

fn serial(whose: &str, given: Option<&str>, certificate: Option<&Certificate>) -> Result<String, Error> {
    let wrong = |problem: &str| {
        Err(Error::configuration(format!(
            "the serial number of the {whose}'s certificate: {problem}"
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
    if given.len() > 40 && given.bytes().all(|byte| byte.is_ascii_digit()) {
        return wrong(
            "this is the decimal form, expected the hexadecimal one, as `openssl x509 -serial` shows it",
        );
    }
    if given.is_empty() || given.len() > 40 || !given.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return wrong(
            "expected up to 40 hexadecimal digits, as the merchant platform or `openssl x509 -serial` shows them",
        );
    }
    match certificate {
        Some(certificate) if !certificate.serial().eq_ignore_ascii_case(given) => {
            wrong("it is not the serial of the certificate that was given too")
        }
        _ => Ok(given.to_ascii_uppercase()),
    }
}
