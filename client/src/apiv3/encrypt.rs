//! Encryption of request fields. In: clear text. Out: base64, for the platform key that
//! `Wechatpay-Serial` names in the same request.

use std::sync::Arc;

use crate::client::Client;
use crate::crypto;
use crate::error::{BoxError, Error};
use crate::operation::Identity;
use crate::trust::PlatformKey;
use crate::wire;

/// Encrypts the fields of one request, all with the same key.
pub(crate) struct Encryptor(Option<Arc<PlatformKey>>);

impl Encryptor {
    /// Takes the newest key that is valid now and belongs to `identity`.
    pub(crate) fn new(client: &Client, identity: Identity) -> Self {
        Self(client.trust().encrypting(identity, client.now()))
    }

    /// The value of `Wechatpay-Serial`.
    pub(crate) fn serial(&self) -> Option<&str> {
        self.0.as_deref().map(|key| key.id())
    }
}

impl wire::Encrypt for Encryptor {
    fn encrypt(&self, clear: &str) -> Result<String, BoxError> {
        // The documentation leaves empty fields as they are.
        if clear.is_empty() {
            return Ok(String::new());
        }
        let key = self
            .0
            .as_deref()
            .ok_or_else(|| Error::encryption("there is no valid key of WeChat Pay to encrypt for"))?;
        let ciphertext = key.public_key().encrypt(clear.as_bytes())?;
        Ok(crypto::to_base64(&ciphertext))
    }
}
