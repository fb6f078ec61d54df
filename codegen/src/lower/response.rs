//! The response table.
//!
//! In: the table, if there is one, and the operation. Out: the operation with its response, or a
//! webhook with its acknowledgement.

use crate::diagnostic::Code;
use crate::ir::{Kind, Operation, Property, Protocol, ResponseFormat};
use crate::syntax::{Row, RowKind, Table, TableKind};

use super::row::{Rows, name_span};
use super::{Context, RowCount};

/// Lowers the table into the operation.
pub(super) fn response(table: Option<&Table>, operation: &mut Operation, cx: &mut Context<'_>) {
    let is_api = operation.kind == Kind::Api;
    let plain = match operation.protocol {
        Protocol::V2 => ResponseFormat::Xml,
        Protocol::V3 => ResponseFormat::Json,
    };
    if is_api {
        operation.response.format = plain;
    }
    let Some(table) = table else {
        let message = "no table says what the operation responds with";
        cx.report(
            Code::MissingResponse,
            operation.span.clone(),
            message,
            "add a table `| 返回字典 | 类型 {.type} | 描述 {.desc}`",
        );
        return;
    };
    if table.rows.is_empty() {
        cx.report(
            Code::EmptyTable,
            table.span.clone(),
            "the response table has no rows",
            "",
        );
    }
    let mut format = plain;
    for row in table.rows.iter().filter(|row| row.kind != RowKind::Field) {
        match row.kind {
            RowKind::Separator => cx.counts.add(RowCount::Separator),
            _ => {
                cx.counts.add(RowCount::Note);
                format = note(row, cx).unwrap_or(format);
            }
        }
    }
    let properties = Rows::new(table, cx).all(cx);
    if !is_api {
        operation.acknowledgement = properties;
        return;
    }
    if table.kind == TableKind::Error || properties.iter().any(only_fails) {
        format = ResponseFormat::File;
    }
    // A fixup has added what the page says there is none of.
    if format == ResponseFormat::Empty && !properties.is_empty() {
        format = plain;
    }
    operation.response.format = format;
    operation.response.properties = properties;
}

/// A result that can only be a failure: the success is a file, as that of a bill.
fn only_fails(row: &Property) -> bool {
    row.name == "result_code" && row.schema.constant.as_deref() == Some("FAIL")
}

/// What a sentence over all columns says.
fn note(row: &Row, cx: &mut Context<'_>) -> Option<ResponseFormat> {
    let text = row.name();
    if text.contains("文件流") {
        Some(ResponseFormat::File)
    } else if text.contains("跳转") {
        Some(ResponseFormat::Redirect)
    } else if text.contains("空字符串") || text.contains("无返回内容") {
        Some(ResponseFormat::Empty)
    } else {
        let help = "known are `空字符串(无返回内容)`, `` `30x`跳转(无实际返回信息) `` and `文件流(…)`";
        cx.report(
            Code::UnknownNote,
            name_span(row),
            format!("`{text}` is not understood"),
            help,
        );
        None
    }
}
