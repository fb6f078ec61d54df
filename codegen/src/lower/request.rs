//! The request table.
//!
//! In: the table, and the operation as far as it is known. Out: the operation with hosts and
//! settings, path, query, headers and body.

use crate::diagnostic::Code;
use crate::ir::{BodyFormat, Kind, Operation, Property, Protocol};
use crate::place;
use crate::span::Span;
use crate::syntax::{Row, RowKind, Table};

use super::row::{Rows, name_span};
use super::{Context, RowCount, description};

/// Lowers the table into the operation.
pub(super) fn request(table: &Table, operation: &mut Operation, cx: &mut Context<'_>) {
    if table.rows.is_empty() {
        cx.report(
            Code::EmptyTable,
            table.span.clone(),
            "the request table has no rows",
            "",
        );
    }
    for row in table.rows.iter().filter(|row| row.kind != RowKind::Field) {
        match row.kind {
            RowKind::Separator => cx.counts.add(RowCount::Separator),
            _ => {
                cx.counts.add(RowCount::Note);
                let message = format!("`{}` says nothing about a request", row.name());
                cx.report(Code::UnknownNote, name_span(row), message, "");
            }
        }
    }
    let path = operation.path.clone().unwrap_or_default();
    let placeholders = place::placeholders(&path).unwrap_or_default();
    let mut rows = Rows::new(table, cx);
    for root in rows.tree.roots.clone() {
        let row = rows.row(root);
        match role(row, operation, &placeholders) {
            Role::Part(part) => {
                cx.counts.add(RowCount::Part);
                rows.form = part == Part::Body && operation.kind == Kind::Api && row.name() == "body";
                let properties = rows.inside(root, cx);
                rows.form = false;
                add_part(part, row, properties, operation, cx);
            }
            Role::Path => path_parameter(rows.property(root, cx), operation, cx),
            Role::Setting => {
                cx.counts.add(RowCount::Setting);
                setting(row, operation, cx);
                // Rows inside a setting have nowhere to go.
                for property in rows.inside(root, cx) {
                    unknown(property, operation, cx);
                }
            }
            Role::Unknown => unknown(rows.property(root, cx), operation, cx),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    Query,
    Headers,
    Body,
}

/// What a row at level 0 is.
enum Role {
    Part(Part),
    Path,
    Setting,
    Unknown,
}

fn role(row: &Row, operation: &Operation, placeholders: &[&str]) -> Role {
    if placeholders.contains(&row.name()) {
        return Role::Path;
    }
    let path = operation.path.as_deref().unwrap_or("");
    match (operation.kind, row.name()) {
        (_, "headers") => Role::Part(Part::Headers),
        (_, "body") => Role::Part(Part::Body),
        (Kind::Webhook, _) => Role::Unknown,
        (Kind::Api, "json" | "xml") => Role::Part(Part::Body),
        (Kind::Api, "query") => Role::Part(Part::Query),
        (Kind::Api, "base_uri" | "security" | "nonceless" | "fragment" | "timeout") => Role::Setting,
        // A part of the path, repeated as a constant.
        (Kind::Api, _) if constant(row).is_some_and(|value| path.split('/').any(|part| part == value)) => {
            Role::Setting
        }
        (Kind::Api, _) => Role::Unknown,
    }
}

fn add_part(
    part: Part,
    row: &Row,
    properties: Vec<Property>,
    operation: &mut Operation,
    cx: &mut Context<'_>,
) {
    let request = &mut operation.request;
    match part {
        Part::Query => request.query.extend(properties),
        Part::Headers => request.headers.extend(properties),
        Part::Body => {
            let format = match (operation.kind, row.name(), operation.protocol) {
                (Kind::Api, "json", _) | (Kind::Webhook, _, Protocol::V3) => BodyFormat::Json,
                (Kind::Api, "xml", _) | (Kind::Webhook, _, Protocol::V2) => BodyFormat::Xml,
                _ => BodyFormat::Multipart,
            };
            if row.ty() != "object" {
                let message = format!("the body `{}` is not an object but `{}`", row.name(), row.ty());
                cx.report(
                    Code::SeveralBodies,
                    name_span(row),
                    message,
                    "a body is of type `object`",
                );
            }
            if request.body.format != BodyFormat::None {
                let message = format!("`{}` is a second body", row.name());
                cx.report(
                    Code::SeveralBodies,
                    name_span(row),
                    message,
                    "keep one of json, xml and body",
                );
            }
            request.body.format = format;
            request.body.properties.extend(properties);
        }
    }
}

fn path_parameter(property: Property, operation: &mut Operation, cx: &mut Context<'_>) {
    if operation
        .request
        .path
        .iter()
        .any(|other| other.name == property.name)
    {
        let message = format!("the path parameter `{}` has two rows", property.name);
        cx.report(
            Code::PathParameterTwice,
            property.span.clone(),
            message,
            "remove one of them",
        );
    }
    operation.request.path.push(property);
}

fn setting(row: &Row, operation: &mut Operation, cx: &mut Context<'_>) {
    match row.name() {
        "base_uri" => {
            let text = row.cells.get(2).map_or("", |cell| &cell.text);
            let mut hosts = description::read(text).codes;
            hosts.retain(|code| code.starts_with("https://"));
            hosts.dedup();
            if hosts.is_empty() {
                let help = "write the address in backticks: `https://…/`";
                cx.report(
                    Code::HostWithoutUrl,
                    row.span.clone(),
                    "`base_uri` names no address",
                    help,
                );
            } else {
                operation.hosts = hosts;
            }
        }
        "security" => operation.mutual_tls = true,
        "nonceless" => operation.nonce = false,
        // Of the samples' HTTP client.
        "fragment" | "timeout" => {}
        name => {
            let message = format!("`{name}` repeats a constant part of the path; no field is generated");
            let help = "remove the row, or add a fixup `{ remove = true }`";
            cx.report(Code::RowOfThePath, name_span(row), message, help);
        }
    }
}

/// Puts a row that nothing is known about where it does least harm.
fn unknown(property: Property, operation: &mut Operation, cx: &mut Context<'_>) {
    let request = &mut operation.request;
    let in_body = operation.kind == Kind::Webhook || request.body.format != BodyFormat::None;
    let place = if in_body { "the body" } else { "the query" };
    let message = format!(
        "`{}` at level 0 is neither a part of a request nor of the path; it is put into {place}",
        property.name
    );
    let help = "a misspelt path parameter is corrected with a fixup `{ rename = \"…\" }`, a wrong level with `{ under = \"…\" }`";
    cx.report(Code::UnknownRow, property.span.clone(), message, help);
    if in_body {
        request.body.properties.push(property);
    } else {
        request.query.push(property);
    }
}

/// The constant of a row's description.
pub(super) fn constant(row: &Row) -> Option<String> {
    description::read(&row.cells.get(2)?.text).constant
}

/// A notification's event type, after its row.
pub(super) fn event_type(table: &Table) -> Option<String> {
    table
        .rows
        .iter()
        .find(|row| row.name() == "event_type" && row.level() == 1)
        .and_then(constant)
}

pub(super) fn check_event_type(table: Option<&Table>, name: Option<&str>, cx: &mut Context<'_>) {
    let (Some(table), Some(name)) = (table, name) else {
        return;
    };
    if let Some(constant) = event_type(table).filter(|constant| constant != name) {
        let span: Span = table
            .rows
            .iter()
            .find(|row| row.name() == "event_type")
            .map_or(0..0, name_span);
        let message = format!("the page is named `{name}`, its event type is `{constant}`");
        cx.report(
            Code::EventTypesDisagree,
            span,
            message,
            "the name wins; rename the page or correct the row",
        );
    }
}
