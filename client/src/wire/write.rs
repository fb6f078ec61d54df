//! On the way out every value is written through one `Serialize`, whatever its type.

use std::cell::RefCell;

use serde::ser::{self, Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::value::RawValue;

use super::{Encrypt, List, Object, Value, View, WriteError};

/// For `serde::Serialize` of a generated struct: everything but clear text of encrypted fields,
/// which is an error, so that it ends up in no log or queue by accident.
pub(crate) fn serialize<S: Serializer>(object: &dyn Object, serializer: S) -> Result<S::Ok, S::Error> {
    Out::new(View::Object(object), &How::default()).serialize(serializer)
}

/// How values are written.
#[derive(Default)]
pub(super) struct How<'a> {
    /// Encrypts clear text; without it, clear text is refused.
    pub encrypt: Option<&'a dyn Encrypt>,
    /// Decimals are written digit for digit (`serde_json` only).
    pub exact: bool,
    /// Why writing failed, when it was encryption.
    pub failure: RefCell<Option<WriteError>>,
}

/// A value on its way out.
pub(super) struct Out<'a> {
    pub view: View<'a>,
    pub how: &'a How<'a>,
    /// The fields of this object that are written; all without it.
    pub keep: Option<&'a dyn Fn(&str) -> bool>,
}

impl<'a> Out<'a> {
    pub fn new(view: View<'a>, how: &'a How<'a>) -> Self {
        Self {
            view,
            how,
            keep: None,
        }
    }
}

impl Serialize for Out<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.view {
            // A file is a part of its own, never text.
            View::Absent | View::File(_) => serializer.serialize_unit(),
            View::Text(text) => serializer.serialize_str(text),
            View::Sealed(seal) => serializer.serialize_str(seal.ciphertext()),
            View::Integer(number) => serializer.serialize_i64(*number),
            View::Boolean(flag) => serializer.serialize_bool(*flag),
            View::Json(json) => json.serialize(serializer),
            View::Decimal(number) => self.decimal(number.as_str(), serializer),
            View::Encrypted(text) => self.encrypted(text, serializer),
            View::Object(object) => self.object(*object, serializer),
            View::List(list) => self.list(*list, serializer),
            View::JsonText(value) => {
                let how = How {
                    encrypt: self.how.encrypt,
                    exact: true,
                    ..How::default()
                };
                let text = serde_json::to_string(&Out::new(Value::view(*value), &how));
                if let Some(error) = how.failure.into_inner() {
                    *self.how.failure.borrow_mut() = Some(error);
                }
                serializer.serialize_str(&text.map_err(ser::Error::custom)?)
            }
            View::UrlEncoded(object) => {
                let pairs = super::flatten(*object, &|_| true, self.how.encrypt);
                match pairs {
                    Ok(pairs) => serializer.serialize_str(&super::flat::form(&pairs)),
                    Err(error) => Err(self.fail(error)),
                }
            }
        }
    }
}

impl Out<'_> {
    fn decimal<S: Serializer>(&self, text: &str, serializer: S) -> Result<S::Ok, S::Error> {
        if self.how.exact {
            return RawValue::from_string(text.to_owned())
                .map_err(ser::Error::custom)?
                .serialize(serializer);
        }
        if let Ok(number) = text.parse::<i64>() {
            return serializer.serialize_i64(number);
        }
        match text.parse::<f64>() {
            Ok(number) if number.to_string() == text => serializer.serialize_f64(number),
            _ => serializer.serialize_str(text),
        }
    }

    fn encrypted<S: Serializer>(&self, text: &super::Encrypted, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(ciphertext) = text.ciphertext() {
            return serializer.serialize_str(ciphertext);
        }
        let clear = text.clear().unwrap_or_default();
        match self.how.encrypt {
            // The platform takes an empty field as it is.
            _ if clear.is_empty() => serializer.serialize_str(""),
            Some(key) => match key.encrypt(clear) {
                Ok(ciphertext) => serializer.serialize_str(&ciphertext),
                Err(error) => Err(self.fail(WriteError::Encrypt(error))),
            },
            None => Err(ser::Error::custom(
                "the clear text of an encrypted field is only sent, never stored",
            )),
        }
    }

    fn object<S: Serializer>(&self, object: &dyn Object, serializer: S) -> Result<S::Ok, S::Error> {
        let names = object.names().get();
        let mut map = serializer.serialize_map(None)?;
        let mut result = Ok(());
        object.list(&mut |values| result = self.entries(names, values, &mut map));
        result.and_then(|()| map.end())
    }

    fn entries<M: SerializeMap>(
        &self,
        names: &[&'static str],
        values: &[&dyn Value],
        map: &mut M,
    ) -> Result<(), M::Error> {
        for (name, value) in names.iter().zip(values) {
            let view = value.view();
            if matches!(view, View::Absent | View::File(_)) || self.keep.is_some_and(|keep| !keep(name)) {
                continue;
            }
            map.serialize_entry(name, &Out::new(view, self.how))?;
        }
        Ok(())
    }

    fn list<S: Serializer>(&self, list: &dyn List, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(Some(list.length()))?;
        for item in list.items() {
            sequence.serialize_element(&Out::new(item.view(), self.how))?;
        }
        sequence.end()
    }

    fn fail<E: ser::Error>(&self, error: WriteError) -> E {
        let message = error.to_string();
        *self.how.failure.borrow_mut() = Some(error);
        E::custom(message)
    }
}
