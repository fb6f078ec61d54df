//! What must hold of every page, however wrong it is.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use wechatpay_codegen::diagnostic::Lines;
use wechatpay_codegen::emit;
use wechatpay_codegen::ir::{Api, Operation, Property};
use wechatpay_codegen::load::{Loaded, load_sources};
use wechatpay_codegen::render::Report;
use wechatpay_codegen::source::Source;
use wechatpay_codegen::syntax::{Row, RowKind};

/// Rows of a request that are not fields: parts and settings.
const PARTS: &[&str] = &[
    "json",
    "xml",
    "body",
    "query",
    "headers",
    "base_uri",
    "security",
    "nonceless",
    "fragment",
    "timeout",
];

/// What became of a page.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    Accepted,
    Rejected,
}

/// Checks one page alone. An error says what does not hold.
pub fn page(path: &str, text: &str) -> Result<(Outcome, Loaded), String> {
    catch_unwind(AssertUnwindSafe(|| unchecked(path, text))).unwrap_or_else(|_| Err("panic".to_owned()))
}

fn unchecked(path: &str, text: &str) -> Result<(Outcome, Loaded), String> {
    let loaded = load_sources(vec![Source::new(path, text)]);
    if let Some(lost) = loaded.counts.lost() {
        return Err(format!("lost: {lost}"));
    }
    let report = Report::new(&loaded.sources, "specs");
    for diagnostic in loaded.diagnostics.iter().take(20) {
        report.human(diagnostic);
        report.github(diagnostic);
    }
    no_row_is_lost(&loaded)?;
    if loaded.diagnostics.iter().any(|found| found.is_error()) {
        return Ok((Outcome::Rejected, loaded));
    }
    rust(&loaded.api)?;
    Ok((Outcome::Accepted, loaded))
}

/// Whether all that is generated from `api` is Rust, and TOML.
pub fn rust(api: &Api) -> Result<(), String> {
    for (path, text) in &emit::emit(api) {
        syn::parse_file(text).map_err(|error| format!("{path} does not parse: {error}"))?;
    }
    syn::parse_file(&emit::registry(api)).map_err(|error| format!("the registry does not parse: {error}"))?;
    let features = format!("[features]\n{}", emit::features(api));
    toml::de::DeTable::parse(&features).map_err(|error| format!("features: {error}"))?;
    Ok(())
}

/// Each line that starts with a pipe outside code is a header, a delimiter or a row that became
/// something, or a diagnostic is about it or about its table, or the page is listed as skipped. The
/// lines are counted here by a few rules of their own.
fn no_row_is_lost(loaded: &Loaded) -> Result<(), String> {
    let text = &loaded.sources[0].text;
    if !loaded.skipped.is_empty() {
        return Ok(());
    }
    let reported = reported_lines(loaded);
    let mut fields = BTreeSet::new();
    loaded
        .api
        .operations
        .iter()
        .for_each(|operation| field_lines(operation, &mut fields));
    let mut known = BTreeSet::new();
    for table in loaded.pages[0]
        .sections
        .iter()
        .flat_map(|section| &section.tables)
    {
        known.extend([table.line, table.line + 1]);
        let table_reported = reported.contains(&table.line);
        for row in &table.rows {
            if table_reported || reported.contains(&row.line) || is_accounted(row, &fields) {
                known.insert(row.line);
            }
        }
    }
    // What starts in the front matter or in HTML is code here, but not to markdown, and the other way round.
    let lines = Lines::new(text);
    for code in loaded.pages[0].sections.iter().flat_map(|section| &section.code) {
        known.extend(lines.position(code.span.start).line..lines.position(code.span.end).line);
    }
    for line in row_lines(text) {
        if !known.contains(&line) && !reported.contains(&line) {
            let shown = text.lines().nth(line - 1).unwrap_or("");
            return Err(format!("line {line} is in no field and no diagnostic: {shown}"));
        }
    }
    Ok(())
}

fn is_accounted(row: &Row, fields: &BTreeSet<usize>) -> bool {
    row.kind != RowKind::Field || fields.contains(&row.line) || PARTS.contains(&row.name())
}

fn reported_lines(loaded: &Loaded) -> BTreeSet<usize> {
    let lines = Lines::new(&loaded.sources[0].text);
    let mut reported = BTreeSet::new();
    for found in &loaded.diagnostics {
        reported.extend(lines.position(found.span.start).line..=lines.position(found.span.end).line);
    }
    reported
}

fn field_lines(operation: &Operation, lines: &mut BTreeSet<usize>) {
    fn walk(properties: &[Property], lines: &mut BTreeSet<usize>) {
        for property in properties {
            lines.insert(property.line);
            walk(&property.schema.properties, lines);
        }
    }
    for list in operation.lists() {
        walk(list, lines);
    }
}

/// Numbers of the lines outside fences that start with a pipe and have something behind it.
fn row_lines(text: &str) -> Vec<usize> {
    let mut fence: Option<(char, usize)> = None;
    let mut rows = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let shown = line.trim_start();
        let mark = shown.chars().next().unwrap_or(' ');
        let length = shown.chars().take_while(|c| *c == mark).count();
        let is_fence = matches!(mark, '`' | '~') && length >= 3 && line.len() - shown.len() < 4;
        match fence {
            Some((open, least)) => {
                #[allow(clippy::collapsible_match)] // the length is known only here
                if is_fence && mark == open && length >= least && shown.trim_end().len() == length {
                    fence = None;
                }
            }
            None if is_fence && (mark == '~' || !shown[length..].contains('`')) => {
                fence = Some((mark, length))
            }
            None if shown.starts_with('|') && shown.contains(|c: char| !c.is_whitespace() && c != '|') => {
                rows.push(index + 1);
            }
            None => {}
        }
    }
    rows
}
