//! Keys that WeChat Pay hands out: the sandbox's, and the one for bank transfers.
//!
//! Each is asked for when it is first needed, with the operation that the documentation has for it,
//! and kept as long as the client.

use std::sync::Arc;

use super::prepare::{Keys, prepare_with};
use super::response::{accept, decode};
use crate::client::Client;
use crate::crypto::apiv2::ApiV2Key;
use crate::crypto::{self, PublicKey};
use crate::error::{BoxError, Error};
use crate::exchange::{Options, Progress, send};
use crate::operation::Operation;
use crate::wire::{Empty, Encrypt, NOT_A_CIPHERTEXT, Object, Value, View};

static GET_SIGN_KEY: Operation = Operation {
    path: "/xdc/apiv2getsignkey/sign/getsignkey",
    filled_by_client: &["mch_id"],
    signed_response: false,
    ..Operation::V2
};

static GET_PUBLIC_KEY: Operation = Operation {
    path: "/risk/getpublickey",
    hosts: &["https://fraud.mch.weixin.qq.com/"],
    filled_by_client: &["mch_id", "sign_type"],
    sign_types: &["MD5", "HMAC-SHA256"],
    signed_response: false,
    mutual_tls: true,
    ..Operation::V2
};

struct SignKey {
    sandbox_signkey: String,
}
object!(SignKey { sandbox_signkey });

struct TransferKey {
    pub_key: String,
}
object!(TransferKey { pub_key });

/// The key that signs in the sandbox, requested once.
pub(crate) async fn sandbox_key(client: &Client) -> Result<&ApiV2Key, Error> {
    let cell = &client.remote_keys().sandbox;
    cell.get_or_try_init(|| request_sandbox_key(client)).await
}

/// A new key for the sandbox.
pub(crate) async fn request_sandbox_key(client: &Client) -> Result<ApiV2Key, Error> {
    let mut response = SignKey::empty();
    call(client, &GET_SIGN_KEY, &mut response).await?;
    ApiV2Key::new(response.sandbox_signkey)
}

/// The key that encrypts names and card numbers of bank transfers, requested once.
pub(crate) async fn transfer_key(client: &Client) -> Result<ForTransfer, Error> {
    let cell = &client.remote_keys().transfer;
    let request = || async {
        let mut response = TransferKey::empty();
        call(client, &GET_PUBLIC_KEY, &mut response).await?;
        PublicKey::from_pem(&response.pub_key).map(Arc::new)
    };
    Ok(ForTransfer(cell.get_or_try_init(request).await?.clone()))
}

/// Calls an operation that is signed with the merchant's own key and needs no remote one.
async fn call(client: &Client, operation: &'static Operation, response: &mut dyn Value) -> Result<(), Error> {
    let credentials = client.v2_credentials()?;
    let options = Options::default();
    let progress = Progress::new(client.timeouts().total);
    let keys = Keys {
        credentials,
        key: &credentials.key,
        encrypt: None,
    };
    let work = async {
        let prepared = prepare_with(client, operation, &Empty {}, &options, keys).await?;
        let raw = send(client, operation, &prepared, &options, &progress).await?;
        accept(client, operation, &raw)?;
        let deviations = decode(&raw.body, response)?;
        client.report(operation.path, &deviations, || raw.body.clone())
    };
    work.await.map_err(|error: Error| error.with_operation(operation))
}

/// Whether `request` holds clear text that must be encrypted.
///
/// # Errors
/// When what should be a ciphertext is not one.
pub(crate) fn needs_encryption(request: &dyn Object) -> Result<bool, Error> {
    let mut needed = false;
    for (_, value) in request.fields() {
        if let View::Encrypted(text) = value.view() {
            if !text.can_be_sent() {
                return Err(Error::request(NOT_A_CIPHERTEXT));
            }
            needed |= text.clear().is_some_and(|clear| !clear.is_empty());
        }
    }
    Ok(needed)
}

/// Encrypts with the key for bank transfers: RSAES-OAEP, SHA-1.
pub(crate) struct ForTransfer(Arc<PublicKey>);

impl Encrypt for ForTransfer {
    fn encrypt(&self, clear: &str) -> Result<String, BoxError> {
        Ok(crypto::to_base64(&self.0.encrypt(clear.as_bytes())?))
    }
}
