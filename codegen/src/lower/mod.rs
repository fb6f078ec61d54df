//! [`syntax::Page`](crate::syntax::Page) → [`ir::Operation`](crate::ir::Operation).
//!
//! In: a page as written, corrected by fixups. Out: its operations or where it has moved, findings,
//! and a count of what became of each row. Nothing after this module looks at markdown.

pub mod description;
mod examples;
mod identity;
mod markup;
pub mod nest;
mod request;
mod response;
mod row;
mod sample;
mod strays;
#[cfg(test)]
mod tests;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{self, Method, Operation, Redirect};
use crate::place::{self, is_unprintable};
use crate::span::Span;
use crate::syntax::{self, Heading, Page, Section, Table, TableKind};

/// The host of an operation whose page names none.
pub const DEFAULT_HOST: &str = "https://api.mch.weixin.qq.com/";

/// What a page comes to.
#[derive(Debug, Default)]
pub struct Lowered {
    pub operations: Vec<Operation>,
    pub redirect: Option<Redirect>,
    pub diagnostics: Vec<Diagnostic>,
    pub counts: RowCounts,
    /// Lines that look like rows and are in no table: reported, or on a page that is skipped.
    pub strays: usize,
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy)]
pub enum RowCount {
    /// A property of the IR.
    Field,
    /// `json`, `xml`, `body`, `query`, `headers`: a part of the request, its fields are properties.
    Part,
    /// `base_uri`, `security`, …: a setting of the operation.
    Setting,
    Separator,
    /// A sentence over all columns.
    Note,
    /// Left out, with a diagnostic.
    Reported,
    /// On a page that documents nothing and is listed as skipped.
    Skipped,
}

/// How many rows became what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowCounts {
    pub fields: usize,
    pub parts: usize,
    pub settings: usize,
    pub separators: usize,
    pub notes: usize,
    pub reported: usize,
    pub skipped: usize,
}

impl RowCounts {
    pub fn add(&mut self, count: RowCount) {
        *self.of(count) += 1;
    }

    fn of(&mut self, count: RowCount) -> &mut usize {
        match count {
            RowCount::Field => &mut self.fields,
            RowCount::Part => &mut self.parts,
            RowCount::Setting => &mut self.settings,
            RowCount::Separator => &mut self.separators,
            RowCount::Note => &mut self.notes,
            RowCount::Reported => &mut self.reported,
            RowCount::Skipped => &mut self.skipped,
        }
    }

    pub fn merge(&mut self, other: Self) {
        self.fields += other.fields;
        self.parts += other.parts;
        self.settings += other.settings;
        self.separators += other.separators;
        self.notes += other.notes;
        self.reported += other.reported;
        self.skipped += other.skipped;
    }

    pub fn total(&self) -> usize {
        self.fields + self.parts + self.settings + self.separators + self.notes + self.reported + self.skipped
    }
}

/// Where findings and counts of one page are collected.
pub(crate) struct Context<'a> {
    page: &'a str,
    diagnostics: Vec<Diagnostic>,
    counts: RowCounts,
}

impl Context<'_> {
    fn report(&mut self, code: Code, span: Span, message: impl Into<String>, help: &str) {
        self.diagnostics
            .push(Diagnostic::new(code, self.page, span, message).help(help));
    }
}

/// One operation's part of a page: its heading's section and those below that belong to it.
struct Document<'a> {
    heading: Option<&'a Heading>,
    method: Option<Method>,
    sections: Vec<&'a Section>,
}

impl<'a> Document<'a> {
    fn tables(&self) -> impl Iterator<Item = &'a Table> {
        self.sections.iter().flat_map(|section| &section.tables)
    }

    fn code(&self) -> Vec<&'a syntax::Code> {
        self.sections.iter().flat_map(|section| &section.code).collect()
    }

    /// The heading's place, or that of the first table.
    fn span(&self) -> Span {
        let table = || self.tables().next().map_or(0..0, |table| table.span.clone());
        self.heading.map_or_else(table, |heading| heading.span.clone())
    }

    fn line(&self) -> usize {
        let table = || self.tables().next().map_or(1, |table| table.line);
        self.heading.map_or_else(table, |heading| heading.line)
    }
}

/// Gives a page its meaning.
pub fn page(page: &Page) -> Lowered {
    let mut cx = Context {
        page: &page.path,
        diagnostics: Vec::new(),
        counts: RowCounts::default(),
    };
    if page.path.contains(is_unprintable) {
        let message = format!(
            "the file name {:?} has a character that cannot be printed",
            page.path
        );
        cx.report(Code::BrokenPath, 0..0, message, "rename the page");
    }
    let (preamble, documents) = documents(page);
    let redirect = page
        .redirect
        .as_ref()
        .and_then(|to| redirect(to, page, documents.is_empty(), &mut cx));
    let is_lost = page.strays.iter().any(|stray| stray.parameters);
    let skipped = documents.is_empty() && page.redirect.is_none() && !page.is_broken && !is_lost;
    for table in preamble.iter().flat_map(|section| &section.tables) {
        strays::unknown_table(table, skipped, &mut cx);
    }
    let strays = strays::strays(page, skipped, &mut cx);
    let operations = documents
        .iter()
        .filter_map(|document| operation(page, &preamble, document, &mut cx))
        .collect();
    Lowered {
        operations,
        redirect,
        diagnostics: cx.diagnostics,
        counts: cx.counts,
        strays,
    }
}

