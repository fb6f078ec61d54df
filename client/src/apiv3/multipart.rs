//! Uploads. In: a request with a file and its `meta`. Out: a form, and the `meta` text that alone is
//! signed.
//!
//! The pages have four dialects of `meta`. Whatever names one uses for the file's name and digest,
//! the client fills those that the caller left empty; where the dialect names the digest's
//! algorithm and it is SM3, the digest is SM3, else SHA-256.

use bytes::Bytes;
use http::HeaderValue;

use super::encrypt::Encryptor;
use crate::crypto::Digest;
use crate::error::Error;
use crate::exchange::{Form, Options, Payload, TextPart, add_to_json, digest, header_value, is_in_path};
use crate::operation::Operation;
use crate::wire::{self, Json, Object, Upload, View};

const DIGESTS: [&str; 3] = ["sha256", "file_digest", "digest"];
const NAMES: [&str; 2] = ["filename", "file_name"];
/// How the algorithm is named, and what it always is. The first spelling is the documentation's.
const ALGORITHMS: [(&str, &str); 2] = [
    ("digest_alogrithm", "SM3"),
    ("digest_algorithm", "DIGEST_ALGORITHM_SM3"),
];

/// A form ready to be sent.
pub(super) struct Written {
    pub payload: Payload,
    pub content_type: HeaderValue,
    /// The exact bytes of `meta`.
    pub meta: Bytes,
}

pub(super) async fn form(
    operation: &Operation,
    request: &dyn Object,
    options: &Options,
    encryptor: &Encryptor,
) -> Result<Written, Error> {
    let mut file = None;
    let mut meta = None;
    let mut others = Vec::new();
    for (name, value) in request.fields() {
        if is_in_path(operation.path, name)
            || operation.query.contains(&name)
            || operation.headers.contains(&name)
        {
            continue;
        }
        match value.view() {
            View::Absent => {}
            View::File(upload) => file = Some((name, upload)),
            View::JsonText(inner) if name == "meta" => meta = object_of(inner.view()),
            View::Object(inner) if name == "meta" => meta = Some(inner),
            _ => others.push(name),
        }
    }
    let (part, file) = file.ok_or_else(|| Error::request("the upload has no file"))?;
    let meta = match meta {
        Some(meta) => Bytes::from(add_to_json(
            fill(meta, file, encryptor).await?.into(),
            &options.extra,
        )?),
        None => return Err(Error::request("the upload has no `meta`")),
    };
    let others = wire::flatten(request, &|name| others.contains(&name), Some(encryptor))?;
    let mut texts = vec![TextPart {
        name: "meta",
        content_type: Some("application/json"),
        text: &meta,
    }];
    texts.extend(others.iter().map(|(name, text)| TextPart {
        name,
        content_type: None,
        text: text.as_bytes(),
    }));
    let form = Form::new(&texts, part, file)?;
    let content_type = header_value("Content-Type", &form.content_type())?;
    Ok(Written {
        payload: Payload::Form(form),
        content_type,
        meta,
    })
}

fn object_of(view: View<'_>) -> Option<&dyn Object> {
    match view {
        View::Object(object) => Some(object),
        _ => None,
    }
}

/// `meta` as JSON text, with the file's name and digest.
async fn fill(meta: &dyn Object, file: &Upload, encryptor: &Encryptor) -> Result<Bytes, Error> {
    let written = wire::to_json(meta, &|_| true, Some(encryptor))?;
    let fields = meta.fields();
    let has = |name: &str| fields.iter().any(|(field, _)| *field == name);
    let mut json: serde_json::Map<String, Json> =
        serde_json::from_slice(&written).map_err(|error| Error::request(error.to_string()))?;
    let is_empty = |json: &serde_json::Map<String, Json>, name: &str| {
        json.get(name).is_none_or(|value| value.as_str() == Some(""))
    };
    let mut changed = false;
    for name in NAMES {
        if has(name) && is_empty(&json, name) {
            json.insert(name.to_owned(), file.name().into());
            changed = true;
        }
    }
    let mut algorithm = Digest::Sha256;
    for (name, always) in ALGORITHMS {
        if !has(name) {
            continue;
        }
        if is_empty(&json, name) {
            json.insert(name.to_owned(), always.into());
            changed = true;
        }
        if json[name].as_str().is_some_and(|text| text.contains("SM3")) {
            algorithm = Digest::Sm3;
        }
    }
    for name in DIGESTS {
        if has(name) && is_empty(&json, name) {
            json.insert(name.to_owned(), digest(file, algorithm).await?.into());
            changed = true;
        }
    }
    if !changed {
        return Ok(written.into());
    }
    serde_json::to_vec(&json)
        .map(Bytes::from)
        .map_err(|error| Error::request(error.to_string()))
}
