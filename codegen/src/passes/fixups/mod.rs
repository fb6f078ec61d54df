//! Corrects what the documentation has wrong, after `fixups.toml`.
//!
//! In: the corrections and the pages as written. Out: the pages with corrected rows; one error for
//! the corrections that no longer apply, with their places in `fixups.toml`. Example:
//! `row = "json.payer _currency"`, `change = { rename = "payer_currency" }`.

mod edit;
mod file;
mod stale;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::Method;
use crate::source::Source;
use crate::syntax::{Page, Table, TableKind};

use file::{Fixup, Which};
use stale::Stale;

/// Rows that came and went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Edited {
    pub added: usize,
    pub removed: usize,
}

/// Makes all corrections, in the order of the file.
pub fn run(source: &Source, pages: &mut [Page], diagnostics: &mut Vec<Diagnostic>) -> Edited {
    let index: BTreeMap<String, usize> = pages
        .iter()
        .enumerate()
        .map(|(index, page)| (page.path.clone(), index))
        .collect();
    let mut edited = Edited::default();
    let mut stale = Vec::new();
    for fixup in file::read(source, diagnostics) {
        let result = match index.get(&fixup.page) {
            Some(page) => apply(&fixup, &mut pages[*page], &mut edited),
            None => Err((Code::LostFixup, format!("there is no page {}", fixup.page))),
        };
        if let Err((code, why)) = result {
            stale.push(Stale { fixup, code, why });
        }
    }
    diagnostics.extend(stale::report(source, &stale));
    edited
}

fn apply(fixup: &Fixup, page: &mut Page, edited: &mut Edited) -> Result<(), (Code, String)> {
    let lost = |message: String| (Code::LostFixup, message);
    let mut tables = candidates(fixup, page);
    match tables.len() {
        1 => edit::edit(tables[0], fixup, edited),
        0 => Err(lost(format!("{} has no such table", fixup.page))),
        _ => Err(lost(format!(
            "{} has several operations: say which `method`",
            fixup.page
        ))),
    }
}

/// The tables of the page that are of the fixup's kind and method.
fn candidates<'a>(fixup: &Fixup, page: &'a mut Page) -> Vec<&'a mut Table> {
    let mut method = None;
    let mut tables = Vec::new();
    for section in &mut page.sections {
        let anchor = section
            .heading
            .as_ref()
            .and_then(|heading| heading.anchor.as_deref());
        method = anchor.and_then(Method::from_name).or(method);
        if fixup.method.is_some() && fixup.method != method {
            continue;
        }
        tables.extend(section.tables.iter_mut().filter(|table| match fixup.table {
            Which::Request => table.kind == TableKind::Request,
            Which::Response => !matches!(table.kind, TableKind::Request | TableKind::Unknown),
        }));
    }
    tables
}
