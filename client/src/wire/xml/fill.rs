//! From elements to fields: in go the elements of a document and an object of the generated kind, out
//! comes the object filled, or where and why an element does not fit.

use std::collections::HashMap;

use super::{Element, clean, problem};
use crate::wire::flat::{fill_text, match_name};
use crate::wire::{Json, List, Mismatch, Object, Slot, Value, from_json};

/// Fields that tell what went wrong: some pages call them required, and no success has them all.
/// Without them, they are left empty.
const TELLS_A_FAILURE: [&str; 6] = [
    "return_msg",
    "result_msg",
    "err_code",
    "err_code_des",
    "error_code",
    "error_code_des",
];

pub(super) fn twice<T>(name: &str) -> Result<T, Mismatch> {
    Err(Mismatch {
        path: name.to_owned(),
        problem: "the field is there twice".to_owned(),
    })
}

/// Puts `step` before the path of what went wrong inside it.
fn inside<T>(step: &str, result: Result<T, Mismatch>) -> Result<T, Mismatch> {
    result.map_err(|inner| Mismatch {
        path: match inner.path.as_str() {
            "" => step.to_owned(),
            path if path.starts_with('[') => format!("{step}{path}"),
            path => format!("{step}.{path}"),
        },
        problem: inner.problem,
    })
}

/// Fills `object` from the elements of its level; those that it does not have are passed over.
pub(super) fn fill(object: &mut dyn Object, elements: &[Element]) -> Result<(), Mismatch> {
    let mut by_name: HashMap<&str, Vec<&Element>> = HashMap::with_capacity(elements.len());
    for element in elements {
        by_name.entry(&element.name).or_default().push(element);
    }
    for (field, value) in object.fields_mut() {
        if field.contains('$') {
            fill_family(field, value, elements)?;
        } else if let Some(found) = by_name.remove(field) {
            inside(field, fill_value(value, &found))?;
        } else if !value.is_optional() && !TELLS_A_FAILURE.contains(&field) && !is_list(value) {
            return inside(field, problem("required, but missing"));
        }
    }
    match by_name.iter().find(|(_, found)| found.len() > 1) {
        Some((name, _)) => twice(name),
        None => Ok(()),
    }
}

/// An empty list cannot be told from one that is missing.
fn is_list(value: &mut dyn Value) -> bool {
    matches!(value.slot(), Slot::List(_))
}

/// Fills a family of numbered names, `coupon_id_$n`. A number beyond the elements of the document
/// belongs to no honest family, and would make lists longer than the document.
fn fill_family(field: &'static str, value: &mut dyn Value, elements: &[Element]) -> Result<(), Mismatch> {
    for element in elements {
        let Some(indices) = match_name(field, &element.name) else {
            continue;
        };
        if indices.iter().any(|index| *index > elements.len()) {
            return inside(
                &element.name,
                problem("its number is higher than there are fields"),
            );
        }
        let result = fill_at(value.slot(), &indices, &element.text);
        inside(&element.name, result.or_else(problem))?;
    }
    Ok(())
}

fn fill_at(slot: Slot<'_>, indices: &[usize], text: &str) -> Result<(), String> {
    match (slot, indices) {
        (Slot::List(list), [index, rest @ ..]) => fill_at(list.item_mut(*index).slot(), rest, text),
        (slot, []) => fill_scalar(slot, text),
        _ => Err("expected no number".to_owned()),
    }
}

/// Fills one field from the elements of its name. An optional field without content is absent: in a
/// signature, too, an empty value is none.
fn fill_value(value: &mut dyn Value, found: &[&Element]) -> Result<(), Mismatch> {
    if let [only] = found {
        if value.is_optional() && only.text.is_empty() {
            return Ok(());
        }
        let is_json = only.children.is_empty() && only.text.trim_start().starts_with('[');
        if is_json && is_list(value) {
            return from_json(clean(&only.text).as_bytes(), value);
        }
    }
    match (value.slot(), found) {
        (Slot::List(list), _) => fill_list(list, found),
        (_, [only]) => fill_one(value, only),
        _ => problem("the field is there twice"),
    }
}

fn fill_list(list: &mut dyn List, found: &[&Element]) -> Result<(), Mismatch> {
    list.truncate(0);
    for (index, element) in found.iter().enumerate() {
        inside(&format!("[{index}]"), fill_one(list.item_mut(index), element))?;
    }
    Ok(())
}

fn fill_one(value: &mut dyn Value, element: &Element) -> Result<(), Mismatch> {
    if element.children.is_empty() {
        return match value.slot() {
            Slot::Object(_) if !element.text.is_empty() => from_json(clean(&element.text).as_bytes(), value),
            Slot::Object(object) => fill(object, &[]),
            slot => fill_scalar(slot, &element.text).or_else(problem),
        };
    }
    match value.slot() {
        Slot::Object(object) | Slot::UrlEncoded(object) => fill(object, &element.children),
        Slot::JsonText(inner) => fill_value(inner, &[element]),
        Slot::Json(json) => {
            *json = to_json(element);
            Ok(())
        }
        Slot::Text(text) => {
            *text = clean(&element.text).into_owned();
            Ok(())
        }
        _ => problem("expected text, found elements"),
    }
}

fn fill_scalar(slot: Slot<'_>, text: &str) -> Result<(), String> {
    let text = clean(text);
    let text = match slot {
        Slot::Integer(_) | Slot::IntegerChoice(_) | Slot::Decimal(_) | Slot::Boolean(_) => text.trim(),
        _ => &text,
    };
    fill_text(slot, text)
}

/// Elements as JSON: text, or an object whose repeated names are lists.
fn to_json(element: &Element) -> Json {
    if element.children.is_empty() {
        return clean(&element.text).into();
    }
    let mut object = serde_json::Map::new();
    for child in &element.children {
        let json = to_json(child);
        match object.get_mut(&child.name) {
            None => {
                object.insert(child.name.clone(), json);
            }
            Some(Json::Array(items)) => items.push(json),
            Some(first) => *first = Json::Array(vec![first.take(), json]),
        }
    }
    object.into()
}
