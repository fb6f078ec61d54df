//! serde's `Serialize` of every generated struct, through one implementation.

use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};

use super::flat::{flatten, form};
use super::write::{ciphertext, json_text};
use super::{Decimal, Object, View, names};

/// Serializes `object`. The clear text of an encrypted field is an error, so that it ends up in no log or
/// queue by accident.
pub(crate) fn serialize<S: Serializer>(object: &dyn Object, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    let mut written = Ok(());
    object.list(&mut |list, values| {
        written = names(list)
            .iter()
            .zip(values)
            .try_for_each(|(name, value)| match value.view() {
                View::Absent | View::File(_) => Ok(()),
                view => map.serialize_entry(name, &Shown(view)),
            });
    });
    written?;
    map.end()
}

struct Shown<'a>(View<'a>);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            View::Absent | View::File(_) => serializer.serialize_unit(),
            View::Text(text) => serializer.serialize_str(text),
            View::Sealed(seal) => serializer.serialize_str(seal.ciphertext()),
            View::Integer(number) => serializer.serialize_i64(*number),
            View::Boolean(flag) => serializer.serialize_bool(*flag),
            View::Json(json) => json.serialize(serializer),
            View::Decimal(number) => decimal(number, serializer),
            View::Encrypted(text) => {
                serializer.serialize_str(&ciphertext(text, None).map_err(S::Error::custom)?)
            }
            View::Object(object) => serialize(*object, serializer),
            View::List(list) => {
                let mut sequence = serializer.serialize_seq(Some(list.length()))?;
                for item in list.items() {
                    sequence.serialize_element(&Shown(item.view()))?;
                }
                sequence.end()
            }
            View::JsonText(value) => {
                serializer.serialize_str(&json_text(value.view(), None).map_err(S::Error::custom)?)
            }
            View::UrlEncoded(object) => {
                let pairs = flatten(*object, &|_| true, None).map_err(S::Error::custom)?;
                serializer.serialize_str(&form(&pairs))
            }
        }
    }
}

/// A number where the format's numbers have all its digits, text otherwise.
fn decimal<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    let text = number.as_str();
    if let Ok(number) = text.parse::<i64>() {
        return serializer.serialize_i64(number);
    }
    match text.parse::<f64>() {
        Ok(number) if number.to_string() == text => serializer.serialize_f64(number),
        _ => serializer.serialize_str(text),
    }
}
