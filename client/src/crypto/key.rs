//! Private and public keys, of whichever family.
//!
//! In: PEM text. Out: keys that are parsed once and sign, verify, encrypt and decrypt with the
//! algorithms of their family.

use std::fmt;

use zeroize::Zeroizing;

#[cfg(feature = "shangmi")]
use super::sm2;
use super::{Algorithm, pem, rsa};
use crate::Error;

/// A merchant's private key: `apiclient_key.pem`. RSA, or SM2 with the feature `shangmi`.
///
/// The key's memory is cleared when it is dropped; `Debug` shows nothing of it.
pub struct PrivateKey(PrivateKind);

enum PrivateKind {
    Rsa(Box<rsa::PrivateKey>),
    #[cfg(feature = "shangmi")]
    Sm2(sm2::PrivateKey),
}

impl PrivateKey {
    /// Reads PEM text: PKCS#8 (`PRIVATE KEY`) or, for RSA, PKCS#1 (`RSA PRIVATE KEY`).
    ///
    /// # Errors
    /// A configuration error that says what the text is instead.
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        let wrong = |problem: &str| Error::configuration(format!("the private key: {problem}"));
        let (label, der) = pem::first(text).map_err(wrong)?;
        let rsa = match label {
            #[cfg(feature = "shangmi")]
            "PRIVATE KEY" if sm2::is_named_in(&der) => {
                return sm2::PrivateKey::from_pkcs8(&der)
                    .map(|key| Self(PrivateKind::Sm2(key)))
                    .ok_or_else(|| wrong("expected PKCS#8 with an SM2 key, found something else"));
            }
            "PRIVATE KEY" => rsa::PrivateKey::from_pkcs8(&der),
            "RSA PRIVATE KEY" => rsa::PrivateKey::from_pkcs1(&der),
            "ENCRYPTED PRIVATE KEY" => {
                return Err(wrong(
                    "it is encrypted by a password; decrypt it first (`openssl pkey`)",
                ));
            }
            "CERTIFICATE" => return Err(wrong("this is a certificate; give apiclient_key.pem")),
            "PUBLIC KEY" => return Err(wrong("this is a public key; give apiclient_key.pem")),
            label => {
                return Err(wrong(&format!(
                    "expected PKCS#8 (`PRIVATE KEY`) or PKCS#1 (`RSA PRIVATE KEY`), found `{}`",
                    label.escape_debug()
                )));
            }
        };
        rsa.map(|key| Self(PrivateKind::Rsa(Box::new(key))))
            .ok_or_else(|| wrong(&format!("expected PKCS#8 or PKCS#1 with {}", expected(&der))))
    }

    /// Makes a new RSA key of 2048 bits, for tests and sandboxes.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn generate() -> Result<Self, Error> {
        rsa::PrivateKey::generate()
            .map(|key| Self(PrivateKind::Rsa(Box::new(key))))
            .ok_or_else(|| Error::encryption("an RSA key could not be made"))
    }

    /// Makes a new SM2 key, for tests and sandboxes.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    #[cfg(feature = "shangmi")]
    pub fn generate_sm2() -> Result<Self, Error> {
        sm2::PrivateKey::generate()
            .map(|key| Self(PrivateKind::Sm2(key)))
            .ok_or_else(|| Error::encryption("an SM2 key could not be made"))
    }

    /// The family of algorithms that the key belongs to.
    pub fn algorithm(&self) -> Algorithm {
        match &self.0 {
            PrivateKind::Rsa(_) => Algorithm::Rsa,
            #[cfg(feature = "shangmi")]
            PrivateKind::Sm2(_) => Algorithm::Sm2,
        }
    }

    /// PKCS#8 PEM text.
    ///
    /// # Errors
    /// When the library can't write the key.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, Error> {
        let der = match &self.0 {
            PrivateKind::Rsa(key) => key.to_pkcs8(),
            #[cfg(feature = "shangmi")]
            PrivateKind::Sm2(key) => key.to_pkcs8(),
        };
        der.map(|der| pem::write("PRIVATE KEY", &der))
            .ok_or_else(|| Error::encryption("the private key could not be written"))
    }

    /// Signs: RSASSA-PKCS1-v1_5 with SHA-256, or SM2 with SM3, the user identification
    /// `1234567812345678` and the signature in DER.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        match &self.0 {
            PrivateKind::Rsa(key) => key.sign(message),
            #[cfg(feature = "shangmi")]
            PrivateKind::Sm2(key) => key.sign(message),
        }
        .ok_or_else(|| Error::encryption("signing failed"))
    }

    /// Decrypts: RSAES-OAEP with SHA-1, MGF1-SHA-1 and no label, or SM2 (ASN.1, C1 C3 C2).
    ///
    /// # Errors
    /// When the ciphertext is not for this key; nothing says in what way.
    pub fn decrypt(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        match &self.0 {
            PrivateKind::Rsa(key) => key.decrypt(ciphertext),
            #[cfg(feature = "shangmi")]
            PrivateKind::Sm2(key) => key.decrypt(ciphertext),
        }
        .ok_or_else(|| Error::encryption("it was not encrypted for this private key"))
    }

    /// The other half.
    ///
    /// # Errors
    /// When the library can't write the key.
    pub fn public_key(&self) -> Result<PublicKey, Error> {
        let spki = match &self.0 {
            PrivateKind::Rsa(key) => key.public_spki(),
            #[cfg(feature = "shangmi")]
            PrivateKind::Sm2(key) => key.public_spki(),
        };
        PublicKey::from_spki(&spki.ok_or_else(|| Error::encryption("the public key could not be written"))?)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey([redacted])")
    }
}

