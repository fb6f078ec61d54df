//! SM2 keys over RustCrypto's `sm2`, which no independent audit covers. In: DER. Out: signatures over
//! SM3 in DER; ciphertext in ASN.1, in the order C1 C3 C2.
//!
//! `None` is a failure of the library, which says nothing more; [`super::key`] gives it words.

use ::sm2::dsa::signature::{RandomizedSigner as _, Verifier as _};
use ::sm2::dsa::{Signature, SigningKey, VerifyingKey};
use ::sm2::elliptic_curve::Generate as _;
use ::sm2::elliptic_curve::rand_core::{TryCryptoRng, TryRng};
use ::sm2::pkcs8::{AssociatedOid as _, PrivateKeyInfoRef};
use ::sm2::pkcs8::{
    DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _,
};
use ::sm2::pke::{DecryptingKey, EncryptingKey};
use ::sm2::{SecretKey, Sm2};
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

/// The signer's user identification, the default of GM/T 0009 and the one WeChat Pay uses.
const USER_ID: &str = "1234567812345678";

/// Whether PKCS#8 says that it holds an SM2 key.
pub(super) fn is_named_in(pkcs8: &[u8]) -> bool {
    PrivateKeyInfoRef::try_from(pkcs8)
        .is_ok_and(|info| info.algorithm.parameters_oid().ok() == Some(Sm2::OID))
}

/// A private key. Its memory is cleared when it is dropped; what the arithmetic copies to the stack
/// while it signs or decrypts is not.
pub(super) struct PrivateKey(Box<SecretKey>);

impl PrivateKey {
    pub fn from_pkcs8(der: &[u8]) -> Option<Self> {
        Some(Self(Box::new(SecretKey::from_pkcs8_der(der).ok()?)))
    }

    pub fn generate() -> Option<Self> {
        Some(Self(Box::new(
            SecretKey::try_generate_from_rng(&mut Random).ok()?,
        )))
    }

    pub fn to_pkcs8(&self) -> Option<Zeroizing<Vec<u8>>> {
        Some(self.0.to_pkcs8_der().ok()?.to_bytes())
    }

    pub fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let key = SigningKey::new(USER_ID, &self.0).ok()?;
        let signature: Signature = key.try_sign_with_rng(&mut Random, message).ok()?;
        Some(signature.to_der().as_bytes().to_vec())
    }

    pub fn decrypt(&self, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let key = DecryptingKey::from_nonzero_scalar(self.0.to_nonzero_scalar()).ok()?;
        key.decrypt_der(ciphertext).ok().map(Zeroizing::new)
    }

    /// The other half, as `SubjectPublicKeyInfo`.
    pub fn public_spki(&self) -> Option<Vec<u8>> {
        Some(self.0.public_key().to_public_key_der().ok()?.into_vec())
    }
}

pub(super) struct PublicKey {
    verifying: VerifyingKey,
    encrypting: EncryptingKey,
}

impl PublicKey {
    /// Reads a key; it comes with its `SubjectPublicKeyInfo`, the point uncompressed.
    pub fn from_spki(der: &[u8]) -> Option<(Self, Vec<u8>)> {
        let key = ::sm2::PublicKey::from_public_key_der(der).ok()?;
        let spki = key.to_public_key_der().ok()?.into_vec();
        let verifying = VerifyingKey::new(USER_ID, key).ok()?;
        let encrypting = EncryptingKey::new(key);
        Some((
            Self {
                verifying,
                encrypting,
            },
            spki,
        ))
    }

    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_der(signature)
            .is_ok_and(|signature| self.verifying.verify(message, &signature).is_ok())
    }

    pub fn encrypt(&self, clear: &[u8]) -> Option<Vec<u8>> {
        self.encrypting.encrypt_der(&mut Random, clear).ok()
    }
}

/// aws-lc-rs as RustCrypto's source of random numbers.
struct Random;

impl TryRng for Random {
    type Error = ::sm2::elliptic_curve::Error;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        SystemRandom::new()
            .fill(bytes)
            .map_err(|_| ::sm2::elliptic_curve::Error)
    }
}

impl TryCryptoRng for Random {}
