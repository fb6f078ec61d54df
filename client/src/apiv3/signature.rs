//! The signature of a response or a notification: its headers, its time, and the check itself.
//!
//! In: headers, raw bytes, a public key. Out: nothing, or why the signature is refused. No error
//! contains the expected signature.

use http::HeaderMap;

use crate::crypto::{PublicKey, from_base64};
use crate::error::{Error, ErrorKind};

/// How far the clocks may be apart, in seconds; at this difference it is too much.
const WINDOW: u64 = 300;

/// What WeChat Pay's own test traffic has in the place of a signature.
const PROBE: &str = "WECHATPAY/SIGNTEST/";

/// The values of `Wechatpay-Signature-Type`: to merchants and to brands. The signatures are made alike.
const ALGORITHMS: [&str; 2] = ["WECHATPAY2-SHA256-RSA2048", "WECHATPAY-BRAND-SHA256-RSA2048"];

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
}

impl<'a> SignatureHeaders<'a> {
    /// Whether there is any of them.
    pub(crate) fn any(headers: &HeaderMap) -> bool {
        NAMES.iter().any(|name| headers.contains_key(*name))
    }

    pub(crate) fn read(headers: &'a HeaderMap) -> Result<Self, Error> {
        if let Some(algorithm) = one(headers, "wechatpay-signature-type")?
            && !ALGORITHMS.contains(&algorithm)
        {
            return Err(Error::verification(
                "`Wechatpay-Signature-Type` names an algorithm that is not supported: expected \
                 WECHATPAY2-SHA256-RSA2048 or WECHATPAY-BRAND-SHA256-RSA2048",
            ));
        }
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
        };
        if headers.signature.starts_with(PROBE) {
            return Err(Error::new(ErrorKind::Probe, "the signature is a test signature"));
        }
        Ok(headers)
    }
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

/// Reads the headers and checks the time, for the one answer whose key is inside it.
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
