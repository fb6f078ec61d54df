//! Adds English to official terms, and products to operations.
//!
//! In: the API, `glossary.txt` and `products.txt` beside the pages. Out: the same, with
//! [`Property::english`], [`Operation::english`](crate::ir::Operation::english) and
//! [`Operation::product`](crate::ir::Operation::product). Both files are optional; a line that cannot be read is
//! an error.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Api, Audience, Product, Property};
use crate::source::{GLOSSARY, PRODUCTS, Source};

pub fn run(sources: &[Source], api: &mut Api, diagnostics: &mut Vec<Diagnostic>) {
    let find = |name: &str| sources.iter().find(|source| source.path == name);
    let terms = find(GLOSSARY).map_or_else(HashMap::new, |source| terms(source, diagnostics));
    let products = find(PRODUCTS).map_or_else(HashMap::new, |source| products(source, diagnostics));
    for operation in &mut api.operations {
        operation.english = english(&terms, &operation.title);
        let page = operation.page.strip_suffix(".md").unwrap_or(&operation.page);
        if let Some((product, audience)) = folders(page).find_map(|folder| products.get(folder)) {
            operation.product = Some(product.clone());
            operation.audience = *audience;
        }
        for list in operation.lists_mut() {
            translate(list, &terms);
        }
    }
}

fn translate(list: &mut [Property], terms: &HashMap<&str, &str>) {
    for property in list {
        property.english = english(terms, &property.label);
        translate(&mut property.schema.properties, terms);
    }
}

fn english(terms: &HashMap<&str, &str>, term: &str) -> Option<String> {
    terms.get(term).map(|text| (*text).to_owned())
}

/// The page, then the folders it is in, innermost first.
fn folders(page: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(page), |path| path.rsplit_once('/').map(|(folder, _)| folder))
}

/// `term: English`, one a line; lines that begin with `#` are remarks.
fn terms<'a>(source: &'a Source, diagnostics: &mut Vec<Diagnostic>) -> HashMap<&'a str, &'a str> {
    let mut terms = HashMap::new();
    for (at, line) in lines(source).filter(|(_, line)| !line.starts_with('#')) {
        match pair(line) {
            Some((term, _)) if terms.contains_key(term) => {
                diagnostics.push(broken(source, at, line, format!("`{term}` is already above")));
            }
            Some((term, english)) => {
                terms.insert(term, english);
            }
            None => diagnostics.push(broken(source, at, line, "expected `term: English`".to_owned())),
        }
    }
    terms
}

type Products<'a> = HashMap<&'a str, (Arc<Product>, Option<Audience>)>;

/// `# NAME: English: what it is for`, then lines `PATH`, `PATH merchant` or `PATH partner`. What stands
/// above the first product is a remark.
fn products<'a>(source: &'a Source, diagnostics: &mut Vec<Diagnostic>) -> Products<'a> {
    let mut products = Products::new();
    let mut current: Option<Arc<Product>> = None;
    for (at, line) in lines(source) {
        if let Some(head) = line.strip_prefix("# ") {
            current = product(head).map(Arc::new);
            if current.is_none() {
                let message = "expected `# NAME: English: what it is for`".to_owned();
                diagnostics.push(broken(source, at, line, message));
            }
            continue;
        }
        let Some(product) = &current else { continue };
        let (path, audience) = match line.split_once(' ') {
            None => (line, Ok(None)),
            Some((path, "merchant")) => (path, Ok(Some(Audience::Merchants))),
            Some((path, "partner")) => (path, Ok(Some(Audience::Partners))),
            Some((path, other)) => (
                path,
                Err(format!("expected `merchant` or `partner`, found `{other}`")),
            ),
        };
        match audience {
            Ok(audience) if !products.contains_key(path) => {
                products.insert(path, (product.clone(), audience));
            }
            Ok(_) => diagnostics.push(broken(source, at, line, format!("`{path}` is already above"))),
            Err(message) => diagnostics.push(broken(source, at, line, message)),
        }
    }
    products
}

fn product(head: &str) -> Option<Product> {
    let (name, rest) = pair(head)?;
    let (english, purpose) = pair(rest)?;
    Some(Product {
        name: name.to_owned(),
        english: english.to_owned(),
        purpose: purpose.to_owned(),
    })
}

fn pair(line: &str) -> Option<(&str, &str)> {
    let (left, right) = line.split_once(": ")?;
    let (left, right) = (left.trim(), right.trim());
    (!left.is_empty() && !right.is_empty()).then_some((left, right))
}

/// The lines that are not empty, with their places.
fn lines(source: &Source) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    let lines = source.text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line.trim_end())
    });
    lines.filter(|(_, line)| !line.is_empty())
}

fn broken(source: &Source, at: usize, line: &str, message: String) -> Diagnostic {
    let help = "the format is described in codegen/src/passes/glossary.rs";
    Diagnostic::new(Code::BrokenGlossary, &source.path, at..at + line.len(), message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let mut diagnostics = Vec::new();
        let source = Source::new(path, text);
        run(&[source], &mut Api::default(), &mut diagnostics);
        diagnostics.into_iter().map(|found| found.message).collect()
    }

    #[test]
    fn broken_lines_are_reported() {
        for (text, message) in [
            ("# a remark\n\n商户号: merchant ID\n", ""),
            ("商户号 merchant ID", "expected `term: English`"),
            ("商户号:", "expected `term: English`"),
            ("商户号: a\n商户号: b\n", "`商户号` is already above"),
        ] {
            assert_eq!(found(GLOSSARY, text).join("\n"), message, "{text}");
        }
        for (text, message) in [
            (
                "a remark\n# 退款: Refunds: refunds of orders\nopenapi/v3/refund\n",
                "",
            ),
            ("# 退款: Refunds", "expected `# NAME: English: what it is for`"),
            (
                "# 退款: Refunds: refunds\na others",
                "expected `merchant` or `partner`, found `others`",
            ),
            ("# 退款: Refunds: refunds\na\na partner", "`a` is already above"),
        ] {
            assert_eq!(found(PRODUCTS, text).join("\n"), message, "{text}");
        }
    }

    #[test]
    fn a_page_belongs_to_its_innermost_folder() {
        let all: Vec<_> = folders("openapi/v3/refund").collect();
        assert_eq!(all, ["openapi/v3/refund", "openapi/v3", "openapi"]);
    }
}
