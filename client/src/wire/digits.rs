//! Numbers whose digits count: decimals, and numbers where text is documented.

use serde::Deserializer as _;

use super::Slot;
use super::kind::{kind, kind_of_json};
use super::read::{Fill, Reader};

impl Reader<'_, '_> {
    /// Takes a value with its digits as they are written.
    pub fn raw(self, raw: &str) -> Result<Fill, serde_json::Error> {
        let is_number = raw.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        let (expected, found) = (kind(&self.slot), kind_of_json(raw));
        match self.slot {
            _ if raw == "null" => return Ok(Fill::Null),
            Slot::Text(slot) if is_number => raw.clone_into(slot),
            Slot::Choice(slot) if is_number => slot.choose(raw),
            Slot::Text(_) | Slot::Choice(_) => {
                return serde_json::Deserializer::from_str(raw).deserialize_any(self);
            }
            Slot::Decimal(slot) if let Ok(number) = raw.trim_matches('"').trim().parse() => {
                *slot = number;
                if is_number {
                    return Ok(Fill::Filled);
                }
            }
            _ => {
                self.path.deviates(expected, found);
                return Ok(Fill::Misfit);
            }
        }
        self.path.deviates(expected, found);
        Ok(Fill::Filled)
    }
}
