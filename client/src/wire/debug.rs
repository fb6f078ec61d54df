//! `Debug` of every generated struct, with encrypted fields redacted.

use std::fmt;

use super::{Object, Value, View};

/// Fields that are never shown: signatures, and keys that WeChat Pay hands out.
const SIGNATURES: [&str; 4] = ["sign", "paySign", "workwx_sign", "sandbox_signkey"];

/// Writes `object` as a struct named `name`, without its absent fields.
pub(crate) fn debug(name: &str, object: &dyn Object, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut out = f.debug_struct(name);
    for (field, value) in object.fields() {
        match value.view() {
            View::Absent => {}
            // Whoever reads the log could use it in the payer's place.
            View::Text(text) if SIGNATURES.contains(&field) && !text.is_empty() => {
                out.field(field, &format_args!("[redacted]"));
            }
            view => {
                out.field(field, &Shown(view));
            }
        }
    }
    out.finish()
}

struct Shown<'a>(View<'a>);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            View::Absent => f.write_str("None"),
            View::Text(text) => fmt::Debug::fmt(text, f),
            View::Sealed(seal) => fmt::Debug::fmt(seal.ciphertext(), f),
            View::Integer(number) => fmt::Debug::fmt(number, f),
            View::Decimal(number) => fmt::Debug::fmt(number, f),
            View::Boolean(flag) => fmt::Debug::fmt(flag, f),
            View::Object(object) => debug("", *object, f),
            View::UrlEncoded(object) => debug("", *object, f),
            View::List(list) => f
                .debug_list()
                .entries(list.items().map(|item| Shown(item.view())))
                .finish(),
            View::Json(json) => fmt::Debug::fmt(json, f),
            View::Encrypted(text) => fmt::Debug::fmt(text, f),
            View::File(file) => fmt::Debug::fmt(file, f),
            View::JsonText(value) => fmt::Debug::fmt(&Shown(Value::view(*value)), f),
        }
    }
}
