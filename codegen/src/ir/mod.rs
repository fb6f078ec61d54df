//! The API as the pages describe it, in OpenAPI's words.
//!
//! In: nothing but types. `lower` makes an [`Api`] out of parsed pages, `passes` correct it, and
//! `names`, `emit` and the commands only read it. Nothing here knows markdown, nothing knows Rust.

mod provenance;

use std::sync::Arc;

use serde_json::Value;

use crate::span::Span;
pub use provenance::{Effect, Learned, Origin, Provenance, Reading, Standing};

/// The whole surface: one entry per operation, in order of page path, then of place on the page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Api {
    pub operations: Vec<Operation>,
    pub redirects: Vec<Redirect>,
    /// The second readings that have been combined with the pages, sorted by id.
    pub readings: Vec<Arc<Reading>>,
}

/// A page that only says where its content went. The old path stays usable and deprecated.
#[derive(Debug, Clone, PartialEq)]
pub struct Redirect {
    /// Page path below the specs folder, with `.md`.
    pub page: String,
    /// The new page in the same form: `openapi/v3/….md`.
    pub to: String,
    pub span: Span,
}

/// One method of one page: an API operation, or a webhook.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Page path below the specs folder, with `.md`.
    pub page: String,
    /// The heading's place.
    pub span: Span,
    /// 1-based line of the heading.
    pub line: usize,
    pub kind: Kind,
    pub protocol: Protocol,
    pub method: Method,
    /// URL path with `{name}` placeholders; `None` for a webhook.
    pub path: Option<String>,
    /// Official title.
    pub title: String,
    /// The title in English, where the glossary has it.
    pub english: Option<String>,
    pub product: Option<Arc<Product>>,
    /// For whom the documentation lists it, if not for all.
    pub audience: Option<Audience>,
    /// `deprecated`, `discarded`, `privated`, `redesigned`, `need-accessment`, `need-tbt`, … in page order.
    pub marks: Vec<String>,
    /// Ids of the official documents, as in `https://pay.weixin.qq.com/doc/<id>`.
    pub document_ids: Vec<String>,
    /// Base URLs the page names; the first is the default. Never empty for an API operation.
    pub hosts: Vec<String>,
    /// The merchant's API certificate is needed on the TLS connection.
    pub mutual_tls: bool,
    /// A `nonce_str` may be added (v2).
    pub nonce: bool,
    /// A webhook's event type (v3).
    pub event_type: Option<String>,
    pub request: Request,
    /// What the operation responds with; for a webhook `Response::none()`.
    pub response: Response,
    /// What a webhook must respond with.
    pub acknowledgement: Vec<Property>,
    /// The page's example requests, as literal values keyed like the request table.
    pub examples: Vec<Value>,
}

impl Operation {
    /// All lists of fields: the request's, the response's, and what a webhook must respond with.
    pub fn lists(&self) -> [&Vec<Property>; 6] {
        let request = &self.request;
        [
            &request.path,
            &request.query,
            &request.headers,
            &request.body.properties,
            &self.response.properties,
            &self.acknowledgement,
        ]
    }

    /// The same lists, to be changed.
    pub fn lists_mut(&mut self) -> [&mut Vec<Property>; 6] {
        let request = &mut self.request;
        [
            &mut request.path,
            &mut request.query,
            &mut request.headers,
            &mut request.body.properties,
            &mut self.response.properties,
            &mut self.acknowledgement,
        ]
    }
}

/// A product of WeChat Pay, as the contents of the documentation name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub name: String,
    pub english: String,
    /// What it is for.
    pub purpose: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    Merchants,
    Partners,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Api,
    Webhook,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    V2,
    V3,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// The parts of a request. For a webhook, `headers` and `body` hold the notification.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    pub path: Vec<Property>,
    pub query: Vec<Property>,
    pub headers: Vec<Property>,
    pub body: RequestBody,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct RequestBody {
    pub format: BodyFormat,
    pub properties: Vec<Property>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BodyFormat {
    #[default]
    None,
    Json,
    Xml,
    Multipart,
}

/// What comes back on success.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Response {
    pub format: ResponseFormat,
    /// Fields of the response. For a file with an error table (`异常字典`), the fields of that error.
    pub properties: Vec<Property>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResponseFormat {
    Json,
    Xml,
    /// No body (HTTP 204).
    #[default]
    Empty,
    /// A stream of bytes.
    File,
    /// Not called by the client: the signed URL is for a browser.
    Redirect,
}

/// One row of a table, with the rows below it.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// The page's own name, with `$n` left in it.
    pub name: String,
    /// The name cell's place.
    pub span: Span,
    /// 1-based line of the row.
    pub line: usize,
    pub schema: Schema,
    pub required: bool,
    /// The official term: the first line of the description.
    pub label: String,
    /// The term in English, where the glossary has it.
    pub english: Option<String>,
    /// What the description says beyond the term and the values, one line each (public pages only).
    pub notes: Vec<String>,
    pub provenance: Provenance,
}

