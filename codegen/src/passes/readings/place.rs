//! Where in the API readings are being combined, and what is known there.

use super::terms::Terms;
use crate::readings::Part;
use crate::readings::decisions::{About, Decisions, Difference};
use crate::readings::index::{Index, View};
use crate::span::Span;

/// All that is known beyond the pages.
pub struct Known<'a> {
    pub index: Index<'a>,
    pub decisions: &'a Decisions,
    pub terms: Terms,
}

/// An object: the row that stands for it, and the path to it.
#[derive(Clone)]
pub struct Place<'a> {
    pub span: Span,
    pub line: usize,
    pub subject: &'a str,
    pub part: Part,
    pub path: String,
    pub known: &'a Known<'a>,
    /// Of APIv2: objects are JSON text, lists are numbered fields.
    pub xml: bool,
}

impl Place<'_> {
    pub fn below(&self, name: &str) -> String {
        match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        }
    }

    /// Whether it is decided that the page stands.
    pub fn settled(&self, about: About, view: &View<'_>, name: &str) -> bool {
        self.known.decisions.settle(Difference {
            about,
            reading: view.reading,
            subject: self.subject,
            part: self.part,
            parent: &self.path,
            name,
            says: "",
        })
    }
}
