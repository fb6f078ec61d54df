//! Recorded messages, or the models of another SDK, become a reading.
//!
//! In: lines of JSON, the API, and the reading as it was. Out: the reading with what the lines teach:
//! names, kinds, and what was missing; never a value. Learning the same lines again, or in another order,
//! changes nothing. A line is one of
//!
//! ```text
//! {"method": "POST", "path": "/v3/a/{id}", "part": "request" or "response", "value": {…} or "xml": "<xml>…"}
//! {"event_type": "A.B", "part": "resource", "value": {…}}
//! {"operation": "POST /v3/a/{}", "part": "request" or "response", "fields": {name: {"type", "array", "required", …}}}
//! {"event": "A.B", "variant": "…", "fields": {…}}
//! {"operation": "GET /v3/a", "query": ["limit"]}
//! ```
//!
//! The last three are models: `fields` as in `ir`, with `required`, `time`, `encrypted` and `values` where
//! the source says so.

mod model;
mod observe;

use std::sync::Arc;

use serde_json::Value;

use crate::ir::{Api, Operation, Protocol, Reading, Standing};
use crate::readings::{self, Entry, Field, File, Part, merge_into};

/// What is wrong with line `line` (from 1).
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    pub line: usize,
    pub message: String,
}

/// A reading to learn into: the one there is, or a new one.
pub fn file(id: &str, date: &str) -> File {
    File {
        path: format!("{}/{id}.txt", crate::source::READINGS),
        reading: Arc::new(Reading {
            id: id.to_owned(),
            title: format!("recorded messages ({id})"),
            version: id.to_owned(),
            date: date.to_owned(),
            link: None,
            standing: Standing::Observed,
        }),
        entries: Vec::new(),
    }
}

/// Adds what the lines teach. Nothing is learned if a line is wrong: all of them are reported.
/// A new reading that is made of models only is that of another SDK.
pub fn learn(file: &mut File, text: &str, api: &Api) -> Result<(), Vec<Problem>> {
    let mut entries = file.entries.clone();
    let mut problems = Vec::new();
    let mut models = 0;
    for (index, line) in text
        .trim_start_matches('\u{feff}')
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        match entry(line, api) {
            Ok(Some((new, is_model))) => {
                models += usize::from(is_model);
                merge_into(&mut entries, new);
            }
            Ok(None) => {}
            Err(message) => problems.push(Problem {
                line: index + 1,
                message,
            }),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if file.entries.is_empty() && models > 0 {
        file.reading = Arc::new(Reading {
            title: file.reading.id.clone(),
            standing: Standing::Independent,
            ..(*file.reading).clone()
        });
    }
    file.entries = entries;
    Ok(())
}

/// What a line says, and whether it is a model; `None` for a response that reports a failure, which has
/// other fields than a success.
fn entry(line: &str, api: &Api) -> Result<Option<(Entry, bool)>, String> {
    let line: Value = serde_json::from_str(line).map_err(|error| format!("not JSON: {error}"))?;
    match model_entry(&line)? {
        Some(entry) => Ok(Some((entry, true))),
        None => Ok(recorded_entry(&line, api)?.map(|entry| (entry, false))),
    }
}

fn new_entry(subject: String, part: Part, fields: Vec<Field>) -> Entry {
    Entry {
        subject,
        part,
        variant: None,
        fields,
        span: 0..0,
    }
}

fn text<'a>(line: &'a Value, key: &str) -> Option<&'a str> {
    line.get(key).and_then(Value::as_str)
}

fn one_word<'a>(line: &'a Value, key: &str) -> Result<Option<&'a str>, String> {
    match text(line, key) {
        Some(word) if word.is_empty() || word.contains(char::is_whitespace) => {
            Err(format!("`{key}` is one word, without spaces"))
        }
        word => Ok(word),
    }
}

