//! Finds the field that a JSON key names.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, Visitor};

use super::names::Names;

/// Finds a key among the names of fields.
pub(super) struct Key<'a> {
    pub names: &'a Names,
    /// The field after the one before.
    pub next: usize,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Option<usize>, E> {
        Ok(self.names.position(key, self.next))
    }
}
