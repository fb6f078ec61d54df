//! On the way in every value is read through one visitor, whatever its type.

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Mismatch, Object, Slot, Value};

/// For `serde::Deserialize` of a generated struct.
pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: Object>(deserializer: D) -> Result<T, D::Error> {
    let mut value = T::blank();
    let trail = Trail {
        exact: false,
        ..Trail::default()
    };
    match (In {
        value: &mut value,
        trail: &trail,
    })
    .deserialize(deserializer)
    {
        Ok(Fill::Filled) => Ok(value),
        Ok(Fill::Null) => Err(de::Error::custom("expected an object, found null")),
        Err(error) => Err(match trail.problem.take() {
            Some(problem) => de::Error::custom(Mismatch {
                path: trail.path(),
                problem,
            }),
            None => error,
        }),
    }
}

/// Where reading stands, for the messages.
pub(super) struct Trail {
    steps: RefCell<Vec<Step>>,
    /// The innermost problem; what serde carries is only its echo.
    pub problem: RefCell<Option<String>>,
    /// Decimals are read digit for digit (`serde_json` only).
    pub exact: bool,
}

enum Step {
    Field(&'static str),
    Index(usize),
}

impl Default for Trail {
    fn default() -> Self {
        Self {
            steps: RefCell::default(),
            problem: RefCell::default(),
            exact: true,
        }
    }
}

impl Trail {
    pub fn path(&self) -> String {
        let mut path = String::new();
        for step in self.steps.borrow().iter() {
            match step {
                Step::Field(name) if path.is_empty() => path.push_str(name),
                Step::Field(name) => path.extend([".", name]),
                Step::Index(index) => path.push_str(&format!("[{index}]")),
            }
        }
        path
    }

    /// Runs `read` one step deeper; the step stays when it fails.
    fn step<T, E>(&self, step: Step, read: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.steps.borrow_mut().push(step);
        let result = read()?;
        self.steps.borrow_mut().pop();
        Ok(result)
    }

    fn fail<T, E: de::Error>(&self, problem: impl fmt::Display) -> Result<T, E> {
        let problem = problem.to_string();
        let error = E::custom(&problem);
        self.problem.borrow_mut().get_or_insert(problem);
        Err(error)
    }
}

/// A value on its way in.
pub(super) struct In<'a> {
    pub value: &'a mut dyn Value,
    pub trail: &'a Trail,
}

/// Whether anything but `null` came.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Fill {
    Filled,
    Null,
}

impl<'de> DeserializeSeed<'de> for In<'_> {
    type Value = Fill;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fill, D::Error> {
        if self.trail.exact && self.value.is_decimal() {
            let raw = <Box<RawValue> as de::Deserialize>::deserialize(deserializer)?;
            return self.raw_decimal(raw.get());
        }
        deserializer.deserialize_any(self)
    }
}

impl In<'_> {
    fn raw_decimal<E: de::Error>(self, raw: &str) -> Result<Fill, E> {
        if raw == "null" {
            return Ok(Fill::Null);
        }
        let text = raw.trim_matches('"');
        match (self.value.slot(), text.parse()) {
            (Slot::Decimal(slot), Ok(number)) => *slot = number,
            _ => return self.trail.fail("expected a number"),
        }
        Ok(Fill::Filled)
    }

    fn expected(slot: &Slot<'_>) -> &'static str {
        match slot {
            Slot::Text(_) | Slot::Choice(_) | Slot::Encrypted(_) | Slot::Sealed(_) => "text",
            Slot::JsonText(_) => "JSON inside text",
            Slot::UrlEncoded(_) => "form-encoded text",
            Slot::Integer(_) | Slot::IntegerChoice(_) => "a whole number",
            Slot::Decimal(_) => "a number",
            Slot::Boolean(_) => "true or false",
            Slot::Object(_) => "an object",
            Slot::List(_) => "a list",
            Slot::Json(_) => "JSON",
            Slot::File(_) => "no file",
        }
    }
}

