//! One field with different types on two pages of a product.
//!
//! In: all rows. Out: W0101 at each row whose type fewer pages have. Example: `total` is an `integer` on
//! nine pages and a `string` on the tenth.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Property, Type};

use super::rows::{self, Row};

pub fn run(rows: &[Row<'_>]) -> Vec<Diagnostic> {
    rows::same(rows).iter().flat_map(|group| check(group)).collect()
}

fn check(group: &[&Row<'_>]) -> Vec<Diagnostic> {
    let mut by_type: BTreeMap<String, Vec<&Row<'_>>> = BTreeMap::new();
    for row in group {
        by_type.entry(kind(row.property)).or_default().push(row);
    }
    // The more frequent type is right; among equals that of the first page.
    let usual = by_type
        .iter()
        .max_by_key(|(_, rows)| (rows.len(), std::cmp::Reverse(rows::place(rows[0]))));
    let Some((usual, model)) = usual else {
        return Vec::new();
    };
    let odd = by_type.iter().filter(|(ty, _)| *ty != usual);
    let found = odd.flat_map(|(ty, rows)| rows.iter().map(move |row| (ty, row)));
    found
        .map(|(ty, row)| {
            let name = &row.property.name;
            let message = format!(
                "`{name}` is `{ty}` here and `{usual}` on {} other pages of the product, as in {}",
                model.len(),
                rows::place(model[0])
            );
            let help =
                format!("if this page is wrong, correct it, or add a fixup `{{ type = \"{usual}\" }}`");
            let span = row.property.span.clone();
            Diagnostic::new(Code::TypesDiffer, &row.operation.page, span, message).help(help)
        })
        .collect()
}

/// Whole numbers are one type, however they are called.
fn kind(property: &Property) -> String {
    let schema = &property.schema;
    let ty = match schema.ty {
        Type::Integer | Type::Number if !schema.decimal => "integer",
        ty => crate::ir_json::type_name(ty),
    };
    format!("{ty}{}", if schema.array { "[]" } else { "" })
}
