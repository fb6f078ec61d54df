//! SM2 and SM4, which take the place of RSA and AES with `--algorithm sm`.
//!
//! In: keys as PEM, the APIv3 key, bytes. Out: base64, PEM. What can fail on input says `None`.

use aes_gcm::AesGcm;
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::Generate as _;
use sm2::elliptic_curve::common::getrandom::SysRng;
use sm2::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use sm2::pke::{DecryptingKey, EncryptingKey};
use sm2::{PublicKey, SecretKey};

use crate::crypto::{self, from_base64, to_base64};

/// The user identification in every signature.
const USER_ID: &str = "1234567812345678";

/// An SM2 key with both halves.
pub struct Sm2 {
    secret: SecretKey,
    public: PublicKey,
}

impl Sm2 {
    pub fn generate() -> Option<Self> {
        Some(Self::new(SecretKey::try_generate_from_rng(&mut SysRng).ok()?))
    }

    /// From PKCS#8.
    pub fn from_pem(pem: &str) -> Option<Self> {
        Some(Self::new(SecretKey::from_pkcs8_pem(pem).ok()?))
    }

    fn new(secret: SecretKey) -> Self {
        let public = secret.public_key();
        Self { secret, public }
    }

    /// PKCS#8.
    pub fn to_pem(&self) -> Option<String> {
        Some(self.secret.to_pkcs8_pem(LineEnding::LF).ok()?.to_string())
    }

    /// `PUBLIC KEY`.
    pub fn public_pem(&self) -> Option<String> {
        self.public.to_public_key_pem(LineEnding::LF).ok()
    }

    fn sign_der(&self, message: &[u8]) -> Option<Vec<u8>> {
        let signature: Signature = SigningKey::new(USER_ID, &self.secret)
            .ok()?
            .try_sign(message)
            .ok()?;
        Some(signature.to_der().as_bytes().to_vec())
    }

    /// SM2 with SM3, in DER, base64.
    pub fn sign(&self, message: &[u8]) -> String {
        self.sign_der(message)
            .map(|der| to_base64(&der))
            .unwrap_or_default()
    }

    /// Whether a base64 signature is this key's.
    pub fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let verifies = || {
            let signature = Signature::from_der(&from_base64(signature)?).ok()?;
            let key = VerifyingKey::new(USER_ID, self.public).ok()?;
            key.verify(message, &signature).ok()
        };
        verifies().is_some()
    }

    /// ASN.1 in the order C1 C3 C2, base64.
    pub fn encrypt(&self, clear: &str) -> Option<String> {
        let key = EncryptingKey::new(self.public);
        Some(to_base64(&key.encrypt_der(&mut SysRng, clear.as_bytes()).ok()?))
    }

    /// The clear text of a base64 ciphertext.
    pub fn decrypt(&self, ciphertext: &str) -> Option<String> {
        let key = DecryptingKey::from_nonzero_scalar(self.secret.to_nonzero_scalar()).ok()?;
        String::from_utf8(key.decrypt_der(&from_base64(ciphertext)?).ok()?).ok()
    }
}

/// SM4-GCM under the first half of the APIv3 key's SM3 digest, base64 with the tag behind.
pub fn seal(api_v3_key: &str, nonce: &str, associated_data: &str, clear: &[u8]) -> Option<String> {
    use sm3::Digest as _;
    let digest = sm3::Sm3::digest(api_v3_key.as_bytes());
    let cipher = AesGcm::<sm4::Sm4, U12>::new_from_slice(&digest[..16]).ok()?;
    let nonce = nonce.as_bytes().try_into().ok()?;
    let mut bytes = clear.to_vec();
    let tag = cipher
        .encrypt_inout_detached(&nonce, associated_data.as_bytes(), bytes.as_mut_slice().into())
        .ok()?;
    bytes.extend_from_slice(&tag);
    Some(to_base64(&bytes))
}

/// A certificate for `key`, signed by `authority`, with this serial and these years: X.509 without
/// extensions, of which nobody here needs any.
pub fn certificate(authority: &Sm2, key: &Sm2, name: &str, serial: &[u8], years: [i32; 2]) -> Option<String> {
    // 1.2.156.10197.1.501, SM2 with SM3.
    let algorithm = der(
        0x30,
        &der(0x06, &[0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x83, 0x75]),
    );
    let spki = key.public.to_public_key_der().ok()?;
    let time = |year: i32| der(0x18, format!("{year:04}0101000000Z").as_bytes());
    let content = [
        der(0xA0, &der(0x02, &[2])),
        der(0x02, serial),
        algorithm.clone(),
        common_name("WeChat Pay SANDBOX SM2 test CA (worthless)"),
        der(0x30, &[time(years[0]), time(years[1])].concat()),
        common_name(name),
        spki.as_bytes().to_vec(),
    ];
    let content = der(0x30, &content.concat());
    let signature = [&[0], authority.sign_der(&content)?.as_slice()].concat();
    let certificate = der(0x30, &[content, algorithm, der(0x03, &signature)].concat());
    Some(crypto::pem("CERTIFICATE", &certificate))
}

/// A distinguished name of a common name alone.
fn common_name(name: &str) -> Vec<u8> {
    let pair = [der(0x06, &[0x55, 0x04, 0x03]), der(0x0C, name.as_bytes())].concat();
    der(0x30, &der(0x31, &der(0x30, &pair)))
}

/// A DER value: tag, length, content of at most 64 KiB.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes();
    let mut out = match (high, low) {
        (0, 0..=127) => vec![tag, low],
        (0, _) => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    out.extend_from_slice(content);
    out
}
