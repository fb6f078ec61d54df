//! Verification of responses and notifications, before anything in them is read.
//!
//! In: the headers and the raw bytes. Out: nothing, or why they are not verifiably WeChat Pay's.
//! No error contains the expected signature.

use http::HeaderMap;

use super::signature::{SignatureHeaders, check_time, verify_with};
use crate::client::Client;
use crate::error::Error;
use crate::exchange::request_id;
use crate::trust::Found;

/// What a signature is over.
#[derive(Clone, Copy)]
pub(crate) enum Signed<'a> {
    /// The body of a response.
    Response(&'a [u8]),
    /// The body of a notification.
    Notification(&'a [u8]),
}

/// Verifies a signature: headers, time, key, signature, in this order.
pub(crate) async fn verify(client: &Client, headers: &HeaderMap, signed: Signed<'_>) -> Result<(), Error> {
    let body = match signed {
        Signed::Response(body) | Signed::Notification(body) => body,
    };
    verify_inner(client, headers, body).await.map_err(|error| {
        match signed {
            Signed::Response(_) => error.sent(),
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
    verify_with(&signature, body, key.public_key())
}

fn expired() -> Error {
    Error::verification("the platform certificate named by `Wechatpay-Serial` has expired")
}

fn unknown(client: &Client, serial: &str) -> Error {
    let shown: String = serial.chars().take(64).collect();
    let shown = shown.escape_debug();
    if client.is_own_serial(serial) {
        return Error::verification("`Wechatpay-Serial` is the merchant's own certificate");
    }
    let hint = match serial.starts_with("PUB_KEY_ID_") {
        true => "give this WeChat Pay public key to the builder",
        false => "give this platform certificate to the builder, or let it download them",
    };
    Error::verification(format!("the key `{shown}` that it names is not known: {hint}"))
}
