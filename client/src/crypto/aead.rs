//! AES-256-GCM as notifications, certificates and parts of bills use it.
//!
//! In: the APIv3 key, the nonce of 12 bytes, associated data, ciphertext with its tag of 16 bytes
//! behind it. Out: clear bytes, or an error that says which of the lengths was wrong.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::Algorithm;
use crate::Error;

/// The APIv3 key: 32 characters, set in the merchant platform.
#[derive(Clone)]
pub struct ApiV3Key(Zeroizing<[u8; 32]>);

impl ApiV3Key {
    /// Takes the key as text.
    ///
    /// # Errors
    /// When it has not exactly 32 bytes; the error does not repeat the key.
    pub fn new(key: &str) -> Result<Self, Error> {
        let bytes = <[u8; 32]>::try_from(key.as_bytes()).map_err(|_| {
            Error::configuration(format!(
                "the APIv3 key has {} bytes, expected 32: it is the key set under API security, not a certificate or its password",
                key.len()
            ))
        })?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// Opens base64 text that was sealed with AES-256-GCM.
    ///
    /// # Errors
    /// When the nonce has not 12 bytes, the ciphertext is not base64 or too short for its tag, or it
    /// was not sealed with this key.
    pub fn open(
        &self,
        nonce: &str,
        associated_data: &str,
        ciphertext: &str,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let sealed = super::from_base64(ciphertext)
            .ok_or_else(|| Error::encryption("the ciphertext is not base64"))?;
        open_aes_256_gcm(&self.0[..], nonce.as_bytes(), associated_data.as_bytes(), sealed)
    }

    /// Opens base64 text that was sealed with the algorithm of this family.
    pub(crate) fn open_with(
        &self,
        algorithm: Algorithm,
        nonce: &str,
        associated_data: &str,
        ciphertext: &str,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        match algorithm {
            Algorithm::Rsa => self.open(nonce, associated_data, ciphertext),
            #[cfg(feature = "shangmi")]
            Algorithm::Sm2 => self.open_sm4(nonce, associated_data, ciphertext),
        }
    }

    #[cfg(feature = "shangmi")]
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0[..]
    }

    /// Seals bytes into base64 text, as WeChat Pay does; for tests and sandboxes.
    ///
    /// # Errors
    /// When the nonce has not 12 bytes.
    pub fn seal(&self, nonce: &str, associated_data: &str, clear: &[u8]) -> Result<String, Error> {
        let mut sealed = clear.to_vec();
        key(&self.0[..])?
            .seal_in_place_append_tag(
                read_nonce(nonce.as_bytes())?,
                Aad::from(associated_data),
                &mut sealed,
            )
            .map_err(|_| Error::encryption("sealing failed"))?;
        Ok(super::to_base64(&sealed))
    }
}

impl fmt::Debug for ApiV3Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiV3Key([redacted])")
    }
}

/// Opens `sealed`, ciphertext and tag.
pub(crate) fn open_aes_256_gcm(
    key_bytes: &[u8],
    nonce: &[u8],
    associated_data: &[u8],
    sealed: Vec<u8>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut clear = Zeroizing::new(sealed);
    if clear.len() < AES_256_GCM.tag_len() {
        return Err(Error::encryption(format!(
            "the ciphertext has {} bytes, fewer than its tag of 16",
            clear.len()
        )));
    }
    let length = key(key_bytes)?
        .open_in_place(read_nonce(nonce)?, Aad::from(associated_data), &mut clear)
        .map_err(|_| {
            Error::encryption("the ciphertext is not authentic: another APIv3 key, or it was altered")
        })?
        .len();
    clear.truncate(length);
    Ok(clear)
}

fn key(bytes: &[u8]) -> Result<LessSafeKey, Error> {
    UnboundKey::new(&AES_256_GCM, bytes)
        .map(LessSafeKey::new)
        .map_err(|_| Error::encryption(format!("the key has {} bytes, expected 32", bytes.len())))
}

fn read_nonce(nonce: &[u8]) -> Result<Nonce, Error> {
    Nonce::try_assume_unique_for_key(nonce)
        .map_err(|_| Error::encryption(format!("the nonce has {} bytes, expected 12", nonce.len())))
}
