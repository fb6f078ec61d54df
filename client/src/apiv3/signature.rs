//! The signature of a response or a notification: its headers, its time, and the check itself.
//!
//! In: headers, raw bytes, a public key. Out: nothing, or why the signature is refused. No error
//! contains the expected signature.

use std::collections::BTreeMap;

use http::HeaderMap;

use crate::crypto::{Algorithm, PublicKey, from_base64};
use crate::error::{Error, ErrorKind};

/// How far the clocks may be apart, in seconds; at this difference it is too much.
const WINDOW: u64 = 300;

/// What WeChat Pay's own test traffic has in the place of a signature.
const PROBE: &str = "WECHATPAY/SIGNTEST/";

/// The values of `Wechatpay-Signature-Type`, and the keys that make such signatures: those to brands are
/// made like those to merchants.
const ALGORITHMS: &[(&str, Algorithm)] = &[
    ("WECHATPAY2-SHA256-RSA2048", Algorithm::Rsa),
    ("WECHATPAY-BRAND-SHA256-RSA2048", Algorithm::Rsa),
    #[cfg(feature = "shangmi")]
    ("WECHATPAY2-SM2-WITH-SM3", Algorithm::Sm2),
];

const NAMES: [&str; 4] = [
    "wechatpay-timestamp",
    "wechatpay-nonce",
    "wechatpay-signature",
    "wechatpay-serial",
];

/// The headers that make up a signature.
pub(crate) struct SignatureHeaders<'a> {
    pub timestamp: &'a str,
    pub nonce: &'a str,
    pub signature: &'a str,
    pub serial: &'a str,
    /// What `Wechatpay-Signature-Type` says; without it, the key decides.
    pub algorithm: Option<Algorithm>,
}

impl<'a> SignatureHeaders<'a> {
    /// The headers by name, to be kept with what they sign.
    pub(super) fn to_map(&self) -> BTreeMap<&'static str, &'a str> {
        NAMES
            .into_iter()
            .zip([self.timestamp, self.nonce, self.signature, self.serial])
            .collect()
    }

    /// Whether there is any of them.
    pub(crate) fn any(headers: &HeaderMap) -> bool {
        NAMES.iter().any(|name| headers.contains_key(*name))
    }

    pub(crate) fn read(headers: &'a HeaderMap) -> Result<Self, Error> {
        let algorithm = one(headers, "wechatpay-signature-type")?
            .map(|name| known_algorithm(name).ok_or_else(unknown_algorithm))
            .transpose()?;
        let [timestamp, nonce, signature, serial] = NAMES.map(|name| {
            one(headers, name)?.ok_or_else(|| {
                Error::verification(format!(
                    "the `{name}` header is missing: the message is not from WeChat Pay, or a proxy removed the header"
                ))
            })
        });
        let headers = Self {
            timestamp: timestamp?,
            nonce: nonce?,
            signature: signature?,
            serial: serial?,
            algorithm,
        };
        if headers.signature.starts_with(PROBE) {
            return Err(Error::new(ErrorKind::Probe, "the signature is a test signature"));
        }
        Ok(headers)
    }
}

fn known_algorithm(name: &str) -> Option<Algorithm> {
    let (_, algorithm) = ALGORITHMS.iter().find(|(known, _)| *known == name)?;
    Some(*algorithm)
}

fn unknown_algorithm() -> Error {
    let names: Vec<_> = ALGORITHMS.iter().map(|(name, _)| *name).collect();
    let hint = match cfg!(feature = "shangmi") {
        true => "",
        false => "; WECHATPAY2-SM2-WITH-SM3 needs the feature `shangmi`",
    };
    Error::verification(format!(
        "`Wechatpay-Signature-Type` names an algorithm that is not supported: expected {}{hint}",
        names.join(" or ")
    ))
}

/// The only value of a header.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Error> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Error::verification(format!("there are several `{name}` headers")));
    }
    let text = value
        .to_str()
        .map_err(|_| Error::verification(format!("`{name}` is not plain text")))?;
    Ok(Some(text))
}

/// The signature itself, once its key is known.
pub(crate) fn verify_with(headers: &SignatureHeaders<'_>, body: &[u8], key: &PublicKey) -> Result<(), Error> {
    if headers
        .algorithm
        .is_some_and(|algorithm| algorithm != key.algorithm())
    {
        return Err(Error::verification(
            "`Wechatpay-Signature-Type` does not fit the key that `Wechatpay-Serial` names",
        ));
    }
    let (timestamp, nonce) = (headers.timestamp.as_bytes(), headers.nonce.as_bytes());
    let message = [timestamp, nonce, body, b""].join(&b'\n');
    let valid = from_base64(headers.signature).is_some_and(|signature| key.verifies(&message, &signature));
    if valid {
        return Ok(());
    }
    Err(Error::verification(
        "invalid signature; verify the raw bytes as received, before any parser or middleware \
         has changed them",
    ))
}

/// Reads the headers and checks the time, for the response that contains its own key.
pub(crate) fn read_in_time(headers: &HeaderMap, now: u64) -> Result<SignatureHeaders<'_>, Error> {
    let signature = SignatureHeaders::read(headers)?;
    check_time(&signature, now)?;
    Ok(signature)
}

pub(crate) fn check_time(headers: &SignatureHeaders<'_>, now: u64) -> Result<(), Error> {
    let timestamp = headers.timestamp;
    let digits = timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let time = match timestamp.parse::<u64>() {
        Ok(time) if digits => time,
        _ => {
            return Err(Error::verification(
                "`Wechatpay-Timestamp` is not a number of seconds",
            ));
        }
    };
    let apart = now.abs_diff(time);
    if apart >= WINDOW {
        return Err(Error::verification(format!(
            "timestamp is off by {apart} s (limit {WINDOW} s): an old message sent \
             again, or a wrong clock"
        )));
    }
    Ok(())
}
