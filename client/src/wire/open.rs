//! Values that no documentation knows yet.

/// A text that is none of an enumeration's documented values, kept verbatim.
///
/// It is only made by decoding or by the enumeration's `From<&str>`, which never puts a documented
/// value here.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Unknown(Box<str>);

impl Unknown {
    #[doc(hidden)]
    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text as received.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A number that is none of an enumeration's documented values, kept verbatim.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct UnknownInteger(i64);

impl UnknownInteger {
    #[doc(hidden)]
    pub(crate) fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number as received.
    pub fn get(self) -> i64 {
        self.0
    }
}

impl std::fmt::Debug for UnknownInteger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