impl<'de> Visitor<'de> for In<'_> {
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
        let trail = self.trail;
        match super::flat::fill_text(self.value.slot(), text) {
            Ok(()) => Ok(Fill::Filled),
            Err(problem) => trail.fail(problem),
        }
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Fill, E> {
        match self.value.slot() {
            Slot::Boolean(slot) => *slot = flag,
            Slot::Json(slot) => *slot = flag.into(),
            Slot::Text(slot) => *slot = flag.to_string(),
            other => {
                return self.trail.fail(format_args!(
                    "expected {}, found a boolean",
                    Self::expected(&other)
                ));
            }
        }
        Ok(Fill::Filled)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Fill, E> {
        match self.value.slot() {
            Slot::Integer(slot) => *slot = number,
            Slot::IntegerChoice(slot) => slot.choose(number),
            Slot::Decimal(slot) => *slot = number.into(),
            Slot::Json(slot) => *slot = number.into(),
            Slot::Text(slot) => *slot = number.to_string(),
            Slot::Choice(slot) => slot.choose(&number.to_string()),
            other => {
                return self.trail.fail(format_args!(
                    "expected {}, found a number",
                    Self::expected(&other)
                ));
            }
        }
        Ok(Fill::Filled)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Fill, E> {
        match (i64::try_from(number), self.value.slot()) {
            (Err(_), Slot::Json(slot)) => *slot = number.into(),
            (Err(_), Slot::Text(slot)) => *slot = number.to_string(),
            (Err(_), _) => return self.trail.fail("expected a number of at most 64 bits with sign"),
            (Ok(number), _) => return self.visit_i64(number),
        }
        Ok(Fill::Filled)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Fill, E> {
        // Below 2^53 a float without a fraction is exactly the integer that was meant.
        if number.fract() == 0.0
            && number.abs() < 9_007_199_254_740_992.0
            && let Slot::Integer(slot) = self.value.slot()
        {
            *slot = number as i64;
            return Ok(Fill::Filled);
        }
        match self.value.slot() {
            Slot::Json(slot) => *slot = number.into(),
            Slot::Text(slot) => *slot = number.to_string(),
            Slot::Decimal(slot) => match number.to_string().parse() {
                Ok(number) => *slot = number,
                Err(error) => return self.trail.fail(error),
            },
            other => {
                return self.trail.fail(format_args!(
                    "expected {}, found a number with a fraction",
                    Self::expected(&other)
                ));
            }
        }
        Ok(Fill::Filled)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Fill, A::Error> {
        let trail = self.trail;
        match self.value.slot() {
            Slot::List(list) => {
                list.truncate(0);
                let mut index = 0;
                // One element more than there are is made to be filled, and taken back at the end.
                while let Some(fill) = {
                    let value = list.item_mut(index);
                    trail.step(Step::Index(index), || {
                        sequence.next_element_seed(In { value, trail })
                    })?
                } {
                    if fill == Fill::Filled {
                        index += 1;
                    }
                }
                list.truncate(index);
            }
            Slot::Json(slot) => *slot = collect(&mut sequence)?,
            other => return trail.fail(format_args!("expected {}, found a list", Self::expected(&other))),
        }
        Ok(Fill::Filled)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fill, A::Error> {
        let trail = self.trail;
        match self.value.slot() {
            Slot::Object(object) => fill_object(object, trail, &mut map)?,
            Slot::Json(slot) => {
                let mut json = serde_json::Map::new();
                while let Some((name, value)) = map.next_entry()? {
                    json.insert(name, value);
                }
                *slot = json.into();
            }
            other => {
                return trail.fail(format_args!(
                    "expected {}, found an object",
                    Self::expected(&other)
                ));
            }
        }
        Ok(Fill::Filled)
    }
}

fn collect<'de, A: SeqAccess<'de>>(sequence: &mut A) -> Result<super::Json, A::Error> {
    let mut items: Vec<super::Json> = Vec::new();
    while let Some(item) = sequence.next_element()? {
        items.push(item);
    }
    Ok(items.into())
}

fn fill_object<'de, A: MapAccess<'de>>(
    object: &mut dyn Object,
    trail: &Trail,
    map: &mut A,
) -> Result<(), A::Error> {
    let mut fields = object.fields_mut();
    let mut filled = vec![false; fields.len()];
    let mut next = 0;
    while let Some(found) = map.next_key_seed(Key {
        fields: &fields,
        next,
    })? {
        let Some(at) = found else {
            map.next_value::<IgnoredAny>()?;
            continue;
        };
        let (name, value) = &mut fields[at];
        trail.step(Step::Field(name), || {
            if filled[at] {
                return trail.fail("the field is there twice");
            }
            let fill = map.next_value_seed(In {
                value: &mut **value,
                trail,
            })?;
            filled[at] = fill == Fill::Filled;
            Ok(())
        })?;
        next = at + 1;
    }
    match fields
        .iter()
        .zip(&filled)
        .find(|((_, value), filled)| !**filled && !value.is_optional())
    {
        Some(((name, _), _)) => trail.step(Step::Field(name), || trail.fail("required, but missing")),
        None => Ok(()),
    }
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
