//! What a merchant's client knows for APIv2.

use std::fmt;

use zeroize::Zeroizing;

use super::sign::{ApiV2Key, SignType};

/// The merchant and its APIv2 credentials, but for the certificate, which the transport has.
#[derive(Clone)]
pub(crate) struct Keys {
    /// The merchant id.
    pub mch_id: String,
    /// Signs requests, verifies answers and notifications.
    pub key: ApiV2Key,
    /// Preferred where a page takes both.
    pub sign_type: SignType,
    /// WeCom's secret of its payment application, for `workwx_sign`.
    pub work_wechat_secret: Option<Zeroizing<String>>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("mch_id", &self.mch_id)
            .field("sign_type", &self.sign_type)
            .finish_non_exhaustive()
    }
}
