//! A key of either family of algorithms, and what goes with the family.
//!
//! In: PEM, messages, clear text. Out: signatures and ciphertexts as base64, and the names on the wire.

use std::str::FromStr;

use crate::crypto::{self, Rsa};
use crate::sm::{self, Sm2};

/// Which algorithms merchant and platform sign and encrypt with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA, SHA-256 and AES-256-GCM.
    #[default]
    Rsa,
    /// SM2, SM3 and SM4-GCM.
    Sm,
}

impl Algorithm {
    /// How the command line and the configuration write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Sm => "sm",
        }
    }

    /// The scheme of a merchant's `Authorization`, and `Wechatpay-Signature-Type`.
    pub fn signature_type(self) -> &'static str {
        match self {
            Self::Rsa => "WECHATPAY2-SHA256-RSA2048",
            Self::Sm => "WECHATPAY2-SM2-WITH-SM3",
        }
    }

    /// The `algorithm` of sealed resources and certificates.
    pub fn aead(self) -> &'static str {
        match self {
            Self::Rsa => "AEAD_AES_256_GCM",
            Self::Sm => "AEAD_SM4_GCM",
        }
    }

    /// Seals under the APIv3 key, base64.
    pub fn seal(self, api_v3_key: &str, nonce: &str, associated_data: &str, clear: &[u8]) -> Option<String> {
        match self {
            Self::Rsa => crypto::seal(api_v3_key, nonce, associated_data, clear),
            Self::Sm => sm::seal(api_v3_key, nonce, associated_data, clear),
        }
    }
}

impl FromStr for Algorithm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Rsa, Self::Sm]
            .into_iter()
            .find(|algorithm| algorithm.name() == text)
            .ok_or_else(|| "the algorithm is `rsa` or `sm`".into())
    }
}

/// A key with both halves.
pub enum Key {
    Rsa(Box<Rsa>),
    Sm(Box<Sm2>),
}

impl Key {
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa(_) => Algorithm::Rsa,
            Self::Sm(_) => Algorithm::Sm,
        }
    }

    /// A signature, base64; empty when there are no random numbers.
    pub fn sign(&self, message: &[u8]) -> String {
        match self {
            Self::Rsa(key) => key.sign(message),
            Self::Sm(key) => key.sign(message),
        }
    }

    /// Whether a base64 signature is this key's.
    pub fn verifies(&self, message: &[u8], signature: &str) -> bool {
        match self {
            Self::Rsa(key) => key.verifies(message, signature),
            Self::Sm(key) => key.verifies(message, signature),
        }
    }

    /// The ciphertext, base64.
    pub fn encrypt(&self, clear: &str) -> Option<String> {
        match self {
            Self::Rsa(key) => key.encrypt(clear),
            Self::Sm(key) => key.encrypt(clear),
        }
    }

    /// The clear text of a base64 ciphertext.
    pub fn decrypt(&self, ciphertext: &str) -> Option<String> {
        match self {
            Self::Rsa(key) => key.decrypt(ciphertext),
            Self::Sm(key) => key.decrypt(ciphertext),
        }
    }
}
