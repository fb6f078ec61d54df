//! Requests against the pages: who sent it, and whether it is what the page says.
//!
//! In: a request as received, the operation it is for, the identity. Out: [`Checked`], all values in
//! clear, or a [`Refusal`]. Signature first, content after it.

pub mod authorization;
pub mod fields;
pub mod multipart;
pub mod v2;

use std::sync::Arc;

use bytes::Bytes;
use hyper::HeaderMap;
use serde_json::{Map, Value};

use crate::identity::{Identity, PlatformKey};
use crate::model::{Body, Operation};
use crate::refusal::Refusal;
use fields::Rules;

/// A request as received.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub method: String,
    /// Path and query exactly as on the wire.
    pub target: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The merchant's certificate came with the connection; `None` without TLS.
    pub certificate: Option<bool>,
}

/// A request that is right.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    pub path: Value,
    pub query: Value,
    /// The body with encrypted fields in clear; of a form, its `meta`.
    pub body: Value,
    pub file: Option<Bytes>,
    /// APIv2: the request is signed with HMAC-SHA256.
    pub hmac: bool,
}

impl Incoming {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(&self.target, |(path, _)| path)
    }

    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }
}

impl Checked {
    /// A value that the caller sent, wherever it stands.
    pub fn get(&self, name: &str) -> Option<&Value> {
        [&self.body, &self.path, &self.query]
            .into_iter()
            .find_map(|part| part.get(name))
    }

    pub fn text(&self, name: &str) -> &str {
        self.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Pairs as an object; a name that is there several times is a list.
pub fn pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Value {
    let mut object = Map::new();
    for (name, value) in pairs {
        match object.get_mut(&name) {
            None => {
                object.insert(name, value.into());
            }
            Some(Value::Array(items)) => items.push(value.into()),
            Some(first) => *first = Value::Array(vec![first.take(), value.into()]),
        }
    }
    Value::Object(object)
}

/// The key of the platform that a request names, or the merchant's when it names none.
pub fn platform_key(identity: &Identity, incoming: &Incoming) -> Option<Arc<PlatformKey>> {
    identity.platform.named(named(identity, incoming).as_deref())
}

/// The key that the response is signed with.
pub fn signing_key(identity: &Identity, incoming: &Incoming) -> Arc<PlatformKey> {
    identity.platform.signing(named(identity, incoming).as_deref())
}

/// What a request names. Certificates are downloaded by those who know no key yet, and verified with
/// what comes.
fn named(identity: &Identity, incoming: &Incoming) -> Option<String> {
    match incoming.header("wechatpay-serial") {
        None | Some("") if incoming.path() == "/v3/certificates" => {
            Some(identity.platform.active().id.clone())
        }
        header => header.map(str::to_owned),
    }
}

/// An APIv3 request.
pub fn v3(
    identity: &Identity,
    operation: &Operation,
    path: &[(String, String)],
    incoming: &Incoming,
    now: u64,
) -> Result<Checked, Refusal> {
    let form = match operation.body {
        Body::Multipart => {
            Some(multipart::parse(incoming).map_err(|refusal| refusal.at(operation.row(operation.line)))?)
        }
        _ => None,
    };
    let signed = form.as_ref().map_or(&incoming.body, |form| &form.meta);
    authorization::check(identity, incoming, signed, now)?;
    headers(identity, operation, incoming)?;
    let named = platform_key(identity, incoming);
    let decrypts = match &named {
        Some(key) if incoming.headers.contains_key("wechatpay-serial") => Ok(&key.key),
        Some(_) => Err("encrypted, but the header Wechatpay-Serial does not say with which key"),
        None => Err("encrypted, but Wechatpay-Serial names no key of the platform"),
    };
    let rules = |location, text| Rules {
        operation,
        location,
        text,
        decrypts,
    };
    let line = operation.line;
    let path = rules("path", true).object(&operation.in_path, &pairs(path.to_vec()), "", line)?;
    let query = query(operation, incoming, &rules("query", true))?;
    let body = match (operation.body, &form) {
        (Body::Multipart, Some(form)) => form.check(operation, &rules("body", false))?,
        (Body::Json, _) => {
            content_type(incoming, "application/json", operation)?;
            let body = json(operation, &incoming.body)?;
            rules("body", false).object(&operation.fields, &body, "", line)?
        }
        _ if incoming.body.iter().all(u8::is_ascii_whitespace) || &incoming.body[..] == b"{}" => {
            Value::Object(Map::new())
        }
        _ => {
            let refusal = Refusal::parameter("body", "", &Value::Null, "there is a body, the page has none");
            return Err(refusal.at(operation.row(line)));
        }
    };
    Ok(Checked {
        path,
        query,
        body,
        file: form.map(|form| form.file),
        hmac: false,
    })
}

fn json(operation: &Operation, body: &[u8]) -> Result<Value, Refusal> {
    if body.is_empty() && !operation.fields.iter().any(|field| field.required) {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(body).map_err(|error| {
        Refusal::parameter("body", "", &Value::Null, format!("not JSON: {error}"))
            .at(operation.row(operation.line))
    })
}

fn content_type(incoming: &Incoming, expected: &str, operation: &Operation) -> Result<(), Refusal> {
    let found = incoming.header("content-type").unwrap_or_default();
    if found
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(expected))
    {
        return Ok(());
    }
    let refusal = Refusal::parameter("header", "Content-Type", &found.into(), format!("not {expected}"));
    Err(refusal.at(operation.row(operation.line)))
}

fn query(operation: &Operation, incoming: &Incoming, rules: &Rules<'_>) -> Result<Value, Refusal> {
    let found: Vec<_> = form_urlencoded::parse(incoming.query().as_bytes())
        .into_owned()
        .collect();
    for (name, value) in &found {
        let list = operation
            .query
            .iter()
            .any(|field| field.name == *name && field.array);
        if !list && found.iter().filter(|(other, _)| other == name).count() > 1 {
            let refusal = Refusal::parameter(
                "query",
                &format!("/{name}"),
                &value.as_str().into(),
                "there is more than one",
            );
            return Err(refusal.at(operation.row(operation.line)));
        }
    }
    rules.object(&operation.query, &pairs(found), "", operation.line)
}

/// The documented headers, and those that every request must have.
fn headers(identity: &Identity, operation: &Operation, incoming: &Incoming) -> Result<(), Refusal> {
    for name in ["Accept", "User-Agent"] {
        if incoming.header(name).is_none_or(str::is_empty) {
            let refusal = Refusal::parameter("header", name, &Value::Null, "required, but missing");
            return Err(refusal.at(operation.row(operation.line)));
        }
    }
    for field in &operation.headers {
        let refuse = |value: &str, issue: &str| {
            Refusal::parameter("header", &field.name, &value.into(), issue).at(operation.row(field.line))
        };
        match incoming.header(&field.name) {
            // It is needed only where something is encrypted, which the encrypted field itself says.
            None | Some("") if is_serial(&field.name) => {}
            None | Some("") if field.required => return Err(refuse("", "required, but missing")),
            Some(value) if is_serial(&field.name) && platform_key(identity, incoming).is_none() => {
                return Err(refuse(
                    value,
                    "neither the public key's id nor a platform certificate's serial",
                ));
            }
            Some(value) if field.max.is_some_and(|max| value.chars().count() > max as usize) => {
                return Err(refuse(value, "too long"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_serial(name: &str) -> bool {
    name.eq_ignore_ascii_case("wechatpay-serial")
}
