//! Checks what pages say together.
//!
//! In: the whole API. Out: E0017 where two headings document one operation, W0025 where a moved
//! page leads nowhere. Example: the same page under two names.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Api, Method, Operation};

/// `pages` are the paths of all pages there are.
pub fn run(api: &Api, pages: &BTreeSet<&str>, diagnostics: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<(Method, &str), &Operation> = BTreeMap::new();
    for operation in &api.operations {
        let Some(name) = operation.path.as_deref().or(operation.event_type.as_deref()) else {
            continue;
        };
        if let Some(other) = first.get(&(operation.method, name)) {
            let message = format!(
                "{} {name} is already documented in {}:{}",
                operation.method.as_str(),
                other.page,
                other.line
            );
            let span = operation.span.clone();
            diagnostics.push(
                Diagnostic::new(Code::OperationTwice, &operation.page, span, message)
                    .help("remove one of the two"),
            );
        } else {
            first.insert((operation.method, name), operation);
        }
    }
    for redirect in &api.redirects {
        if !pages.contains(redirect.to.as_str()) {
            let message = format!("the page has moved to {}, which is not there", redirect.to);
            diagnostics.push(Diagnostic::new(
                Code::DeadRedirect,
                &redirect.page,
                redirect.span.clone(),
                message,
            ));
        }
    }
}
