//! Which row belongs to which.
//!
//! In: the rows of a table, each with its level. Out: for each row the row it belongs to.
//! [`parents`] is the plain rule (the nearest row above with a smaller level), by which fixups name
//! rows; [`tree`] also sets right what separators and mistaken levels say.

use crate::diagnostic::Code;
use crate::syntax::{Row, RowKind};

/// Code, row and message of something found.
pub type Finding = (Code, usize, String);

#[derive(Debug, PartialEq)]
pub struct Tree {
    /// Rows at level 0.
    pub roots: Vec<usize>,
    /// The rows inside each row.
    pub children: Vec<Vec<usize>>,
}

/// The plain rule. Separators and notes belong to nothing.
pub fn parents(rows: &[Row]) -> Vec<Option<usize>> {
    let mut stack: Vec<usize> = Vec::new();
    let mut parents = vec![None; rows.len()];
    for (index, row) in rows.iter().enumerate() {
        if row.kind == RowKind::Field {
            while stack
                .pop_if(|above| rows[*above].level() >= row.level())
                .is_some()
            {}
            parents[index] = stack.last().copied();
            stack.push(index);
        }
    }
    parents
}

/// The rows as a tree, and what had to be set right.
pub fn tree(rows: &[Row], findings: &mut Vec<Finding>) -> Tree {
    let mut nesting = Nesting {
        rows,
        parents: vec![None; rows.len()],
        stack: Vec::new(),
        holds_content: vec![false; rows.len()],
        findings,
    };
    let mut separator = None;
    for (index, row) in rows.iter().enumerate() {
        match row.kind {
            RowKind::Field => nesting.field(index, separator.take()),
            RowKind::Note => {}
            RowKind::Separator => {
                if let Some(stray) = separator.replace(index) {
                    nesting.stray(stray);
                }
            }
        }
    }
    if let Some(stray) = separator {
        nesting.stray(stray);
    }
    let parents = nesting.parents;
    let mut tree = Tree {
        roots: Vec::new(),
        children: vec![Vec::new(); rows.len()],
    };
    for (index, _) in rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.kind == RowKind::Field)
    {
        match parents[index] {
            Some(parent) => tree.children[parent].push(index),
            None => tree.roots.push(index),
        }
    }
    tree
}

struct Nesting<'a> {
    rows: &'a [Row],
    parents: Vec<Option<usize>>,
    /// The rows above that later rows can belong to, outermost first.
    stack: Vec<usize>,
    /// Rows that are not objects and have clear content below a separator.
    holds_content: Vec<bool>,
    findings: &'a mut Vec<Finding>,
}

impl Nesting<'_> {
    fn field(&mut self, index: usize, separator: Option<usize>) {
        let level = self.rows[index].level();
        while self
            .stack
            .pop_if(|above| self.rows[*above].level() >= level)
            .is_some()
        {}
        if let Some(separator) = separator {
            self.content(index, separator);
        }
        let nearest = self.stack.last().copied();
        let expected = nearest.map_or(0, |above| self.rows[above].level() + 1);
        if level > expected {
            let message = format!(
                "`{}` is at level {level}, where {expected} is the deepest possible",
                self.rows[index].name()
            );
            self.findings.push((Code::LevelJump, index, message));
        }
        self.parents[index] = nearest;
        if let Some(above) = nearest
            && !self.takes_fields(above)
        {
            let (name, scalar) = (self.rows[index].name(), &self.rows[above]);
            let message = format!(
                "`{name}` is inside `{}`, which is a {}",
                scalar.name(),
                scalar.ty()
            );
            self.findings.push((Code::ScalarWithFields, index, message));
            let object = self.stack.iter().rev().find(|above| self.takes_fields(**above));
            self.parents[index] = object.copied();
        }
        self.stack.push(index);
    }

    /// Finds out whose content starts with row `index`, directly below a separator.
    fn content(&mut self, index: usize, separator: usize) {
        let Some(above) = self.stack.last().copied() else {
            return self.stray(separator);
        };
        if is_marked(&self.rows[above]) {
            // A fixup may have typed the row as its content.
            self.holds_content[above] = !is_object(&self.rows[above]);
            return;
        }
        let holder = if is_object(&self.rows[above]) {
            Some(above)
        } else {
            self.parents[above]
        };
        let beside = (0..index).rev().find(|row| {
            self.rows[*row].kind == RowKind::Field
                && self.parents[*row] == holder
                && has_structure(&self.rows[*row])
        });
        if let Some(owner) = beside {
            let (name, owner_name) = (self.rows[index].name(), self.rows[owner].name());
            let message = format!(
                "`{name}` and what follows are the clear content of `{owner_name}`, but do not follow it"
            );
            self.findings.push((Code::ContentElsewhere, index, message));
            if Some(above) != holder {
                self.stack.pop();
            }
            self.stack.push(owner);
            self.holds_content[owner] = true;
        } else if is_object(&self.rows[above]) {
            self.stray(separator);
        } else {
            let message = format!(
                "`{}` has clear content and no mark that says how it is written",
                self.rows[above].name()
            );
            self.findings.push((Code::TextWithFields, above, message));
            self.holds_content[above] = true;
        }
    }

    fn takes_fields(&self, row: usize) -> bool {
        is_object(&self.rows[row]) || self.holds_content[row]
    }

    fn stray(&mut self, separator: usize) {
        self.findings.push((
            Code::StraySeparator,
            separator,
            "no clear content follows this separator".to_owned(),
        ));
    }
}

fn is_object(row: &Row) -> bool {
    row.ty().starts_with("object")
}

fn is_marked(row: &Row) -> bool {
    has_structure(row)
        || row
            .cells
            .iter()
            .flat_map(|cell| &cell.attributes)
            .any(|a| a.name.starts_with("data-encrypted"))
}

/// Encoded, or encrypted in a way that carries more than one value.
fn has_structure(row: &Row) -> bool {
    row.cells
        .iter()
        .flat_map(|cell| &cell.attributes)
        .any(|attribute| {
            attribute.name.starts_with("data-encoded")
                || (attribute.name.starts_with("data-encrypted") && attribute.value.contains("aes"))
        })
}
