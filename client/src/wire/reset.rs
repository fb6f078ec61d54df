//! Empties a value that was filled in part, or that must not be trusted.

use super::{Decimal, Encrypted, Json, Object, Slot, Value};

/// Makes `value` absent if it is optional, else empty.
pub(super) fn reset(value: &mut dyn Value) {
    if value.is_optional() {
        return value.clear();
    }
    match value.slot() {
        Slot::Text(slot) => slot.clear(),
        Slot::Choice(slot) => slot.choose(""),
        Slot::Integer(slot) => *slot = 0,
        Slot::IntegerChoice(slot) => slot.choose(0),
        Slot::Decimal(slot) => *slot = Decimal::from(0),
        Slot::Boolean(slot) => *slot = false,
        Slot::Object(object) | Slot::UrlEncoded(object) => reset_fields(object),
        Slot::List(list) => list.truncate(0),
        Slot::Json(slot) => *slot = Json::Null,
        Slot::Encrypted(slot) => *slot = Encrypted::from_ciphertext(""),
        Slot::JsonText(inner) => reset(inner),
        Slot::Sealed(seal) => seal.close(""),
        Slot::File(_) => {}
    }
}

fn reset_fields(object: &mut dyn Object) {
    object.each_mut(&mut |_, value| reset(value));
}
