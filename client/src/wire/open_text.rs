//! Texts of a set that the documentation leaves open.

use std::fmt;

use super::{Slot, Value, View};

/// A value of an open set of texts of which none is documented, verbatim.
///
/// It has the functions of the generated enumerations, and generated code gives it a name of its own
/// (`pub type State = OpenText;`). When values are documented, that name becomes an enumeration, and code that
/// uses these functions still compiles.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenText(Box<str>);

impl OpenText {
    /// The value as it is written on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for OpenText {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for OpenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Value for OpenText {
    fn view(&self) -> View<'_> {
        View::Text(&self.0)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::Choice(self)
    }
    fn empty() -> Self {
        Self::from("")
    }
}
