//! Every received JSON value is read through one visitor, whatever its type.
//!
//! Only text that is not JSON, and a document that is of another kind than documented as a whole, is
//! an error. Everything else is read as far as its meaning is certain, and recorded as a deviation.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::deviation::{Log, Path};
use super::key::Key;
use super::kind::{accepts_text, kind, kind_of_json};
use super::reset::reset;
use super::text::fill_text;
use super::{Json, List, Names, Object, Slot, Value};

/// For `serde::Deserialize` of a generated struct. It is as tolerant as reading a response is; the
/// deviations are dropped.
pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: Object>(deserializer: D) -> Result<T, D::Error> {
    let mut value = T::blank();
    let log = Log::default();
    let path = log.document();
    match Reader::new(&mut value, &path, false).deserialize(deserializer)? {
        Fill::Filled => Ok(value),
        Fill::Null | Fill::Misfit => Err(de::Error::custom("expected an object, found null")),
    }
}

/// A value that is being filled.
pub(super) struct Reader<'a> {
    pub value: &'a mut dyn Value,
    pub path: &'a Path<'a>,
    /// Decimals are read digit for digit (`serde_json` only).
    pub exact: bool,
    /// The value is such a decimal.
    decimal: bool,
}

impl<'a> Reader<'a> {
    pub fn new(value: &'a mut dyn Value, path: &'a Path<'a>, exact: bool) -> Self {
        let decimal = exact && value.is_decimal();
        Self {
            value,
            path,
            exact,
            decimal,
        }
    }
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
        if self.decimal {
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
    pub fn misfit<E: de::Error>(self, found: &'static str) -> Result<Fill, E> {
        let expected = kind(self.value);
        if self.path.is_document() {
            return Err(self.path.refuse(expected, found));
        }
        self.path.deviates(expected, found);
        Ok(Fill::Misfit)
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
    path: &Path<'_>,
    exact: bool,
    sequence: &mut A,
) -> Result<(), A::Error> {
    list.truncate(0);
    let mut length = 0;
    // One element more than there are is made to be filled, and removed at the end.
    for index in 0.. {
        let value = list.item_mut(length);
        let path = &path.index(index);
        let element = sequence.next_element_seed(Reader::new(&mut *value, path, exact))?;
        match element {
            None => break,
            Some(Fill::Filled) => length += 1,
            Some(Fill::Misfit) => reset(value),
            Some(Fill::Null) => {
                if !value.is_optional() {
                    path.deviates(kind(value), "null");
                }
                reset(value);
            }
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
    Twice,
}

/// Fills an object. Nobody knows which of two fields of one name counts, so neither does.
pub(super) fn fill_object<'de, A: MapAccess<'de>>(
    object: &mut dyn Object,
    path: &Path<'_>,
    exact: bool,
    map: &mut A,
) -> Result<(), A::Error> {
    let names = object.names();
    let mut result = Ok(());
    object.list_mut(&mut |values| result = fill_fields(names, values, path, exact, map));
    result
}

/// Objects with more fields keep what was received for them on the heap.
const FEW: usize = 64;

fn fill_fields<'de, A: MapAccess<'de>>(
    names: &Names,
    values: &mut [&mut dyn Value],
    path: &Path<'_>,
    exact: bool,
    map: &mut A,
) -> Result<(), A::Error> {
    let (names, special) = (names.get(), names.special(values));
    let (mut few, mut many) = ([Seen::Nothing; FEW], Vec::new());
    let seen = match few.get_mut(..values.len()) {
        Some(few) => few,
        None => {
            many.resize(values.len(), Seen::Nothing);
            &mut many[..]
        }
    };
    let (mut next, mut twice) = (0, false);
    while let Some(found) = map.next_key_seed(Key { names, next })? {
        let Some(at) = found else {
            map.next_value::<IgnoredAny>()?;
            continue;
        };
        next = at + 1;
        if seen[at] != Seen::Nothing {
            map.next_value::<IgnoredAny>()?;
            seen[at] = Seen::Twice;
            twice = true;
            continue;
        }
        let value = &mut *values[at];
        let path = &path.field(names[at]);
        let fill = map.next_value_seed(Reader {
            value: &mut *value,
            path,
            exact,
            decimal: exact && special.decimals.contains(&at),
        })?;
        seen[at] = Seen::Filled;
        match fill {
            Fill::Filled => {}
            Fill::Null if value.is_optional() => {}
            Fill::Null => path.deviates(kind(value), "null"),
            Fill::Misfit => reset(value),
        }
    }
    for at in special.required.iter().copied() {
        if seen[at] == Seen::Nothing {
            path.field(names[at]).deviates(kind(values[at]), "nothing");
        }
    }
    if twice {
        let fields = names.iter().zip(values).zip(seen);
        for ((name, value), _) in fields.filter(|(_, seen)| **seen == Seen::Twice) {
            path.field(name).deviates(kind(*value), "the field twice");
            reset(*value);
        }
    }
    Ok(())
}
