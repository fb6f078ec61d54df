//! Where the merchant's private key is: in memory, or elsewhere (a KMS, an HSM).

use zeroize::Zeroizing;

use crate::crypto::{Algorithm, PrivateKey};
use crate::error::BoxError;
use crate::transport::BoxFuture;

/// Signs with the merchant's private key: RSASSA-PKCS1-v1_5 with SHA-256, or what
/// [`Signer::algorithm`] says.
///
/// A [`PrivateKey`] is one. Implement it for a key that lives in a KMS or an HSM; it is asked once
/// per request sent, and may take its time.
pub trait Signer: Send + Sync {
    /// The signature over `message`, raw bytes.
    fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, BoxError>>;

    /// The family of algorithms that the key belongs to. It decides the scheme of `Authorization`,
    /// which platform certificates are downloaded and for which keys fields are encrypted.
    fn algorithm(&self) -> Algorithm {
        Algorithm::Rsa
    }
}

/// Decrypts with the merchant's private key: RSAES-OAEP, SHA-1, MGF1-SHA-1, or SM2 for an SM2 key.
///
/// A [`PrivateKey`] is one. It is asked only when the caller decrypts a field, on the caller's
/// thread: with a remote key, do that where blocking is allowed.
pub trait Decryptor: Send + Sync {
    /// The clear bytes.
    fn decrypt(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, BoxError>;
}

impl Signer for PrivateKey {
    fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, BoxError>> {
        let signature = Self::sign(self, message).map_err(Into::into);
        Box::pin(std::future::ready(signature))
    }

    fn algorithm(&self) -> Algorithm {
        Self::algorithm(self)
    }
}

impl Decryptor for PrivateKey {
    fn decrypt(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, BoxError> {
        Self::decrypt(self, ciphertext).map_err(Into::into)
    }
}
