//! Every received JSON value is read through one visitor, whatever its type.
//!
//! Only text that is not JSON, and a document that is of another kind than documented as a whole, is
//! an error. Everything else is read as far as its meaning is certain, and recorded as a deviation.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::deviation::FieldPath;
use super::key::Key;
use super::kind::{accepts_text, kind};
use super::names::Names;
use super::reset::reset;
use super::text::fill_text;
use super::{Json, List, Object, Slot, Value, names};

/// For `serde::Deserialize` of a generated struct. It is as tolerant as reading a response is; the
/// deviations are dropped.
#[cfg(feature = "serde")]
pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: Object>(deserializer: D) -> Result<T, D::Error> {
    let mut value = T::blank();
    let found = super::deviation::Found::default();
    let reader = Reader {
        slot: value.slot(),
        path: &FieldPath::document(&found),
        exact: false,
    };
    match reader.deserialize(deserializer)? {
        Fill::Filled => Ok(value),
        Fill::Null | Fill::Misfit => Err(de::Error::custom("expected an object, found null")),
    }
}

/// A value that is being filled. Who made it empties the value again unless it is [`Fill::Filled`].
pub(super) struct Reader<'s, 'p> {
    pub slot: Slot<'s>,
    pub path: &'p FieldPath<'p>,
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

impl<'de> DeserializeSeed<'de> for Reader<'_, '_> {
    type Value = Fill;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fill, D::Error> {
        let digits = self.exact
            && match self.slot {
                Slot::Decimal(_) => true,
                Slot::Text(_) | Slot::Choice(_) => self.path.reads_digits(),
                _ => false,
            };
        if digits {
            let raw = <Box<RawValue> as de::Deserialize>::deserialize(deserializer)?;
            return self.raw(raw.get()).map_err(de::Error::custom);
        }
        deserializer.deserialize_any(self)
    }
}

impl Reader<'_, '_> {
    /// The value is not of the documented kind, and is dropped. A whole document is refused.
    fn misfit<E: de::Error>(self, found: &'static str) -> Result<Fill, E> {
        misfit(self.path, kind(&self.slot), found)
    }

