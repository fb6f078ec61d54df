//! Fills an object of a generated type from the elements of a document, and records a deviation for each
//! element that does not fit.

use std::collections::{HashMap, HashSet};

use super::{Element, clean};
use crate::wire::deviation::FieldPath;
use crate::wire::json::read_json;
use crate::wire::kind::kind;
use crate::wire::read::Fill;
use crate::wire::reset::reset;
use crate::wire::text::{fill_numbered, fill_untyped, match_name, reset_numbered};
use crate::wire::{Json, List, Object, Slot, Value, names};

/// Fields that tell what went wrong. Some pages call them required, but no success has them all, so a
/// missing one is not a deviation.
const TELLS_A_FAILURE: [&str; 7] = [
    "return_msg",
    "result_msg",
    "err_code",
    "err_code_des",
    "error_code",
    "error_code_des",
    "error_msg",
];

/// Whether the elements report a failure: then those of a success are not to be expected.
fn is_failure(elements: &[Element]) -> bool {
    let is_code = |element: &&Element| matches!(&*element.name, "return_code" | "result_code");
    let mut codes = elements.iter().filter(is_code);
    codes.any(|code| !matches!(&*code.text, "" | "0" | "SUCCESS"))
}

/// Fills `object` from the elements of its level; those that it does not have are passed over.
pub(super) fn fill(object: &mut dyn Object, elements: &[Element], path: &FieldPath<'_>) {
    let mut by_name: HashMap<&str, Vec<&Element>> = HashMap::with_capacity(elements.len());
    for element in elements {
        by_name.entry(&element.name).or_default().push(element);
    }
    let failed = is_failure(elements);
    object.list_mut(&mut |list, values| {
        for (field, value) in names(list).iter().zip(values) {
            let value = &mut **value;
            if field.contains('$') {
                fill_family(field, value, elements, path);
            } else if let Some(found) = by_name.remove(field) {
                if fill_value(value, &found, &path.field(field)) != Fill::Filled {
                    reset(value);
                }
            } else if !failed && !value.is_optional() && !TELLS_A_FAILURE.contains(field) && !is_list(value) {
                path.field(field).deviates(kind(&value.slot()), "nothing");
            }
        }
    });
}

/// An empty list cannot be told from one that is missing.
fn is_list(value: &mut dyn Value) -> bool {
    matches!(value.slot(), Slot::List(_))
}

/// Fills a family of numbered names, `coupon_id_$n`. A number beyond the elements of the document
/// belongs to no genuine family, and would make lists longer than the document.
fn fill_family(field: &'static str, value: &mut dyn Value, elements: &[Element], path: &FieldPath<'_>) {
    let mut seen = HashSet::new();
    for element in elements {
        let Some(indices) = match_name(field, &element.name) else {
            continue;
        };
        let path = path.field(&element.name);
        if seen.contains(&indices) {
            path.deviates("one field", "the field twice");
            reset_numbered(value, &indices);
        } else if indices.iter().any(|index| *index > elements.len()) {
            path.deviates("a number up to the number of fields", "a higher one");
        } else {
            fill_numbered(value, &indices, &clean(&element.text), &path);
            seen.insert(indices);
        }
    }
}

/// Fills one field from the elements of its name. An optional field without content is absent: in a
/// signature, too, an empty value does not count.
fn fill_value(value: &mut dyn Value, found: &[&Element], path: &FieldPath<'_>) -> Fill {
    if let [only] = found {
        let is_json = only.children.is_empty() && only.text.trim_start().starts_with(['[', '{']);
        if value.is_optional() && only.text.is_empty() {
            return Fill::Null;
        }
        // APIv2 sends `{}` for no list at all.
        if is_json && is_list(value) && only.text.split_ascii_whitespace().eq(["{}"]) {
            return Fill::Null;
        }
        if is_json && is_list(value) {
            return read_json(&clean(&only.text), value.slot(), path);
        }
    }
    match (value.slot(), found) {
        (Slot::List(list), _) => fill_list(list, found, path),
        (_, [only]) => return fill_one(value, only, path),
        (slot, _) => {
            path.deviates(kind(&slot), "the field twice");
            return Fill::Misfit;
        }
    }
    Fill::Filled
}

fn fill_list(list: &mut dyn List, found: &[&Element], path: &FieldPath<'_>) {
    list.truncate(0);
    let mut length = 0;
    for (index, element) in found.iter().enumerate() {
        let item = list.item_mut(length);
        match fill_one(item, element, &path.index(index)) {
            Fill::Filled => length += 1,
            Fill::Null | Fill::Misfit => reset(item),
        }
    }
    list.truncate(length);
}

fn fill_one(value: &mut dyn Value, element: &Element, path: &FieldPath<'_>) -> Fill {
    if element.children.is_empty() {
        return match value.slot() {
            Slot::Object(object) if element.text.is_empty() => {
                fill(object, &[], path);
                Fill::Filled
            }
            slot => fill_untyped(slot, &clean(&element.text), path),
        };
    }
    match value.slot() {
        Slot::Object(object) | Slot::UrlEncoded(object) => fill(object, &element.children, path),
        Slot::JsonText(inner) => return fill_value(inner, &[element], path),
        Slot::Json(json) => *json = to_json(element),
        Slot::Text(text) => *text = clean(&element.text).into_owned(),
        slot => {
            path.deviates(kind(&slot), "elements");
            return Fill::Misfit;
        }
    }
    Fill::Filled
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
