//! APIv2: XML, a symmetric signature and, where money leaves, mutual TLS.
//!
//! In, as for APIv3: a client, an operation, its generated request. Out: typed responses, verified over
//! everything that was received. The client needs the APIv2 key
//! ([`Builder::api_v2_key`](crate::Builder::api_v2_key)), and for the operations that the
//! documentation marks `security` the merchant's API certificate, as a PEM pair or, with the feature `p12`, as the p12 file.
//!
//! Everything besides operations is reached through [`Client::apiv2`]: notifications, parameters for the
//! payer's side, keys that WeChat Pay hands out. [`sign`] and [`verify`] need no client.
//!
//! A call enters three times: `prepare` writes and signs the request, `accept` verifies the
//! response, `decode` reads it.

mod api;
mod folds;
mod link;
mod notification;
mod parameters;
mod pay;
mod prepare;
mod remote_keys;
mod response;
#[cfg(test)]
mod tests;

use crate::client::Client;
use crate::error::Error;
use crate::exchange::{Options, Prepared};
use crate::operation::Operation;
use crate::wire::{Encrypt, Object};

pub use crate::crypto::apiv2::{ApiV2Key, SignType, sign, sign_work_wechat, verify};
pub use api::ApiV2;
pub use link::Link;
pub use notification::{Acknowledgement, Authenticity, Notified, decrypt_req_info};
pub use pay::{
    AppParams, CouponPage, CouponParams, CouponToSend, JsapiParams, PayScorePage, PayScoreParams,
    RedPacketParams,
};

pub(crate) use response::{accept, decode, field, refusal};

/// Writes and signs a request, after requesting the keys that it needs.
pub(crate) async fn prepare(
    client: &Client,
    operation: &'static Operation,
    request: &dyn Object,
    options: &Options,
) -> Result<Prepared, Error> {
    let credentials = client.v2_credentials()?;
    let key = match response::is_sandbox(operation) {
        true => remote_keys::sandbox_key(client).await?,
        false => &credentials.key,
    };
    let encryptor = match remote_keys::needs_encryption(request)? {
        true => Some(remote_keys::transfer_key(client).await?),
        false => None,
    };
    let keys = prepare::Keys {
        credentials,
        key,
        encrypt: encryptor.as_ref().map(|encryptor| encryptor as &dyn Encrypt),
    };
    prepare::prepare_with(client, operation, request, options, keys).await
}
