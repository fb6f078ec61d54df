//! The whole surface as an OpenAPI 3.1 document, for every other tool and language.
//!
//! In: [`Api`]. Out: one JSON value, its keys in a fixed order. Nothing of the generated Rust code is
//! needed to use it, but its names: a schema of `v3::pay::transactions::jsapi::post::Amount` is called
//! `V3PayTransactionsJsapiPost_Amount`.
//!
//! # What OpenAPI cannot say by itself
//!
//! * An enumeration is open: `anyOf: [{ type, enum }, { type }]`, which validates any value and which
//!   generators know as such.
//! * `x-wechatpay-encrypted`: `rsa`, `aes-gcm` or `aes-ecb`; the value is a text, its clear content is
//!   `x-wechatpay-clear`. `x-wechatpay-signed`: the caller signs this value with the merchant's key.
//! * JSON or a form inside a text is `contentMediaType` and `contentSchema`.
//! * Fields numbered from 0 (`coupon_id_$n`) are `patternProperties`.
//! * `x-wechatpay-protocol`, `-page`, `-rust`, `-marks`, `-documents` of an operation; for APIv2
//!   `x-wechatpay-nonce: false` where no `nonce_str` may be sent.
//! * `x-wechatpay-moved`: pages that moved, old path to new page.
//! * Headers that OpenAPI describes elsewhere (`Accept`, `Content-Type`, `Authorization`) are left out.

mod operation;
mod schema;
mod security;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::diff::rust;
use crate::ir::{Api, Kind};
use crate::lower::DEFAULT_HOST;
use crate::names::{self, feature};

/// Schemas that several places refer to, by name.
pub type Components = Map<String, Value>;

/// The document. `version` is that of the crate.
pub fn document(api: &Api, version: &str) -> Value {
    let plan = names::plan(api);
    let types = rust::index(&plan);
    let mut components = Components::new();
    components.insert("Error".to_owned(), security::error());
    let (mut paths, mut webhooks) = (Map::new(), Map::new());
    let mut tags = BTreeSet::new();
    for operation in &api.operations {
        let of = rust::of(&types, operation);
        tags.insert(feature(operation));
        let item = operation::object(operation, of, &mut components);
        let (list, name) = match (operation.kind, &operation.path) {
            (Kind::Api, Some(path)) => (&mut paths, path.clone()),
            _ => (&mut webhooks, operation::webhook_name(operation)),
        };
        let entry = list.entry(name).or_insert_with(|| json!({}));
        entry[operation.method.as_str().to_lowercase()] = item;
    }
    sort(&mut components);
    json!({
        "openapi": "3.1.0",
        "info": info(version),
        "servers": [{ "url": DEFAULT_HOST.trim_end_matches('/') }],
        "tags": tags.into_iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        "paths": paths,
        "webhooks": webhooks,
        "components": {
            "schemas": components,
            "responses": { "Error": security::error_response() },
            "securitySchemes": security::schemes(),
        },
        "x-wechatpay-moved": api.redirects.iter().map(|moved| json!({ "page": moved.page, "to": moved.to })).collect::<Vec<_>>(),
    })
}

fn info(version: &str) -> Value {
    json!({
        "title": "WeChat Pay",
        "summary": "Every documented operation and notification of WeChat Pay, APIv3 and APIv2",
        "description": "Made from the documentation pages. Titles and terms are the official ones.",
        "version": version,
        "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
    })
}

fn sort(map: &mut Components) {
    let mut entries: Vec<_> = std::mem::take(map).into_iter().collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    map.extend(entries);
}
