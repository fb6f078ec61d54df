//! The documented operations, lean: what the sandbox needs of the pages and no more.
//!
//! In: nothing but types, which the build script writes as JSON and the sandbox reads. Out: nothing.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One operation, or one webhook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Page path below the specs folder.
    pub page: String,
    /// Line of the heading.
    pub line: usize,
    pub v3: bool,
    pub webhook: bool,
    pub method: String,
    /// Path with `{name}` placeholders, with the prefix that the host has (`/hk`); empty for a webhook.
    pub path: String,
    /// The same without the host's prefix.
    pub bare_path: String,
    pub title: String,
    /// The merchant's certificate is needed on the connection.
    pub mutual_tls: bool,
    pub event_type: Option<String>,
    pub in_path: Vec<Field>,
    pub query: Vec<Field>,
    pub headers: Vec<Field>,
    pub body: Body,
    pub fields: Vec<Field>,
    pub response: ResponseFormat,
    pub response_fields: Vec<Field>,
    /// A success is signed.
    pub signed_response: bool,
    /// The merchant's number that makes a repetition harmless.
    pub idempotent_by: Option<String>,
    /// The page's first example request, keyed like the request table.
    pub example: Option<Value>,
}

/// How a request's body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    None,
    Json,
    Xml,
    Multipart,
}

/// What comes back on success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResponseFormat {
    Json,
    Xml,
    Empty,
    File,
    Redirect,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Type {
    String,
    Integer,
    Number,
    Boolean,
    Object,
}

/// How a text's real content is hidden in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wrapped {
    /// RSA-OAEP.
    Rsa,
    /// AES-256-GCM under the APIv3 key.
    AesGcm,
    /// AES-256-ECB under the MD5 of the APIv2 key.
    AesEcb,
    /// JSON text.
    Json,
    /// `a=1&b=2`.
    UrlEncode,
}

/// One row of a table, with the rows below it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    pub ty: Type,
    #[serde(default, skip_serializing_if = "is_false")]
    pub array: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// Line of the row.
    pub line: usize,
    pub label: String,
    /// Known values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant: Option<String>,
    /// In characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrapped: Option<Wrapped>,
    /// The content of a JSON text is a list, and the only inner row says what its elements are.
    #[serde(default, skip_serializing_if = "is_false")]
    pub elements: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl Field {
    /// The row that says what the elements of the list in a JSON text are.
    pub fn element(&self) -> Option<&Self> {
        self.fields.first().filter(|_| self.elements)
    }
}

impl Operation {
    /// `POST /v3/pay/transactions/jsapi`; a webhook's event type; `v2/refund-processed`.
    pub fn name(&self) -> String {
        match &self.event_type {
            _ if !self.webhook => format!("{} {}", self.method, self.path),
            Some(event) if self.v3 => event.clone(),
            _ => self
                .page
                .trim_start_matches("webhook/")
                .trim_end_matches(".md")
                .to_owned(),
        }
    }

    /// A row of this page, as `page:line`.
    pub fn row(&self, line: usize) -> String {
        format!("{}:{line}", self.page)
    }
}
