//! RSA keys over aws-lc-rs. In: DER. Out: signatures (PKCS#1 v1.5, SHA-256), ciphertext and clear text
//! (OAEP, SHA-1, MGF1-SHA-1, no label). PKCS#1 v1.5 *encryption* is not offered.
//!
//! `None` is a failure of the library, which says nothing more; [`super::key`] gives it words.

use std::sync::Arc;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeyPair, KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
    PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use zeroize::Zeroizing;

/// A private key; the library clears its memory when it is dropped.
pub(super) struct PrivateKey {
    pair: KeyPair,
    decrypting: OaepPrivateDecryptingKey,
}

impl PrivateKey {
    pub fn from_pkcs8(der: &[u8]) -> Option<Self> {
        Self::from_pair(KeyPair::from_pkcs8(der).ok()?)
    }

    pub fn from_pkcs1(der: &[u8]) -> Option<Self> {
        Self::from_pair(KeyPair::from_der(der).ok()?)
    }

    pub fn generate() -> Option<Self> {
        Self::from_pair(KeyPair::generate(KeySize::Rsa2048).ok()?)
    }

    fn from_pair(pair: KeyPair) -> Option<Self> {
        let pkcs8 = pair.as_der().ok()?;
        let decrypting = PrivateDecryptingKey::from_pkcs8(pkcs8.as_ref()).ok()?;
        let decrypting = OaepPrivateDecryptingKey::new(decrypting).ok()?;
        Some(Self { pair, decrypting })
    }

    pub fn to_pkcs8(&self) -> Option<Zeroizing<Vec<u8>>> {
        let der = self.pair.as_der().ok()?;
        Some(Zeroizing::new(der.as_ref().to_vec()))
    }

    pub fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .ok()?;
        Some(signature)
    }

    pub fn decrypt(&self, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut clear = Zeroizing::new(vec![0; self.decrypting.min_output_size()]);
        let length = self
            .decrypting
            .decrypt(&OAEP_SHA1_MGF1SHA1, ciphertext, &mut clear, None)
            .ok()?
            .len();
        clear.truncate(length);
        Some(clear)
    }

    /// The other half, as `SubjectPublicKeyInfo`.
    pub fn public_spki(&self) -> Option<Vec<u8>> {
        let der = self.pair.public_key().as_der().ok()?;
        Some(der.as_ref().to_vec())
    }
}

#[derive(Clone)]
pub(super) struct PublicKey {
    verifying: Arc<ParsedPublicKey>,
    encrypting: Arc<OaepPublicEncryptingKey>,
}

impl PublicKey {
    /// Reads a key of 2048 to 8192 bits.
    pub fn from_spki(der: &[u8]) -> Option<Self> {
        let verifying = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).ok()?;
        let encrypting = PublicEncryptingKey::from_der(der).ok()?;
        let encrypting = OaepPublicEncryptingKey::new(encrypting).ok()?;
        Some(Self {
            verifying: verifying.into(),
            encrypting: encrypting.into(),
        })
    }

    /// `RSA PUBLIC KEY` as `SubjectPublicKeyInfo`.
    pub fn pkcs1_to_spki(der: &[u8]) -> Option<Vec<u8>> {
        let key = aws_lc_rs::rsa::PublicKey::from_der(der).ok()?;
        Some(key.as_der().ok()?.as_ref().to_vec())
    }

    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verifying.verify_sig(message, signature).is_ok()
    }

    pub fn max_clear_len(&self) -> usize {
        self.encrypting.max_plaintext_size(&OAEP_SHA1_MGF1SHA1)
    }

    pub fn encrypt(&self, clear: &[u8]) -> Option<Vec<u8>> {
        let mut ciphertext = vec![0; self.encrypting.ciphertext_size()];
        let length = self
            .encrypting
            .encrypt(&OAEP_SHA1_MGF1SHA1, clear, &mut ciphertext, None)
            .ok()?
            .len();
        ciphertext.truncate(length);
        Some(ciphertext)
    }
}
