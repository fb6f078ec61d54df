//! An operation, or a webhook.
//!
//! In: an operation and its generated types. Out: an operation object; its schemas go to the components.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::diff::rust::Types;
use crate::ir::{BodyFormat, Kind, Operation, Property, Protocol, ResponseFormat};
use crate::lower::DEFAULT_HOST;
use crate::names::ident::camel;
use crate::names::{feature, rust_path};

use super::schema::Schemas;
use super::{Components, security};

const DOCUMENTS: &str = "https://pay.weixin.qq.com/doc/";

/// Headers that OpenAPI has other words for.
const OWN_HEADERS: [&str; 3] = ["accept", "content-type", "authorization"];

/// `v3_pay_transactions_jsapi_post`
fn id(operation: &Operation) -> String {
    rust_path(operation).replace("r#", "").replace("::", "_")
}

/// `V3PayTransactionsJsapiPost`
fn component(operation: &Operation) -> String {
    rust_path(operation)
        .replace("r#", "")
        .split("::")
        .map(camel)
        .collect()
}

/// The key in `webhooks`: the event type, or the page's name.
pub fn webhook_name(operation: &Operation) -> String {
    let page = || {
        operation
            .page
            .trim_end_matches(".md")
            .trim_start_matches("webhook/")
            .replace('/', ".")
    };
    operation.event_type.clone().unwrap_or_else(page)
}

pub fn object(operation: &Operation, types: Types<'_>, components: &mut Components) -> Value {
    let name = component(operation);
    let mut schemas = Schemas {
        prefix: &name,
        types,
        components,
    };
    let mut object = json!({
        "operationId": id(operation),
        "summary": operation.title,
        "tags": [feature(operation)],
    });
    facts(operation, &mut object);
    let parameters = parameters(operation, &mut schemas);
    if !parameters.is_empty() {
        object["parameters"] = parameters.into();
    }
    if let Some(body) = body(operation, &mut schemas) {
        object["requestBody"] = body;
    }
    object["responses"] = responses(operation, &mut schemas);
    object
}

/// What is neither in the request nor in the response.
fn facts(operation: &Operation, object: &mut Value) {
    if operation
        .marks
        .iter()
        .any(|mark| mark == "deprecated" || mark == "discarded")
    {
        object["deprecated"] = true.into();
    }
    if let Some(id) = operation.document_ids.first() {
        object["externalDocs"] = json!({ "url": format!("{DOCUMENTS}{id}"), "description": "官方文档" });
    }
    if operation.kind == Kind::Webhook {
        // Headers or fields of a notification hold its signature, which is not a scheme of OpenAPI.
        object["security"] = json!([]);
    } else {
        if operation.hosts != [DEFAULT_HOST] {
            let servers = operation
                .hosts
                .iter()
                .map(|host| json!({ "url": host.trim_end_matches('/') }));
            object["servers"] = servers.collect();
        }
        let scheme = match operation.protocol {
            Protocol::V3 => security::V3,
            Protocol::V2 => security::V2,
        };
        let mut needed = Map::from_iter([(scheme.to_owned(), json!([]))]);
        if operation.mutual_tls {
            needed.insert(security::MUTUAL_TLS.to_owned(), json!([]));
        }
        object["security"] = json!([needed]);
    }
    object["x-wechatpay-protocol"] = operation.protocol.as_str().into();
    object["x-wechatpay-page"] = operation.page.clone().into();
    object["x-wechatpay-rust"] = rust_path(operation).into();
    if !operation.marks.is_empty() {
        object["x-wechatpay-marks"] = json!(operation.marks);
    }
    if operation.document_ids.len() > 1 {
        let links = operation
            .document_ids
            .iter()
            .map(|id| format!("{DOCUMENTS}{id}").into());
        object["x-wechatpay-documents"] = Value::Array(links.collect());
    }
    if operation.protocol == Protocol::V2 && !operation.nonce && operation.kind == Kind::Api {
        object["x-wechatpay-nonce"] = false.into();
    }
}