/// Splits a page into what is about all of it, and one document per operation.
fn documents(page: &Page) -> (Vec<&Section>, Vec<Document<'_>>) {
    let mut preamble = Vec::new();
    let mut documents: Vec<Document<'_>> = Vec::new();
    for section in &page.sections {
        let method = section
            .heading
            .as_ref()
            .and_then(|heading| Method::from_name(heading.anchor.as_deref()?));
        let asks = section
            .tables
            .iter()
            .any(|table| table.kind == TableKind::Request);
        let responses = section
            .tables
            .iter()
            .any(|table| table.kind != TableKind::Unknown);
        if method.is_some() || asks || (responses && documents.is_empty()) {
            documents.push(Document {
                heading: section.heading.as_ref(),
                method,
                sections: vec![section],
            });
        } else if let Some(document) = documents.last_mut() {
            document.sections.push(section);
        } else {
            preamble.push(section);
        }
    }
    (preamble, documents)
}

fn redirect(to: &syntax::Text, page: &Page, moved: bool, cx: &mut Context<'_>) -> Option<Redirect> {
    if !moved {
        cx.report(
            Code::RedirectWithTables,
            to.span.clone(),
            "the page has moved, and documents an operation",
            "",
        );
        return None;
    }
    let path = to.text.split(['#', '?']).next().unwrap_or("");
    let path = path.strip_suffix(".html").unwrap_or(path);
    match path.strip_prefix('/') {
        Some(path) if !path.is_empty() => {
            let to_page = format!("{}.md", place::percent_decode(path));
            Some(Redirect {
                page: page.path.clone(),
                to: to_page,
                span: to.span.clone(),
            })
        }
        _ => {
            let message = format!("`{}` is not a path of this site", to.text);
            cx.report(
                Code::BrokenRedirect,
                to.span.clone(),
                message,
                "write `/openapi/…` or `/webhook/…`",
            );
            None
        }
    }
}

/// The tables of a document, one of a kind.
#[derive(Default)]
struct Tables<'a> {
    request: Option<&'a Table>,
    response: Option<&'a Table>,
}

fn tables<'a>(document: &Document<'a>, cx: &mut Context<'_>) -> Tables<'a> {
    let mut tables = Tables::default();
    for table in document.tables() {
        let slot = match table.kind {
            TableKind::Request => &mut tables.request,
            TableKind::Response | TableKind::Acknowledgement | TableKind::Error => &mut tables.response,
            TableKind::Unknown => {
                strays::unknown_table(table, false, cx);
                continue;
            }
        };
        if slot.is_some() {
            let message = format!(
                "a second table of this kind below one heading, with {} rows",
                table.rows.len()
            );
            cx.report(
                Code::TableTwice,
                table.span.clone(),
                message,
                "give each operation its own heading with a method anchor",
            );
            table.rows.iter().for_each(|_| cx.counts.add(RowCount::Reported));
        } else {
            *slot = Some(table);
        }
    }
    tables
}

fn operation(
    page: &Page,
    preamble: &[&Section],
    document: &Document<'_>,
    cx: &mut Context<'_>,
) -> Option<Operation> {
    let tables = tables(document, cx);
    let span = document.span();
    if tables.request.is_none() && tables.response.is_none() {
        let message = "the heading names a method and no table follows";
        cx.report(
            Code::MethodWithoutTable,
            span,
            message,
            "add the request and the response table",
        );
        return None;
    }
    let identity = identity::identity(page, document, &tables, cx);
    let mut operation = Operation {
        page: page.path.clone(),
        line: document.line(),
        kind: identity.kind,
        protocol: identity.protocol,
        method: Method::Post,
        title: identity::title(page, document, &identity, cx),
        english: None,
        product: None,
        audience: None,
        path: identity.path,
        marks: identity::marks(preamble, document),
        document_ids: identity::document_ids(page, document),
        hosts: vec![DEFAULT_HOST.to_owned()],
        mutual_tls: false,
        nonce: true,
        event_type: identity.event_type,
        request: ir::Request::default(),
        response: ir::Response::default(),
        acknowledgement: Vec::new(),
        examples: examples::examples(&document.code(), tables.request, cx),
        span,
    };
    match tables.request {
        Some(table) => request::request(table, &mut operation, cx),
        None => cx.report(
            Code::MissingRequest,
            operation.span.clone(),
            "the operation has no request table",
            "",
        ),
    }
    response::response(tables.response, &mut operation, cx);
    operation.method = identity::method(document, &operation, cx);
    Some(operation)
}
