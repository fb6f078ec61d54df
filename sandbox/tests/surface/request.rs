//! A correct request of an operation, made from its page's example.
//!
//! In: the operation and the merchant. Out: path, query and body as values, still in clear and
//! unsigned, so that tests can spoil them; and their wire form.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use wechatpay_sandbox::crypto;
use wechatpay_sandbox::identity::Identity;
use wechatpay_sandbox::model::{Body, Field, Operation, Type, Wrapped};

pub const FILE: &[u8] = b"the file";

/// A request in clear.
#[derive(Debug, Clone)]
pub struct Request {
    pub path: Map<String, Value>,
    pub query: Map<String, Value>,
    pub body: Map<String, Value>,
}

/// What is sent.
pub struct Wire {
    pub target: String,
    pub content_type: String,
    pub body: Vec<u8>,
    /// What the APIv3 signature covers.
    pub signed: Vec<u8>,
}

impl Request {
    pub fn from_example(operation: &Operation, identity: &Identity) -> Self {
        let example = operation.example.clone().unwrap_or(Value::Null);
        let part = |name: &str| example.get(name).cloned().unwrap_or(Value::Null);
        let sent = part(match operation.body {
            Body::Xml => "xml",
            Body::Multipart => "body",
            _ => "json",
        });
        let mut in_path = example.clone();
        // Corrections of the pages have moved some parameters from the query to the path.
        for (name, value) in part("query").as_object().into_iter().flatten() {
            in_path
                .as_object_mut()
                .unwrap()
                .entry(name.clone())
                .or_insert(value.clone());
        }
        let mut rows = operation.fields.clone();
        if operation.body == Body::Multipart {
            rows.retain(|field| field.ty != Type::Object);
        }
        let maker = Maker {
            identity,
            v3: operation.v3,
        };
        let mut request = Self {
            path: maker.object(&operation.in_path, &in_path),
            query: maker.object(&operation.query, &part("query")),
            body: maker.object(&rows, &sent),
        };
        for value in request.path.values_mut().filter(|value| **value == "") {
            *value = "1".into();
        }
        if let Some(Value::String(meta)) = request.body.get_mut("meta") {
            let mut inner: Value = serde_json::from_str(meta).unwrap();
            for name in ["sha256", "file_digest", "digest"] {
                if inner.get(name).is_some() {
                    inner[name] = crypto::sha256(FILE).into();
                }
            }
            for name in ["digest_alogrithm", "digest_algorithm"] {
                if inner.get(name).is_some() {
                    if inner[name] == "1" {
                        inner[name] = "SM3".into();
                    }
                    inner["digest"] = crypto::sm3(FILE).into();
                }
            }
            *meta = inner.to_string();
        }
        if request.body.contains_key("media_hash") {
            request.body.insert("media_hash".into(), crypto::md5(FILE).into());
        }
        request
    }

    pub fn wire(&self, operation: &Operation, identity: &Identity) -> Wire {
        let mut target = operation.path.clone();
        for (name, value) in &self.path {
            let text = utf8_percent_encode(&text(value), NON_ALPHANUMERIC).to_string();
            target = target.replace(&format!("{{{name}}}"), &text);
        }
        let mut query = flat(&self.query);
        if !operation.v3
            && operation.body == Body::None
            && operation.query.iter().any(|field| field.name == "sign")
        {
            sign_v2(&mut query, identity);
        }
        let mut separator = '?';
        for (name, value) in query {
            let value = utf8_percent_encode(&value, NON_ALPHANUMERIC);
            target.push_str(&format!("{separator}{name}={value}"));
            separator = '&';
        }
        let wire = |content_type: &str, body: Vec<u8>| Wire {
            target: target.clone(),
            content_type: content_type.into(),
            signed: body.clone(),
            body,
        };
        match operation.body {
            Body::None => wire("", Vec::new()),
            Body::Json => wire("application/json", json!(self.body).to_string().into_bytes()),
            Body::Xml => {
                let mut fields = flat(&self.body);
                sign_v2(&mut fields, identity);
                wire(
                    "text/xml",
                    wechatpay_sandbox::xml::write("xml", &fields).into_bytes(),
                )
            }
            Body::Multipart => {
                let mut fields = flat(&self.body);
                if !operation.v3 {
                    sign_v2(&mut fields, identity);
                }
                let body = form(operation, &fields);
                let signed = self
                    .body
                    .get("meta")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .into();
                Wire {
                    signed,
                    ..wire("multipart/form-data; boundary=BOUNDARY", body)
                }
            }
        }
    }
}

