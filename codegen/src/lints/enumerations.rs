//! An enumeration that lacks a value which another page's same field has.
//!
//! In: all rows. Out: W0102 at each row whose values are a proper part of another's. Example:
//! `trade_state` without `REVOKED`, which the page of the other query has.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};

use super::rows::{self, Row};

pub fn run(rows: &[Row<'_>]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for group in rows::same(rows) {
        let listed: Vec<_> = group
            .into_iter()
            .filter(|row| row.property.schema.values.len() > 1)
            .collect();
        found.extend(listed.iter().filter_map(|row| check(row, &listed)));
    }
    found
}

fn check(row: &Row<'_>, group: &[&Row<'_>]) -> Option<Diagnostic> {
    let values = |row: &Row<'_>| -> BTreeSet<String> { row.property.schema.values.iter().cloned().collect() };
    let own = values(row);
    let larger = group
        .iter()
        .filter(|other| other.operation.page != row.operation.page);
    let larger = larger.filter(|other| own.len() < values(other).len() && own.is_subset(&values(other)));
    let full = larger.max_by_key(|other| (values(other).len(), std::cmp::Reverse(rows::place(other))))?;
    let lacking: Vec<_> = values(full)
        .difference(&own)
        .map(|value| format!("`{value}`"))
        .collect();
    let message = format!(
        "`{}` lacks {}, which {} has",
        row.property.name,
        lacking.join(", "),
        rows::place(full)
    );
    let help = "if the official document has it, add it to this page: ``\\| `VALUE` 枚举值之一``";
    let span = row.property.span.clone();
    Some(Diagnostic::new(Code::ValueMissing, &row.operation.page, span, message).help(help))
}