/// A public key: WeChat Pay's `pub_key.pem`, a certificate's, or a merchant's own. RSA, or SM2 with the
/// feature `shangmi`.
#[derive(Clone)]
pub struct PublicKey {
    spki: Vec<u8>,
    kind: PublicKind,
}

#[derive(Clone)]
enum PublicKind {
    Rsa(rsa::PublicKey),
    #[cfg(feature = "shangmi")]
    Sm2(std::sync::Arc<sm2::PublicKey>),
}

impl PublicKey {
    /// Reads a DER `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// When it is neither an RSA key of 2048 to 8192 bits nor, with the feature `shangmi`, an SM2 key.
    pub fn from_spki(der: &[u8]) -> Result<Self, Error> {
        #[cfg(feature = "shangmi")]
        if let Some((key, spki)) = sm2::PublicKey::from_spki(der) {
            let kind = PublicKind::Sm2(key.into());
            return Ok(Self { spki, kind });
        }
        let key = rsa::PublicKey::from_spki(der)
            .ok_or_else(|| Error::configuration(format!("the public key: expected {}", expected(der))))?;
        Ok(Self {
            spki: der.to_vec(),
            kind: PublicKind::Rsa(key),
        })
    }

    pub(super) fn from_pkcs1(der: &[u8]) -> Result<Self, Error> {
        let spki = rsa::PublicKey::pkcs1_to_spki(der);
        Self::from_spki(spki.as_deref().unwrap_or(der))
    }

    /// The family of algorithms that the key belongs to.
    pub fn algorithm(&self) -> Algorithm {
        match &self.kind {
            PublicKind::Rsa(_) => Algorithm::Rsa,
            #[cfg(feature = "shangmi")]
            PublicKind::Sm2(_) => Algorithm::Sm2,
        }
    }

    /// Whether `signature` is the owner's over `message`, made as [`PrivateKey::sign`] does.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.kind {
            PublicKind::Rsa(key) => key.verifies(message, signature),
            #[cfg(feature = "shangmi")]
            PublicKind::Sm2(key) => key.verifies(message, signature),
        }
    }

    /// The most bytes that [`PublicKey::encrypt`] takes: 214 for an RSA key of 2048 bits; SM2 sets no
    /// limit of its own, 65,535 is the client's.
    pub fn max_clear_len(&self) -> usize {
        match &self.kind {
            PublicKind::Rsa(key) => key.max_clear_len(),
            #[cfg(feature = "shangmi")]
            PublicKind::Sm2(_) => usize::from(u16::MAX),
        }
    }

    /// Encrypts: RSAES-OAEP with SHA-1, MGF1-SHA-1 and no label, or SM2 (ASN.1, C1 C3 C2), which takes no
    /// empty text.
    ///
    /// # Errors
    /// When `clear` is longer than [`PublicKey::max_clear_len`], or the encryption fails.
    pub fn encrypt(&self, clear: &[u8]) -> Result<Vec<u8>, Error> {
        let most = self.max_clear_len();
        if clear.len() > most {
            return Err(Error::request(format!(
                "a text to be encrypted has {} bytes, at most {most} are possible",
                clear.len()
            )));
        }
        match &self.kind {
            PublicKind::Rsa(key) => key.encrypt(clear),
            #[cfg(feature = "shangmi")]
            PublicKind::Sm2(key) => key.encrypt(clear),
        }
        .ok_or_else(|| Error::encryption("a text could not be encrypted"))
    }

    /// PEM text, `PUBLIC KEY`.
    pub fn to_pem(&self) -> String {
        pem::write("PUBLIC KEY", &self.spki).to_string()
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki == other.spki
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").finish_non_exhaustive()
    }
}

/// What kind of key is expected instead of `der`, for messages.
fn expected(der: &[u8]) -> &'static str {
    /// The object identifier of SM2's curve, 1.2.156.10197.1.301, in DER.
    const SM2: [u8; 10] = [0x06, 0x08, 0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D];
    match der.windows(SM2.len()).any(|window| window == SM2) && cfg!(not(feature = "shangmi")) {
        true => "an RSA key of 2048 to 8192 bits, found an SM2 key, which needs the feature `shangmi`",
        false => "an RSA key of 2048 to 8192 bits, found something else",
    }
}
