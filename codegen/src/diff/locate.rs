//! Where a change shows in the generated code of the new side.
//!
//! In: the changes and the plan of the new side. Out: path and line of the function, struct or field.

use std::collections::{BTreeMap, BTreeSet};

use crate::emit::{self, GeneratedFiles};
use crate::ir::Api;
use crate::names::model::{Content, Page};
use crate::output::FOLDER;

use super::model::{Generated, OperationDiff, Side};

/// The file of an operation, and the name of its function and module; none for a webhook.
type Places = BTreeMap<(String, usize), (String, Option<String>)>;

pub fn generated(operations: &mut [OperationDiff], api: &Api, plan: &[Page<'_>]) {
    let places = places(plan);
    let place = |operation: &OperationDiff| {
        let key = (operation.page.clone(), operation.line);
        places.get(&key).filter(|_| operation.side == Side::New).cloned()
    };
    let wanted: BTreeSet<String> = operations
        .iter()
        .filter_map(place)
        .map(|(file, _)| file)
        .collect();
    let files = emit::emit_pages(api, plan, &|file| wanted.contains(file));
    for operation in operations {
        if let Some((file, method)) = place(operation) {
            locate(operation, &file, method.as_deref(), &files);
        }
    }
}

fn places(plan: &[Page<'_>]) -> Places {
    let mut places = Places::new();
    for page in plan {
        let file = emit::file(&page.module);
        match &page.content {
            Content::Operations(functions) => places.extend(functions.iter().map(|function| {
                let key = (function.operation.page.clone(), function.operation.line);
                (key, (file.clone(), Some(function.name.clone())))
            })),
            Content::Webhook(webhook) => {
                places.insert(
                    (webhook.operation.page.clone(), webhook.operation.line),
                    (file, None),
                );
            }
            Content::Moved { redirect, .. } => {
                places.insert((redirect.page.clone(), 1), (file, None));
            }
        }
    }
    places
}

fn locate(operation: &mut OperationDiff, file: &str, method: Option<&str>, files: &GeneratedFiles) {
    let Some(text) = files.get(file) else { return };
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    let find = |from: usize, start: &str| {
        lines
            .get(from..)?
            .iter()
            .position(|line| line.starts_with(start))
            .map(|at| from + at)
    };
    let at = |line: usize| {
        Some(Generated {
            path: format!("{FOLDER}/{file}"),
            line: line + 1,
        })
    };
    let (function, module) = match method {
        Some(method) => (
            find(0, &format!("pub fn {method}<")),
            find(0, &format!("pub mod {method} {{")),
        ),
        None => (find(0, "pub "), Some(0)),
    };
    operation.generated = at(function.unwrap_or(0));
    for change in &mut operation.changes {
        change.generated = match &change.rust {
            None => operation.generated.clone(),
            Some((structure, ident)) => {
                let top = find(module.unwrap_or(0), &format!("pub struct {structure} {{"));
                let field = top.and_then(|top| find(top, &format!("pub {ident}:")));
                field.or(top).map_or_else(|| operation.generated.clone(), at)
            }
        };
    }
}
