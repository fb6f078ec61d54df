//! The IR as JSON, `schema_version` 1: a documented interface for other programs.
//!
//! In: the API, the findings, and a function that knows the Rust path and the cargo feature of an
//! operation. Out: one JSON value, written piece by piece, its keys always in the same order. Keys may be
//! added without a new `schema_version`; a key that goes or changes its meaning raises it.
//!
//! Each field says where it comes from: `source` is `page`, `fixup` (a fixup added or changed the row),
//! `path` (a path parameter without a row) or `reading` (no page has it). `readings` lists what second
//! readings changed: `added`, `optional` (the page says required, the reading has it optional), `lacking`
//! (the page says required, the reading does not have it), `integer` (the page says number), `time` (text
//! with date and time), `values` (with the values that the page does not have). `variants` names the
//! contents of a notification that have the field, where not all do. `time` is text that is a point in time;
//! `open` is text of a set of values that may be empty.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::diagnostic::{self, Diagnostic};
use crate::ir::{
    Api, BodyFormat, Effect, Encoding, Encryption, Kind, Operation, Property, Provenance, Reading, Redirect,
    ResponseFormat, Type,
};

/// Gives an operation's `rust_path` and `feature`.
pub type Rust<'a> = &'a dyn Fn(&Operation) -> (String, String);

/// Writes one value on one line, an operation at a time.
pub fn write(out: &mut dyn Write, api: &Api, diagnostics: &[Diagnostic], rust: Rust<'_>) -> io::Result<()> {
    out.write_all(b"{\"schema_version\":1,\"operations\":[")?;
    for (index, operation) in api.operations.iter().enumerate() {
        out.write_all(if index == 0 { b"" } else { b"," })?;
        serde_json::to_writer(&mut *out, &self::operation(operation, rust))?;
    }
    let redirect = |redirect: &Redirect| json!({ "page": redirect.page, "to": redirect.to });
    let redirects: Value = api.redirects.iter().map(redirect).collect();
    let (errors, warnings) = diagnostic::tally(diagnostics);
    let sums = json!({ "errors": errors, "warnings": warnings });
    let readings: Value = api
        .readings
        .iter()
        .map(|reading| self::reading(reading))
        .collect();
    writeln!(
        out,
        "],\"redirects\":{redirects},\"readings\":{readings},\"diagnostics\":{sums}}}"
    )
}

fn reading(reading: &Reading) -> Value {
    json!({
        "id": reading.id,
        "title": reading.title,
        "version": reading.version,
        "date": reading.date,
        "link": reading.link,
        "standing": reading.standing.as_str(),
    })
}

/// One operation, as it stands in the list.
pub fn operation(operation: &Operation, rust: Rust<'_>) -> Value {
    let (rust_path, feature) = rust(operation);
    let request = &operation.request;
    let mut value = json!({
        "page": operation.page,
        "line": operation.line,
        "kind": match operation.kind { Kind::Api => "api", Kind::Webhook => "webhook" },
        "protocol": operation.protocol.as_str(),
        "method": operation.method.as_str(),
        "path": operation.path,
        "title": operation.title,
        "english": operation.english,
        "product": operation.product.as_ref().map(|product| &product.name),
        "rust_path": rust_path,
        "feature": feature,
        "marks": operation.marks,
        "document_ids": operation.document_ids,
        "hosts": operation.hosts,
        "mutual_tls": operation.mutual_tls,
        "nonce": operation.nonce,
        "event_type": operation.event_type,
        "request": {
            "path": [],
            "query": [],
            "headers": [],
            "body": { "format": body_format(request.body.format), "fields": [] },
        },
    });
    // `json!` would copy them.
    let parts = &mut value["request"];
    parts["path"] = fields(&request.path);
    parts["query"] = fields(&request.query);
    parts["headers"] = fields(&request.headers);
    parts["body"]["fields"] = fields(&request.body.properties);
    match operation.kind {
        Kind::Api => {
            let response = &operation.response;
            value["response"] = json!({ "format": response_format(response.format) });
            value["response"]["fields"] = fields(&response.properties);
        }
        Kind::Webhook => value["acknowledgement"] = fields(&operation.acknowledgement),
    }
    value
}

fn fields(properties: &[Property]) -> Value {
    properties.iter().map(field).collect()
}

fn field(property: &Property) -> Value {
    let schema = &property.schema;
    let mut value = json!({
        "name": property.name,
        "type": type_name(schema.ty),
        "array": schema.array,
        "required": property.required,
        "label": property.label,
        "english": property.english,
        "line": property.line,
        "values": schema.values,
        "constant": schema.constant,
        "default": schema.default,
        "max_length": schema.max_length,
        "encrypted": schema.encrypted.map(encryption),
        "encoded": schema.encoded.map(encoding),
        "signed": schema.signed.then_some("rsa"),
        "time": schema.time,
        "open": schema.open,
        "source": property.provenance.origin.as_str(),
        "readings": learned(&property.provenance),
        "variants": property.provenance.variants,
    });
    // `json!` would copy them.
    value["fields"] = fields(&schema.properties);
    value
}

/// `[{"reading": "skit", "effect": "optional"}]`; `values` names the values.
fn learned(provenance: &Provenance) -> Value {
    let learned = provenance.learned.iter().map(|learned| {
        let mut value = json!({ "reading": learned.reading.id, "effect": learned.effect.as_str() });
        if let Effect::Values(values) = &learned.effect {
            value["values"] = json!(values);
        }
        value
    });
    learned.collect()
}

pub fn type_name(ty: Type) -> &'static str {
    match ty {
        Type::String => "string",
        Type::Integer => "integer",
        Type::Number => "number",
        Type::Boolean => "boolean",
        Type::Object => "object",
    }
}

fn body_format(format: BodyFormat) -> &'static str {
    match format {
        BodyFormat::None => "none",
        BodyFormat::Json => "json",
        BodyFormat::Xml => "xml",
        BodyFormat::Multipart => "multipart",
    }
}

fn response_format(format: ResponseFormat) -> &'static str {
    match format {
        ResponseFormat::Json => "json",
        ResponseFormat::Xml => "xml",
        ResponseFormat::Empty => "empty",
        ResponseFormat::File => "file",
        ResponseFormat::Redirect => "redirect",
    }
}

fn encryption(encryption: Encryption) -> &'static str {
    match encryption {
        Encryption::Rsa => "rsa",
        Encryption::AesGcm => "aes-gcm",
        Encryption::AesEcb => "aes-ecb",
    }
}

fn encoding(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Json => "json",
        Encoding::UrlEncode => "urlencode",
    }
}
