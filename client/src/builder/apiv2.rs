//! The settings of APIv2.

use zeroize::Zeroizing;

#[cfg(feature = "p12")]
use super::p12::P12;
use crate::credentials::V2Credentials;
use crate::crypto::PublicKey;
use crate::crypto::apiv2::{ApiV2Key, SignType};
use crate::error::Error;

/// What the builder was given for APIv2.
#[derive(Default)]
pub(super) struct V2Settings {
    pub key: Option<Zeroizing<String>>,
    pub sign_type: Option<SignType>,
    #[cfg(feature = "p12")]
    pub p12: Option<P12>,
    pub work_wechat_secret: Option<Zeroizing<String>>,
    pub transfer_key: Option<PublicKey>,
}

impl V2Settings {
    /// The credentials, if the key was given.
    pub fn credentials(self, mch_id: &str) -> Result<Option<V2Credentials>, Error> {
        let Some(key) = self.key else { return Ok(None) };
        Ok(Some(V2Credentials {
            mch_id: mch_id.to_owned(),
            key: ApiV2Key::new(key.as_str())?,
            sign_type: self.sign_type.unwrap_or(SignType::HmacSha256),
            only_hmac: self.sign_type == Some(SignType::HmacSha256),
            work_wechat_secret: self.work_wechat_secret,
        }))
    }
}
