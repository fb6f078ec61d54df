//! JSON in and out.

use super::deviation::{Decoded, Deviation, Log, Path};
use super::kind::kind;
use super::read::{Fill, Reader};
use super::reset::reset;
use super::write::{How, Out};
use super::{Encrypt, Mismatch, Object, Value, View, WriteError};
use serde::de::DeserializeSeed;

/// The fields of `object` that `keep` names, as JSON text.
pub(crate) fn to_json(
    object: &dyn Object,
    keep: &dyn Fn(&str) -> bool,
    encrypt: &dyn Encrypt,
) -> Result<Vec<u8>, WriteError> {
    let how = How {
        encrypt: Some(encrypt),
        exact: true,
        ..How::default()
    };
    let written = serde_json::to_vec(&Out {
        keep: Some(keep),
        ..Out::new(View::Object(object), &how)
    });
    match (written, how.failure.into_inner()) {
        (Ok(json), _) => Ok(json),
        (Err(_), Some(failure)) => Err(failure),
        (Err(error), None) => Err(WriteError::Invalid(error.to_string())),
    }
}

/// Fills `value` from JSON text.
///
/// # Errors
/// When the text is not JSON, or the document is of another kind as a whole.
pub(crate) fn from_json(json: &[u8], value: &mut dyn Value) -> Result<Vec<Deviation>, Mismatch> {
    let log = Log::default();
    match read(json, value, &log.document()) {
        Ok(Fill::Filled) => Ok(log.into_deviations()),
        Ok(Fill::Null | Fill::Misfit) => Err(Mismatch::document(format!(
            "expected {}, found null",
            kind(value)
        ))),
        Err(error) => Err(match log.refusal() {
            Some((expected, found)) => Mismatch::document(format!("expected {expected}, found {found}")),
            None => Mismatch::document(format!("not JSON: {error}")),
        }),
    }
}

/// Fills a field from JSON text; text that is not JSON is a deviation.
pub(super) fn read_json(json: &[u8], value: &mut dyn Value, path: &Path<'_>) -> Fill {
    let mark = path.mark();
    let fill = read(json, value, path);
    if let Ok(fill @ (Fill::Filled | Fill::Null)) = fill {
        return fill;
    }
    if fill.is_err() {
        path.rewind(mark);
        path.deviates(kind(value), "text that is not JSON");
    }
    reset(value);
    Fill::Misfit
}

fn read(json: &[u8], value: &mut dyn Value, path: &Path<'_>) -> Result<Fill, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let fill = Reader::new(value, path, true).deserialize(&mut deserializer)?;
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
