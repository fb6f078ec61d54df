//! Pages that would stand in one place of the generated code: no rule resolves these clashes, so that
//! they are errors.

use std::collections::BTreeMap;

use super::moved::moved;
use super::path::{module, operation_module, rust_path};
use crate::ir::{Api, Kind, Operation};
use crate::span::Span;

/// A page whose place is taken.
pub struct Clash {
    pub page: String,
    pub span: Span,
    pub message: String,
}

/// Two operations of one method in one module, a webhook and an operation in one, a page with the name of a
/// method's module, or a redirect in the place of another page.
pub fn clashes(api: &Api) -> Vec<Clash> {
    let (mut taken, mut clashes) = modules(api);
    // What is generated at the old place of an operation is a function and a module, too.
    for moved in moved(api) {
        for operation in moved
            .operations
            .iter()
            .copied()
            .filter(|operation| operation.kind == Kind::Api)
        {
            let method = operation.method.as_str().to_lowercase();
            let path = format!("{}::{method}", module(&moved.redirect.page).join("::"));
            taken.entry(path).or_insert(operation);
        }
    }
    let mut check = |module: &[String], page: &str, span: &Span| {
        for depth in 1..=module.len() {
            let folder = module[..depth].join("::");
            if let Some(first) = taken.get(&folder).filter(|first| first.kind == Kind::Api) {
                clashes.push(Clash {
                    page: page.to_owned(),
                    span: span.clone(),
                    message: format!("its folder `{folder}` is also the module of {}", first.page),
                });
            }
        }
    };
    for operation in &api.operations {
        check(&operation_module(operation), &operation.page, &operation.span);
    }
    for redirect in &api.redirects {
        check(&module(&redirect.page), &redirect.page, &redirect.span);
    }
    clashes.extend(redirects(api));
    clashes
}

/// The operations by the path of what is generated for them, and those whose path is taken.
fn modules(api: &Api) -> (BTreeMap<String, &Operation>, Vec<Clash>) {
    let mut taken: BTreeMap<String, &Operation> = BTreeMap::new();
    let mut clashes = Vec::new();
    let mut clash = |operation: &Operation, path: &str, first: &Operation| {
        let method = first.method.as_str();
        clashes.push(Clash {
            page: operation.page.clone(),
            span: operation.span.clone(),
            message: format!("`{path}` is also what {method} {} is called", first.page),
        });
    };
    let mut modules: BTreeMap<String, &Operation> = BTreeMap::new();
    for operation in &api.operations {
        let (path, module) = (rust_path(operation), operation_module(operation).join("::"));
        let beside = modules.get(&module).filter(|first| first.kind != operation.kind);
        match (taken.get(&path), beside) {
            (Some(first), _) => clash(operation, &path, first),
            (None, Some(first)) => clash(operation, &module, first),
            (None, None) => {}
        }
        taken.entry(path).or_insert(operation);
        modules.entry(module).or_insert(operation);
    }
    (taken, clashes)
}

/// Redirects in the place of another page, or to a page where one method stands twice.
fn redirects(api: &Api) -> Vec<Clash> {
    let mut pages: BTreeMap<Vec<String>, &str> = BTreeMap::new();
    for operation in &api.operations {
        pages
            .entry(operation_module(operation))
            .or_insert(&operation.page);
    }
    let mut clashes = Vec::new();
    for moved in moved(api) {
        let redirect = moved.redirect;
        let mut clash = |message| {
            clashes.push(Clash {
                page: redirect.page.clone(),
                span: redirect.span.clone(),
                message,
            });
        };
        let place = module(&redirect.page);
        match pages.get(&place) {
            Some(first) => clash(format!("`{}` is also what {first} is called", place.join("::"))),
            None => {
                pages.insert(place, &redirect.page);
            }
        }
        let names = moved.operations.iter().map(|operation| match operation.kind {
            Kind::Api => operation.method.as_str(),
            Kind::Webhook => "",
        });
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            clash(format!("{} documents one method twice", moved.operations[0].page));
        }
    }
    clashes
}