/// A line with `event` or `operation`: the model of another SDK.
fn model_entry(line: &Value) -> Result<Option<Entry>, String> {
    if let Some(event) = one_word(line, "event")? {
        let fields = model::fields(line.get("fields").ok_or("a model has `fields`")?)?;
        return Ok(Some(Entry {
            variant: one_word(line, "variant")?.map(str::to_owned),
            ..new_entry(event.to_owned(), Part::Resource, fields)
        }));
    }
    let Some(operation) = text(line, "operation") else {
        return Ok(None);
    };
    let is_path = |path: &str| path.starts_with('/') && !path.contains(char::is_whitespace);
    let (method, path) = operation
        .split_once(' ')
        .filter(|(_, path)| is_path(path))
        .ok_or_else(|| format!("`operation` is a method and a path, not `{operation}`"))?;
    let subject = readings::subject_of_text(method, path);
    if let Some(names) = line.get("query") {
        return Ok(Some(new_entry(subject, Part::Query, model::names(names)?)));
    }
    let fields = model::fields(line.get("fields").ok_or("a model has `fields` or `query`")?)?;
    Ok(Some(new_entry(subject, part(text(line, "part"))?, fields)))
}

/// Any other line: a recorded message.
fn recorded_entry(line: &Value, api: &Api) -> Result<Option<Entry>, String> {
    if let Some(event) = one_word(line, "event_type")? {
        let value = line
            .get("value")
            .ok_or("a notification's line has `value`, its clear content")?;
        let fields = observe::json(value)?;
        return Ok(Some(new_entry(event.to_owned(), Part::Resource, fields)));
    }
    let (method, target) = text(line, "method")
        .zip(text(line, "path"))
        .ok_or("a line has `method` and `path`, `event_type`, `operation` or `event`")?;
    let path = target.split('?').next().unwrap_or(target);
    let operation = find(api, method, path);
    let subject = operation.and_then(readings::subject_of);
    let subject = subject.unwrap_or_else(|| format!("{method} {}", observe::template(path)));
    let part = part(text(line, "part"))?;
    let fields = match (text(line, "xml"), line.get("value")) {
        (Some(xml), _) if part == Part::Response && observe::is_failure(xml) => return Ok(None),
        (Some(xml), _) => observe::xml(xml)?,
        (None, Some(value)) => observe::json(value)?,
        (None, None) => return Err("a line has `value` or `xml`".to_owned()),
    };
    let fields = match operation {
        Some(operation) => with_path(operation, part, fields),
        None => fields,
    };
    Ok(Some(new_entry(subject, part, fields)))
}

fn part(part: Option<&str>) -> Result<Part, String> {
    match part {
        Some("request") => Ok(Part::Request),
        Some("response") => Ok(Part::Response),
        _ => Err("`part` is `request` or `response`".to_owned()),
    }
}

/// A recorded body has neither the parameters of the path nor those of the query: they were sent, and
/// nothing is known of them.
fn with_path(operation: &Operation, part: Part, mut fields: Vec<Field>) -> Vec<Field> {
    if part == Part::Request {
        let request = &operation.request;
        let added = if operation.protocol == Protocol::V2 {
            &["sign", "sign_type", "nonce_str"][..]
        } else {
            &[]
        };
        let outside = request.path.iter().chain(&request.query).chain(&request.headers);
        let names = outside
            .map(|property| property.name.as_str())
            .chain(added.iter().copied());
        for name in names {
            if let Err(at) = fields.binary_search_by(|field| field.name.as_str().cmp(name)) {
                fields.insert(at, Field::named(name));
            }
        }
    }
    fields
}

/// The operation of a template or a concrete path; literal segments win over parameters.
fn find<'a>(api: &'a Api, method: &str, path: &str) -> Option<&'a Operation> {
    let is_parameter = |segment: &str| segment.starts_with('{') && segment.ends_with('}');
    let fits = |operation: &&Operation| {
        operation.path.as_deref().is_some_and(|template| {
            operation.method.as_str() == method
                && template.split('/').count() == path.split('/').count()
                && template
                    .split('/')
                    .zip(path.split('/'))
                    .all(|(a, b)| a == b || is_parameter(a))
        })
    };
    let literals = |operation: &&Operation| {
        let template = operation.path.as_deref().unwrap_or_default();
        template
            .split('/')
            .zip(path.split('/'))
            .filter(|(a, b)| a == b)
            .count()
    };
    api.operations.iter().filter(fits).max_by_key(literals)
}
