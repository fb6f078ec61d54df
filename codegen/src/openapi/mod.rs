//! The whole surface as an OpenAPI 3.1 document, for every other tool and language.
//!
//! In: [`Api`]. Out: one JSON value, its keys in a fixed order. Nothing of the generated Rust code is
//! needed to use it, but its names: a schema of `v3::pay::transactions::jsapi::post::Amount` is called
//! `V3PayTransactionsJsapiPost_Amount`.
//!
//! # What OpenAPI has no words for
//!
//! * An enumeration is open: `anyOf: [{ type, enum }, { type }]`, which validates any value and which
//!   generators know as such. `x-enum-varnames` names values that differ only in case or punctuation.
//! * `x-wechatpay-encrypted`: `rsa`, `aes-gcm` or `aes-ecb`; the value is a text, `contentSchema` is that of
//!   its clear content. `x-wechatpay-signed`: the caller signs this value with the merchant's key.
//! * JSON or a form inside a text is `contentMediaType` and `contentSchema`.
//! * Fields numbered from 0 (`coupon_id_$n`) are `patternProperties`.
//! * `x-wechatpay-protocol`, `-page`, `-rust`, `-marks`, `-documents` of an operation; for APIv2
//!   `x-wechatpay-nonce: false` where no `nonce_str` may be sent.
//! * `x-wechatpay-moved`: pages that moved, old path to new page.
//! * Two paths that differ in the name of a placeholder only are one to OpenAPI: the second gets a fragment
//!   (`…/{business_code}/cancel#business_code`), which no client sends.
//! * An error is `4XX` and `5XX` for APIv3. APIv2 sends it with any status: `default`.
//! * Headers that OpenAPI describes elsewhere (`Accept`, `Content-Type`, `Authorization`) are left out.

mod operation;
mod schema;
mod security;

use std::collections::{BTreeMap, BTreeSet};

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
    components.insert("ErrorV2".to_owned(), security::error_v2());
    let (mut paths, mut webhooks) = (Map::new(), Map::new());
    let mut tags = BTreeSet::new();
    let mut templates: BTreeMap<String, &String> = BTreeMap::new();
    for operation in &api.operations {
        let of = rust::of(&types, operation);
        tags.insert(feature(operation));
        let item = operation::object(operation, of, &mut components);
        let (list, name) = match (operation.kind, &operation.path) {
            (Kind::Api, Some(path)) => {
                let name = match templates.entry(anonymous(path)).or_insert(path) {
                    first if *first == path => path.clone(),
                    // Identical templates may not stand beside each other; a fragment is never sent.
                    _ => format!("{path}#{}", last_placeholder(path)),
                };
                (&mut paths, name)
            }
            _ => (&mut webhooks, operation::webhook_name(operation)),
        };
        let entry = list.entry(name).or_insert_with(|| json!({}));
        entry[operation.method.as_str().to_lowercase()] = item;
    }
    sort(&mut components);
    let mut document = json!({
        "openapi": "3.1.0",
        "info": info(version),
        "servers": [{ "url": DEFAULT_HOST.trim_end_matches('/') }],
        "tags": tags.into_iter().map(tag).collect::<Vec<_>>(),
        "paths": {},
        "webhooks": {},
        "components": {
            "schemas": {},
            "responses": security::error_responses(),
            "securitySchemes": security::schemes(),
        },
        "x-wechatpay-moved": api.redirects.iter().map(|moved| json!({ "page": moved.page, "to": moved.to })).collect::<Vec<_>>(),
    });
    // `json!` would copy them.
    document["paths"] = paths.into();
    document["webhooks"] = webhooks.into();
    document["components"]["schemas"] = components.into();
    document
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

fn tag(name: String) -> Value {
    let description = format!("What the cargo feature `{name}` of the Rust client holds.");
    json!({ "name": name, "description": description })
}

/// `/a/{b}` → `/a/{}`
fn anonymous(path: &str) -> String {
    let parts = path
        .split('/')
        .map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn last_placeholder(path: &str) -> &str {
    let mut placeholders = path
        .rsplit('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    placeholders.next().unwrap_or_default()
}

fn sort(map: &mut Components) {
    let mut entries: Vec<_> = std::mem::take(map).into_iter().collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    map.extend(entries);
}
