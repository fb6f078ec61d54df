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
    /// Where: `amount.payer_total`, `data[3].id`.
    pub path: String,
    /// The documented kind: `an integer`.
    pub expected: &'static str,
    /// The kind that was received: `text`, `null`, `nothing`.
    pub found: &'static str,
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: expected {}, found {}",
            self.path, self.expected, self.found
        )
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

/// What a document deviates in, collected while it is read.
#[derive(Default)]
pub(super) struct Log {
    deviations: RefCell<Vec<Deviation>>,
    /// Why the document is refused as a whole: the kind that is expected, and the one that was found.
    refusal: Cell<Option<(&'static str, &'static str)>>,
}

impl Log {
    /// The path of the document.
    pub fn document(&self) -> Path<'_> {
        Path {
            log: self,
            parent: None,
        }
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
    Field(&'a str),
    Index(usize),
}

/// Where the value that is being read is in its document. Each step lives on the stack of the function
/// that takes it, and becomes text only in a deviation.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    log: &'a Log,
    parent: Option<(&'a Path<'a>, Step<'a>)>,
}

impl Path<'_> {
    /// The path of a field of this object.
    pub fn field<'a>(&'a self, name: &'a str) -> Path<'a> {
        self.step(Step::Field(name))
    }

    /// The path of an element of this list.
    pub fn index(&self, index: usize) -> Path<'_> {
        self.step(Step::Index(index))
    }

    fn step<'a>(&'a self, step: Step<'a>) -> Path<'a> {
        Path {
            log: self.log,
            parent: Some((self, step)),
        }
    }

    /// Whether the whole document is being read, not a field in it.
    pub fn is_document(&self) -> bool {
        self.parent.is_none()
    }

    /// Refuses the document as a whole.
    pub fn refuse<E: serde::de::Error>(&self, expected: &'static str, found: &'static str) -> E {
        self.log.refusal.set(Some((expected, found)));
        E::custom(format_args!("expected {expected}, found {found}"))
    }

    /// Records that the value is not of the documented kind.
    pub fn deviates(&self, expected: &'static str, found: &'static str) {
        let mut deviations = self.log.deviations.borrow_mut();
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

    /// How many deviations there are, for [`Path::rewind`].
    pub fn mark(&self) -> usize {
        self.log.deviations.borrow().len()
    }

    /// Forgets the deviations since `mark`: they lie inside a value that is dropped whole.
    pub fn rewind(&self, mark: usize) {
        self.log.deviations.borrow_mut().truncate(mark);
    }

    fn write(&self, text: &mut String) {
        let Some((parent, step)) = self.parent else {
            return;
        };
        parent.write(text);
        match step {
            Step::Field(name) if text.is_empty() => text.push_str(name),
            Step::Field(name) => text.extend([".", name]),
            Step::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
}
