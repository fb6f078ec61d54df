//! Text that travels encrypted.

use std::fmt;

use zeroize::Zeroizing;

use super::{Slot, Value, View};

/// Why a request is refused.
pub(crate) const NOT_A_CIPHERTEXT: &str = "an encrypted field holds text that is not a ciphertext; give clear text with \
     `Encrypted::from_clear`";

/// A field that travels encrypted: names, phone numbers, bank cards, identity documents.
///
/// In a request, give the clear text (`"张三".into()`): the client encrypts it with the platform's
/// newest valid key when it sends. In a response it holds the ciphertext: `client.decrypt(&field)`
/// opens it with the merchant's key. `Debug` never shows either.
#[derive(Clone, PartialEq, Eq)]
pub struct Encrypted(Text);

#[derive(Clone, PartialEq, Eq)]
enum Text {
    Clear(Zeroizing<String>),
    Cipher(String),
}

impl Encrypted {
    /// Clear text, to be encrypted when it is sent.
    pub fn from_clear(text: impl Into<String>) -> Self {
        Self(Text::Clear(Zeroizing::new(text.into())))
    }

    /// Text that is encrypted already (base64). A request whose text can't be a ciphertext is refused.
    pub fn from_ciphertext(text: impl Into<String>) -> Self {
        Self(Text::Cipher(text.into()))
    }

    /// The ciphertext (base64), if this is one.
    pub fn ciphertext(&self) -> Option<&str> {
        match &self.0 {
            Text::Clear(_) => None,
            Text::Cipher(text) => Some(text),
        }
    }

    /// Whether this can be sent: clear text, nothing, or what may be a ciphertext. A value read from JSON
    /// counts as ciphertext, whatever it is, and clear text among it must not be sent by mistake.
    pub(crate) fn can_be_sent(&self) -> bool {
        /// Shorter than the base64 of any RSA or SM2 ciphertext.
        const SHORTEST: usize = 128;
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
        match &self.0 {
            Text::Clear(_) => true,
            Text::Cipher(text) => text.is_empty() || (text.len() >= SHORTEST && text.bytes().all(is_base64)),
        }
    }

    /// The clear text, if this is one.
    pub(crate) fn clear(&self) -> Option<&str> {
        match &self.0 {
            Text::Clear(text) => Some(text),
            Text::Cipher(_) => None,
        }
    }
}

impl From<&str> for Encrypted {
    fn from(text: &str) -> Self {
        Self::from_clear(text)
    }
}

impl From<String> for Encrypted {
    fn from(text: String) -> Self {
        Self::from_clear(text)
    }
}

impl fmt::Debug for Encrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[encrypted]")
    }
}

impl Value for Encrypted {
    fn view(&self) -> View<'_> {
        View::Encrypted(self)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::Encrypted(self)
    }
    fn empty() -> Self {
        Self::from_ciphertext("")
    }
}
