//! Finds the field that a JSON key names.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, Visitor};

/// Finds a key among the names of fields; documents mostly have the order of the page.
pub(super) struct Key<'a> {
    pub names: &'a [&'static str],
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
        let (before, after) = self.names.split_at(self.next.min(self.names.len()));
        let at = |names: &[&str]| names.iter().position(|name| *name == key);
        Ok(at(after).map(|index| before.len() + index).or_else(|| at(before)))
    }
}
