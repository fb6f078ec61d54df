//! Keys that WeChat Pay hands out: the sandbox's, and the one for bank transfers.
//!
//! Each is asked for when it is first needed, with the operation that the documentation has for it,
//! and kept as long as the client.

use std::sync::Arc;

use super::sign::ApiV2Key;
use crate::crypto::PublicKey;
use crate::operation::Operation;
use crate::transport::BoxFuture;
use crate::wire::{Encrypt, Object, View};
use crate::{Call, Client, Error, crypto};

/// What operations of the sandbox have in common.
const SANDBOX: &str = "/xdc/apiv2sandbox/";

static GET_SIGN_KEY: Operation = Operation {
    path: "/xdc/apiv2getsignkey/sign/getsignkey",
    fills: &["mch_id"],
    signed_answer: false,
    ..Operation::V2
};

static GET_PUBLIC_KEY: Operation = Operation {
    path: "/risk/getpublickey",
    hosts: &["https://fraud.mch.weixin.qq.com/"],
    fills: &["mch_id", "sign_type"],
    sign_types: &["MD5", "HMAC-SHA256"],
    signed_answer: false,
    mutual_tls: true,
    ..Operation::V2
};

struct Nothing {}
object!(Nothing {});

struct SignKey {
    sandbox_signkey: String,
}
object!(SignKey { sandbox_signkey });

struct TransferKey {
    pub_key: String,
}
object!(TransferKey { pub_key });

/// Whether `operation` is one of the sandbox.
pub(crate) fn is_sandbox(operation: &Operation) -> bool {
    operation.path.starts_with(SANDBOX)
}

/// The key that signs in the sandbox. Boxed, as it is a call from within a call.
pub(crate) fn sandbox_key(client: &Client) -> BoxFuture<'_, Result<ApiV2Key, Error>> {
    Box::pin(async move {
        let answer: SignKey = Call::new(client, &GET_SIGN_KEY, &Nothing {}).await?;
        ApiV2Key::new(answer.sandbox_signkey)
    })
}

/// The key that encrypts names and card numbers of bank transfers.
pub(crate) fn transfer_key(client: &Client) -> BoxFuture<'_, Result<Arc<PublicKey>, Error>> {
    Box::pin(async move {
        let answer: TransferKey = Call::new(client, &GET_PUBLIC_KEY, &Nothing {}).await?;
        PublicKey::from_pem(&answer.pub_key).map(Arc::new)
    })
}

/// Whether `request` holds clear text that must be encrypted.
pub(crate) fn needs_encryption(request: &dyn Object) -> bool {
    request.fields().iter().any(|(_, value)| {
        matches!(value.view(), View::Encrypted(text) if text.clear().is_some_and(|clear| !clear.is_empty()))
    })
}

/// Encrypts with the key for bank transfers: RSAES-OAEP, SHA-1.
pub(crate) struct ForTransfer(pub Arc<PublicKey>);

impl Encrypt for ForTransfer {
    fn encrypt(&self, clear: &str) -> Result<String, Error> {
        self.0
            .encrypt(clear.as_bytes())
            .map(|sealed| crypto::to_base64(&sealed))
    }
}
