//! AES-256-ECB with PKCS#7, which APIv2's refund notification uses.
//!
//! In: a key of 32 bytes and ciphertext. Out: clear bytes. The mode does not authenticate anything:
//! what comes out is only as trustworthy as the check of its fields.

use aws_lc_rs::cipher::{
    AES_256, DecryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey, UnboundCipherKey,
};
use zeroize::Zeroizing;

use crate::Error;

/// Decrypts.
///
/// # Errors
/// When the key has not 32 bytes, or the padding is wrong.
pub fn aes_256_ecb_decrypt(key: &[u8], ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut clear = Zeroizing::new(ciphertext.to_vec());
    let key = PaddedBlockDecryptingKey::ecb_pkcs7(unbound(key)?).map_err(|_| failed())?;
    let length = key
        .decrypt(&mut clear, DecryptionContext::None)
        .map_err(|_| failed())?
        .len();
    clear.truncate(length);
    Ok(clear)
}

/// Encrypts; for tests and sandboxes.
///
/// # Errors
/// When the key has not 32 bytes.
pub fn aes_256_ecb_encrypt(key: &[u8], clear: &[u8]) -> Result<Vec<u8>, Error> {
    let mut ciphertext = clear.to_vec();
    PaddedBlockEncryptingKey::ecb_pkcs7(unbound(key)?)
        .and_then(|key| key.encrypt(&mut ciphertext))
        .map_err(|_| failed())?;
    Ok(ciphertext)
}

fn unbound(key: &[u8]) -> Result<UnboundCipherKey, Error> {
    UnboundCipherKey::new(&AES_256, key)
        .map_err(|_| Error::encryption(format!("the key has {} bytes, expected 32", key.len())))
}

fn failed() -> Error {
    Error::encryption("the ciphertext was not made with this key")
}
