//! From the IR to Rust's words: modules, types, fields, variants, and which names they bear.
//!
//! In: [`ir::Api`]. Out: the [`model`] that `emit` writes down. Cannot fail; a clash that no rule
//! resolves is reported by [`clashes`].
//!
//! Names come from the page alone, so no other page's change can move them.

mod clashes;
mod fields;
pub mod ident;
pub mod model;
mod moved;
pub mod path;
mod prelude;
mod rules;
mod types;

use std::collections::BTreeMap;

pub use clashes::clashes;
pub use fields::{merge, titled, variants};
pub use moved::{Moved, moved};
pub use path::{feature, operation_module, page_feature, rust_path};
pub use rules::{UNSIGNED, idempotent_by, is_filled, is_own_header, is_signed, pages};

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
    for moved in moved(api) {
        let module = path::module(&moved.redirect.page);
        let content = Content::Moved {
            redirect: moved.redirect,
            targets: moved.targets(),
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
