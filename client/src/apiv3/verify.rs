//! Verification of answers and notifications, before anything in them is read.
//!
//! In: the headers and the raw bytes. Out: nothing, or why they are not verifiably WeChat Pay's.
//! No error repeats a signature that would have been right.

use http::HeaderMap;

use crate::send::request_id;
use crate::trust::Found;
use crate::{Client, Error, ErrorKind, crypto};

/// How far the clocks may be apart, in seconds; at this difference it is too much.
const WINDOW: u64 = 300;

/// What WeChat Pay's own test traffic has in the place of a signature.
const PROBE: &str = "WECHATPAY/SIGNTEST/";

const NAMES: [&str; 4] = [
    "wechatpay-timestamp",
    "wechatpay-nonce",
    "wechatpay-signature",
    "wechatpay-serial",
];

/// What a signature is over.
#[derive(Clone, Copy)]
pub(crate) enum Signed<'a> {
    /// The body of an answer.
    Answer(&'a [u8]),
    /// The body of a notification.
    Notification(&'a [u8]),
}

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

    fn read(headers: &'a HeaderMap) -> Result<Self, Error> {
        if let Some(algorithm) = one(headers, "wechatpay-signature-type")?
            && algorithm != "WECHATPAY2-SHA256-RSA2048"
        {
            return Err(Error::verification(
                "`Wechatpay-Signature-Type` names an algorithm other than WECHATPAY2-SHA256-RSA2048",
            ));
        }
        let [timestamp, nonce, signature, serial] = NAMES.map(|name| {
            one(headers, name)?.ok_or_else(|| {
                Error::verification(format!(
                    "there is no `{name}` header; it came from elsewhere, or something on the way took it off"
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

/// Verifies a signature: headers, time, key, signature, in this order.
pub(crate) async fn verify(client: &Client, headers: &HeaderMap, signed: Signed<'_>) -> Result<(), Error> {
    let body = match signed {
        Signed::Answer(body) | Signed::Notification(body) => body,
    };
    verify_inner(client, headers, body).await.map_err(|error| {
        match signed {
            Signed::Answer(_) => error.sent(),
            Signed::Notification(_) => error,
        }
        .with_request_id(request_id(headers))
    })
}

async fn verify_inner(client: &Client, headers: &HeaderMap, body: &[u8]) -> Result<(), Error> {
    let signature = SignatureHeaders::read(headers)?;
    check_time(&signature, client.unix_now())?;
    let key = match client.trust().find(signature.serial, client.now()) {
        Found::Valid(key) => key,
        Found::Expired => return Err(expired()),
        Found::Unknown => {
            client.refresh_for_unknown_key().await;
            match client.trust().find(signature.serial, client.now()) {
                Found::Valid(key) => key,
                Found::Expired => return Err(expired()),
                Found::Unknown => return Err(unknown(client, signature.serial)),
            }
        }
    };
    check(&signature, body, key.public_key())
}

/// The signature itself, once its key is known.
pub(crate) fn check(
    headers: &SignatureHeaders<'_>,
    body: &[u8],
    key: &crypto::PublicKey,
) -> Result<(), Error> {
    let head = format!("{}\n{}\n", headers.timestamp, headers.nonce);
    let message = [head.as_bytes(), body, b"\n"].concat();
    let valid =
        crypto::from_base64(headers.signature).is_some_and(|signature| key.verifies(&message, &signature));
    if valid {
        return Ok(());
    }
    Err(Error::verification(
        "the signature does not fit; verify the raw bytes as they came, before any parser or middleware \
         has changed them",
    ))
}

/// Reads the headers and checks the time, for the one answer whose key is inside it.
pub(crate) fn read_in_time(headers: &HeaderMap, now: u64) -> Result<SignatureHeaders<'_>, Error> {
    let signature = SignatureHeaders::read(headers)?;
    check_time(&signature, now)?;
    Ok(signature)
}

fn check_time(headers: &SignatureHeaders<'_>, now: u64) -> Result<(), Error> {
    let timestamp = headers.timestamp;
    let digits = timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let time = match timestamp.parse::<u64>() {
        Ok(time) if digits => time,
        _ => {
            return Err(Error::verification(
                "`Wechatpay-Timestamp` is no number of seconds",
            ));
        }
    };
    let apart = now.abs_diff(time);
    if apart >= WINDOW {
        return Err(Error::verification(format!(
            "its time is {apart} s from this machine's, allowed are less than {WINDOW}: an old message sent \
             again, or a clock that is wrong"
        )));
    }
    Ok(())
}

fn expired() -> Error {
    Error::verification("the platform certificate that it names is not valid at this time")
}

fn unknown(client: &Client, serial: &str) -> Error {
    let shown: String = serial.chars().take(64).collect();
    let shown = shown.escape_debug();
    if serial.eq_ignore_ascii_case(client.certificate_serial()) {
        return Error::verification("it names the merchant's own certificate as its signer's");
    }
    let hint = match serial.starts_with("PUB_KEY_ID_") {
        true => "give this WeChat Pay public key to the builder",
        false => "give this platform certificate to the builder, or let it download them",
    };
    Error::verification(format!("the key `{shown}` that it names is not known: {hint}"))
}
