//! A field that is required in only one of two twin pages.
//!
//! In: the API. Out: W0103 at the row that is not required. Twins are the page for merchants and the one
//! for partners, whose path has `/partner/` in it. Example: `payer.openid` in `pay/transactions/jsapi`.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Api, Method, Operation};

use super::rows::{self, Row};

pub fn run(api: &Api) -> Vec<Diagnostic> {
    let by_path = |operation| Some((key(operation)?, operation));
    let operations: BTreeMap<(Method, &str), &Operation> =
        api.operations.iter().filter_map(by_path).collect();
    let mut found = Vec::new();
    for ((method, path), partner) in &operations {
        let twin = path.replacen("/partner/", "/", 1);
        if let Some(merchant) = operations
            .get(&(*method, twin.as_str()))
            .filter(|_| twin != *path)
        {
            found.extend(compare(merchant, partner));
        }
    }
    found
}

fn key(operation: &Operation) -> Option<(Method, &str)> {
    Some((operation.method, operation.path.as_deref()?))
}

fn compare(merchant: &Operation, partner: &Operation) -> Vec<Diagnostic> {
    let theirs = rows::of(partner);
    let theirs: BTreeMap<_, &Row<'_>> = theirs
        .iter()
        .map(|row| ((row.sent, row.path.as_str()), row))
        .collect();
    let mut found = Vec::new();
    for row in rows::of(merchant) {
        let Some(other) = theirs.get(&(row.sent, row.path.as_str())) else {
            continue;
        };
        // What names the sub-merchant is a partner's by nature.
        let partners_own = ["sub_", "sp_"]
            .iter()
            .any(|start| row.property.name.starts_with(start));
        if row.property.required != other.property.required && !partners_own {
            let (optional, required) = if row.property.required {
                (*other, &row)
            } else {
                (&row, *other)
            };
            found.push(report(optional, required));
        }
    }
    found
}

fn report(optional: &Row<'_>, required: &Row<'_>) -> Diagnostic {
    let part = if optional.sent { "request" } else { "response" };
    let message = format!(
        "`{}` of the {part} is optional here and required in {}",
        optional.path,
        rows::place(required)
    );
    let help = "if one of them is wrong, correct that page, or add a fixup `{ required = true }` or `{ required = false }`";
    let span = optional.property.span.clone();
    Diagnostic::new(Code::RequiredInTwin, &optional.operation.page, span, message).help(help)
}
