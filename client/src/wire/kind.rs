//! The words for kinds of values in deviations and errors.

use super::Slot;

/// The documented kind of the values that `slot` takes.
pub(super) fn kind(slot: &Slot<'_>) -> &'static str {
    match slot {
        Slot::Text(_) | Slot::Choice(_) | Slot::Encrypted(_) | Slot::Sealed(_) => "text",
        Slot::JsonText(_) => "JSON in text",
        Slot::UrlEncoded(_) => "a form in text",
        Slot::Integer(_) | Slot::IntegerChoice(_) => "an integer",
        Slot::Decimal(_) => "a number",
        Slot::Boolean(_) => "a boolean",
        Slot::Object(_) => "an object",
        Slot::List(_) => "a list",
        Slot::Json(_) => "JSON",
        Slot::File(_) => "a file",
    }
}

/// Whether text is what a value of this kind travels as.
pub(super) fn accepts_text(slot: &Slot<'_>) -> bool {
    match slot {
        Slot::Text(_) | Slot::Choice(_) | Slot::Encrypted(_) | Slot::Sealed(_) => true,
        Slot::JsonText(_) | Slot::UrlEncoded(_) | Slot::Json(_) => true,
        Slot::Integer(_) | Slot::IntegerChoice(_) | Slot::Decimal(_) | Slot::Boolean(_) => false,
        Slot::Object(_) | Slot::List(_) | Slot::File(_) => false,
    }
}

/// The kind of a JSON value, by its text.
pub(super) fn kind_of_json(json: &str) -> &'static str {
    match json.bytes().next() {
        Some(b'"') => kind_of_text(json.trim_matches('"')),
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// The kind of a text: empty, or not.
pub(super) fn kind_of_text(text: &str) -> &'static str {
    if text.trim().is_empty() {
        "empty text"
    } else {
        "text"
    }
}