    /// Takes text where the documented kind is not plain text.
    fn text<E: de::Error>(self, text: &str) -> Result<Fill, E> {
        let Self { slot, path, .. } = self;
        let expected = kind(&slot);
        let documented = accepts_text(&slot);
        let is_boolean = matches!(slot, Slot::Boolean(_));
        let mark = path.mark();
        if path.is_document() && !documented {
            return Err(path.refuse(expected, "text"));
        }
        let fill = fill_text(slot, text, path);
        let recorded = is_boolean && path.mark() > mark;
        if fill == Fill::Filled && !documented && !recorded {
            path.deviates(expected, "text");
        }
        Ok(fill)
    }
}

/// Records that a value is dropped; refuses a whole document.
pub(super) fn misfit<E: de::Error>(
    path: &FieldPath<'_>,
    expected: &'static str,
    found: &'static str,
) -> Result<Fill, E> {
    if path.is_document() {
        return Err(path.refuse(expected, found));
    }
    path.deviates(expected, found);
    Ok(Fill::Misfit)
}

impl<'de> Visitor<'de> for Reader<'_, '_> {
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
        match self.slot {
            Slot::Text(slot) => *slot = text.to_owned(),
            Slot::Choice(slot) => slot.choose(text),
            _ => return self.text(text),
        }
        Ok(Fill::Filled)
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Fill, E> {
        match self.slot {
            Slot::Boolean(slot) => *slot = flag,
            Slot::Json(slot) => *slot = flag.into(),
            Slot::Text(slot) => {
                *slot = flag.to_string();
                self.path.deviates("text", "a boolean");
            }
            Slot::Choice(slot) => {
                slot.choose(if flag { "true" } else { "false" });
                self.path.deviates("text", "a boolean");
            }
            _ => return self.indirect("a boolean", |reader| reader.visit_bool(flag)),
        }
        Ok(Fill::Filled)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Fill, E> {
        match self.slot {
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
        match self.slot {
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
        let whole = exact && number.fract() == 0.0;
        match self.slot {
            Slot::Integer(slot) if whole => *slot = number as i64,
            Slot::IntegerChoice(slot) if whole => slot.choose(number as i64),
            Slot::Json(slot) => *slot = number.into(),
            Slot::Decimal(slot) if exact && let Ok(number) = number.to_string().parse() => *slot = number,
            Slot::Text(_) | Slot::Choice(_) if self.exact => {
                self.path.needs_digits();
                return Ok(Fill::Misfit);
            }
            Slot::Text(slot) if exact => {
                *slot = number.to_string();
                self.path.deviates("text", "a number");
            }
            _ => return self.misfit("a number with a fraction"),
        }
        Ok(Fill::Filled)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Fill, A::Error> {
        match self.slot {
            Slot::List(list) => fill_list(list, self.path, self.exact, &mut sequence)?,
            Slot::Json(slot) => *slot = collect(&mut sequence)?,
            _ => return self.only_element(sequence),
        }
        Ok(Fill::Filled)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fill, A::Error> {
        match self.slot {
            Slot::Object(object) => fill_object(object, self.path, self.exact, &mut map)?,
            Slot::Json(slot) => *slot = collect_map(&mut map)?.into(),
            _ => return self.object_elsewhere(map),
        }
        Ok(Fill::Filled)
    }
}

fn collect<'de, A: SeqAccess<'de>>(sequence: &mut A) -> Result<Json, A::Error> {
    let mut items: Vec<Json> = Vec::new();
    while let Some(item) = sequence.next_element()? {
        items.push(item);
    }
    Ok(items.into())
}

pub(super) fn collect_map<'de, A: MapAccess<'de>>(
    map: &mut A,
) -> Result<serde_json::Map<String, Json>, A::Error> {
    let mut json = serde_json::Map::new();
    while let Some((name, value)) = map.next_entry()? {
        json.insert(name, value);
    }
    Ok(json)
}

/// Fills a list; an element that does not fit is left out.
fn fill_list<'de, A: SeqAccess<'de>>(
    list: &mut dyn List,
    path: &FieldPath<'_>,
    exact: bool,
    sequence: &mut A,
) -> Result<(), A::Error> {
    list.truncate(0);
    let mut length = 0;
    for index in 0.. {
        let element = Element {
            list: &mut *list,
            length,
            path: &path.index(index),
            exact,
        };
        match sequence.next_element_seed(element)? {
            None => break,
            Some(Fill::Filled) => length += 1,
            Some(Fill::Misfit | Fill::Null) => reset(list.item_mut(length)),
        }
    }
    list.truncate(length);
    Ok(())
}

/// The element of a list that comes after `length` others. It is made once it is there.
struct Element<'a> {
    list: &'a mut dyn List,
    length: usize,
    path: &'a FieldPath<'a>,
    exact: bool,
}

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = Fill;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fill, D::Error> {
        let Self { path, exact, .. } = self;
        let value = self.list.item_mut(self.length);
        let slot = value.slot();
        let fill = Reader { slot, path, exact }.deserialize(deserializer)?;
        if fill == Fill::Null && !value.is_optional() {
            path.deviates(kind(&value.slot()), "null");
        }
        Ok(fill)
    }
}

/// What was received for a field.
#[derive(Clone, Copy, PartialEq)]
enum Seen {
    Nothing,
    Filled,
    Dropped,
    Twice,
}

/// Fills an object.
pub(super) fn fill_object<'de, A: MapAccess<'de>>(
    object: &mut dyn Object,
    path: &FieldPath<'_>,
    exact: bool,
    map: &mut A,
) -> Result<(), A::Error> {
    let mut result = Ok(());
    object.list_mut(&mut |list, values| result = fill_fields(names(list), values, path, exact, map));
    result
}

/// The number of fields whose state needs no allocation.
const FEW: usize = 64;

/// Fills the fields of an object. Of a field that is there twice, it is unknown which one counts, so
/// neither does.
fn fill_fields<'de, A: MapAccess<'de>>(
    names: &Names,
    values: &mut [&mut dyn Value],
    path: &FieldPath<'_>,
    exact: bool,
    map: &mut A,
) -> Result<(), A::Error> {
    let (mut few, mut many);
    let seen = match values.len() {
        length @ ..=FEW => {
            few = [Seen::Nothing; FEW];
            &mut few[..length]
        }
        length => {
            many = vec![Seen::Nothing; length];
            &mut many[..]
        }
    };
    let mut next = 0;
    while let Some(found) = map.next_key_seed(Key { names, next })? {
        let Some(at) = found else {
            map.next_value::<IgnoredAny>()?;
            continue;
        };
        next = at + 1;
        if seen[at] != Seen::Nothing {
            map.next_value::<IgnoredAny>()?;
            seen[at] = Seen::Twice;
            continue;
        }
        let value = &mut *values[at];
        let path = &path.field(names[at]);
        let slot = value.slot();
        seen[at] = match map.next_value_seed(Reader { slot, path, exact })? {
            Fill::Filled => Seen::Filled,
            fill => {
                if fill == Fill::Null && !value.is_optional() {
                    path.deviates(kind(&value.slot()), "null");
                }
                reset(value);
                Seen::Dropped
            }
        };
    }
    for ((name, value), seen) in names.iter().zip(values).zip(seen) {
        match seen {
            Seen::Filled | Seen::Dropped => {}
            Seen::Nothing if value.is_optional() => {}
            Seen::Nothing => path.field(name).deviates(kind(&value.slot()), "nothing"),
            Seen::Twice => {
                path.field(name).deviates(kind(&value.slot()), "the field twice");
                reset(&mut **value);
            }
        }
    }
    Ok(())
}
