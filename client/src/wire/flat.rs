//! Flat text forms: query strings, form parts, and the parameters of APIv2.

use super::write::{How, Out};
use super::{Encrypt, Object, Slot, View, WriteError};

/// One parameter on its way out.
pub(crate) type FlatField = (String, String);

/// The fields of `object` that `keep` names, as text, in page order.
///
/// A list repeats its name; a family of numbered names (`coupon_id_$n`) gives one name per element;
/// an object that has no other form goes as JSON text.
pub(crate) fn flatten(
    object: &dyn Object,
    keep: &dyn Fn(&str) -> bool,
    encrypt: Option<&dyn Encrypt>,
) -> Result<Vec<FlatField>, WriteError> {
    let mut out = Vec::new();
    for (name, value) in object.fields() {
        if keep(name) {
            flatten_one(name, value.view(), encrypt, &mut out)?;
        }
    }
    Ok(out)
}

fn flatten_one(
    name: &str,
    view: View<'_>,
    encrypt: Option<&dyn Encrypt>,
    out: &mut Vec<FlatField>,
) -> Result<(), WriteError> {
    if let View::List(list) = view {
        for (index, item) in list.items().into_iter().enumerate() {
            flatten_one(&numbered(name, index), item.view(), encrypt, out)?;
        }
        return Ok(());
    }
    if let Some(text) = to_text(view, encrypt)? {
        out.push((name.to_owned(), text));
    }
    Ok(())
}

/// Puts `index` in the place of the first variable of a numbered name.
fn numbered(name: &str, index: usize) -> String {
    let variable = if name.contains("$n") { "$n" } else { "$m" };
    name.replacen(variable, &index.to_string(), 1)
}

/// A single value as text; `None` when it is absent.
pub(super) fn to_text(view: View<'_>, encrypt: Option<&dyn Encrypt>) -> Result<Option<String>, WriteError> {
    Ok(Some(match view {
        View::Absent | View::File(_) => return Ok(None),
        View::Text(text) => text.to_owned(),
        View::Sealed(seal) => seal.ciphertext().to_owned(),
        View::Integer(number) => number.to_string(),
        View::Decimal(number) => number.to_string(),
        View::Boolean(flag) => flag.to_string(),
        View::UrlEncoded(object) => form(&flatten(object, &|_| true, encrypt)?),
        view => {
            let is_text = matches!(view, View::Encrypted(_) | View::JsonText(_));
            let how = How {
                encrypt,
                exact: true,
                ..How::default()
            };
            let json = serde_json::to_value(Out { view, how: &how });
            if let Some(failure) = how.failure.into_inner() {
                return Err(failure);
            }
            match json.map_err(|error| WriteError::Invalid(error.to_string()))? {
                serde_json::Value::String(text) if is_text => text,
                json => json.to_string(),
            }
        }
    }))
}

/// `a=1&b=2`, percent-encoded.
pub(crate) fn form(pairs: &[FlatField]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// Fills `object` from `pairs`; names that it does not have are passed over.
pub(crate) fn unflatten(object: &mut dyn Object, pairs: &[FlatField]) -> Result<(), super::Mismatch> {
    for (field, value) in object.fields_mut() {
        let mut found = false;
        for (name, text) in pairs {
            let Some(indices) = match_name(field, name) else {
                continue;
            };
            fill_at(value.slot(), &indices, text).map_err(|problem| super::Mismatch {
                path: name.clone(),
                problem,
            })?;
            found = true;
        }
        if !found && !value.is_optional() && !field.contains('$') {
            return Err(super::Mismatch {
                path: field.to_owned(),
                problem: "required, but missing".to_owned(),
            });
        }
    }
    Ok(())
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

fn fill_at(slot: Slot<'_>, indices: &[usize], text: &str) -> Result<(), String> {
    match (slot, indices) {
        (Slot::List(list), [index, rest @ ..]) => fill_at(list.item_mut(*index).slot(), rest, text),
        (Slot::List(list), []) => {
            let next = list.items().len();
            fill_at(list.item_mut(next).slot(), &[], text)
        }
        (slot, _) => fill_text(slot, text),
    }
}

/// Puts a value that came as text where it goes.
pub(super) fn fill_text(slot: Slot<'_>, text: &str) -> Result<(), String> {
    match slot {
        Slot::Text(slot) => *slot = text.to_owned(),
        Slot::Choice(slot) => slot.choose(text),
        Slot::Encrypted(slot) => *slot = super::Encrypted::from_ciphertext(text),
        Slot::Sealed(slot) => slot.close(text),
        Slot::Json(slot) => *slot = text.into(),
        Slot::Integer(slot) => *slot = integer(text)?,
        Slot::IntegerChoice(slot) => slot.choose(integer(text)?),
        Slot::Decimal(slot) => {
            *slot = text
                .parse()
                .map_err(|_| "expected a number, found text".to_owned())?
        }
        Slot::Boolean(slot) => {
            *slot = match text {
                "true" | "TRUE" => true,
                "false" | "FALSE" => false,
                _ => return Err("expected true or false, found text".to_owned()),
            }
        }
        Slot::JsonText(value) => {
            super::from_json(text.as_bytes(), value).map_err(|inner| format!("in its JSON text, {inner}"))?
        }
        Slot::UrlEncoded(object) => {
            let pairs: Vec<_> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
            unflatten(object, &pairs).map_err(|inner| format!("in its form text, {inner}"))?;
        }
        Slot::File(_) => return Err("expected no file, found text".to_owned()),
        Slot::Object(_) => return Err("expected an object, found text".to_owned()),
        Slot::List(_) => return Err("expected a list, found text".to_owned()),
    }
    Ok(())
}

fn integer(text: &str) -> Result<i64, String> {
    text.parse()
        .map_err(|_| "expected a whole number, found text".to_owned())
}
