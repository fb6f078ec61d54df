//! Every value is written through one `Serialize`, whatever its type.

use std::cell::RefCell;

use serde::ser::{self, Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::value::RawValue;

use super::{Encrypt, List, Object, Value, View, WriteError, names};

/// For `serde::Serialize` of a generated struct. The clear text of an encrypted field is an error, so that
/// it ends up in no log or queue by accident.
#[cfg(feature = "serde")]
pub(crate) fn serialize<S: Serializer>(object: &dyn Object, serializer: S) -> Result<S::Ok, S::Error> {
    let failure = RefCell::default();
    Writer {
        view: View::Object(object),
        options: &WriteOptions {
            encrypt: None,
            keep: None,
            exact: false,
            failure: &failure,
        },
    }
    .serialize(serializer)
}

/// How values are written.
#[derive(Clone, Copy)]
pub(super) struct WriteOptions<'a> {
    /// Encrypts clear text; without it, clear text is refused.
    pub encrypt: Option<&'a dyn Encrypt>,
    /// The fields of the outermost object that are written; all without it.
    pub keep: Option<&'a dyn Fn(&str) -> bool>,
    /// Decimals are written digit for digit (`serde_json` only).
    pub exact: bool,
    /// Why encryption failed.
    pub failure: &'a RefCell<Option<WriteError>>,
}

/// A value to be written.
pub(super) struct Writer<'a> {
    pub view: View<'a>,
    pub options: &'a WriteOptions<'a>,
}

impl Serialize for Writer<'_> {
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
                let text = serde_json::to_string(&Writer {
                    view: Value::view(*value),
                    options: &WriteOptions {
                        keep: None,
                        exact: true,
                        ..*self.options
                    },
                });
                serializer.serialize_str(&text.map_err(ser::Error::custom)?)
            }
            View::UrlEncoded(object) => {
                let pairs = super::flatten(*object, &|_| true, self.options.encrypt);
                match pairs {
                    Ok(pairs) => serializer.serialize_str(&super::flat::form(&pairs)),
                    Err(error) => Err(self.fail(error)),
                }
            }
        }
    }
}

impl Writer<'_> {
    fn decimal<S: Serializer>(&self, text: &str, serializer: S) -> Result<S::Ok, S::Error> {
        if self.options.exact {
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
            if self.options.encrypt.is_some() && !text.can_be_sent() {
                return Err(self.fail(WriteError::Invalid(super::NOT_A_CIPHERTEXT.to_owned())));
            }
            return serializer.serialize_str(ciphertext);
        }
        let clear = text.clear().unwrap_or_default();
        match self.options.encrypt {
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
        let mut map = serializer.serialize_map(None)?;
        let mut written = Ok(());
        object.list(&mut |list, values| written = self.fields(names(list), values, &mut map));
        written?;
        map.end()
    }

    fn fields<M: SerializeMap>(
        &self,
        names: &[&'static str],
        values: &[&dyn Value],
        map: &mut M,
    ) -> Result<(), M::Error> {
        let inner = WriteOptions {
            keep: None,
            ..*self.options
        };
        for (name, value) in names.iter().zip(values) {
            let view = value.view();
            if matches!(view, View::Absent | View::File(_))
                || self.options.keep.is_some_and(|keep| !keep(name))
            {
                continue;
            }
            map.serialize_entry(
                name,
                &Writer {
                    view,
                    options: &inner,
                },
            )?;
        }
        Ok(())
    }

    fn list<S: Serializer>(&self, list: &dyn List, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(Some(list.length()))?;
        for item in list.items() {
            sequence.serialize_element(&Writer {
                view: item.view(),
                options: self.options,
            })?;
        }
        sequence.end()
    }

    fn fail<E: ser::Error>(&self, error: WriteError) -> E {
        let message = error.to_string();
        *self.options.failure.borrow_mut() = Some(error);
        E::custom(message)
    }
}