fn parameters(operation: &Operation, schemas: &mut Schemas<'_, '_>) -> Vec<Value> {
    let request = &operation.request;
    let mut taken = BTreeSet::new();
    let mut out = Vec::new();
    let root = (operation.kind == Kind::Api).then_some("Request");
    for (place, list) in [
        ("path", &request.path),
        ("query", &request.query),
        ("header", &request.headers),
    ] {
        for property in list {
            let lower = property.name.to_ascii_lowercase();
            let is_own = place == "header" && OWN_HEADERS.contains(&lower.as_str());
            if is_own || !taken.insert((place, lower)) {
                continue;
            }
            out.push(parameter(property, place, schemas.property(property, root)));
        }
    }
    out
}

fn parameter(property: &Property, place: &str, schema: Value) -> Value {
    let mut parameter = json!({ "name": property.name, "in": place });
    if property.required || place == "path" {
        parameter["required"] = true.into();
    }
    if !property.label.is_empty() {
        parameter["description"] = property.label.clone().into();
    }
    parameter["schema"] = schema;
    parameter
}

fn body(operation: &Operation, schemas: &mut Schemas<'_, '_>) -> Option<Value> {
    let body = &operation.request.body;
    let media = match (operation.kind, body.format) {
        (Kind::Webhook, BodyFormat::None) if body.properties.is_empty() => return None,
        (Kind::Webhook, BodyFormat::None) if operation.protocol == Protocol::V2 => "application/xml",
        (Kind::Webhook, BodyFormat::None) => "application/json",
        (_, BodyFormat::None) => return None,
        (_, BodyFormat::Json) => "application/json",
        (_, BodyFormat::Xml) => "application/xml",
        (_, BodyFormat::Multipart) => "multipart/form-data",
    };
    let root = match (operation.kind, operation.protocol) {
        (Kind::Api, _) => Some("Request"),
        (Kind::Webhook, Protocol::V2) => Some("Notification"),
        (Kind::Webhook, Protocol::V3) => None,
    };
    let name = if operation.kind == Kind::Api {
        "Body"
    } else {
        "Notification"
    };
    let schema = schemas.root(name, &body.properties, root, media);
    Some(json!({ "required": true, "content": { media: { "schema": schema } } }))
}

fn responses(operation: &Operation, schemas: &mut Schemas<'_, '_>) -> Value {
    if operation.kind == Kind::Webhook {
        return acknowledgement(operation, schemas);
    }
    let response = &operation.response;
    let mut responses = match response.format {
        ResponseFormat::Json | ResponseFormat::Xml => {
            let media = if response.format == ResponseFormat::Json {
                "application/json"
            } else {
                "application/xml"
            };
            let schema = schemas.root("Response", &response.properties, Some("Response"), media);
            json!({ "200": { "description": "成功", "content": { media: { "schema": schema } } } })
        }
        ResponseFormat::File => {
            let file = json!({ "schema": { "type": "string", "format": "binary" } });
            json!({ "200": { "description": "文件流", "content": { "application/octet-stream": file } } })
        }
        ResponseFormat::Empty => json!({ "204": { "description": "无返回内容" } }),
        ResponseFormat::Redirect => json!({ "302": { "description": "跳转" } }),
    };
    match operation.protocol {
        Protocol::V3 => {
            for status in ["4XX", "5XX"] {
                responses[status] = json!({ "$ref": "#/components/responses/Error" });
            }
        }
        Protocol::V2 => responses["default"] = json!({ "$ref": "#/components/responses/ErrorV2" }),
    }
    responses
}

fn acknowledgement(operation: &Operation, schemas: &mut Schemas<'_, '_>) -> Value {
    let media = match operation.protocol {
        Protocol::V3 => "application/json",
        Protocol::V2 => "application/xml",
    };
    let body = operation
        .acknowledgement
        .iter()
        .find(|property| property.name == "body");
    match body.filter(|body| !body.schema.properties.is_empty()) {
        Some(body) => {
            let schema = schemas.root(
                "Acknowledgement",
                &body.schema.properties,
                Some("Acknowledgement"),
                media,
            );
            json!({ "200": { "description": "应答", "content": { media: { "schema": schema } } } })
        }
        None => json!({ "200": { "description": "应答" } }),
    }
}
