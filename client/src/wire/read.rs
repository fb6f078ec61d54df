//! Every received JSON value is read through one visitor, whatever its type.
//!
//! Only text that is not JSON, and a document that is of another kind than documented as a whole, is
//! an error. Everything else is read as far as its meaning is certain, and recorded as a deviation.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::deviation::{FieldPath, Step};
use super::json::read_json;
use super::kind::{accepts_text, kind, kind_of_json};
use super::reset::reset;
use super::text::fill_text;
use super::{Json, List, Object, Slot, Value};

/// For `serde::Deserialize` of a generated struct. It is as tolerant as reading a response is; the
/// deviations are dropped.
pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: Object>(deserializer: D) -> Result<T, D::Error> {
    let mut value = T::blank();
    let path = FieldPath::default();
    let reader = Reader {
        value: &mut value,
        path: &path,
        exact: false,
    };
    match reader.deserialize(deserializer)? {
        Fill::Filled => Ok(value),
        Fill::Null | Fill::Misfit => Err(de::Error::custom("expected an object, found null")),
    }
}

/// A value that is being filled.
pub(super) struct Reader<'a> {
    pub value: &'a mut dyn Value,
    pub path: &'a FieldPath,
    /// Decimals are read digit for digit (`serde_json` only).
    pub exact: bool,
}

/// What became of a received value.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Fill {
    /// It is in its place.
    Filled,
    /// It was `null`.
    Null,
    /// It does not fit. The deviation is recorded; the place may be filled in part.
    Misfit,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Fill;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fill, D::Error> {
        if self.exact && self.value.is_decimal() {
            let raw = <Box<RawValue> as de::Deserialize>::deserialize(deserializer)?;
            return Ok(self.raw_decimal(raw.get()));
        }
        deserializer.deserialize_any(self)
    }
}

