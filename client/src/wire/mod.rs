//! How the generated types meet the wire.
//!
//! Every generated struct lists its fields once (`object!`), every enumeration its values
//! (`values!`). From that list come JSON, XML, query strings, form parts, `Clone`, `Debug` and the
//! serde implementations, all through two questions that are asked of a value at run time:
//!
//! * [`Value::view`]: what are you? Answered with a [`View`], and each encoder matches on it.
//! * [`Value::slot`]: where does a value go that just came in? Answered with a [`Slot`], and each
//!   decoder matches on it.
//!
//! No code is generated per type and format, so the whole surface compiles in seconds.

#[macro_use]
mod macros;

mod convert;
mod copy;
mod debug;
mod decimal;
mod deviation;
mod digits;
mod elsewhere;
mod encoded;
mod encrypted;
mod flat;
mod json;
mod key;
mod kind;
mod list;
mod mend;
mod names;
mod open;
mod open_text;
mod read;
mod reset;
mod same;
mod scalar;
#[cfg(feature = "serde")]
mod serialize;
mod text;
mod timestamp;
mod upload;
mod write;
#[cfg(feature = "apiv2")]
pub(crate) mod xml;

pub use convert::convert;
pub use decimal::{Decimal, ParseDecimalError};
pub use deviation::{Decoded, Deviation};
pub use encoded::{JsonText, Sealed, UrlEncoded};
pub use encrypted::Encrypted;
pub(crate) use encrypted::NOT_A_CIPHERTEXT;
pub use open::{Unknown, UnknownInteger};
pub use open_text::OpenText;
pub use same::same;
pub use timestamp::{Timestamp, TimestampError, TimestampForm};
pub use upload::Upload;

pub(crate) use copy::copy;
pub(crate) use debug::debug;
pub(crate) use flat::{FlatField, flatten};
pub(crate) use json::{boxed_from_json, decode_json, from_json};
#[cfg(feature = "serde")]
pub(crate) use read::deserialize;
#[cfg(feature = "serde")]
pub(crate) use serialize::serialize;
pub(crate) use upload::Content;
pub(crate) use write::to_json;

pub(crate) use names::names;

#[cfg(test)]
mod tests;

/// Any JSON value, for the objects whose fields are not documented.
pub type Json = serde_json::Value;

/// A value that can be sent and received.
#[doc(hidden)]
pub trait Value: Sync + Send {
    /// What the value is, for encoders.
    fn view(&self) -> View<'_>;
    /// Where a received value goes, for decoders.
    fn slot(&mut self) -> Slot<'_>;
    /// The placeholder that a decoder fills.
    fn empty() -> Self
    where
        Self: Sized;
    /// Whether the value may be missing from what is received.
    fn is_optional(&self) -> bool {
        false
    }
    /// Makes an optional value absent.
    fn clear(&mut self) {}
}

/// Reads the fields of a struct: takes their names as the macro lists them, and their values.
///
/// `appid, r#type "type", amount` is one literal: a list of names costs the compiler far more.
pub type Fields<'a, 'f> = &'f mut dyn FnMut(&'static str, &[&'a dyn Value]);

/// Fills the fields of a struct; see [`Fields`].
pub type FieldsMut<'a, 'f> = &'f mut dyn FnMut(&'static str, &mut [&'a mut dyn Value]);

/// A struct's fields, in the order of the page. `object!` implements it.
#[doc(hidden)]
pub trait Object: Sync + Send {
    /// Passes the fields to `read`, once.
    fn list<'a>(&'a self, read: Fields<'a, '_>);
    /// Passes the fields to `fill`, once.
    fn list_mut<'a>(&'a mut self, fill: FieldsMut<'a, '_>);
    /// The placeholder that a decoder fills.
    fn blank() -> Self
    where
        Self: Sized;
}

impl dyn Object + '_ {
    /// The fields by their names on the wire, to be read.
    pub fn fields(&self) -> Vec<(&'static str, &dyn Value)> {
        let mut fields = Vec::new();
        self.list(&mut |list, values| fields.extend(names(list).iter().copied().zip(values.iter().copied())));
        fields
    }

    /// Passes each field with its name on the wire to `read`.
    pub fn each<'a>(&'a self, read: &mut dyn FnMut(&'static str, &'a dyn Value)) {
        self.list(&mut |list, values| {
            for (name, value) in names(list).iter().zip(values) {
                read(name, *value);
            }
        });
    }

    /// Passes each field with its name on the wire to `fill`.
    pub fn each_mut(&mut self, fill: &mut dyn FnMut(&'static str, &mut dyn Value)) {
        self.list_mut(&mut |list, values| {
            for (name, value) in names(list).iter().zip(values) {
                fill(name, &mut **value);
            }
        });
    }
}

impl<T: Object> Value for T {
    fn view(&self) -> View<'_> {
        View::Object(self)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::Object(self)
    }
    fn empty() -> Self {
        T::blank()
    }
}

/// What a setter does, once for all.
pub(crate) fn set<T>(field: &mut Option<T>, value: impl Into<T>) {
    *field = Some(value.into());
}

