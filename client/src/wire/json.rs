//! JSON in and out.

use super::read::{Fill, In, Trail};
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
        keep: Some(keep),
        exact: true,
        ..How::default()
    };
    let written = serde_json::to_vec(&Out {
        view: View::Object(object),
        how: &how,
    });
    match (written, how.failure.into_inner()) {
        (Ok(json), _) => Ok(json),
        (Err(_), Some(failure)) => Err(failure),
        (Err(error), None) => Err(WriteError::Invalid(error.to_string())),
    }
}

/// Fills `value` from JSON text.
pub(crate) fn from_json(json: &[u8], value: &mut dyn Value) -> Result<(), Mismatch> {
    let trail = Trail::default();
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let read = In { value, trail: &trail }
        .deserialize(&mut deserializer)
        .and_then(|fill| deserializer.end().map(|()| fill));
    match read {
        Ok(Fill::Filled) => Ok(()),
        Ok(Fill::Null) => Err(Mismatch {
            path: String::new(),
            problem: "null".to_owned(),
        }),
        Err(error) => {
            let problem = trail.problem.take();
            Err(Mismatch {
                path: trail.path(),
                problem: problem.unwrap_or_else(|| format!("not JSON: {error}")),
            })
        }
    }
}

/// A value from JSON text, boxed.
pub(crate) fn boxed_from_json<T: Value>(json: &[u8]) -> Result<Box<T>, Mismatch> {
    let mut value = Box::new(T::empty());
    from_json(json, &mut *value)?;
    Ok(value)
}
