//! The setters of APIv2.

#[cfg(feature = "p12")]
use std::path::PathBuf;

use zeroize::Zeroizing;

#[cfg(feature = "p12")]
use super::p12::{P12, Source};
use super::setters::Builder;
use crate::crypto::PublicKey;
use crate::crypto::apiv2::SignType;

/// Credentials of APIv2.
///
/// With the APIv2 key alone, a client can call the operations of APIv2 that need no certificate. For
/// those that do, give it the merchant's certificate and private key, in one of the two forms.
impl Builder {
    /// The APIv2 key, 32 characters: signs requests, verifies responses and notifications.
    pub fn api_v2_key(mut self, key: impl Into<String>) -> Self {
        self.v2.key = Some(Zeroizing::new(key.into()));
        self
    }

    /// `apiclient_cert.p12`: the merchant's certificate and private key in one file, instead of the
    /// two PEM files. Its password is the merchant id unless one is given here.
    #[cfg(feature = "p12")]
    pub fn certificate_p12(mut self, p12: impl Into<Vec<u8>>, password: Option<&str>) -> Self {
        self.v2.p12 = Some(P12 {
            source: Source::Bytes(Zeroizing::new(p12.into())),
            password: password.map(|password| Zeroizing::new(password.to_owned())),
        });
        self
    }

    /// The same, from a file.
    #[cfg(feature = "p12")]
    pub fn certificate_p12_file(mut self, path: impl Into<PathBuf>, password: Option<&str>) -> Self {
        self.v2.p12 = Some(P12 {
            source: Source::File(path.into()),
            password: password.map(|password| Zeroizing::new(password.to_owned())),
        });
        self
    }

    /// How APIv2 requests are signed where the page allows both types and the request does not name
    /// one. The default is HMAC-SHA256.
    ///
    /// Setting HMAC-SHA256 here also refuses MD5: in notifications, and in requests and responses of
    /// operations that allow HMAC-SHA256.
    pub fn api_v2_sign_type(mut self, sign_type: SignType) -> Self {
        self.v2.sign_type = Some(sign_type);
        self
    }

    /// The secret of WeCom's payment application, for the second signature of its red packets and
    /// payments to employees.
    pub fn work_wechat_secret(mut self, secret: impl Into<String>) -> Self {
        self.v2.work_wechat_secret = Some(Zeroizing::new(secret.into()));
        self
    }

    /// The key that encrypts names and card numbers of bank transfers, PEM, as `/risk/getpublickey`
    /// returns it. Without it the client asks for it when it is first needed.
    pub fn transfer_key(mut self, key: PublicKey) -> Self {
        self.v2.transfer_key = Some(key);
        self
    }
}
