//! Recorded traffic through the generated types, for logs, archives and tests.
//!
//! [`from_json`] and `from_xml` read as a call reads its response, and report the deviations. Nothing
//! is signed and nothing is verified here: what is received from the network belongs to
//! [`Client`](crate::Client).

mod shape;

use crate::error::Error;
use crate::wire::{self, Decoded, Mismatch, Upload};

/// What can be read from and written to a document: every generated struct.
pub use crate::wire::Object as Document;
pub use shape::{event_shape, response_shape};

/// Reads a JSON document into a generated type.
///
/// # Errors
/// When the text is not JSON, or not an object.
pub fn from_json<T: Document>(json: &[u8]) -> Result<Decoded<T>, Mismatch> {
    wire::decode_json(json)
}

/// Writes a value as JSON, as a call writes its request.
///
/// # Errors
/// When a field holds clear text that only a call would encrypt.
pub fn to_json<T: Document>(value: &T) -> Result<Vec<u8>, Error> {
    Ok(wire::to_json(value, &|_| true, None)?)
}

/// Reads an XML document into a generated type.
///
/// # Errors
/// When the document is not acceptable XML.
#[cfg(feature = "apiv2")]
pub fn from_xml<T: Document>(xml: &str) -> Result<Decoded<T>, Mismatch> {
    let mut value = T::blank();
    let filled = wire::xml::from_xml(xml.as_bytes(), &mut value)?;
    Ok(Decoded::new(value, filled.deviations))
}

/// The elements of an XML document by name, with their text; of nested ones, their source.
///
/// # Errors
/// When the document is not acceptable XML.
#[cfg(feature = "apiv2")]
pub fn elements(xml: &str) -> Result<Vec<(String, String)>, Mismatch> {
    Ok(wire::xml::from_xml(xml.as_bytes(), &mut wire::Empty {})?.fields)
}

/// Puts `file` where a request has one: recorded traffic holds everything but files.
pub fn attach<T: Document>(request: &mut T, file: &Upload) {
    (request as &mut dyn Document).each_mut(&mut |_, value| {
        if matches!(value.view(), wire::View::File(_))
            && let wire::Slot::File(slot) = value.slot()
        {
            slot.clone_from(file);
        }
    });
}

/// The fields of a value as they stand in an XML document, absent ones left out.
///
/// # Errors
/// When a field holds clear text that only a call would encrypt.
#[cfg(feature = "apiv2")]
pub fn fields<T: Document>(value: &T) -> Result<Vec<(String, String)>, Error> {
    Ok(wire::flatten(value, &|_| true, None)?)
}

/// An XML document of `fields`.
#[cfg(feature = "apiv2")]
pub fn to_xml(fields: &[(String, String)]) -> String {
    wire::xml::to_xml(fields)
}