fn form(operation: &Operation, fields: &[(String, String)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let kind = if name == "meta" {
            "Content-Type: application/json\r\n"
        } else {
            ""
        };
        let part =
            format!("--BOUNDARY\r\nContent-Disposition: form-data; name=\"{name}\"\r\n{kind}\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    let file = operation
        .fields
        .iter()
        .find(|field| field.ty == Type::Object)
        .map_or("file", |field| &field.name);
    let head = format!(
        "--BOUNDARY\r\nContent-Disposition: form-data; name=\"{file}\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n"
    );
    body.extend(head.into_bytes());
    body.extend(FILE);
    body.extend(b"\r\n--BOUNDARY--\r\n");
    body
}

fn sign_v2(fields: &mut Vec<(String, String)>, identity: &Identity) {
    fields.retain(|(name, _)| name != "sign");
    if !fields.iter().any(|(name, _)| name == "nonce_str") {
        fields.push(("nonce_str".into(), "5K8264ILTKCH16CQ2502SI8ZNMTM67VS".into()));
    }
    let hmac = fields
        .iter()
        .any(|(name, value)| name == "sign_type" && value == "HMAC-SHA256");
    let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let sign = crypto::sign_v2(&identity.api_v2_key, hmac, pairs);
    fields.push(("sign".into(), sign));
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

pub fn flat(object: &Map<String, Value>) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (name, value) in object {
        match value {
            Value::Array(items) => out.extend(items.iter().map(|item| (name.clone(), text(item)))),
            value => out.push((name.clone(), text(value))),
        }
    }
    out
}

struct Maker<'a> {
    identity: &'a Identity,
    v3: bool,
}

impl Maker<'_> {
    /// The documented rows that the example has, and those that are required.
    fn object(&self, fields: &[Field], example: &Value) -> Map<String, Value> {
        let mut object = Map::new();
        for field in fields.iter().filter(|field| !field.name.contains('$')) {
            // An empty text is none; some examples have one for a field that is required.
            let given = example
                .get(&field.name)
                .filter(|value| !value.is_null() && **value != "");
            if object.contains_key(&field.name) || (given.is_none() && !field.required) {
                continue;
            }
            let value = if field.array {
                self.list(field, given)
            } else {
                self.value(field, given)
            };
            object.insert(field.name.clone(), value);
        }
        object
    }

    fn list(&self, field: &Field, given: Option<&Value>) -> Value {
        let items = match given {
            Some(Value::Array(items)) => items.iter().map(|item| self.value(field, Some(item))).collect(),
            given => vec![self.value(field, given)],
        };
        Value::Array(items)
    }

    fn value(&self, field: &Field, given: Option<&Value>) -> Value {
        let merchant = ["mch_id", "mchid", "combine_mch_id"].contains(&field.name.as_str());
        if merchant && !self.v3 {
            return self.identity.mchid.clone().into();
        }
        let inner = given.unwrap_or(&Value::Null);
        let content = || match inner {
            _ if field.elements => self.list(&field.fields[0], given),
            Value::Array(items) => items
                .iter()
                .map(|item| Value::Object(self.object(&field.fields, item)))
                .collect(),
            Value::String(text) => {
                serde_json::from_str(text).unwrap_or_else(|_| json!(self.object(&field.fields, inner)))
            }
            inner => Value::Object(self.object(&field.fields, inner)),
        };
        match (field.ty, field.wrapped) {
            (Type::Object, _) if field.fields.is_empty() => given.cloned().unwrap_or(json!({})),
            (Type::Object, _) => Value::Object(self.object(&field.fields, inner)),
            (_, Some(Wrapped::Rsa)) => {
                let clear = inner.as_str().filter(|text| text.len() <= 214).unwrap_or("clear");
                self.identity.public_key.key.encrypt(clear).unwrap().into()
            }
            (_, Some(Wrapped::Json)) if !field.fields.is_empty() => content().to_string().into(),
            (_, Some(Wrapped::Json)) if !inner.is_string() && !inner.is_null() => inner.to_string().into(),
            (_, Some(Wrapped::Json)) => given.cloned().unwrap_or("{}".into()),
            (_, Some(Wrapped::UrlEncode)) => {
                let fields = flat(&self.object(&field.fields, inner));
                form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(fields)
                    .finish()
                    .into()
            }
            _ => self.scalar(field, given),
        }
    }

    fn scalar(&self, field: &Field, given: Option<&Value>) -> Value {
        let first = field.constant.clone().or_else(|| field.values.first().cloned());
        let given = given.map(text).or(first);
        match field.ty {
            Type::Integer | Type::Number => {
                serde_json::from_str::<serde_json::Number>(&given.unwrap_or_default())
                    .map_or(json!(1), Value::Number)
            }
            Type::Boolean => given.is_some_and(|text| text.eq_ignore_ascii_case("true")).into(),
            _ => {
                let text = given.unwrap_or_else(|| "1".into());
                text.chars()
                    .take(field.max.map_or(usize::MAX, |max| max as usize))
                    .collect::<String>()
                    .into()
            }
        }
    }
}
