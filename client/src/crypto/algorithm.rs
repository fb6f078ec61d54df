//! The algorithms of APIv3, which come in families: a key belongs to one, and with it go the signature,
//! the encryption of fields and the authenticated encryption of notifications.

/// A family of algorithms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, RSAES-OAEP, AES-256-GCM: the default of WeChat Pay.
    Rsa,
    /// SM2 with SM3, SM2 encryption, SM4-GCM: the Chinese national standards (国密), for merchants to
    /// whom WeChat Pay issued an SM2 certificate.
    #[cfg(feature = "shangmi")]
    Sm2,
}

/// All of them.
const ALL: &[Algorithm] = &[
    Algorithm::Rsa,
    #[cfg(feature = "shangmi")]
    Algorithm::Sm2,
];

impl Algorithm {
    /// The signature's name: the scheme of a merchant's `Authorization`, and the value of
    /// `Wechatpay-Signature-Type`.
    pub fn signature_type(self) -> &'static str {
        match self {
            Self::Rsa => "WECHATPAY2-SHA256-RSA2048",
            #[cfg(feature = "shangmi")]
            Self::Sm2 => "WECHATPAY2-SM2-WITH-SM3",
        }
    }

    /// The name of the authenticated encryption: `algorithm` of a notification's resource and of a
    /// downloaded certificate.
    pub fn aead(self) -> &'static str {
        match self {
            Self::Rsa => "AEAD_AES_256_GCM",
            #[cfg(feature = "shangmi")]
            Self::Sm2 => "AEAD_SM4_GCM",
        }
    }

    /// The family whose [`Algorithm::aead`] this is.
    pub(crate) fn from_aead(name: &str) -> Option<Self> {
        ALL.iter().copied().find(|algorithm| algorithm.aead() == name)
    }

    /// The names of every [`Algorithm::aead`], for messages.
    pub(crate) fn aead_names() -> &'static str {
        match cfg!(feature = "shangmi") {
            true => "AEAD_AES_256_GCM or AEAD_SM4_GCM",
            false => "AEAD_AES_256_GCM (AEAD_SM4_GCM needs the feature `shangmi`)",
        }
    }
}
