//! Values of another kind than documented whose meaning is certain all the same: the only element of a
//! list without the list, a list of one, JSON that should be in text.

use serde::de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::deviation::FieldPath;
use super::json::read_json;
use super::kind::kind;
use super::read::{Fill, Reader, collect_map, fill_object, misfit};
use super::reset::reset;
use super::{List, Slot, Value};

impl Reader<'_, '_> {
    /// Takes a number of 64 bits without a fraction, or a boolean, where a list or JSON text is documented, else drops it.
    pub fn indirect<E: de::Error>(
        self,
        found: &'static str,
        read: impl FnOnce(Reader<'_, '_>) -> Result<Fill, E>,
    ) -> Result<Fill, E> {
        let Self { slot, path, exact } = self;
        let (expected, mark) = (kind(&slot), path.mark());
        let fill = match slot {
            Slot::List(list) => {
                list.truncate(0);
                let slot = list.item_mut(0).slot();
                read(Reader { slot, path, exact })?
            }
            Slot::JsonText(value) => {
                let slot = value.slot();
                read(Reader { slot, path, exact })?
            }
            _ => Fill::Misfit,
        };
        path.rewind(mark);
        if fill == Fill::Filled {
            path.deviates(expected, found);
            return Ok(fill);
        }
        misfit(path, expected, found)
    }

    /// Reads a list where none is documented: JSON that should be in text, or a list of one.
    pub fn only_element<'de, A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Fill, A::Error> {
        let Self { slot, path, exact } = self;
        let (expected, mark) = (kind(&slot), path.mark());
        if let Slot::JsonText(inner) = slot {
            path.deviates("JSON in text", "a list");
            let slot = inner.slot();
            return Reader { slot, path, exact }.visit_seq(sequence);
        }
        if path.is_document() {
            return misfit(path, expected, "a list");
        }
        let first = sequence.next_element_seed(Reader { slot, path, exact })?;
        let mut more = false;
        while sequence.next_element::<IgnoredAny>()?.is_some() {
            more = true;
        }
        if first == Some(Fill::Filled) && !more {
            path.deviates(expected, "a list");
            return Ok(Fill::Filled);
        }
        path.rewind(mark);
        misfit(path, expected, "a list")
    }

    /// Reads an object where none is documented: the only element of a list, a list under a name, or
    /// JSON that should be in text.
    pub fn object_elsewhere<'de, A: MapAccess<'de>>(self, mut map: A) -> Result<Fill, A::Error> {
        let Self { slot, path, exact } = self;
        let expected = kind(&slot);
        match slot {
            Slot::JsonText(inner) => {
                path.deviates("JSON in text", "an object");
                let slot = inner.slot();
                return Reader { slot, path, exact }.visit_map(map);
            }
            Slot::UrlEncoded(object) => {
                path.deviates("a form in text", "an object");
                fill_object(object, path, exact, &mut map)?;
                return Ok(Fill::Filled);
            }
            Slot::List(list) if !path.is_document() => {
                list.truncate(0);
                let members = members(&mut map, exact)?;
                return Ok(list_in_object(list, &members, path));
            }
            _ => {}
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        misfit(path, expected, "an object")
    }
}

/// An object where a list is documented: `{}` is an empty one, `{"name": […]}` holds the list unless
/// `name` is a field of its elements, and everything else is the only element.
///
/// A list in an object under the list's own name is not a deviation: APIv2 sends `promotion_detail` both ways.
fn list_in_object(list: &mut dyn List, members: &[(String, String)], path: &FieldPath<'_>) -> Fill {
    let deviates = || path.deviates("a list", "an object");
    if members.is_empty() {
        deviates();
        return Fill::Misfit;
    }
    if let [(name, json)] = members
        && let Ok(items) = serde_json::from_str::<Vec<Box<RawValue>>>(json)
    {
        let is_field = match list.item_mut(0).slot() {
            Slot::Object(object) => object.fields().iter().any(|(field, _)| field == name),
            _ => false,
        };
        list.truncate(0);
        if !is_field {
            if path.name() != Some(name) {
                deviates();
            }
            let path = path.field(name);
            for (index, item) in items.iter().enumerate() {
                read_again(list.item_mut(index), item.get(), &path.index(index));
            }
            return Fill::Filled;
        }
    }
    deviates();
    let member =
        |(name, json): &(String, String)| format!("{}:{json}", serde_json::Value::from(name.as_str()));
    let members: Vec<_> = members.iter().map(member).collect();
    let object = format!("{{{}}}", members.join(","));
    read_again(list.item_mut(0), &object, &path.index(0))
}

/// The members of an object as JSON text; with `exact`, digit for digit (`serde_json` only).
fn members<'de, A: MapAccess<'de>>(map: &mut A, exact: bool) -> Result<Vec<(String, String)>, A::Error> {
    if !exact {
        let members = collect_map(map)?.into_iter();
        return Ok(members.map(|(name, json)| (name, json.to_string())).collect());
    }
    let mut members = Vec::new();
    while let Some((name, json)) = map.next_entry::<String, Box<RawValue>>()? {
        members.push((name, json.get().to_owned()));
    }
    Ok(members)
}

fn read_again(value: &mut dyn Value, json: &str, path: &FieldPath<'_>) -> Fill {
    let fill = read_json(json, value.slot(), path);
    if fill != Fill::Filled {
        reset(value);
    }
    fill
}
