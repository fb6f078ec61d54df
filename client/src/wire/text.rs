//! Values that are received as text: elements of XML, fields of a form, JSON inside a string.

use super::deviation::FieldPath;
use super::json::read_json;
use super::kind::{kind, kind_of_text};
use super::read::Fill;
use super::reset::reset;
use super::{Encrypted, Object, Slot, Value, names};

/// Fills a value from text. What does not fit is recorded; the caller empties the value.
pub(super) fn fill_text(slot: Slot<'_>, text: &str, path: &FieldPath<'_>) -> Fill {
    let expected = kind(&slot);
    let filled = match slot {
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
        Slot::Integer(slot) => whole(text).map(|number| *slot = number).is_some(),
        Slot::IntegerChoice(slot) => whole(text).map(|number| slot.choose(number)).is_some(),
        Slot::Decimal(slot) => text.trim().parse().map(|number| *slot = number).is_ok(),
        Slot::Boolean(slot) => return boolean(slot, text, path),
        Slot::JsonText(inner) => return json_text(inner, text, path),
        Slot::UrlEncoded(object) => {
            let pairs: Vec<_> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
            unflatten(object, &pairs, path);
            true
        }
        slot @ (Slot::Object(_) | Slot::List(_)) => return structure(slot, text, path),
        Slot::File(_) => false,
    };
    if filled {
        return Fill::Filled;
    }
    path.deviates(expected, kind_of_text(text));
    Fill::Misfit
}

/// A whole number, with or without a fraction of zeros.
fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    let (digits, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_whole = !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0');
    is_whole.then(|| digits.parse().ok()).flatten()
}

fn boolean(slot: &mut bool, text: &str, path: &FieldPath<'_>) -> Fill {
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

fn json_text(inner: &mut dyn Value, text: &str, path: &FieldPath<'_>) -> Fill {
    if text.trim().is_empty() {
        path.deviates("JSON in text", "empty text");
        return Fill::Misfit;
    }
    match read_json(text, inner.slot(), path) {
        Fill::Null => {
            path.deviates("JSON in text", "null");
            Fill::Misfit
        }
        fill => fill,
    }
}

/// An object or list that is received as JSON text; the only element of a list may be plain text.
fn structure(slot: Slot<'_>, text: &str, path: &FieldPath<'_>) -> Fill {
    let begins = text.trim_start().as_bytes().first();
    if matches!(begins, Some(b'{' | b'[')) {
        return read_json(text, slot, path);
    }
    let (expected, mark) = (kind(&slot), path.mark());
    if begins.is_some()
        && let Slot::List(list) = slot
    {
        list.truncate(0);
        if fill_text(list.item_mut(0).slot(), text, path) == Fill::Filled {
            return Fill::Filled;
        }
        path.rewind(mark);
    }
    path.deviates(expected, kind_of_text(text));
    Fill::Misfit
}

/// Fills `object` from the pairs of a form; names that it does not have are passed over.
fn unflatten(object: &mut dyn Object, pairs: &[(String, String)], path: &FieldPath<'_>) {
    object.list_mut(&mut |list, values| {
        for (field, value) in names(list).iter().zip(values) {
            let value = &mut **value;
            let single = !field.contains('$') && !matches!(value.slot(), Slot::List(_));
            let mut found = false;
            for (name, text) in pairs {
                let Some(indices) = match_name(field, name) else {
                    continue;
                };
                let path = path.field(name);
                if found && single {
                    path.deviates(kind(&value.slot()), "the field twice");
                    reset(value);
                } else {
                    fill_numbered(value, &indices, text, &path);
                }
                found = true;
            }
            if !found && !value.is_optional() && !field.contains('$') {
                path.field(field).deviates(kind(&value.slot()), "nothing");
            }
        }
    });
}

/// Fills the element at `indices` of a family of numbered names; a name that repeats adds to a list.
pub(super) fn fill_numbered(value: &mut dyn Value, indices: &[usize], text: &str, path: &FieldPath<'_>) {
    match (value.slot(), indices) {
        (Slot::List(list), [index, rest @ ..]) => {
            return fill_numbered(list.item_mut(*index), rest, text, path);
        }
        (Slot::List(list), []) => {
            let next = list.length();
            return fill_numbered(list.item_mut(next), &[], text, path);
        }
        _ => {}
    }
    if fill_untyped(value.slot(), text, path) != Fill::Filled {
        reset(value);
    }
}

/// Empties the element at `indices` of a family of numbered names.
pub(super) fn reset_numbered(value: &mut dyn Value, indices: &[usize]) {
    if let (Slot::List(list), [index, rest @ ..]) = (value.slot(), indices) {
        return reset_numbered(list.item_mut(*index), rest);
    }
    reset(value);
}

/// [`fill_text`] of a format that knows nothing but text. `1.00` may mean yuan where fen are documented, so a
/// whole number with a fraction is a deviation.
pub(super) fn fill_untyped(slot: Slot<'_>, text: &str, path: &FieldPath<'_>) -> Fill {
    let fraction = matches!(slot, Slot::Integer(_) | Slot::IntegerChoice(_)) && text.contains('.');
    let fill = fill_text(slot, text, path);
    if fraction && fill == Fill::Filled {
        path.deviates("an integer", "a number with a fraction");
    }
    fill
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
