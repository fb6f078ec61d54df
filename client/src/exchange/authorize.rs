//! The `Authorization` of a request, and signatures for the payer's device.
//!
//! In: method, path with query, body. Out: the header value, with a fresh nonce and the time.

use http::HeaderValue;

use super::message::Prepared;
use crate::client::Client;
use crate::crypto::{self, nonce};
use crate::error::Error;

/// Signs a request.
pub(crate) async fn authorize(
    client: &Client,
    prepared: &Prepared,
    body: &[u8],
) -> Result<HeaderValue, Error> {
    let timestamp = client.unix_now();
    let nonce = nonce()?;
    let head = format!(
        "{}\n{}\n{timestamp}\n{nonce}\n",
        prepared.method, prepared.address.path_and_query
    );
    let message = [head.as_bytes(), body, b"\n"].concat();
    let signature = sign(client, &message).await?;
    let value = format!(
        "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",nonce_str=\"{nonce}\",signature=\"{signature}\",timestamp=\"{timestamp}\",serial_no=\"{}\"",
        client.mchid(),
        client.certificate_serial(),
    );
    let mut value = HeaderValue::try_from(value).map_err(|_| {
        Error::configuration("the merchant id or serial holds a character that no header may have")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Signs text for the payer's device: the signature, base64.
pub(crate) async fn sign_text(client: &Client, text: &str) -> Result<String, Error> {
    sign(client, text.as_bytes()).await
}

async fn sign(client: &Client, message: &[u8]) -> Result<String, Error> {
    let signature = client
        .signer()
        .sign(message)
        .await
        .map_err(|error| Error::encryption("the request could not be signed").with_source(error))?;
    Ok(crypto::to_base64(&signature))
}
