//! Where a received document differs from its documentation.
//!
//! Reading never refuses a document for the shape of one field. What fits is read, and each place
//! that does not is recorded as a [`Deviation`]: its path and the two kinds, never a value.

use std::cell::{Cell, RefCell};
use std::fmt;

/// One place of a response or notification that differs from the documentation.
///
/// The field is read as far as its meaning is certain: a number in text is that number. Otherwise an
/// optional field is `None`, and a required one has its empty value (`""`, `0`, `false`, an empty list).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Deviation {
    /// Where: `amount.payer_total`, `data[3].id`; empty for the whole document.
    pub path: String,
    /// The documented kind: `an integer`.
    pub expected: &'static str,
    /// The kind that was received: `text`, `null`, `nothing`.
    pub found: &'static str,
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = match &*self.path {
            "" => "the document",
            path => path,
        };
        write!(f, "{path}: expected {}, found {}", self.expected, self.found)
    }
}

/// A decoded document and its deviations.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Decoded<T> {
    /// What was read.
    pub value: T,
    /// Where it differs from the documentation; at most 1,000 places are listed.
    pub deviations: Vec<Deviation>,
}

impl<T> Decoded<T> {
    /// A value with its deviations.
    pub fn new(value: T, deviations: Vec<Deviation>) -> Self {
        Self { value, deviations }
    }

    /// Converts the value and keeps the deviations.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Decoded<U> {
        Decoded::new(with(self.value), self.deviations)
    }
}

/// The most deviations that are listed.
const MOST: usize = 1000;

/// What is found while one document is read.
#[derive(Default)]
pub(super) struct Found {
    deviations: RefCell<Vec<Deviation>>,
    /// Why the document is refused as a whole: the kind that is expected, and the one that was found.
    refusal: Cell<Option<(&'static str, &'static str)>>,
    digits: Cell<Digits>,
}

/// Whether text is read from numbers digit for digit, which takes more time.
#[derive(Default, Clone, Copy, PartialEq)]
enum Digits {
    #[default]
    Unneeded,
    /// There is such a number: the document has to be read again.
    Needed,
    Read,
}

impl Found {
    /// For reading a document again, after [`FieldPath::needs_digits`].
    pub fn with_digits() -> Self {
        Self {
            digits: Cell::new(Digits::Read),
            ..Self::default()
        }
    }

    pub fn needs_digits(&self) -> bool {
        self.digits.get() == Digits::Needed
    }

    pub fn refusal(&self) -> Option<(&'static str, &'static str)> {
        self.refusal.get()
    }

    pub fn into_deviations(self) -> Vec<Deviation> {
        self.deviations.into_inner()
    }
}

/// One step from a document to a field in it.
#[derive(Clone, Copy)]
enum Step<'a> {
    Document,
    Field(&'a str),
    Index(usize),
}

/// The path of the field that is being read: a step, and the path that it continues.
#[derive(Clone, Copy)]
pub(super) struct FieldPath<'a> {
    parent: Option<&'a FieldPath<'a>>,
    step: Step<'a>,
    found: &'a Found,
}

impl<'a> FieldPath<'a> {
    /// The path of a document as a whole.
    pub fn document(found: &'a Found) -> Self {
        Self {
            parent: None,
            step: Step::Document,
            found,
        }
    }

    /// The path of a field in here.
    pub fn field(&'a self, name: &'a str) -> Self {
        self.then(Step::Field(name))
    }

    /// The path of an element in here.
    pub fn index(&'a self, index: usize) -> Self {
        self.then(Step::Index(index))
    }

    fn then(&'a self, step: Step<'a>) -> Self {
        Self {
            parent: Some(self),
            step,
            found: self.found,
        }
    }

    /// The name of the field.
    pub fn name(&self) -> Option<&'a str> {
        match self.step {
            Step::Field(name) => Some(name),
            Step::Document | Step::Index(_) => None,
        }
    }

    /// Whether the whole document is being read, not a field in it.
    pub fn is_document(&self) -> bool {
        matches!(self.step, Step::Document)
    }

    /// Refuses the document as a whole.
    pub fn refuse<E: serde::de::Error>(&self, expected: &'static str, found: &'static str) -> E {
        self.found.refusal.set(Some((expected, found)));
        E::custom(format_args!("expected {expected}, found {found}"))
    }

    /// Records that the field is not of the documented kind.
    pub fn deviates(&self, expected: &'static str, found: &'static str) {
        let mut deviations = self.found.deviations.borrow_mut();
        if deviations.len() < MOST {
            let mut path = String::new();
            self.write(&mut path);
            deviations.push(Deviation {
                path,
                expected,
                found,
            });
        }
    }

    /// Text is documented, and a number was received that has lost its digits.
    pub fn needs_digits(&self) {
        self.found.digits.set(Digits::Needed);
    }

    /// Whether text has to be read from numbers digit for digit.
    pub fn reads_digits(&self) -> bool {
        self.found.digits.get() == Digits::Read
    }

    /// How many deviations there are, for [`FieldPath::rewind`].
    pub fn mark(&self) -> usize {
        self.found.deviations.borrow().len()
    }

    /// Forgets the deviations since `mark`: they lie inside a value that is dropped whole.
    pub fn rewind(&self, mark: usize) {
        self.found.deviations.borrow_mut().truncate(mark);
    }

    fn write(&self, path: &mut String) {
        if let Some(parent) = self.parent {
            parent.write(path);
        }
        match self.step {
            Step::Document => {}
            Step::Field(name) if path.is_empty() => path.push_str(name),
            Step::Field(name) => path.extend([".", name]),
            Step::Index(index) => path.push_str(&format!("[{index}]")),
        }
    }
}
