//! Adds the path parameters that a request table forgets.
//!
//! In: the API. Out: the same, where each placeholder of a path has a property: the missing ones as
//! required strings. Example: `/v3/a/{b}` without a row `b` gets one, and W0009.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Api, Operation, Origin, Property, Provenance, Schema, Type};
use crate::place;

/// Returns how many were added.
pub fn run(api: &mut Api, diagnostics: &mut Vec<Diagnostic>) -> usize {
    let mut added = 0;
    for operation in &mut api.operations {
        for name in missing(operation) {
            let message =
                format!("the path parameter `{name}` has no row; it is taken for a required string");
            let help =
                "add the row, or a fixup `{ add = { type = \"string\", required = true, label = \"…\" } }`";
            let span = operation.span.clone();
            diagnostics
                .push(Diagnostic::new(Code::MissingPathParameter, &operation.page, span, message).help(help));
            let property = implied(name, operation);
            operation.request.path.push(property);
            added += 1;
        }
    }
    added
}

fn missing(operation: &Operation) -> Vec<String> {
    let names = operation
        .path
        .as_deref()
        .and_then(|path| place::placeholders(path).ok())
        .unwrap_or_default();
    let known = |name: &str| {
        operation
            .request
            .path
            .iter()
            .any(|property| property.name == name)
    };
    names
        .into_iter()
        .filter(|name| !known(name))
        .map(str::to_owned)
        .collect()
}

fn implied(name: String, operation: &Operation) -> Property {
    Property {
        name,
        span: operation.span.clone(),
        line: operation.line,
        schema: Schema::new(Type::String),
        required: true,
        label: String::new(),
        english: None,
        notes: Vec::new(),
        provenance: Provenance {
            origin: Origin::Path,
            ..Provenance::default()
        },
    }
}
