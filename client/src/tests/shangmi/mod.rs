//! The feature `shangmi`: SM2, SM3 and SM4 in place of RSA, SHA-256 and AES.

mod arbitrary;
mod calls;
mod openssl;
mod standard;

use std::sync::LazyLock;

use crate::crypto::PrivateKey;

/// The merchant's key, and the platform's.
static MERCHANT: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate_sm2().unwrap());
static PLATFORM: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate_sm2().unwrap());
/// Somebody else's.
static STRANGER: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate_sm2().unwrap());
