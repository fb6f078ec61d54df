//! The documentation of modules: what a product is for and which operations it has, and the titles of a
//! page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{GeneratedFiles, escaped, modules};
use crate::ir::{Audience, Operation, Product};
use crate::names::model::{Content, Page};
use crate::names::titled;

/// Adds the documentation of each module to its file, below the file's first line.
pub fn add(files: &mut GeneratedFiles, pages: &[Page<'_>]) {
    let mut docs: BTreeMap<&[String], Vec<String>> = BTreeMap::new();
    let mut products: BTreeMap<&[String], Vec<&Page<'_>>> = BTreeMap::new();
    for page in pages {
        if let Some(product) = product_module(&page.module) {
            products.entry(product).or_default().push(page);
        }
        docs.insert(&page.module, titles(page));
    }
    docs.extend(
        products
            .into_iter()
            .map(|(module, pages)| (module, product(module, &pages))),
    );
    for (module, lines) in docs {
        let Some(text) = files.get_mut(&modules::file(module)) else {
            continue;
        };
        let Some((head, rest)) = text.split_once("\n\n").filter(|_| !lines.is_empty()) else {
            continue;
        };
        let lines: String = lines
            .iter()
            .map(|line| format!("//! {}", super::printable(line)).trim_end().to_owned() + "\n")
            .collect();
        *text = format!("{head}\n\n{lines}\n{rest}");
    }
}

/// The module of a product: the first folder of a URL.
fn product_module(module: &[String]) -> Option<&[String]> {
    let root = module.first()?;
    ["brand", "v2", "v3"]
        .contains(&root.as_str())
        .then(|| module.get(..2))?
}

/// The titles of a page's operations.
fn titles(page: &Page<'_>) -> Vec<String> {
    let mut titles: Vec<String> = Vec::new();
    for operation in operations(page) {
        let title = title(operation);
        if !title.is_empty() && !titles.contains(&title) {
            titles.push(title);
        }
    }
    titles.truncate(1);
    titles
}

fn operations<'a>(page: &'a Page<'_>) -> Vec<&'a Operation> {
    match &page.content {
        Content::Operations(functions) => functions.iter().map(|function| function.operation).collect(),
        Content::Webhook(webhook) => vec![webhook.operation],
        Content::Moved { .. } => Vec::new(),
    }
}

fn title(operation: &Operation) -> String {
    escaped(&titled(&operation.title, operation.english.as_deref()))
        .trim()
        .to_owned()
}

/// The name of a product, what it is for, and a table of its operations; where a module has several
/// products, all of it for each.
fn product(module: &[String], pages: &[&Page<'_>]) -> Vec<String> {
    let mut groups: Vec<(Option<&Product>, Vec<Row>)> = Vec::new();
    for page in pages {
        for operation in operations(page) {
            let product = operation.product.as_deref();
            let row = row(operation, &page.module[module.len()..]);
            match groups.iter_mut().find(|(other, _)| *other == product) {
                Some((_, rows)) => rows.push(row),
                None => groups.push((product, vec![row])),
            }
        }
    }
    // Operations of no product come last.
    groups.sort_by_key(|(product, _)| product.is_none());
    let names: Vec<_> = groups
        .iter()
        .filter_map(|(product, _)| Some(name((*product)?)))
        .collect();
    let mut lines = Vec::new();
    match (groups.as_slice(), names.as_slice()) {
        ([(Some(product), _)], _) => lines.push(format!("{}: {}.", name(product), escaped(&product.purpose))),
        (_, []) if groups.is_empty() => {}
        (_, []) => lines.push(format!("Operations below `/{}`.", path(pages, module))),
        (_, names) => lines.push(names.join(", ")),
    }
    for (product, rows) in &groups {
        if groups.len() > 1 {
            let heading = product.map_or("Other operations".to_owned(), name);
            lines.extend([String::new(), format!("# {heading}")]);
            lines.extend(
                product
                    .iter()
                    .flat_map(|product| [String::new(), sentence(&product.purpose)]),
            );
        }
        lines.push(String::new());
        lines.extend(table(rows));
    }
    lines
}

fn name(product: &Product) -> String {
    escaped(&format!("{} ({})", product.name, product.english))
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars
        .next()
        .map(|c| c.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{}.", escaped(&format!("{first}{}", chars.as_str())))
}

/// The part of the URL that the module stands for.
fn path(pages: &[&Page<'_>], module: &[String]) -> String {
    let path = pages
        .iter()
        .flat_map(|page| operations(page))
        .find_map(|operation| operation.path.as_deref());
    let parts = path.unwrap_or_default().split('/').skip(1);
    parts
        .take(if module.first().is_some_and(|root| root == "v2") {
            1
        } else {
            2
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// A line of a table: the operation with its link, its title, and for whom it is.
struct Row(String, String, Option<Audience>);

fn row(operation: &Operation, module: &[String]) -> Row {
    let method = operation.method.as_str();
    let path = operation.path.as_deref().unwrap_or_default();
    // In a link `#` begins a fragment, and keywords need no `r#`.
    let plain = |part: &String| part.trim_start_matches("r#").to_owned();
    let mut target: Vec<_> = module.iter().map(plain).collect();
    target.push(method.to_lowercase());
    let link = format!("[`{method} {path}`](fn@{})", target.join("::"));
    Row(link, title(operation).replace('|', "\\|"), operation.audience)
}

fn table(rows: &[Row]) -> Vec<String> {
    let audiences = rows.iter().any(|Row(_, _, audience)| audience.is_some());
    let mut lines = match audiences {
        true => vec![
            "| Operation | Title | For |".to_owned(),
            "| --- | --- | --- |".to_owned(),
        ],
        false => vec!["| Operation | Title |".to_owned(), "| --- | --- |".to_owned()],
    };
    lines.extend(rows.iter().map(|Row(link, title, audience)| {
        let mut line = format!("| {link} | {title} |");
        if audiences {
            let whom = match audience {
                Some(Audience::Merchants) => "merchants",
                Some(Audience::Partners) => "partners",
                None => "both",
            };
            let _ = write!(line, " {whom} |");
        }
        line
    }));
    lines
}
