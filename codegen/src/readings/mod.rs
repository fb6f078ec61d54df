//! Second readings of the API: what other sources say about the same operations.
//!
//! In: the files of `specs/readings/`. Out: [`File`]s, as data. A reading states facts only: names,
//! kinds, what may be missing, where a parameter travels, and the values of enumerations.
//!
//! # The format
//!
//! A file starts with a header, `key: value` on each line: `title` (as it reads in a sentence), `version`,
//! `date`, `standing` (`official`, `independent` or `observed`), and where there is one, `link`. After an
//! empty line follows one line per operation and part, sorted by path, method, part and variant:
//!
//! ```text
//! GET /v3/shop/orders query limit offset
//! POST /v3/shop/orders/{}/close request reason?:string
//! POST /v3/shop/orders/{}/close response amount!{total!:integer} state!:string(CLOSED PAID) time?:time
//! EVENT SHOP.PAID resource/partner goods[]{id!:string name?:string*}
//! ```
//!
//! * The subject is a method and a path, where `{}` stands for any path parameter, or `EVENT` and an
//!   event type. The part is `request`, `response`, `resource` (the clear content of a notification; with
//!   `/variant` where one event has several contents), or `query`: the names that travel in the query.
//! * A field is its name, `!` (required) or `?` (may be missing) where the reading says so, `:` and a kind,
//!   `[]` for a list, `*` if encrypted, the values of an enumeration in parentheses, and the fields of an
//!   object in braces. Fields are sorted by name. Kinds: `string`, `time` (text with date and time),
//!   `integer`, `number`, `boolean`, `object` (content not known), `any` (of several kinds).
//! * A name or value that is more than letters, digits and `_ - . $` is written as a JSON string.
//!   Lines that start with `#` are comments.

pub mod decisions;
pub mod index;
mod merge;
mod parse;
mod print;

use std::sync::Arc;

use crate::ir;
use crate::span::Span;

pub use merge::{merge_fields, merge_into};
pub use parse::parse;
pub use print::{entry as print_entry, file as print_file};

/// One reading: a file.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// Below the folder of pages: `readings/official-go.txt`.
    pub path: String,
    pub reading: Arc<ir::Reading>,
    pub entries: Vec<Entry>,
}

/// What a reading says about one part of one operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// `POST /v3/a/{}`, or an event type.
    pub subject: String,
    pub part: Part,
    /// Which of an event's contents it is.
    pub variant: Option<String>,
    pub fields: Vec<Field>,
    /// The line's place in the file.
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The names of the parameters in the query.
    Query,
    Request,
    /// The clear content of a notification.
    Resource,
    Response,
}

/// A field as the reading has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub name: String,
    /// `None`: the reading does not say.
    pub required: Option<bool>,
    /// `None`: not known.
    pub kind: Option<Kind>,
    pub array: bool,
    pub encrypted: bool,
    pub values: Vec<String>,
    /// The content of an object; `None` if the reading does not show it.
    pub fields: Option<Vec<Self>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    String,
    /// Text with a date and a time.
    Time,
    Integer,
    Number,
    Boolean,
    Object,
    /// Of several kinds.
    Any,
}

impl Field {
    /// A field of which only the name is known.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            required: None,
            kind: None,
            array: false,
            encrypted: false,
            values: Vec::new(),
            fields: None,
        }
    }
}

impl Entry {
    /// What the lines of a file are sorted by: path or event type, method, part, variant.
    pub fn key(&self) -> (&str, &str, Part, Option<&str>) {
        let (method, path) = self.subject.split_once(' ').unwrap_or(("", &self.subject));
        (path, method, self.part, self.variant.as_deref())
    }
}

impl Part {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Request => "request",
            Self::Resource => "resource",
            Self::Response => "response",
        }
    }
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::String,
        Self::Time,
        Self::Integer,
        Self::Number,
        Self::Boolean,
        Self::Object,
        Self::Any,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Time => "time",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Object => "object",
            Self::Any => "any",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The subject of a method and a path, whatever the path's parameters are called.
pub fn subject(method: ir::Method, path: &str) -> String {
    subject_of_text(method.as_str(), path)
}

/// The same of words as they are written: the method in any case.
pub fn subject_of_text(method: &str, path: &str) -> String {
    format!("{} {}", method.to_ascii_uppercase(), without_names(path))
}

/// `{}` for each `{name}` or `:name` of a path.
pub fn without_names(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for (index, segment) in path.split('/').enumerate() {
        let in_braces = segment.starts_with('{') && segment.ends_with('}');
        let is_parameter = in_braces || (segment.starts_with(':') && segment.len() > 1);
        text.push_str(if index == 0 { "" } else { "/" });
        text.push_str(if is_parameter { "{}" } else { segment });
    }
    text
}

/// What readings call an operation or notification: nothing for the notifications of APIv2.
pub fn subject_of(operation: &ir::Operation) -> Option<String> {
    match &operation.path {
        Some(path) => Some(subject(operation.method, path)),
        None => operation.event_type.clone(),
    }
}

#[cfg(test)]
mod tests;
