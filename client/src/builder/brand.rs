//! The settings of a brand.

use std::path::PathBuf;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::pair::Pair;
use super::text::Text;
use crate::credentials::{Credentials, Decryptor, Signer};
use crate::crypto::{Algorithm, ApiV3Key};
use crate::error::Error;

/// A brand (品牌商户): the third identity of WeChat Pay, beside the merchants of APIv3 and of APIv2.
///
/// It has an id, an API certificate and a private key of its own, which sign the operations under
/// `/brand/`. Give it to [`Builder::brand`](crate::Builder::brand):
///
/// ```no_run
/// # fn main() -> Result<(), wechatpay_client::Error> {
/// use wechatpay_client::{Brand, Client};
///
/// let client = Client::builder()
///     .brand(
///         Brand::new("123456789")
///             .certificate_serial("5157F09EFDC096DE15EBE81A47057A7200000000")
///             .private_key_file("brand_key.pem")
///             .public_key_file("PUB_KEY_ID_0119000000012024000000000000000000", "pub_key.pem"),
///     )
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a brand does nothing until it is given to a builder"]
pub struct Brand {
    id: String,
    pub(super) pair: Pair,
    api_v3_key: Option<Zeroizing<String>>,
    pub(super) public_keys: Vec<(String, Text)>,
}

impl Brand {
    /// A brand by its id.
    pub fn new(brand_id: impl Into<String>) -> Self {
        Self {
            id: brand_id.into(),
            pair: Pair::default(),
            api_v3_key: None,
            public_keys: Vec::new(),
        }
    }

    /// The serial number of the brand's API certificate, hexadecimal.
    pub fn certificate_serial(mut self, serial: impl Into<String>) -> Self {
        self.pair.serial = Some(serial.into());
        self
    }

    /// The brand's API certificate, PEM, instead of its serial number.
    pub fn certificate_pem(mut self, pem: impl Into<String>) -> Self {
        self.pair.certificate = Some(Text::given(pem));
        self
    }

    /// The brand's API certificate, from a file.
    pub fn certificate_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.pair.certificate = Some(Text::File(path.into()));
        self
    }

    /// The brand's private key, PEM: PKCS#8 or PKCS#1.
    pub fn private_key_pem(mut self, pem: impl Into<String>) -> Self {
        self.pair.private_key = Some(Text::given(pem));
        self
    }

    /// The brand's private key, from a file.
    pub fn private_key_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.pair.private_key = Some(Text::File(path.into()));
        self
    }

    /// Signs with a key that is kept elsewhere, in a KMS or an HSM.
    pub fn signer(mut self, signer: impl Signer + 'static) -> Self {
        self.pair.signer = Some(Arc::new(signer));
        self
    }

    /// Decrypts response fields with a key that is kept elsewhere.
    pub fn decryptor(mut self, decryptor: impl Decryptor + 'static) -> Self {
        self.pair.decryptor = Some(Arc::new(decryptor));
        self
    }

    /// The brand's APIv3 key, 32 characters: opens the brand's notifications.
    pub fn api_v3_key(mut self, key: impl Into<String>) -> Self {
        self.api_v3_key = Some(Zeroizing::new(key.into()));
        self
    }

    /// A WeChat Pay public key of the brand: its id (`PUB_KEY_ID_…`) and PEM. Without one, the
    /// merchant's are used.
    pub fn public_key_pem(mut self, id: impl Into<String>, pem: impl Into<String>) -> Self {
        self.public_keys.push((id.into(), Text::given(pem)));
        self
    }

    /// A WeChat Pay public key of the brand, from a file.
    pub fn public_key_file(mut self, id: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        self.public_keys.push((id.into(), Text::File(path.into())));
        self
    }

    /// Checks what was given.
    pub(super) fn credentials(&self) -> Result<Credentials, Error> {
        let plain = (1..=64).contains(&self.id.len())
            && self
                .id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        if !plain {
            return Err(Error::configuration(
                "the brand id: expected 1 to 64 letters and digits, like 123456789",
            ));
        }
        let key = self
            .api_v3_key
            .as_ref()
            .map(|key| ApiV3Key::new(key))
            .transpose()?;
        let credentials = self.pair.credentials("brand", self.id.clone(), key)?;
        match credentials.signer.algorithm() {
            Algorithm::Rsa => Ok(credentials),
            #[cfg(feature = "shangmi")]
            Algorithm::Sm2 => Err(Error::configuration(
                "the brand's private key: expected an RSA key, found an SM2 key; brands sign with RSA only",
            )),
        }
    }
}
