//! SM4-GCM: what AES-256-GCM is for RSA merchants. RustCrypto's GCM over its SM4, which looks up tables
//! and is therefore not constant-time with respect to caches.
//!
//! In: the APIv3 key or the key of a bill, the nonce of 12 bytes, associated data, ciphertext with its
//! tag of 16 bytes behind it. Out: clear bytes, or an error that says which of the lengths was wrong.

use ::sm4::Sm4;
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aes_gcm::{AesGcm, Nonce, Tag};
use md5::Digest as _;
use zeroize::Zeroizing;

use super::ApiV3Key;
use crate::Error;

type Sm4Gcm = AesGcm<Sm4, U12>;

const TAG: usize = 16;

impl ApiV3Key {
    /// Opens base64 text that was sealed with SM4-GCM. The key is the first 16 bytes of the APIv3 key's
    /// SM3 digest.
    ///
    /// # Errors
    /// When the nonce has not 12 bytes, the ciphertext is not base64 or too short for its tag, or it
    /// was not sealed with this key.
    pub fn open_sm4(
        &self,
        nonce: &str,
        associated_data: &str,
        ciphertext: &str,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let sealed = super::from_base64(ciphertext)
            .ok_or_else(|| Error::encryption("the ciphertext is not base64"))?;
        open_sm4_gcm(
            &self.sm4_key()[..],
            nonce.as_bytes(),
            associated_data.as_bytes(),
            sealed,
        )
    }

    /// Seals bytes into base64 text with SM4-GCM, as WeChat Pay does; for tests and sandboxes.
    ///
    /// # Errors
    /// When the nonce has not 12 bytes.
    pub fn seal_sm4(&self, nonce: &str, associated_data: &str, clear: &[u8]) -> Result<String, Error> {
        let mut sealed = clear.to_vec();
        let tag = cipher(&self.sm4_key()[..])?
            .encrypt_inout_detached(
                &read_nonce(nonce.as_bytes())?,
                associated_data.as_bytes(),
                sealed.as_mut_slice().into(),
            )
            .map_err(|_| Error::encryption("sealing failed"))?;
        sealed.extend_from_slice(&tag);
        Ok(super::to_base64(&sealed))
    }

    fn sm4_key(&self) -> Zeroizing<[u8; 16]> {
        let mut digest: [u8; 32] = sm3::Sm3::digest(self.bytes()).into();
        let mut key = Zeroizing::new([0; 16]);
        key.copy_from_slice(&digest[..16]);
        zeroize::Zeroize::zeroize(&mut digest);
        key
    }
}

/// Opens `sealed`, ciphertext and tag.
pub(crate) fn open_sm4_gcm(
    key: &[u8],
    nonce: &[u8],
    associated_data: &[u8],
    sealed: Vec<u8>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut clear = Zeroizing::new(sealed);
    let length = clear.len().checked_sub(TAG).ok_or_else(|| {
        Error::encryption(format!(
            "the ciphertext has {} bytes, fewer than its tag of {TAG}",
            clear.len()
        ))
    })?;
    let failed =
        || Error::encryption("the ciphertext is not authentic: another APIv3 key, or it was altered");
    let (content, tag) = clear.split_at_mut(length);
    let tag = Tag::try_from(&*tag).map_err(|_| failed())?;
    cipher(key)?
        .decrypt_inout_detached(&read_nonce(nonce)?, associated_data, content.into(), &tag)
        .map_err(|_| failed())?;
    clear.truncate(length);
    Ok(clear)
}

fn cipher(key: &[u8]) -> Result<Sm4Gcm, Error> {
    Sm4Gcm::new_from_slice(key)
        .map_err(|_| Error::encryption(format!("the key has {} bytes, expected 16", key.len())))
}

fn read_nonce(nonce: &[u8]) -> Result<Nonce<U12>, Error> {
    Nonce::try_from(nonce)
        .map_err(|_| Error::encryption(format!("the nonce has {} bytes, expected 12", nonce.len())))
}