/// The elements of a list.
#[doc(hidden)]
pub trait List: Sync + Send {
    /// The number of elements.
    fn length(&self) -> usize;
    /// The element at `index`, to be read.
    fn item(&self, index: usize) -> Option<&dyn Value>;
    /// The element at `index`, to be filled; the list grows to hold it.
    fn item_mut(&mut self, index: usize) -> &mut dyn Value;
    /// Keeps the first `length` elements.
    fn truncate(&mut self, length: usize);
}

impl dyn List + '_ {
    /// The elements, to be read.
    pub fn items(&self) -> impl Iterator<Item = &dyn Value> {
        (0..self.length()).filter_map(|index| self.item(index))
    }
}

/// What a value is.
#[doc(hidden)]
pub enum View<'a> {
    /// Not there; left out.
    Absent,
    /// Text.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction, exactly as written.
    Decimal(&'a Decimal),
    /// `true` or `false`.
    Boolean(bool),
    /// Nested fields.
    Object(&'a dyn Object),
    /// Several values.
    List(&'a dyn List),
    /// Undocumented JSON.
    Json(&'a Json),
    /// Text that travels encrypted.
    Encrypted(&'a Encrypted),
    /// A value that travels as JSON text inside a string.
    JsonText(&'a dyn Value),
    /// A value that travels as form-encoded text inside a string.
    UrlEncoded(&'a dyn Object),
    /// Text that travels encrypted, and what it says.
    Sealed(&'a dyn Seal),
    /// A file part of a form.
    File(&'a Upload),
}

/// Where a received value goes.
#[doc(hidden)]
pub enum Slot<'a> {
    /// Text.
    Text(&'a mut String),
    /// One of an open set of texts.
    Choice(&'a mut dyn Choice),
    /// A whole number.
    Integer(&'a mut i64),
    /// One of an open set of whole numbers.
    IntegerChoice(&'a mut dyn IntegerChoice),
    /// An exact decimal number.
    Decimal(&'a mut Decimal),
    /// `true` or `false`.
    Boolean(&'a mut bool),
    /// Nested fields.
    Object(&'a mut dyn Object),
    /// Several values.
    List(&'a mut dyn List),
    /// Undocumented JSON.
    Json(&'a mut Json),
    /// Text that travels encrypted.
    Encrypted(&'a mut Encrypted),
    /// A value that travels as JSON text inside a string.
    JsonText(&'a mut dyn Value),
    /// A value that travels as form-encoded text inside a string.
    UrlEncoded(&'a mut dyn Object),
    /// XML that travels encrypted inside a string.
    Sealed(&'a mut dyn Seal),
    /// A file; none ever comes in this way, it can only be copied.
    File(&'a mut Upload),
}

/// An open enumeration of texts.
#[doc(hidden)]
pub trait Choice {
    /// Takes the variant that is written `text`, or keeps the text.
    fn choose(&mut self, text: &str);
}

impl<T: for<'a> From<&'a str>> Choice for T {
    fn choose(&mut self, text: &str) {
        *self = text.into();
    }
}

/// An open enumeration of whole numbers.
#[doc(hidden)]
pub trait IntegerChoice {
    /// Takes the variant that stands for `number`, or keeps the number.
    fn choose(&mut self, number: i64);
}

impl<T: From<i64>> IntegerChoice for T {
    fn choose(&mut self, number: i64) {
        *self = number.into();
    }
}

/// A field whose clear content is another object.
#[doc(hidden)]
pub trait Seal {
    /// The text as received.
    fn ciphertext(&self) -> &str;
    /// The clear object, once opened.
    fn content(&self) -> Option<&dyn Value>;
    /// Keeps the text as received.
    fn close(&mut self, text: &str);
    /// The clear object, to be filled.
    fn open(&mut self) -> &mut dyn Value;
}

/// An object without fields.
pub(crate) struct Empty {}
object!(Empty {});

/// Why a received document cannot be read at all, or a value cannot be converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Where: `amount.payer_total`, `data[3].id`; empty for the whole document.
    pub path: String,
    /// What was expected and what was found; never a value.
    pub problem: String,
}

impl Mismatch {
    /// A problem of the document as a whole.
    pub(crate) fn document(problem: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            problem: problem.into(),
        }
    }

    /// The same problem, seen from the value that holds the field or element `step`.
    pub(crate) fn below(mut self, step: &str) -> Self {
        let dot = match self.path.is_empty() || self.path.starts_with('[') {
            true => "",
            false => ".",
        };
        self.path = format!("{step}{dot}{}", self.path);
        self
    }
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = if self.path.is_empty() {
            "the document"
        } else {
            &self.path
        };
        write!(f, "{path}: {}", self.problem)
    }
}

impl std::error::Error for Mismatch {}

/// Why a value could not be written.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// What is wrong with the value.
    Invalid(String),
    /// Why a field could not be encrypted.
    Encrypt(BoxError),
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Invalid(problem) => f.write_str(problem),
            Self::Encrypt(error) => error.fmt(f),
        }
    }
}

/// Any error, boxed.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Encrypts the clear text of the fields of a request.
pub(crate) trait Encrypt: Sync {
    fn encrypt(&self, clear: &str) -> Result<String, BoxError>;
}
