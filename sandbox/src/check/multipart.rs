//! Forms with a file. In: a request. Out: its `meta`, which alone is signed, its file and other
//! parts; the file's digest must be the one that `meta` names.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::Incoming;
use super::fields::Rules;
use crate::crypto;
use crate::model::Operation;
use crate::refusal::Refusal;

/// A form.
pub struct Form {
    pub meta: Bytes,
    pub file: Bytes,
    /// The file's name in the form.
    pub filename: String,
    /// The name of the part that the file is.
    pub part: String,
    /// The other parts.
    pub texts: Vec<(String, String)>,
}

fn wrong(issue: &str) -> Refusal {
    Refusal::parameter("body", "", &Value::Null, issue)
}

/// What the parts are separated by. Clients that forget it in the header are understood by the first line
/// of the body.
fn boundary(incoming: &Incoming) -> Result<String, Refusal> {
    let kind = incoming.header("content-type").unwrap_or_default();
    let refuse = || {
        let issue = "not multipart/form-data with a boundary";
        Refusal::parameter("header", "Content-Type", &kind.into(), issue)
    };
    let rest = kind.strip_prefix("multipart/form-data").ok_or_else(refuse)?;
    let mut parts = rest.split(';').map(str::trim);
    let named = parts.find_map(|part| part.strip_prefix("boundary="));
    let named = named.map(|boundary| boundary.trim_matches('"').to_owned());
    let first = || {
        let line = incoming.body.split(|byte| *byte == b'\r').next()?;
        Some(std::str::from_utf8(line.strip_prefix(b"--")?).ok()?.to_owned())
    };
    let boundary = named.or_else(first).filter(|boundary| !boundary.is_empty());
    boundary.ok_or_else(refuse)
}

/// Reads a form.
pub fn parse(incoming: &Incoming) -> Result<Form, Refusal> {
    let boundary = boundary(incoming)?;
    let mut form = Form {
        meta: Bytes::new(),
        file: Bytes::new(),
        filename: String::new(),
        part: String::new(),
        texts: Vec::new(),
    };
    let delimiter = format!("\r\n--{boundary}");
    // The first delimiter has no line before it.
    let body = [b"\r\n", &incoming.body[..]].concat();
    let mut rest = match find(&body, delimiter.as_bytes()) {
        Some(at) => &body[at + delimiter.len()..],
        None => return Err(wrong("the form has no part")),
    };
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let end = find(part, delimiter.as_bytes()).ok_or_else(|| wrong("the form is cut off"))?;
        form.part(&part[..end])?;
        rest = &part[end + delimiter.len()..];
    }
    match rest.starts_with(b"--") {
        true => Ok(form),
        false => Err(wrong("the form has no end")),
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

impl Form {
    fn part(&mut self, part: &[u8]) -> Result<(), Refusal> {
        let end = find(part, b"\r\n\r\n").ok_or_else(|| wrong("a part has no headers"))?;
        let head = std::str::from_utf8(&part[..end]).map_err(|_| wrong("a part's headers are not text"))?;
        let content = &part[end + 4..];
        let parameter = |name: &str| {
            let (_, rest) = head.split_once(&format!(" {name}=\""))?;
            Some(rest.split('"').next().unwrap_or_default().to_owned())
        };
        let name = parameter("name").ok_or_else(|| wrong("a part has no name"))?;
        match parameter("filename") {
            Some(_) if name == "meta" => return Err(wrong("`meta` must have no filename")),
            Some(filename) => {
                self.file = Bytes::copy_from_slice(content);
                self.filename = filename;
                self.part = name;
            }
            None if name == "meta" => {
                // Official clients send it without a type.
                let kind = head.lines().find_map(|line| {
                    let (name, kind) = line.split_once(':')?;
                    name.eq_ignore_ascii_case("content-type").then_some(kind)
                });
                let is_json = |kind: &str| kind.to_ascii_lowercase().contains("application/json");
                if kind.is_some_and(|kind| !is_json(kind)) {
                    return Err(wrong("`meta` must be application/json"));
                }
                self.meta = Bytes::copy_from_slice(content);
            }
            None => {
                let text = std::str::from_utf8(content).map_err(|_| wrong("a part is not text"))?;
                self.texts.push((name, text.to_owned()));
            }
        }
        Ok(())
    }

    /// The form against the page: its clear `meta`.
    pub fn check(&self, operation: &Operation, rules: &Rules<'_>) -> Result<Value, Refusal> {
        let at = |refusal: Refusal, line: usize| refusal.at(operation.row(line));
        for field in &operation.fields {
            let there = match field.name.as_str() {
                "meta" => !self.meta.is_empty(),
                name if field.ty == crate::model::Type::Object => self.part == name,
                name => self.texts.iter().any(|(other, _)| other == name),
            };
            if field.required && !there {
                let path = format!("/{}", field.name);
                return Err(at(
                    Refusal::parameter("body", &path, &Value::Null, "required, but missing"),
                    field.line,
                ));
            }
        }
        let known = |name: &str| operation.fields.iter().any(|field| field.name == name);
        if let Some((name, _)) = self.texts.iter().find(|(name, _)| !known(name)) {
            return Err(at(
                Refusal::parameter("body", &format!("/{name}"), &Value::Null, "unknown"),
                operation.line,
            ));
        }
        let Some(row) = operation.fields.iter().find(|field| field.name == "meta") else {
            return Ok(Value::Object(Map::new()));
        };
        let meta: Value = serde_json::from_slice(&self.meta).map_err(|error| {
            at(
                Refusal::parameter("body", "/meta", &Value::Null, format!("not JSON: {error}")),
                row.line,
            )
        })?;
        let clear = rules.object(&row.fields, &meta, "/meta", row.line)?;
        self.digest(&clear).map_err(|refusal| at(refusal, row.line))?;
        Ok(clear)
    }

    fn digest(&self, meta: &Value) -> Result<(), Refusal> {
        let sm3 = ["digest_alogrithm", "digest_algorithm"]
            .iter()
            .any(|name| meta[*name].as_str().is_some_and(|text| text.ends_with("SM3")));
        for name in ["sha256", "file_digest", "digest"] {
            let Some(value) = meta.get(name) else {
                continue;
            };
            let expected = if sm3 {
                crypto::sm3(&self.file)
            } else {
                crypto::sha256(&self.file)
            };
            if !value
                .as_str()
                .is_some_and(|text| text.eq_ignore_ascii_case(&expected))
            {
                let issue = if sm3 {
                    "not the file's SM3"
                } else {
                    "not the file's SHA-256"
                };
                return Err(Refusal::parameter("body", &format!("/meta/{name}"), value, issue));
            }
        }
        Ok(())
    }
}