impl Reader<'_> {
    fn raw_decimal(self, raw: &str) -> Fill {
        if raw == "null" {
            return Fill::Null;
        }
        let found = kind_of_json(raw);
        match (self.value.slot(), raw.trim_matches('"').trim().parse()) {
            (Slot::Decimal(slot), Ok(number)) => *slot = number,
            _ => {
                self.path.deviates("a number", found);
                return Fill::Misfit;
            }
        }
        if raw.starts_with('"') {
            self.path.deviates("a number", found);
        }
        Fill::Filled
    }

    /// The value is not of the documented kind, and is dropped. A whole document is refused.
    fn misfit<E: de::Error>(self, found: &'static str) -> Result<Fill, E> {
        let expected = kind(self.value);
        if self.path.is_document() {
            return Err(self.path.refuse(expected, found));
        }
        self.path.deviates(expected, found);
        Ok(Fill::Misfit)
    }

    /// Takes a number or boolean where a list or JSON text is documented, else drops it.
    fn indirect<E: de::Error>(
        self,
        found: &'static str,
        read: impl FnOnce(Reader<'_>) -> Result<Fill, E>,
    ) -> Result<Fill, E> {
        let Self { value, path, exact } = self;
        let mark = path.mark();
        let fill = match value.slot() {
            Slot::List(list) => {
                list.truncate(0);
                let value = list.item_mut(0);
                read(Reader { value, path, exact })?
            }
            Slot::JsonText(value) => read(Reader { value, path, exact })?,
            _ => Fill::Misfit,
        };
        path.rewind(mark);
        if fill == Fill::Filled {
            path.deviates(kind(value), found);
            return Ok(fill);
        }
        Reader { value, path, exact }.misfit(found)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Fill;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a documented value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Fill, E> {
        Ok(Fill::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Fill, E> {
        Ok(Fill::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fill, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Fill, E> {
        match self.value.slot() {
            Slot::Text(slot) => text.clone_into(slot),
            Slot::Choice(slot) => slot.choose(text),
            slot => {
                let documented = accepts_text(&slot);
                let is_boolean = matches!(slot, Slot::Boolean(_));
                let mark = self.path.mark();
                if self.path.is_document() && !documented {
                    return self.misfit("text");
                }
                let fill = fill_text(self.value, text, self.path);
                let recorded = is_boolean && self.path.mark() > mark;
                if fill == Fill::Filled && !documented && !recorded {
                    self.path.deviates(kind(self.value), "text");
                }
                return Ok(fill);
            }
        }
        Ok(Fill::Filled)
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Fill, E> {
        match self.value.slot() {
            Slot::Boolean(slot) => *slot = flag,
            Slot::Json(slot) => *slot = flag.into(),
            Slot::Text(slot) => {
                *slot = flag.to_string();
                self.path.deviates("text", "a boolean");
            }
            _ => return self.indirect("a boolean", |reader| reader.visit_bool(flag)),
        }
        Ok(Fill::Filled)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Fill, E> {
        match self.value.slot() {
            Slot::Integer(slot) => *slot = number,
            Slot::IntegerChoice(slot) => slot.choose(number),
            Slot::Decimal(slot) => *slot = number.into(),
            Slot::Json(slot) => *slot = number.into(),
            Slot::Text(slot) => {
                *slot = number.to_string();
                self.path.deviates("text", "a number");
            }
            Slot::Choice(slot) => {
                slot.choose(&number.to_string());
                self.path.deviates("text", "a number");
            }
            Slot::Boolean(slot) if matches!(number, 0 | 1) => {
                *slot = number == 1;
                self.path.deviates("a boolean", "a number");
            }
            _ => return self.indirect("a number", |reader| reader.visit_i64(number)),
        }
        Ok(Fill::Filled)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Fill, E> {
        if let Ok(number) = i64::try_from(number) {
            return self.visit_i64(number);
        }
        match self.value.slot() {
            Slot::Json(slot) => *slot = number.into(),
            Slot::Text(slot) => {
                *slot = number.to_string();
                self.path.deviates("text", "a number");
            }
            _ => return self.misfit("a number beyond 64 bits with sign"),
        }
        Ok(Fill::Filled)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Fill, E> {
        // Below 2^53 a float has every digit that was written.
        let exact = number.abs() < 9_007_199_254_740_992.0;
        match self.value.slot() {
            Slot::Integer(slot) if exact && number.fract() == 0.0 => *slot = number as i64,
            Slot::Json(slot) => *slot = number.into(),
            Slot::Decimal(slot) if exact && let Ok(number) = number.to_string().parse() => *slot = number,
            Slot::Text(slot) if exact => {
                *slot = number.to_string();
                self.path.deviates("text", "a number");
            }
            _ => return self.misfit("a number with a fraction"),
        }
        Ok(Fill::Filled)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Fill, A::Error> {
        match self.value.slot() {
            Slot::List(list) => fill_list(list, self.path, self.exact, &mut sequence)?,
            Slot::Json(slot) => *slot = collect(&mut sequence)?,
            _ => return self.only_element(sequence),
        }
        Ok(Fill::Filled)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fill, A::Error> {
        match self.value.slot() {
            Slot::Object(object) => fill_object(object, self.path, self.exact, &mut map)?,
            Slot::Json(slot) => *slot = collect_map(&mut map)?.into(),
            _ => return self.object_elsewhere(map),
        }
        Ok(Fill::Filled)
    }
}

impl Reader<'_> {
    /// Reads a list where none is documented: JSON that should be in text, or a list of one.
    fn only_element<'de, A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Fill, A::Error> {
        let Self { value, path, exact } = self;
        if let Slot::JsonText(inner) = value.slot() {
            path.deviates("JSON in text", "a list");
            let value = inner;
            return Reader { value, path, exact }.visit_seq(sequence);
        }
        if path.is_document() {
            return Reader { value, path, exact }.misfit("a list");
        }
        let mark = path.mark();
        let first = sequence.next_element_seed(Reader {
            value: &mut *value,
            path,
            exact,
        })?;
        let mut more = false;
        while sequence.next_element::<IgnoredAny>()?.is_some() {
            more = true;
        }
        if first == Some(Fill::Filled) && !more {
            path.deviates(kind(value), "a list");
            return Ok(Fill::Filled);
        }
        path.rewind(mark);
        Reader { value, path, exact }.misfit("a list")
    }

    /// Reads an object where none is documented: the only element of a list, a list under a name, or
    /// JSON that should be in text.
    fn object_elsewhere<'de, A: MapAccess<'de>>(self, mut map: A) -> Result<Fill, A::Error> {
        let Self { value, path, exact } = self;
        match value.slot() {
            Slot::JsonText(inner) => {
                path.deviates("JSON in text", "an object");
                let value = inner;
                return Reader { value, path, exact }.visit_map(map);
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
        Reader { value, path, exact }.misfit("an object")
    }
}

/// An object where a list is documented: `{}` is an empty one, `{"name": […]}` holds the list unless
/// `name` is a field of its elements, and everything else is the only element.
fn list_in_object(list: &mut dyn List, json: serde_json::Map<String, Json>, path: &FieldPath) -> Fill {
    if json.is_empty() {
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
            return path.step(Step::Field(name.clone().into()), || {
                for (index, item) in items.iter().enumerate() {
                    path.step(Step::Index(index), || {
                        read_again(list.item_mut(index), item, path)
                    });
                }
                Fill::Filled
            });
        }
    }
    path.step(Step::Index(0), || {
        read_again(list.item_mut(0), &Json::Object(json), path)
    })
}

fn read_again(value: &mut dyn Value, json: &Json, path: &FieldPath) -> Fill {
    match serde_json::to_vec(json) {
        Ok(text) => read_json(&text, value, path),
        Err(_) => Fill::Misfit,
    }
}

fn collect<'de, A: SeqAccess<'de>>(sequence: &mut A) -> Result<Json, A::Error> {
    let mut items: Vec<Json> = Vec::new();
    while let Some(item) = sequence.next_element()? {
        items.push(item);
    }
    Ok(items.into())
}

fn collect_map<'de, A: MapAccess<'de>>(map: &mut A) -> Result<serde_json::Map<String, Json>, A::Error> {
    let mut json = serde_json::Map::new();
    while let Some((name, value)) = map.next_entry()? {
        json.insert(name, value);
    }
    Ok(json)
}

/// Fills a list; an element that does not fit is left out.
fn fill_list<'de, A: SeqAccess<'de>>(
    list: &mut dyn List,
    path: &FieldPath,
    exact: bool,
    sequence: &mut A,
) -> Result<(), A::Error> {
    list.truncate(0);
    let mut length = 0;
    // One element more than there are is made to be filled, and removed at the end.
    for index in 0.. {
        let value = list.item_mut(length);
        let element = path.step(Step::Index(index), || {
            let fill = sequence.next_element_seed(Reader {
                value: &mut *value,
                path,
                exact,
            })?;
            if fill == Some(Fill::Null) && !value.is_optional() {
                path.deviates(kind(value), "null");
            }
            Ok(fill)
        })?;
        match element {
            None => break,
            Some(Fill::Filled) => length += 1,
            Some(Fill::Misfit | Fill::Null) => reset(value),
        }
    }
    list.truncate(length);
    Ok(())
}

/// What was received for a field.
#[derive(Clone, Copy, PartialEq)]
enum Seen {
    Nothing,
    Filled,
    Dropped,
    Twice,
}

/// Fills an object. Nobody knows which of two fields of one name counts, so neither does.
fn fill_object<'de, A: MapAccess<'de>>(
    object: &mut dyn Object,
    path: &FieldPath,
    exact: bool,
    map: &mut A,
) -> Result<(), A::Error> {
    let mut fields = object.fields_mut();
    let mut seen = vec![Seen::Nothing; fields.len()];
    let mut next = 0;
    while let Some(found) = map.next_key_seed(Key {
        fields: &fields,
        next,
    })? {
        let Some(at) = found else {
            map.next_value::<IgnoredAny>()?;
            continue;
        };
        next = at + 1;
        let (name, value) = &mut fields[at];
        if seen[at] != Seen::Nothing {
            map.next_value::<IgnoredAny>()?;
            seen[at] = Seen::Twice;
            continue;
        }
        let value = &mut **value;
        seen[at] = path.field(name, || {
            Ok(
                match map.next_value_seed(Reader {
                    value: &mut *value,
                    path,
                    exact,
                })? {
                    Fill::Filled => Seen::Filled,
                    Fill::Null if value.is_optional() => Seen::Dropped,
                    Fill::Null => {
                        path.deviates(kind(value), "null");
                        Seen::Dropped
                    }
                    Fill::Misfit => {
                        reset(value);
                        Seen::Dropped
                    }
                },
            )
        })?;
    }
    for ((name, value), seen) in fields.iter_mut().zip(seen) {
        match seen {
            Seen::Filled | Seen::Dropped => {}
            Seen::Nothing if value.is_optional() => {}
            Seen::Nothing => path.field(name, || path.deviates(kind(&mut **value), "nothing")),
            Seen::Twice => path.field(name, || {
                path.deviates(kind(&mut **value), "the field twice");
                reset(&mut **value);
            }),
        }
    }
    Ok(())
}

/// Finds a key among the fields; documents mostly come in the order of the table.
struct Key<'a, 'b> {
    fields: &'a [(&'static str, &'b mut dyn Value)],
    next: usize,
}

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_, '_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Option<usize>, E> {
        let (before, after) = self.fields.split_at(self.next.min(self.fields.len()));
        let at = |fields: &[(&'static str, &mut dyn Value)]| fields.iter().position(|(name, _)| *name == key);
        Ok(at(after).map(|index| before.len() + index).or_else(|| at(before)))
    }
}
