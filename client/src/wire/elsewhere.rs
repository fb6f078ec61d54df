//! Values of another kind than documented whose meaning is certain all the same: the only element of a
//! list without the list, a list of one, JSON that should be in text.

use serde::de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::deviation::Path;
use super::json::read_json;
use super::kind::kind;
use super::read::{Fill, Reader, collect_map, fill_object};
use super::{Json, List, Slot, Value};

impl Reader<'_> {
    /// Takes a number or boolean where a list or JSON text is documented, else drops it.
    pub fn indirect<E: de::Error>(
        self,
        found: &'static str,
        read: impl FnOnce(Reader<'_>) -> Result<Fill, E>,
    ) -> Result<Fill, E> {
        let Self {
            value, path, exact, ..
        } = self;
        let mark = path.mark();
        let fill = match value.slot() {
            Slot::List(list) => {
                list.truncate(0);
                let value = list.item_mut(0);
                read(Reader::new(value, path, exact))?
            }
            Slot::JsonText(value) => read(Reader::new(value, path, exact))?,
            _ => Fill::Misfit,
        };
        path.rewind(mark);
        if fill == Fill::Filled {
            path.deviates(kind(value), found);
            return Ok(fill);
        }
        Reader::new(value, path, exact).misfit(found)
    }

    /// Reads a list where none is documented: JSON that should be in text, or a list of one.
    pub fn only_element<'de, A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Fill, A::Error> {
        let Self {
            value, path, exact, ..
        } = self;
        if let Slot::JsonText(inner) = value.slot() {
            path.deviates("JSON in text", "a list");
            let value = inner;
            return Reader::new(value, path, exact).visit_seq(sequence);
        }
        if path.is_document() {
            return Reader::new(value, path, exact).misfit("a list");
        }
        let mark = path.mark();
        let first = sequence.next_element_seed(Reader::new(&mut *value, path, exact))?;
        let mut more = false;
        while sequence.next_element::<IgnoredAny>()?.is_some() {
            more = true;
        }
        if first == Some(Fill::Filled) && !more {
            path.deviates(kind(value), "a list");
            return Ok(Fill::Filled);
        }
        path.rewind(mark);
        Reader::new(value, path, exact).misfit("a list")
    }

    /// Reads an object where none is documented: the only element of a list, a list under a name, or
    /// JSON that should be in text.
    pub fn object_elsewhere<'de, A: MapAccess<'de>>(self, mut map: A) -> Result<Fill, A::Error> {
        let Self {
            value, path, exact, ..
        } = self;
        match value.slot() {
            Slot::JsonText(inner) => {
                path.deviates("JSON in text", "an object");
                let value = inner;
                return Reader::new(value, path, exact).visit_map(map);
            }
            Slot::UrlEncoded(object) => {
                path.deviates("a form in text", "an object");
                fill_object(object, path, exact, &mut map)?;
                return Ok(Fill::Filled);
            }
            Slot::List(list) if !path.is_document() => {
                path.deviates("a list", "an object");
                list.truncate(0);
                let json = collect_map(&mut map)?;
                return Ok(list_in_object(list, json, path));
            }
            _ => {}
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Reader::new(value, path, exact).misfit("an object")
    }
}

/// An object where a list is documented: `{}` is an empty one, `{"name": […]}` holds the list unless
/// `name` is a field of its elements, and everything else is the only element.
fn list_in_object(list: &mut dyn List, json: serde_json::Map<String, Json>, path: &Path<'_>) -> Fill {
    if json.is_empty() {
        return Fill::Misfit;
    }
    let wrapped = json.len() == 1 && json.values().all(Json::is_array);
    if wrapped && let Some((name, Json::Array(items))) = json.iter().next() {
        let is_field = match list.item_mut(0).slot() {
            Slot::Object(object) => object.names().get().contains(&name.as_str()),
            _ => false,
        };
        list.truncate(0);
        if !is_field {
            let path = path.field(name);
            for (index, item) in items.iter().enumerate() {
                read_again(list.item_mut(index), item, &path.index(index));
            }
            return Fill::Filled;
        }
    }
    read_again(list.item_mut(0), &Json::Object(json), &path.index(0))
}

fn read_again(value: &mut dyn Value, json: &Json, path: &Path<'_>) -> Fill {
    match serde_json::to_vec(json) {
        Ok(text) => read_json(&text, value, path),
        Err(_) => Fill::Misfit,
    }
}
