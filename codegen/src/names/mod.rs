//! From the IR to Rust's words: modules, types, fields, variants, and which names they bear.
//!
//! In: [`ir::Api`]. Out: the [`model`] that `emit` writes down. Cannot fail; a clash that no rule
//! resolves is reported by [`clashes`].
//!
//! Names come from the page alone, so no other page's change can move them.

mod fields;
pub mod ident;
pub mod model;
pub mod path;
mod prelude;
mod rules;
mod types;

use std::collections::BTreeMap;

pub use path::{feature, operation_module, page_feature, rust_path};
pub use rules::{idempotent_by, is_filled, is_own_header, is_signed, pages};

use crate::ir::{Api, Kind, Operation};
use model::{Content, Function, Page, Webhook};

/// The generated files, in order of module path.
pub fn plan(api: &Api) -> Vec<Page<'_>> {
    let mut pages: BTreeMap<Vec<String>, Page<'_>> = BTreeMap::new();
    for operation in &api.operations {
        let module = operation_module(operation);
        let page = pages.entry(module.clone()).or_insert_with(|| Page {
            module,
            content: Content::Operations(Vec::new()),
        });
        match operation.kind {
            Kind::Webhook => {
                page.content = Content::Webhook(Webhook {
                    operation,
                    types: types::webhook(operation),
                });
            }
            Kind::Api => {
                if let Content::Operations(functions) = &mut page.content {
                    functions.push(function(operation));
                }
            }
        }
    }
    for redirect in &api.redirects {
        let (module, to) = (path::module(&redirect.page), path::module(&redirect.to));
        let target: Vec<_> = api
            .operations
            .iter()
            .filter(|operation| operation_module(operation) == to)
            .collect();
        if target.is_empty() {
            continue;
        }
        let webhook = target.iter().any(|operation| operation.kind == Kind::Webhook);
        let methods = target
            .iter()
            .map(|operation| operation.method.as_str().to_lowercase())
            .collect();
        let content = Content::Moved {
            redirect,
            to,
            methods,
            webhook,
        };
        pages.entry(module.clone()).or_insert(Page { module, content });
    }
    pages.into_values().collect()
}

fn function(operation: &Operation) -> Function<'_> {
    Function {
        name: operation.method.as_str().to_lowercase(),
        operation,
        types: types::operation(operation),
    }
}

/// Operations that would stand in one place: two of one method in one module, or a folder that
/// bears the name of a method's module.
pub fn clashes(api: &Api) -> Vec<(&Operation, String)> {
    let mut taken: BTreeMap<String, &Operation> = BTreeMap::new();
    let mut clashes = Vec::new();
    for operation in &api.operations {
        let path = rust_path(operation);
        if let Some(first) = taken.get(&path) {
            clashes.push((
                operation,
                format!(
                    "`{path}` is also what {} {} is called",
                    first.method.as_str(),
                    first.page
                ),
            ));
        }
        taken.entry(path).or_insert(operation);
    }
    for operation in &api.operations {
        let module = operation_module(operation);
        for depth in 1..=module.len() {
            let folder = module[..depth].join("::");
            if let Some(first) = taken.get(&folder).filter(|first| first.kind == Kind::Api) {
                clashes.push((
                    operation,
                    format!("its folder `{folder}` is also the module of {}", first.page),
                ));
            }
        }
    }
    clashes
}
