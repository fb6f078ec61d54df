//! What an operation is, whatever its tables say.
//!
//! In: a page, and the part of it that is about one operation. Out: kind, protocol, path, method,
//! title, marks and the ids of official documents.

use std::collections::BTreeSet;

use crate::diagnostic::Code;
use crate::ir::{self, Kind, Method, Operation, Protocol};
use crate::place::{self, Place};
use crate::span::Span;
use crate::syntax::{self, Page, Section, Table, TableKind};

use super::{Context, Document, Tables, request, sample};

/// What the place, the samples and the kind of tables tell.
pub(super) struct Identity {
    pub(super) kind: Kind,
    pub(super) protocol: Protocol,
    pub(super) path: Option<String>,
    pub(super) event_type: Option<String>,
}

pub(super) fn identity(
    page: &Page,
    document: &Document<'_>,
    tables: &Tables<'_>,
    cx: &mut Context<'_>,
) -> Identity {
    let acknowledged = tables
        .response
        .is_some_and(|table| table.kind == TableKind::Acknowledgement);
    let code = document.code();
    let sample = sample::first(&code);
    match place::of(&page.path) {
        Place::Webhook { protocol, name } => {
            let event_type = (protocol == Protocol::V3).then_some(name);
            request::check_event_type(tables.request, event_type.as_deref(), cx);
            webhook(protocol, event_type)
        }
        Place::Elsewhere if acknowledged => match tables.request.and_then(request::event_type) {
            None => webhook(Protocol::V2, None),
            event_type => webhook(Protocol::V3, event_type),
        },
        Place::Api { protocol, path } => {
            if let Some(sample) = sample.filter(|sample| !same_path(&path, &sample.path, tables.request)) {
                let message = format!("the page's place says `{path}`, its sample `{}`", sample.path);
                let help = "the place wins; move the page or correct the sample";
                cx.report(Code::PathsDisagree, sample.span, message, help);
            }
            api(protocol, path, document.span(), cx)
        }
        Place::Elsewhere => match sample {
            Some(sample) => api(sample.protocol, sample.path, sample.span, cx),
            None => {
                let message = "neither the page's place nor a sample tells its path";
                let help =
                    "move the page to `openapi/v3/<path>.md`, or give it a sample with `chain('v3/<path>')`";
                cx.report(Code::UnknownPath, document.span(), message, help);
                Identity {
                    kind: Kind::Api,
                    protocol: Protocol::V3,
                    path: None,
                    event_type: None,
                }
            }
        },
    }
}

fn webhook(protocol: Protocol, event_type: Option<String>) -> Identity {
    Identity {
        kind: Kind::Webhook,
        protocol,
        path: None,
        event_type,
    }
}

fn api(protocol: Protocol, path: String, span: Span, cx: &mut Context<'_>) -> Identity {
    if let Err(message) = place::placeholders(&path) {
        cx.report(
            Code::BrokenPath,
            span,
            format!("the path `{path}` is broken: {message}"),
            "rename the page",
        );
    }
    Identity {
        kind: Kind::Api,
        protocol,
        path: Some(path),
        event_type: None,
    }
}

/// Whether a sample's path is the page's, treating a constant segment written as a placeholder as equal.
fn same_path(path: &str, sample: &str, request: Option<&Table>) -> bool {
    if path == sample {
        return true;
    }
    let constant = |placeholder: &str| {
        let name = placeholder.strip_prefix('{')?.strip_suffix('}')?;
        request?
            .rows
            .iter()
            .find(|row| row.name() == name)
            .and_then(request::constant)
    };
    let (mut a, mut b) = (path.split('/'), sample.split('/'));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if a == b || constant(b).is_some_and(|value| value == a) => {}
            _ => return false,
        }
    }
}

pub(super) fn title(
    page: &Page,
    document: &Document<'_>,
    identity: &Identity,
    cx: &mut Context<'_>,
) -> String {
    let front = page.title.as_ref().map_or("", |title| title.text.as_str());
    let heading = document.heading.map_or("", |heading| heading.text.as_str());
    let title = heading.replace("{{ $frontmatter.title }}", front);
    let title = if title.trim().is_empty() {
        front
    } else {
        title.trim()
    };
    if !title.is_empty() {
        return title.to_owned();
    }
    cx.report(
        Code::MissingTitle,
        document.span(),
        "the operation has no title",
        "write a `title:` into the front matter",
    );
    identity
        .path
        .clone()
        .or_else(|| identity.event_type.clone())
        .unwrap_or_else(|| page.path.clone())
}

/// `deprecated` for a container `{.im-deprecated}`; purely visual containers are ignored.
pub(super) fn marks(preamble: &[&Section], document: &Document<'_>) -> Vec<String> {
    let sections = preamble.iter().chain(&document.sections);
    let mut marks = Vec::new();
    let mut known = BTreeSet::new();
    for class in sections
        .flat_map(|section| &section.containers)
        .flat_map(|container| &container.classes)
    {
        let Some(mark) = class.strip_prefix("im-") else {
            continue;
        };
        if !matches!(mark, "confusing" | "important" | "special") && known.insert(mark) {
            marks.push(mark.to_owned());
        }
    }
    marks
}

/// Ids in the document's own links; where it has none, in those of the whole page.
pub(super) fn document_ids(page: &Page, document: &Document<'_>) -> Vec<String> {
    let own = ids(document.sections.iter().flat_map(|section| &section.links));
    if !own.is_empty() {
        return own;
    }
    ids(page.sections.iter().flat_map(|section| &section.links))
}

fn ids<'a>(links: impl Iterator<Item = &'a syntax::Text>) -> Vec<String> {
    let mut ids = Vec::new();
    let mut known = BTreeSet::new();
    for link in links {
        let Some(id) = link.text.strip_prefix("https://pay.weixin.qq.com/doc/") else {
            continue;
        };
        let id = id.split(['?', '#']).next().unwrap_or(id).trim_end_matches('/');
        if !id.is_empty() && known.insert(id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

/// The anchor's method; without one that of the samples, or what the request looks like.
pub(super) fn method(document: &Document<'_>, operation: &Operation, cx: &mut Context<'_>) -> Method {
    if let Some(method) = document.method {
        return method;
    }
    let sample = sample::first(&document.code()).and_then(|sample| sample.method);
    let has_body = operation.request.body.format != ir::BodyFormat::None || operation.kind == Kind::Webhook;
    let method = sample.unwrap_or(if has_body { Method::Post } else { Method::Get });
    let message = format!("no anchor tells the method; it is taken for {}", method.as_str());
    let help = format!(
        "write `{{#{}}}` at the end of the heading",
        method.as_str().to_lowercase()
    );
    cx.report(Code::HeadingWithoutMethod, document.span(), message, &help);
    method
}
