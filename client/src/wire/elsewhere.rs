//! Values of another kind than documented whose meaning is certain all the same: the only element of a
//! list without the list, a list of one, JSON that should be in text.

use serde::de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::deviation::FieldPath;
use super::json::read_json;
use super::kind::kind;
use super::read::{Fill, Reader, collect_map, fill_object, misfit};
use super::reset::reset;
use super::{Json, List, Slot, Value};

impl Reader<'_, '_> {
    /// Takes a number or boolean where a list or JSON text is documented, else drops it.
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
                let json = collect_map(&mut map)?;
                return Ok(list_in_object(list, json, path));
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
fn list_in_object(list: &mut dyn List, json: serde_json::Map<String, Json>, path: &FieldPath<'_>) -> Fill {
    let deviates = || path.deviates("a list", "an object");
    if json.is_empty() {
        deviates();
        return Fill::Misfit;
    }
    let wrapped = json.len() == 1 && json.values().all(Json::is_array);
    if wrapped && let Some((name, Json::Array(items))) = json.iter().next() {
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
                read_again(list.item_mut(index), item, &path.index(index));
            }
            return Fill::Filled;
        }
    }
    deviates();
    read_again(list.item_mut(0), &Json::Object(json), &path.index(0))
}

fn read_again(value: &mut dyn Value, json: &Json, path: &FieldPath<'_>) -> Fill {
    let fill = match serde_json::to_vec(json) {
        Ok(text) => read_json(&text, value.slot(), path),
        Err(_) => Fill::Misfit,
    };
    if fill != Fill::Filled {
        reset(value);
    }
    fill
}
