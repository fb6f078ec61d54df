//! The `Authorization` of a request.
//!
//! In: method, path with query, body. Out: the header value, with a fresh nonce and the time.

use http::HeaderValue;

use super::message::Prepared;
use crate::client::Client;
use crate::crypto::nonce;
use crate::error::Error;
use crate::operation::Identity;

/// Signs a request with the credentials of `identity`.
pub(crate) async fn authorize(
    client: &Client,
    identity: Identity,
    prepared: &Prepared,
    body: &[u8],
) -> Result<HeaderValue, Error> {
    let credentials = client.credentials(identity)?;
    let (scheme, name) = match identity {
        Identity::Merchant => (credentials.signer.algorithm().signature_type(), "mchid"),
        // A brand's key is RSA; the builder refuses others.
        Identity::Brand => ("WECHATPAY-BRAND-SHA256-RSA2048", "brand_id"),
    };
    let timestamp = client.unix_now().to_string();
    let nonce = nonce()?;
    let path = &prepared.address.path_and_query;
    let [method, path, time, once] = [prepared.method.as_str(), path, &timestamp, &nonce].map(str::as_bytes);
    let message = [method, path, time, once, body, b""].join(&b'\n');
    let signature = credentials.sign(&message).await?;
    let value = [
        scheme,
        " ",
        name,
        "=\"",
        &credentials.id,
        "\",nonce_str=\"",
        &nonce,
        "\",signature=\"",
        &signature,
        "\",timestamp=\"",
        &timestamp,
        "\",serial_no=\"",
        &credentials.serial,
        "\"",
    ]
    .concat();
    let mut value = HeaderValue::try_from(value).map_err(|_| {
        Error::configuration("the merchant id or serial contains a character that is not allowed in a header")
    })?;
    value.set_sensitive(true);
    Ok(value)
}
