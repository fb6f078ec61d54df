//! Reads JSON text into values.

use super::deviation::{Decoded, Deviation, FieldPath, Found};
use super::kind::kind;
use super::mend::mended;
use super::read::{Fill, Reader};
use super::reset::reset;
use super::{Mismatch, Slot, Value};
use serde::de::DeserializeSeed;

/// Fills `value` from JSON text.
///
/// # Errors
/// When the text is not JSON, or the document is of another kind as a whole.
pub(crate) fn from_json(json: &[u8], value: &mut dyn Value) -> Result<Vec<Deviation>, Mismatch> {
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    match from_text(json, value) {
        Err(Unread::Text(error)) => {
            let error = || Mismatch::document(format!("not JSON: {error}"));
            let mended = mended(json).ok_or_else(error)?;
            reset(value);
            let mut deviations = from_text(&mended, value).map_err(|_| error())?;
            deviations.push(Deviation {
                path: String::new(),
                expected: "JSON",
                found: "JSON with text that it does not allow",
            });
            Ok(deviations)
        }
        Err(Unread::Kind(expected, found)) => {
            Err(Mismatch::document(format!("expected {expected}, found {found}")))
        }
        Ok(deviations) => Ok(deviations),
    }
}

/// Why a document cannot be read.
enum Unread {
    /// It is not JSON.
    Text(String),
    /// It is of another kind: the documented one, and the one that was received.
    Kind(&'static str, &'static str),
}

fn from_text(json: &[u8], value: &mut dyn Value) -> Result<Vec<Deviation>, Unread> {
    // Once for the document, which is faster than once for each text in it.
    let json = std::str::from_utf8(json).map_err(|error| Unread::Text(error.to_string()))?;
    let mut found = Found::default();
    let mut fill = read(json, value.slot(), &FieldPath::document(&found));
    if found.needs_digits() {
        reset(value);
        found = Found::with_digits();
        fill = read(json, value.slot(), &FieldPath::document(&found));
    }
    match (fill, found.refusal()) {
        (Ok(Fill::Filled), _) => Ok(found.into_deviations()),
        (Ok(Fill::Null | Fill::Misfit), _) => Err(Unread::Kind(kind(&value.slot()), "null")),
        (Err(_), Some((expected, found))) => Err(Unread::Kind(expected, found)),
        (Err(error), None) => Err(Unread::Text(error.to_string())),
    }
}

/// Fills a field from JSON text; text that is not JSON is a deviation.
pub(super) fn read_json(json: &str, slot: Slot<'_>, path: &FieldPath<'_>) -> Fill {
    let mark = path.mark();
    let expected = kind(&slot);
    read(json, slot, path).unwrap_or_else(|_| {
        path.rewind(mark);
        path.deviates(expected, "text that is not JSON");
        Fill::Misfit
    })
}

fn read(json: &str, slot: Slot<'_>, path: &FieldPath<'_>) -> Result<Fill, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let exact = true;
    let fill = Reader { slot, path, exact }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(fill)
}

/// A value from JSON text.
pub(crate) fn decode_json<T: Value>(json: &[u8]) -> Result<Decoded<T>, Mismatch> {
    let mut value = T::empty();
    let deviations = from_json(json, &mut value)?;
    Ok(Decoded::new(value, deviations))
}

/// A value from JSON text, boxed.
pub(crate) fn boxed_from_json<T: Value>(json: &[u8]) -> Result<Decoded<Box<T>>, Mismatch> {
    let mut value = Box::new(T::empty());
    let deviations = from_json(json, &mut *value)?;
    Ok(Decoded::new(value, deviations))
}