impl Property {
    /// Notes what a reading did to the row: each effect once.
    pub fn learn(&mut self, reading: &Arc<Reading>, effect: Effect) {
        let learned = Learned {
            reading: reading.clone(),
            effect,
        };
        let list = &mut self.provenance.learned;
        let key = |learned: &Learned| (learned.reading.id.clone(), learned.effect.clone());
        if let Err(at) = list.binary_search_by_key(&key(&learned), key) {
            list.insert(at, learned);
        }
    }

    /// What the elements are of a text that holds a JSON list: then the only row below is not a field of
    /// it, as `receivers` of `receiver object[]`, `store_photos` of `media_id string[]`.
    pub fn elements(&self) -> Option<&Self> {
        let is_text = self.schema.ty == Type::String && self.schema.encoded != Some(Encoding::UrlEncode);
        match &*self.schema.properties {
            [row] if is_text && row.schema.array => {
                let scalars = row.schema.properties.is_empty();
                (scalars || self.name.contains(&row.name)).then_some(row)
            }
            _ => None,
        }
    }
}

/// What a value looks like.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    pub ty: Type,
    /// A list of `ty`.
    pub array: bool,
    /// Known values, as written; every enumeration is open.
    pub values: Vec<String>,
    /// The one value there is.
    pub constant: Option<String>,
    pub default: Option<String>,
    /// In characters.
    pub max_length: Option<u32>,
    pub encrypted: Option<Encryption>,
    pub encoded: Option<Encoding>,
    /// A signature made with the merchant's private key.
    pub signed: bool,
    /// A `number` that is known to have a fraction (a fixup, or the page's example shows one).
    pub decimal: bool,
    /// A `string` that is a point in time: a date, with or without a time of day.
    pub time: bool,
    /// A `string` of an open set of values, even where none is known.
    pub open: bool,
    /// Nested fields; for an encrypted or encoded row its clear content. A string that is marked as
    /// neither and has fields nevertheless is JSON text.
    pub properties: Vec<Property>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    String,
    Integer,
    Number,
    Boolean,
    Object,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encryption {
    /// RSA-OAEP: by the platform's key in a request, by the merchant's key in a response.
    Rsa,
    /// AES-256-GCM under the APIv3 key.
    AesGcm,
    /// AES-256-ECB under the MD5 of the APIv2 key.
    AesEcb,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// JSON text inside a string.
    Json,
    /// `application/x-www-form-urlencoded` text inside a string.
    UrlEncode,
}

impl Schema {
    /// A plain value of a type.
    pub fn new(ty: Type) -> Self {
        Self {
            ty,
            array: false,
            values: Vec::new(),
            constant: None,
            default: None,
            max_length: None,
            encrypted: None,
            encoded: None,
            signed: false,
            decimal: false,
            time: false,
            open: false,
            properties: Vec::new(),
        }
    }

    /// A string of which the page says nothing more: no values, no content, no encryption.
    pub fn is_plain_text(&self) -> bool {
        self.ty == Type::String
            && self.values.is_empty()
            && self.properties.is_empty()
            && self.constant.is_none()
            && self.encrypted.is_none()
            && self.encoded.is_none()
    }
}

impl Method {
    /// `GET`, `POST`, …
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The method of a name such as `get`, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete]
            .into_iter()
            .find(|method| method.as_str().eq_ignore_ascii_case(name))
    }
}

impl Protocol {
    /// `v2`, `v3`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2 => "v2",
            Self::V3 => "v3",
        }
    }
}
