//! Recorded traffic of APIv2 through the generated types, for logs, archives and tests.
//!
//! JSON needs nothing of its own: the types implement `serde::Serialize` and `Deserialize`. XML comes
//! in through [`from_xml`] and goes out through [`fields`] and [`to_xml`]. Nothing is signed and
//! nothing is verified here: what comes from the network belongs to [`Client`](crate::Client).

use crate::error::Error;
use crate::wire::{self, Mismatch, Upload};

/// What can be read from and written to a document: every generated struct.
pub use crate::wire::Object as Document;

/// Reads an XML document into a generated type.
///
/// # Errors
/// Where the document is not acceptable XML, or does not fit the type.
pub fn from_xml<T: Document>(xml: &str) -> Result<T, Mismatch> {
    let mut value = T::blank();
    wire::xml::from_xml(xml.as_bytes(), &mut value)?;
    Ok(value)
}

/// The elements of an XML document by name, those that hold text and nothing else.
///
/// # Errors
/// Where the document is not acceptable XML.
pub fn elements(xml: &str) -> Result<Vec<(String, String)>, Mismatch> {
    wire::xml::from_xml(xml.as_bytes(), &mut wire::Empty {})
}

/// Puts `file` where a request has one: recorded traffic holds everything but files.
pub fn attach<T: Document>(request: &mut T, file: &Upload) {
    for (_, value) in (request as &mut dyn Document).fields_mut() {
        if matches!(value.view(), wire::View::File(_))
            && let wire::Slot::File(slot) = value.slot()
        {
            slot.clone_from(file);
        }
    }
}

/// The fields of a value as they stand in an XML document, absent ones left out.
///
/// # Errors
/// Where a field holds clear text that only a call would encrypt.
pub fn fields<T: Document>(value: &T) -> Result<Vec<(String, String)>, Error> {
    Ok(wire::flatten(value, &|_| true, None)?)
}

/// An XML document of `fields`.
pub fn to_xml(fields: &[(String, String)]) -> String {
    wire::xml::to_xml(fields)
}
