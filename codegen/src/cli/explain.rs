//! `explain`: a diagnostic's meaning, or every stage of one page.

use std::fmt::Write as _;
use std::path::Path;

use wechatpay_codegen::diagnostic::{Code, Diagnostic};
use wechatpay_codegen::ir::{Api, Effect, Operation, Property};
use wechatpay_codegen::load::Loaded;
use wechatpay_codegen::render::Report;
use wechatpay_codegen::syntax::{Page, Row, RowKind};
use wechatpay_codegen::{emit, ir_json, names};

use super::Outcome;

/// The explanation of a code, if `what` is one.
pub fn code(what: &str) -> Option<String> {
    let code = Code::find(what)?;
    Some(format!(
        "{}[{code}]: {}\n\n{}\n",
        code.severity().as_str(),
        code.title(),
        code.explanation()
    ))
}

pub fn page(specs: &Path, what: &str, quiet: bool) -> Outcome {
    let loaded = super::load(specs, quiet)?;
    let page = find(&loaded, specs, what)?;
    let mut text = format!("{}\n", page.path);
    if let Some(title) = &page.title {
        let _ = writeln!(text, "{}", title.text);
    }
    let of_page = Api {
        operations: loaded
            .api
            .operations
            .iter()
            .filter(|operation| operation.page == page.path)
            .cloned()
            .collect(),
        redirects: loaded
            .api
            .redirects
            .iter()
            .filter(|redirect| redirect.page == page.path)
            .cloned()
            .collect(),
        readings: loaded.api.readings.clone(),
    };
    let diagnostics: Vec<_> = loaded
        .diagnostics
        .iter()
        .filter(|found| found.page == page.path)
        .cloned()
        .collect();
    rows(page, &mut text);
    findings(&loaded, specs, &diagnostics, &mut text);
    for operation in &of_page.operations {
        learned(operation, &mut text);
    }
    let _ = writeln!(text, "\n== IR");
    for operation in &of_page.operations {
        let _ = writeln!(text, "{:#}", ir_json::operation(operation, &super::rust));
    }
    for redirect in &of_page.redirects {
        let _ = writeln!(text, "moved to {}", redirect.to);
    }
    let _ = writeln!(text, "\n== Rust\n{}", rust_code(&of_page));
    super::write(&text)
}

/// The page of a path, with or without `.md` and the folder's name; or of a URL path or event type.
fn find<'a>(loaded: &'a Loaded, specs: &Path, what: &str) -> Result<&'a Page, String> {
    let folder = specs.to_string_lossy();
    let wanted = what
        .strip_prefix(folder.as_ref())
        .unwrap_or(what)
        .trim_start_matches('/');
    let is_page = |page: &&Page| page.path == wanted || page.path.strip_suffix(".md") == Some(wanted);
    if let Some(page) = loaded.pages.iter().find(is_page) {
        return Ok(page);
    }
    let operations = loaded.api.operations.iter();
    let mut named =
        operations.filter(|o| o.path.as_deref() == Some(what) || o.event_type.as_deref() == Some(what));
    if let Some(operation) = named.next() {
        return loaded
            .pages
            .iter()
            .find(|page| page.path == operation.page)
            .ok_or_else(|| operation.page.clone());
    }
    let near: Vec<_> = loaded
        .pages
        .iter()
        .filter(|page| page.path.contains(wanted))
        .collect();
    match near[..] {
        [page] => Ok(page),
        [] => Err(format!(
            "`{what}` is neither a page, a URL path, an event type nor a diagnostic's code"
        )),
        _ => {
            let list: Vec<_> = near
                .iter()
                .take(20)
                .map(|page| format!("  {}", page.path))
                .collect();
            Err(format!(
                "`{what}` can be {} pages:\n{}",
                near.len(),
                list.join("\n")
            ))
        }
    }
}

/// The rows as lowered: as written, corrected by fixups.
fn rows(page: &Page, text: &mut String) {
    for section in &page.sections {
        for table in &section.tables {
            let _ = writeln!(
                text,
                "\n== rows of the {:?} table, line {}",
                table.kind, table.line
            );
            for row in &table.rows {
                let _ = writeln!(text, "{:>5}  {}", row.line, line(row));
            }
        }
    }
}

fn line(row: &Row) -> String {
    let indent = "  ".repeat(row.level());
    match row.kind {
        RowKind::Separator => "---".to_owned(),
        RowKind::Note => format!("({})", row.name()),
        RowKind::Field => {
            let marks: Vec<_> = row.cells.iter().flat_map(|cell| &cell.attributes).collect();
            let required = if row.required() { "!" } else { "" };
            let marks: String = marks
                .iter()
                .filter(|mark| !matches!(mark.name.as_str(), "data-indent" | "data-required"))
                .map(|mark| format!(" {}={}", mark.name, mark.value))
                .collect();
            let description = row.cells.get(2).map_or("", |cell| cell.text.as_str());
            format!(
                "{indent}{}{required}: {}{marks}  {description}",
                row.name(),
                row.ty()
            )
        }
    }
}

/// What readings changed, a line for each row.
fn learned(operation: &Operation, text: &mut String) {
    let request = &operation.request;
    let mut changed = String::new();
    for (part, list) in [
        ("query", &request.query),
        ("body", &request.body.properties),
        ("response", &operation.response.properties),
    ] {
        changes(list, part, &mut changed);
    }
    if !changed.is_empty() {
        let _ = writeln!(text, "\n== changed by readings, {}\n{changed}", operation.title);
    }
}

fn changes(list: &[Property], path: &str, text: &mut String) {
    for property in list {
        let path = format!("{path}.{}", property.name);
        for learned in &property.provenance.learned {
            let values = match &learned.effect {
                Effect::Values(values) => format!(" {}", values.join(", ")),
                _ => String::new(),
            };
            let (effect, reading) = (learned.effect.as_str(), &learned.reading);
            let _ = writeln!(
                text,
                "{path}: {effect}{values} ({}, {})",
                reading.id, reading.date
            );
        }
        changes(&property.schema.properties, &path, text);
    }
}

fn findings(loaded: &Loaded, specs: &Path, diagnostics: &[Diagnostic], text: &mut String) {
    if diagnostics.is_empty() {
        return;
    }
    let folder = specs.to_string_lossy();
    let report = Report::new(&loaded.sources, &folder);
    let _ = writeln!(text, "\n== findings");
    for diagnostic in diagnostics {
        text.push_str(&report.human(diagnostic));
    }
}

fn rust_code(api: &Api) -> String {
    names::plan(api)
        .iter()
        .map(|page| emit::page_text(page, ""))
        .collect()
}
