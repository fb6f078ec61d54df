//! Where a received document differs from its documentation.
//!
//! Reading never refuses a document for the shape of one field. What fits is read, and each place
//! that does not is recorded as a [`Deviation`]: its path and the two kinds, never a value.

use std::borrow::Cow;
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

/// One step from a document to a field in it.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Field(Cow<'static, str>),
    Index(usize),
}

/// The path of the field that is being read, and the deviations found so far.
#[derive(Default)]
pub(super) struct FieldPath {
    steps: RefCell<Vec<Step>>,
    deviations: RefCell<Vec<Deviation>>,
    /// Why the document is refused as a whole: the kind that is expected, and the one that was found.
    refusal: Cell<Option<(&'static str, &'static str)>>,
}

impl FieldPath {
    /// Whether the whole document is being read, not a field in it.
    pub fn is_document(&self) -> bool {
        self.steps.borrow().is_empty()
    }

    /// Refuses the document as a whole.
    pub fn refuse<E: serde::de::Error>(&self, expected: &'static str, found: &'static str) -> E {
        self.refusal.set(Some((expected, found)));
        E::custom(format_args!("expected {expected}, found {found}"))
    }

    pub fn refusal(&self) -> Option<(&'static str, &'static str)> {
        self.refusal.get()
    }

    /// Runs `read` one step deeper.
    pub fn step<T>(&self, step: Step, read: impl FnOnce() -> T) -> T {
        self.steps.borrow_mut().push(step);
        let result = read();
        self.steps.borrow_mut().pop();
        result
    }

    /// [`FieldPath::step`] into a documented field.
    pub fn field<T>(&self, name: &'static str, read: impl FnOnce() -> T) -> T {
        self.step(Step::Field(Cow::Borrowed(name)), read)
    }

    /// Records that the current field is not of the documented kind.
    pub fn deviates(&self, expected: &'static str, found: &'static str) {
        let mut deviations = self.deviations.borrow_mut();
        if deviations.len() < MOST {
            let path = self.text();
            deviations.push(Deviation {
                path,
                expected,
                found,
            });
        }
    }

    /// How many deviations there are, for [`FieldPath::rewind`].
    pub fn mark(&self) -> usize {
        self.deviations.borrow().len()
    }

    /// Forgets the deviations since `mark`: they lie inside a value that is dropped whole.
    pub fn rewind(&self, mark: usize) {
        self.deviations.borrow_mut().truncate(mark);
    }

    pub fn into_deviations(self) -> Vec<Deviation> {
        self.deviations.into_inner()
    }

    fn text(&self) -> String {
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
}
