//! Finds the field that a JSON key names.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, Visitor};

use super::Value;

/// Finds a key among the fields; documents mostly come in the order of the table.
pub(super) struct Key<'a, 'b> {
    pub fields: &'a [(&'static str, &'b mut dyn Value)],
    pub next: usize,
}

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_, '_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Option<usize>, E> {
        let (before, after) = self.fields.split_at(self.next.min(self.fields.len()));
        let at = |fields: &[(&'static str, &mut dyn Value)]| fields.iter().position(|(name, _)| *name == key);
        Ok(at(after).map(|index| before.len() + index).or_else(|| at(before)))
    }
}
