//! Values that are received as text: elements of XML, fields of a form, JSON inside a string.

use super::deviation::Path;
use super::json::read_json;
use super::kind::{kind, kind_of_text};
use super::read::Fill;
use super::reset::reset;
use super::{Encrypted, Object, Slot, Value};

/// Fills `value` from text. What does not fit is recorded and leaves the value empty.
pub(super) fn fill_text(value: &mut dyn Value, text: &str, path: &Path<'_>) -> Fill {
    let filled = match value.slot() {
        Slot::Text(slot) => {
            text.clone_into(slot);
            true
        }
        Slot::Choice(slot) => {
            slot.choose(text);
            true
        }
        Slot::Encrypted(slot) => {
            *slot = Encrypted::from_ciphertext(text);
            true
        }
        Slot::Sealed(slot) => {
            slot.close(text);
            true
        }
        Slot::Json(slot) => {
            *slot = text.into();
            true
        }
        Slot::Integer(slot) => put(text.trim().parse(), |number| *slot = number),
        Slot::IntegerChoice(slot) => put(text.trim().parse(), |number| slot.choose(number)),
        Slot::Decimal(slot) => put(text.trim().parse(), |number| *slot = number),
        Slot::Boolean(slot) => return boolean(slot, text, path),
        Slot::JsonText(inner) => return json_text(inner, text, path),
        Slot::UrlEncoded(object) => {
            let pairs: Vec<_> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
            unflatten(object, &pairs, path);
            true
        }
        Slot::Object(_) | Slot::List(_) => return structure(value, text, path),
        Slot::File(_) => false,
    };
    if filled {
        return Fill::Filled;
    }
    path.deviates(kind(value), kind_of_text(text));
    reset(value);
    Fill::Misfit
}

fn put<T, E>(parsed: Result<T, E>, put: impl FnOnce(T)) -> bool {
    parsed.map(put).is_ok()
}

fn boolean(slot: &mut bool, text: &str, path: &Path<'_>) -> Fill {
    let documented = match text.trim() {
        "true" | "TRUE" => Some((true, true)),
        "false" | "FALSE" => Some((false, true)),
        "True" | "Y" | "y" | "YES" | "yes" | "1" => Some((true, false)),
        "False" | "N" | "n" | "NO" | "no" | "0" => Some((false, false)),
        _ => None,
    };
    if documented.is_none_or(|(_, documented)| !documented) {
        path.deviates("a boolean", kind_of_text(text));
    }
    match documented {
        Some((flag, _)) => {
            *slot = flag;
            Fill::Filled
        }
        None => Fill::Misfit,
    }
}

fn json_text(inner: &mut dyn Value, text: &str, path: &Path<'_>) -> Fill {
    if text.trim().is_empty() {
        path.deviates("JSON in text", "empty text");
        return Fill::Misfit;
    }
    match read_json(text.as_bytes(), inner, path) {
        Fill::Null => {
            path.deviates("JSON in text", "null");
            Fill::Misfit
        }
        fill => fill,
    }
}

/// An object or list that is received as JSON text; the only element of a list may be plain text.
fn structure(value: &mut dyn Value, text: &str, path: &Path<'_>) -> Fill {
    let begins = text.trim_start().as_bytes().first();
    if matches!(begins, Some(b'{' | b'[')) {
        return read_json(text.as_bytes(), value, path);
    }
    let mark = path.mark();
    if begins.is_some()
        && let Slot::List(list) = value.slot()
    {
        list.truncate(0);
        if fill_text(list.item_mut(0), text, path) == Fill::Filled {
            return Fill::Filled;
        }
        path.rewind(mark);
    }
    path.deviates(kind(value), kind_of_text(text));
    reset(value);
    Fill::Misfit
}

/// Fills `object` from the pairs of a form; names that it does not have are passed over.
fn unflatten(object: &mut dyn Object, pairs: &[(String, String)], path: &Path<'_>) {
    object.each_mut(|field, value| {
        let mut found = false;
        for (name, text) in pairs {
            let Some(indices) = match_name(field, name) else {
                continue;
            };
            fill_numbered(value, &indices, text, &path.field(name));
            found = true;
        }
        if !found && !value.is_optional() && !field.contains('$') {
            path.field(field).deviates(kind(value), "nothing");
        }
    });
}

/// Fills the element at `indices` of a family of numbered names; a name that repeats adds to a list.
pub(super) fn fill_numbered(value: &mut dyn Value, indices: &[usize], text: &str, path: &Path<'_>) -> Fill {
    match (value.slot(), indices) {
        (Slot::List(list), [index, rest @ ..]) => fill_numbered(list.item_mut(*index), rest, text, path),
        (Slot::List(list), []) => {
            let next = list.length();
            fill_text(list.item_mut(next), text, path)
        }
        _ => fill_text(value, text, path),
    }
}

/// The most elements that a family of numbered names may have.
const MOST_NUMBERED: usize = 1000;

/// The numbers in `name` if it is of the family `field`: `coupon_fee_$n_$m`, `coupon_fee_0_1` → 0, 1.
pub(super) fn match_name(field: &str, name: &str) -> Option<Vec<usize>> {
    let mut parts = field.split('$');
    let mut rest = name.strip_prefix(parts.next()?)?;
    let mut indices = Vec::new();
    for part in parts {
        let literal = part.get(1..)?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        indices.push(
            rest[..digits]
                .parse()
                .ok()
                .filter(|index| *index < MOST_NUMBERED)?,
        );
        rest = rest[digits..].strip_prefix(literal)?;
    }
    rest.is_empty().then_some(indices)
}
