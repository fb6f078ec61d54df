//! The symmetric signature of APIv2.
//!
//! In go the parameters as `(name, value)`, in any order, and the APIv2 key; out comes the signature
//! in upper-case hex. `sign` itself and empty values are left out, the rest is sorted by the bytes of
//! its names and joined as `a=1&b=2&key=KEY`, values as they are, without any escaping.

use std::fmt;

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::crypto::{self, Digest};
use crate::error::Error;

/// How APIv2 messages are signed: `sign_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignType {
    /// MD5 over the text that ends in the key.
    Md5,
    /// HMAC with SHA-256 over the same text, keyed with the key.
    HmacSha256,
}

impl SignType {
    /// The value as it is written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::HmacSha256 => "HMAC-SHA256",
        }
    }

    /// The type that is written `text` on the wire.
    pub fn from_wire(text: &str) -> Option<Self> {
        match text {
            "MD5" => Some(Self::Md5),
            "HMAC-SHA256" => Some(Self::HmacSha256),
            _ => None,
        }
    }

    /// The type that gives signatures of this many characters.
    pub(crate) fn from_length(length: usize) -> Option<Self> {
        match length {
            32 => Some(Self::Md5),
            64 => Some(Self::HmacSha256),
            _ => None,
        }
    }
}

impl fmt::Display for SignType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The APIv2 key of a merchant: 32 characters, set on the merchant platform.
///
/// It is cleared from memory when dropped, and `Debug` does not show it.
#[derive(Clone)]
pub struct ApiV2Key(Zeroizing<String>);

impl ApiV2Key {
    /// A key from its text.
    ///
    /// # Errors
    /// When it is not 32 ASCII characters.
    pub fn new(key: impl Into<String>) -> Result<Self, Error> {
        let key = Zeroizing::new(key.into());
        if key.len() != 32 || !key.is_ascii() {
            return Err(Error::configuration(format!(
                "the APIv2 key has {} bytes, expected 32 ASCII characters: it is the key set under API security",
                key.len()
            )));
        }
        Ok(Self(key))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiV2Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[APIv2 key]")
    }
}

/// Signs parameters.
///
/// ```
/// use wechatpay_client::apiv2::{ApiV2Key, SignType, sign};
///
/// let key = ApiV2Key::new("0123456789abcdef0123456789abcdef")?;
/// let fields = [("mch_id", "10000100"), ("body", "test"), ("attach", "")];
/// assert_eq!(sign(&key, SignType::Md5, fields), "8C2C48F4B77BF2851110F0DFE4E68855");
/// # Ok::<(), wechatpay_client::Error>(())
/// ```
pub fn sign<'a>(
    key: &ApiV2Key,
    sign_type: SignType,
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    sign_with("key", key.as_str(), sign_type, fields)
}

/// Whether `sign` is the signature over `fields`, compared in constant time.
///
/// Its length says which type it is: 32 characters are MD5, 64 are HMAC-SHA256. Give all the fields
/// that were received, known or not.
pub fn verify<'a>(key: &ApiV2Key, fields: impl IntoIterator<Item = (&'a str, &'a str)>, sign: &str) -> bool {
    let Some(sign_type) = SignType::from_length(sign.len()) else {
        return false;
    };
    let expected = Zeroizing::new(self::sign(key, sign_type, fields));
    crypto::same(expected.as_bytes(), sign.to_ascii_uppercase().as_bytes())
}

/// The second signature of the enterprise red packets: MD5 over `fields`, which ends in
/// `&secret=SECRET`, the secret that WeCom shows for its payment application.
pub fn sign_work_wechat<'a>(secret: &str, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    sign_with("secret", secret, SignType::Md5, fields)
}

fn sign_with<'a>(
    label: &str,
    key: &str,
    sign_type: SignType,
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    let mut fields: Vec<_> = fields
        .into_iter()
        .filter(|(name, value)| *name != "sign" && !value.is_empty())
        .collect();
    fields.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    let length: usize = fields
        .iter()
        .map(|(name, value)| name.len() + value.len() + 2)
        .sum();
    // Room for all of it at once: growing would leave copies of the key behind.
    let mut text = Zeroizing::new(String::with_capacity(length + label.len() + 1 + key.len()));
    for (name, value) in fields {
        text.push_str(name);
        text.push('=');
        text.push_str(value);
        text.push('&');
    }
    text.push_str(label);
    text.push('=');
    text.push_str(key);
    match sign_type {
        SignType::Md5 => Digest::Md5.of(text.as_bytes()).to_ascii_uppercase(),
        SignType::HmacSha256 => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
            crypto::hex(hmac::sign(&key, text.as_bytes()).as_ref()).to_ascii_uppercase()
        }
    }
}

#[cfg(test)]
mod tests;
