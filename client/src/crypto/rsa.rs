//! RSA keys. In: PEM text. Out: keys that sign (PKCS#1 v1.5, SHA-256), verify, encrypt and decrypt
//! (OAEP, SHA-1, MGF1-SHA-1, no label). PKCS#1 v1.5 *encryption* is not offered.

use std::fmt;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeyPair, KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
    PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use zeroize::Zeroizing;

use super::pem;
use crate::Error;

/// A merchant's RSA private key: `apiclient_key.pem`.
///
/// The library clears the key's memory when it is dropped; `Debug` shows nothing of it.
pub struct PrivateKey {
    pair: KeyPair,
    decrypting: OaepPrivateDecryptingKey,
}

impl PrivateKey {
    /// Reads PEM text: PKCS#8 (`PRIVATE KEY`) or PKCS#1 (`RSA PRIVATE KEY`).
    ///
    /// # Errors
    /// A configuration error that says what the text is instead.
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        let wrong = |problem: &str| Error::configuration(format!("the private key: {problem}"));
        let (label, der) = pem::first(text).map_err(wrong)?;
        let pair = match label {
            "PRIVATE KEY" => KeyPair::from_pkcs8(&der),
            "RSA PRIVATE KEY" => KeyPair::from_der(&der),
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
        let pair = pair.map_err(|_| {
            wrong("expected PKCS#8 or PKCS#1 with an RSA key of 2048 to 8192 bits, found something else")
        })?;
        Self::from_pair(pair)
    }

    /// Makes a new key of 2048 bits, for tests and sandboxes.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn generate() -> Result<Self, Error> {
        let pair = KeyPair::generate(KeySize::Rsa2048)
            .map_err(|_| Error::encryption("an RSA key could not be made"))?;
        Self::from_pair(pair)
    }

    fn from_pair(pair: KeyPair) -> Result<Self, Error> {
        let pkcs8 = pair.as_der().ok();
        let decrypting = pkcs8
            .and_then(|pkcs8| PrivateDecryptingKey::from_pkcs8(pkcs8.as_ref()).ok())
            .and_then(|key| OaepPrivateDecryptingKey::new(key).ok())
            .ok_or_else(|| Error::configuration("the private key: it can't be used for decryption"))?;
        Ok(Self { pair, decrypting })
    }

    /// PKCS#8 PEM text.
    ///
    /// # Errors
    /// When the library can't write the key.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, Error> {
        let der = self
            .pair
            .as_der()
            .map_err(|_| Error::encryption("the private key could not be written"))?;
        Ok(pem::write("PRIVATE KEY", der.as_ref()))
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Error::encryption("signing failed"))?;
        Ok(signature)
    }

    /// RSAES-OAEP, SHA-1, MGF1-SHA-1.
    ///
    /// # Errors
    /// When the ciphertext is not for this key; nothing says in what way.
    pub fn decrypt(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut clear = Zeroizing::new(vec![0; self.decrypting.min_output_size()]);
        let length = self
            .decrypting
            .decrypt(&OAEP_SHA1_MGF1SHA1, ciphertext, &mut clear, None)
            .map_err(|_| Error::encryption("it was not encrypted for this private key"))?
            .len();
        clear.truncate(length);
        Ok(clear)
    }

    /// The other half.
    ///
    /// # Errors
    /// When the library can't write the key.
    pub fn public_key(&self) -> Result<PublicKey, Error> {
        let der = self
            .pair
            .public_key()
            .as_der()
            .map_err(|_| Error::encryption("the public key could not be written"))?;
        PublicKey::from_spki(der.as_ref())
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey([redacted])")
    }
}

/// An RSA public key: WeChat Pay's `pub_key.pem`, a certificate's, or a merchant's own.
#[derive(Clone)]
pub struct PublicKey {
    spki: Vec<u8>,
    verifying: std::sync::Arc<ParsedPublicKey>,
    encrypting: std::sync::Arc<OaepPublicEncryptingKey>,
}

impl PublicKey {
    /// Reads a DER `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// When it is no RSA key of 2048 to 8192 bits.
    pub fn from_spki(der: &[u8]) -> Result<Self, Error> {
        let wrong = || Error::configuration("the public key: expected an RSA key of 2048 to 8192 bits");
        let verifying = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).map_err(|_| wrong())?;
        let encrypting = PublicEncryptingKey::from_der(der).map_err(|_| wrong())?;
        let encrypting = OaepPublicEncryptingKey::new(encrypting).map_err(|_| wrong())?;
        Ok(Self {
            spki: der.to_vec(),
            verifying: verifying.into(),
            encrypting: encrypting.into(),
        })
    }

    pub(super) fn from_pkcs1(der: &[u8]) -> Result<Self, Error> {
        aws_lc_rs::rsa::PublicKey::from_der(der)
            .ok()
            .and_then(|key| key.as_der().ok())
            .map_or_else(|| Self::from_spki(der), |spki| Self::from_spki(spki.as_ref()))
    }

    /// Whether `signature` is the owner's over `message` (RSASSA-PKCS1-v1_5, SHA-256).
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verifying.verify_sig(message, signature).is_ok()
    }

    /// The most bytes that [`PublicKey::encrypt`] takes: 214 for a key of 2048 bits.
    pub fn max_clear_len(&self) -> usize {
        self.encrypting.max_plaintext_size(&OAEP_SHA1_MGF1SHA1)
    }

    /// RSAES-OAEP, SHA-1, MGF1-SHA-1.
    ///
    /// # Errors
    /// When `clear` is longer than [`PublicKey::max_clear_len`].
    pub fn encrypt(&self, clear: &[u8]) -> Result<Vec<u8>, Error> {
        let most = self.max_clear_len();
        if clear.len() > most {
            return Err(Error::request(format!(
                "a text to be encrypted has {} bytes, at most {most} are possible",
                clear.len()
            )));
        }
        let mut ciphertext = vec![0; self.encrypting.ciphertext_size()];
        let length = self
            .encrypting
            .encrypt(&OAEP_SHA1_MGF1SHA1, clear, &mut ciphertext, None)
            .map_err(|_| Error::encryption("a text could not be encrypted"))?
            .len();
        ciphertext.truncate(length);
        Ok(ciphertext)
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
