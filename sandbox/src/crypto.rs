//! Signatures and ciphertexts, written from the documentation and sharing nothing with the client.
//!
//! In: keys as PEM or text, and bytes. Out: bytes, base64 or hex. What can fail on input says `None`.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_256, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeyPair, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey,
    PublicEncryptingKey,
};
use aws_lc_rs::signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// An RSA key with both halves.
pub struct Rsa {
    pair: KeyPair,
    decrypting: OaepPrivateDecryptingKey,
    encrypting: OaepPublicEncryptingKey,
    verifying: ParsedPublicKey,
}

/// A public RSA key.
pub struct PublicKey(ParsedPublicKey);

impl PublicKey {
    /// From `PUBLIC KEY` or `CERTIFICATE`.
    pub fn from_pem(pem: &str) -> Option<Self> {
        let pem = pem::parse(pem).ok()?;
        let key = match pem.tag() {
            "CERTIFICATE" => {
                let (_, certificate) = x509_parser::parse_x509_certificate(pem.contents()).ok()?;
                certificate.public_key().raw.to_vec()
            }
            _ => pem.into_contents(),
        };
        ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &key)
            .ok()
            .map(Self)
    }

    /// Whether a base64 signature is this key's.
    pub fn verifies(&self, message: &[u8], signature: &str) -> bool {
        from_base64(signature).is_some_and(|bytes| self.0.verify_sig(message, &bytes).is_ok())
    }
}

/// DER as a PEM text.
pub fn pem(label: &str, der: &[u8]) -> String {
    let lines = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    pem::encode_config(&pem::Pem::new(label, der), lines)
}

impl Rsa {
    /// From `PRIVATE KEY`.
    pub fn from_pem(pem: &str) -> Option<Self> {
        Self::from_pkcs8(pem::parse(pem).ok()?.contents())
    }

    /// From PKCS#8.
    pub fn from_pkcs8(der: &[u8]) -> Option<Self> {
        let pair = KeyPair::from_pkcs8(der).ok()?;
        let public = pair.public_key().as_der().ok()?;
        let public: &[u8] = public.as_ref();
        let decrypting = OaepPrivateDecryptingKey::new(PrivateDecryptingKey::from_pkcs8(der).ok()?).ok()?;
        let encrypting = OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(public).ok()?).ok()?;
        let verifying = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public).ok()?;
        Some(Self {
            pair,
            decrypting,
            encrypting,
            verifying,
        })
    }

    /// The public half as PKCS#1 DER.
    pub fn pkcs1(&self) -> Vec<u8> {
        self.pair.public_key().as_ref().to_vec()
    }

    /// PKCS#1 v1.5 with SHA-256, base64; empty when there are no random numbers.
    pub fn sign(&self, message: &[u8]) -> String {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        match self
            .pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
        {
            Ok(()) => to_base64(&signature),
            Err(_) => String::new(),
        }
    }

    /// Whether a base64 signature is this key's.
    pub fn verifies(&self, message: &[u8], signature: &str) -> bool {
        from_base64(signature).is_some_and(|bytes| self.verifying.verify_sig(message, &bytes).is_ok())
    }

    /// OAEP with SHA-1, base64.
    pub fn encrypt(&self, clear: &str) -> Option<String> {
        let mut out = vec![0; self.encrypting.ciphertext_size()];
        let written = self
            .encrypting
            .encrypt(&OAEP_SHA1_MGF1SHA1, clear.as_bytes(), &mut out, None)
            .ok()?;
        Some(to_base64(written))
    }

    /// The clear text of a base64 ciphertext.
    pub fn decrypt(&self, ciphertext: &str) -> Option<String> {
        let bytes = from_base64(ciphertext)?;
        let mut out = vec![0; self.decrypting.min_output_size()];
        let clear = self
            .decrypting
            .decrypt(&OAEP_SHA1_MGF1SHA1, &bytes, &mut out, None)
            .ok()?;
        String::from_utf8(clear.to_vec()).ok()
    }
}

/// AES-256-GCM under the APIv3 key, base64 with the tag behind.
pub fn seal(api_v3_key: &str, nonce: &str, associated_data: &str, clear: &[u8]) -> Option<String> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, api_v3_key.as_bytes()).ok()?);
    let nonce = Nonce::try_assume_unique_for_key(nonce.as_bytes()).ok()?;
    let mut bytes = clear.to_vec();
    key.seal_in_place_append_tag(nonce, Aad::from(associated_data), &mut bytes)
        .ok()?;
    Some(to_base64(&bytes))
}

/// What [`seal`] has sealed.
pub fn open(api_v3_key: &str, nonce: &str, associated_data: &str, ciphertext: &str) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, api_v3_key.as_bytes()).ok()?);
    let nonce = Nonce::try_assume_unique_for_key(nonce.as_bytes()).ok()?;
    let mut bytes = from_base64(ciphertext)?;
    let clear = key
        .open_in_place(nonce, Aad::from(associated_data), &mut bytes)
        .ok()?;
    Some(clear.to_vec())
}

/// AES-256-ECB with PKCS#7 under the lower-case hex MD5 of the APIv2 key, base64.
pub fn seal_v2(api_v2_key: &str, clear: &[u8]) -> Option<String> {
    let key = UnboundCipherKey::new(&AES_256, md5(api_v2_key.as_bytes()).as_bytes()).ok()?;
    let mut bytes = clear.to_vec();
    PaddedBlockEncryptingKey::ecb_pkcs7(key)
        .ok()?
        .encrypt(&mut bytes)
        .ok()?;
    Some(to_base64(&bytes))
}

/// APIv2's signature over parameters, upper-case hex.
pub fn sign_v2<'a>(key: &str, hmac_sha256: bool, fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut fields: Vec<_> = fields
        .filter(|(name, value)| *name != "sign" && !value.is_empty())
        .collect();
    fields.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    let mut text = String::new();
    for (name, value) in fields {
        text.extend([name, "=", value, "&"]);
    }
    text.extend(["key=", key]);
    let hex = match hmac_sha256 {
        true => hex(hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()),
            text.as_bytes(),
        )
        .as_ref()),
        false => md5(text.as_bytes()),
    };
    hex.to_ascii_uppercase()
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn md5(bytes: &[u8]) -> String {
    use md5::Digest as _;
    hex(&md5::Md5::digest(bytes))
}

pub fn sm3(bytes: &[u8]) -> String {
    use sm3::Digest as _;
    hex(&sm3::Sm3::digest(bytes))
}

pub fn sha1(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref())
}

pub fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Random hex of `length` characters.
pub fn random(length: usize) -> String {
    let mut bytes = vec![0; length.div_ceil(2)];
    // Without random numbers no key could have been made, and so no sandbox.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    let mut text = hex(&bytes);
    text.truncate(length);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_v2_vector() {
        let fields = [
            ("appid", "wxd930ea5d5a258f4f"),
            ("mch_id", "10000100"),
            ("device_info", "1000"),
            ("body", "test"),
            ("nonce_str", "ibuaiVcKdpRxkhJA"),
        ];
        let key = "192006250b4c09247ec02edce69f6a2d";
        assert_eq!(
            sign_v2(key, false, fields.into_iter()),
            "9A0A8659F005D6984697E2CA0A9CF3B7"
        );
        let hmac = "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6";
        assert_eq!(sign_v2(key, true, fields.into_iter()), hmac);
    }
}
