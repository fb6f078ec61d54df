//! The cryptography of WeChat Pay over aws-lc-rs, for own signers, test gateways and tools; that of the
//! feature `shangmi` (SM2, SM3, SM4) over RustCrypto.
//!
//! In: PEM text, keys, bytes. Out: keys that are parsed once, signatures, clear text. Calling an
//! operation needs none of it: the client does all of this.

mod aead;
mod algorithm;
#[cfg(feature = "apiv2")]
pub(crate) mod apiv2;
mod certificate;
mod digest;
mod ecb;
mod key;
pub(crate) mod pem;
mod rsa;
#[cfg(feature = "shangmi")]
mod sm2;
#[cfg(feature = "shangmi")]
mod sm4;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use aead::ApiV3Key;
pub use algorithm::Algorithm;
pub use certificate::Certificate;
pub use digest::{Digest, Hasher};
pub use ecb::{aes_256_ecb_decrypt, aes_256_ecb_encrypt};
pub use key::{PrivateKey, PublicKey};

pub(crate) use aead::open_aes_256_gcm;
pub(crate) use digest::hex;
#[cfg(feature = "shangmi")]
pub(crate) use sm4::open_sm4_gcm;

/// Base64 text, standard alphabet, padded.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of base64 text; nothing but the standard alphabet with padding is taken.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Whether two byte strings are equal, in a time that does not depend on where they differ.
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(left, right).is_ok()
}

/// `N` random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], crate::Error> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| crate::Error::encryption("the system gives no random numbers"))?;
    Ok(bytes)
}

/// A nonce of 32 characters, the most that WeChat Pay allows.
pub(crate) fn nonce() -> Result<String, crate::Error> {
    Ok(hex(&random::<16>()?))
}
