//! From the generator's IR. Compiled into the build script too.
//!
//! In: the API as `wechatpay_codegen` loads it. Out: the lean operations, in the same order.

use wechatpay_codegen::ir;
use wechatpay_codegen::names;

use super::model::{Body, Field, Operation, ResponseFormat, Type, Wrapped};

/// All operations and webhooks.
pub fn operations(api: &ir::Api) -> Vec<Operation> {
    api.operations.iter().map(operation).collect()
}

fn operation(from: &ir::Operation) -> Operation {
    let bare_path = from.path.clone().unwrap_or_default();
    let prefix = from.hosts.first().map(|host| prefix(host)).unwrap_or_default();
    let webhook = from.kind == ir::Kind::Webhook;
    Operation {
        page: from.page.clone(),
        line: from.line,
        v3: from.protocol == ir::Protocol::V3,
        webhook,
        method: from.method.as_str().to_owned(),
        path: format!("{prefix}{bare_path}"),
        bare_path,
        title: from.title.clone(),
        mutual_tls: from.mutual_tls,
        event_type: from.event_type.clone(),
        in_path: fields(&from.request.path),
        query: fields(&from.request.query),
        headers: fields(&from.request.headers),
        body: match from.request.body.format {
            ir::BodyFormat::None => Body::None,
            ir::BodyFormat::Json => Body::Json,
            ir::BodyFormat::Xml => Body::Xml,
            ir::BodyFormat::Multipart => Body::Multipart,
        },
        fields: fields(&from.request.body.properties),
        response: match from.response.format {
            ir::ResponseFormat::Json => ResponseFormat::Json,
            ir::ResponseFormat::Xml => ResponseFormat::Xml,
            ir::ResponseFormat::Empty => ResponseFormat::Empty,
            ir::ResponseFormat::File => ResponseFormat::File,
            ir::ResponseFormat::Redirect => ResponseFormat::Redirect,
        },
        response_fields: fields(&from.response.properties),
        signed_response: !webhook && names::is_signed(from),
        idempotent_by: names::idempotent_by(from).map(str::to_owned),
        example: from.examples.first().cloned(),
    }
}

/// `/hk` of `https://api.mch.weixin.qq.com/hk/`.
fn prefix(host: &str) -> &str {
    let rest = host.split_once("://").map_or(host, |(_, rest)| rest);
    rest.find('/').map_or("", |at| rest[at..].trim_end_matches('/'))
}

fn fields(rows: &[ir::Property]) -> Vec<Field> {
    rows.iter().map(field).collect()
}

fn field(row: &ir::Property) -> Field {
    let schema = &row.schema;
    let encrypted = schema.encrypted.map(|how| match how {
        ir::Encryption::Rsa => Wrapped::Rsa,
        ir::Encryption::AesGcm => Wrapped::AesGcm,
        ir::Encryption::AesEcb => Wrapped::AesEcb,
    });
    let encoded = schema.encoded.map(|how| match how {
        ir::Encoding::Json => Wrapped::Json,
        ir::Encoding::UrlEncode => Wrapped::UrlEncode,
    });
    let is_text = schema.ty == ir::Type::String && !schema.properties.is_empty();
    Field {
        name: row.name.clone(),
        ty: match schema.ty {
            ir::Type::String => Type::String,
            ir::Type::Integer => Type::Integer,
            ir::Type::Number => Type::Number,
            ir::Type::Boolean => Type::Boolean,
            ir::Type::Object => Type::Object,
        },
        array: schema.array,
        required: row.required,
        line: row.line,
        label: row.label.clone(),
        values: schema.values.clone(),
        constant: schema.constant.clone(),
        max: schema.max_length,
        wrapped: encrypted.or(encoded).or(is_text.then_some(Wrapped::Json)),
        elements: row.elements().is_some(),
        fields: fields(&schema.properties),
    }
}
