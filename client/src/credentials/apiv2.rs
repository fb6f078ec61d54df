//! The credentials of APIv2, and the keys that WeChat Pay hands out to their holder.

use std::fmt;
use std::sync::Arc;

use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use crate::crypto::PublicKey;
use crate::crypto::apiv2::{ApiV2Key, SignType};

/// The merchant id and its APIv2 credentials. The certificate is part of the transport.
#[derive(Clone)]
pub(crate) struct V2Credentials {
    /// The merchant id.
    pub mch_id: String,
    /// Signs requests, verifies responses and notifications.
    pub key: ApiV2Key,
    /// Preferred where a page takes both.
    pub sign_type: SignType,
    /// Only HMAC-SHA256 is accepted, where it is possible.
    pub only_hmac: bool,
    /// WeCom's secret of its payment application, for `workwx_sign`.
    pub work_wechat_secret: Option<Zeroizing<String>>,
}

impl fmt::Debug for V2Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("V2Credentials")
            .field("mch_id", &self.mch_id)
            .field("sign_type", &self.sign_type)
            .finish_non_exhaustive()
    }
}

/// Keys that WeChat Pay hands out, each requested when it is first needed.
pub(crate) struct RemoteKeys {
    /// The key that signs in the official sandbox.
    pub sandbox: OnceCell<ApiV2Key>,
    /// The key that encrypts names and card numbers of bank transfers.
    pub transfer: OnceCell<Arc<PublicKey>>,
}

impl RemoteKeys {
    pub(crate) fn new(transfer: Option<PublicKey>) -> Self {
        Self {
            sandbox: OnceCell::new(),
            transfer: OnceCell::new_with(transfer.map(Arc::new)),
        }
    }
}
