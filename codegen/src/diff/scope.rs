//! Where a row stands: its table, the rows beside it, and the struct that holds its field on each side.

use crate::ir::Property;
use crate::names::model::{EnumDef, FieldDef};

use super::model::{Change, Kind, Part, Side};
use super::rust::Types;
use super::verdict::Judged;

/// What all comparisons of one operation share.
pub struct Scope<'a> {
    pub part: Part,
    pub old: Types<'a>,
    pub new: Types<'a>,
    pub old_page: &'a str,
    pub new_page: &'a str,
    /// A v3 notification's envelope: its `resource.ciphertext` holds the generated type.
    pub envelope: bool,
}

/// A row with the part of the request it stands in: `json.` for the first level of a body.
#[derive(Clone)]
pub struct Slot<'a> {
    pub prefix: &'static str,
    pub property: &'a Property,
}

/// A list of rows: where it stands, and the struct it becomes on either side.
pub struct Level<'a> {
    pub path: String,
    pub old: Vec<Slot<'a>>,
    pub new: Vec<Slot<'a>>,
    pub old_struct: Option<&'a str>,
    pub new_struct: Option<&'a str>,
}

/// The two sides of one row, and the changes found so far.
pub struct Pair<'s, 'a> {
    pub scope: &'s Scope<'a>,
    /// Where the new row stands, as far as the row itself: `json.amount.`.
    pub path: String,
    /// The struct of the new side that holds the field.
    pub new_struct: Option<&'a str>,
    pub old: &'a Property,
    pub new: &'a Property,
    pub old_def: Option<&'a FieldDef>,
    pub new_def: Option<&'a FieldDef>,
    /// Callers make the value.
    pub request: bool,
    /// The constructor asks for it, and the struct did not have it before.
    pub newly_asked: bool,
    pub out: &'s mut Vec<Change>,
}

impl<'a> Slot<'a> {
    /// The rows of one list, all in the same part of the message.
    pub fn all(properties: &'a [Property]) -> Vec<Self> {
        let slot = |property| Self { prefix: "", property };
        properties.iter().map(slot).collect()
    }
}

impl<'a> Scope<'a> {
    /// A change of one row of `level`.
    pub fn change(
        &self,
        level: &Level<'a>,
        slot: &Slot<'_>,
        side: Side,
        found: (Kind, String, Judged),
    ) -> Change {
        let structure = level.new_struct.filter(|_| side == Side::New);
        let path = format!("{}{}", level.path, slot.prefix);
        let ident = self
            .new
            .field(structure, &slot.property.name)
            .map_or("", |def| &def.ident);
        let rust = structure.map(|name| (name.to_owned(), ident.to_owned()));
        self.located(&path, slot.property, side, rust, found)
    }

    fn located(
        &self,
        path: &str,
        property: &Property,
        side: Side,
        rust: Option<(String, String)>,
        (kind, what, judged): (Kind, String, Judged),
    ) -> Change {
        let page = match side {
            Side::New => self.new_page,
            Side::Old => self.old_page,
        };
        let (verdict, bump, reason) = judged;
        Change {
            kind,
            part: self.part,
            field: format!("{path}{}", property.name),
            term: property.label.clone(),
            what,
            reason,
            verdict,
            bump,
            side,
            page: page.to_owned(),
            line: property.line,
            rust,
            generated: None,
        }
    }
}

impl<'a> Pair<'_, 'a> {
    /// Adds a change of this row.
    pub fn push(&mut self, kind: Kind, what: impl Into<String>, judged: Judged) {
        let ident = self.new_def.map_or("", |def| &def.ident);
        let rust = self.new_struct.map(|name| (name.to_owned(), ident.to_owned()));
        let found = (kind, what.into(), judged);
        let change = self.scope.located(&self.path, self.new, Side::New, rust, found);
        self.out.push(change);
    }

    pub fn old_choice(&self) -> Option<&'a EnumDef> {
        self.scope.old.choice(self.old_def)
    }

    pub fn new_choice(&self) -> Option<&'a EnumDef> {
        self.scope.new.choice(self.new_def)
    }

    /// The same field one level down, where both rows are texts that hold a JSON list: the rows below
    /// describe the elements and have no field of their own.
    pub fn elements(&mut self) -> Option<Pair<'_, 'a>> {
        let (old, new) = (self.old.elements()?, self.new.elements()?);
        Some(Pair {
            scope: self.scope,
            path: format!("{}{}.", self.path, self.new.name),
            new_struct: self.new_struct,
            old,
            new,
            old_def: self.old_def,
            new_def: self.new_def,
            request: self.request,
            newly_asked: false,
            out: self.out,
        })
    }
}
