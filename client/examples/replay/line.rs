//! One line of recorded traffic: which types it goes through, and what is compared.

use serde_json::{Map, Value};
use wechatpay_client::{Deviation, Protocol, traffic};

use crate::compare::differences;
use crate::registry::{Document, Entry, OPERATIONS, Through, WEBHOOKS};

/// What the types made of a line.
#[derive(Default)]
pub struct Outcome {
    /// The documented method and path, or the event type.
    pub subject: String,
    /// `request`, `response` or `resource`.
    pub part: String,
    /// Where the document deviates from its documentation.
    pub deviations: Vec<Deviation>,
    /// What differs after the types, other than by those deviations.
    pub differences: Vec<String>,
    /// How many values the document has.
    pub values: usize,
}

/// Sends a line through its types.
pub fn replay(line: &str) -> Result<Outcome, String> {
    let line: Value = serde_json::from_str(line).map_err(|error| format!("not JSON: {error}"))?;
    let text = |name: &str| line.get(name).and_then(Value::as_str);
    if let Some(event_type) = text("event_type") {
        let found = WEBHOOKS.iter().find(|(name, _)| *name == event_type);
        let (_, through) = found.ok_or_else(|| format!("no page documents the event type {event_type}"))?;
        let value = line
            .get("value")
            .ok_or("a webhook's line needs `value`, its clear resource")?;
        let outcome = json(*through, value, &Map::new())?;
        return Ok(outcome.of(event_type.to_owned(), "resource"));
    }
    let (method, target) = text("method")
        .zip(text("path"))
        .ok_or("a line needs `method` and `path`, or `event_type`")?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let entry = find(method, path).ok_or_else(|| format!("no page documents {method} {path}"))?;
    let part = text("part").unwrap_or_default();
    let through = match part {
        "request" => entry.request,
        "response" => match entry.response {
            Some(through) => through,
            None => return Ok(unread(&line).of(format!("{method} {}", entry.path), part)),
        },
        _ => return Err("`part` is `request` or `response`".to_owned()),
    };
    let outcome = match (text("xml"), line.get("value")) {
        (Some(document), _) => xml(through, document, entry, part == "request"),
        (None, Some(value)) if part == "request" => json(through, value, &outside(entry, path, query, value)),
        (None, Some(value)) => json(through, value, &Map::new()),
        (None, None) => Err("a line needs `value` or `xml`".to_owned()),
    };
    Ok(outcome?.of(format!("{method} {}", entry.path), part))
}

impl Outcome {
    fn of(self, subject: String, part: &str) -> Self {
        let part = part.to_owned();
        Self {
            subject,
            part,
            ..self
        }
    }
}

/// A document where none is documented: a call accepts it and reads nothing.
fn unread(line: &Value) -> Outcome {
    let document = line.get("value").unwrap_or(&Value::Null);
    Outcome {
        differences: differences(document, &Value::Object(Map::new())),
        values: values(document),
        ..Outcome::default()
    }
}

/// Sends `value` through, with `extra` beside it: what the type wants and the document cannot have.
fn json(through: Through, value: &Value, extra: &Map<String, Value>) -> Result<Outcome, String> {
    let mut document = value.clone();
    if let Value::Object(fields) = &mut document {
        extra
            .iter()
            .for_each(|(name, value)| drop(fields.insert(name.clone(), value.clone())));
    }
    let (mut encoded, mut deviations) = through(&Document::Json(&document))?;
    deviations.retain(|deviation| !extra.contains_key(&deviation.path));
    if let Value::Object(fields) = &mut encoded {
        fields.retain(|name, _| !extra.contains_key(name));
    }
    Ok(outcome(value, &encoded, deviations))
}

fn outcome(before: &Value, after: &Value, deviations: Vec<Deviation>) -> Outcome {
    let explained = |difference: &String| {
        let path = difference
            .trim_start_matches("$.")
            .split(": ")
            .next()
            .unwrap_or_default();
        deviations.iter().any(|deviation| {
            deviation.path == path
                || path
                    .strip_prefix(&deviation.path)
                    .is_some_and(|rest| rest.starts_with(['.', '[']))
                || deviation
                    .path
                    .strip_prefix(path)
                    .is_some_and(|rest| rest.starts_with(['.', '[']))
        })
    };
    let mut differences = differences(before, after);
    differences.retain(|difference| !explained(difference));
    Outcome {
        values: values(before),
        deviations,
        differences,
        ..Outcome::default()
    }
}

/// How many values a document has, nested ones included.
fn values(document: &Value) -> usize {
    match document {
        Value::Object(fields) => fields.values().map(|value| 1 + values(value)).sum(),
        Value::Array(items) => items.iter().map(values).sum(),
        _ => 0,
    }
}

fn xml(through: Through, document: &str, entry: &Entry, request: bool) -> Result<Outcome, String> {
    let elements = traffic::elements(document).map_err(|error| error.to_string())?;
    let mut before: Map<String, Value> = elements
        .into_iter()
        .map(|(name, text)| (name, text.into()))
        .collect();
    // An empty element is as good as none: APIv2 neither signs it nor sends it back. Nested elements are
    // given as their source, which is not written again.
    let nested = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| text.trim_start().starts_with('<'))
    };
    let sources: Vec<String> = before
        .iter()
        .filter(|(_, value)| nested(value))
        .map(|(name, _)| name.clone())
        .collect();
    before.retain(|_, value| value != "" && !nested(value));
    // What the client adds to every request is in no table.
    if request && entry.operation.protocol == Protocol::V2 {
        for name in ["nonce_str", "sign", "sign_type"] {
            if !entry.operation.filled_by_client.contains(&name) {
                before.remove(name);
            }
        }
    }
    // A failure has few of the fields of a success; the others are empty, and no call hands them out.
    let failed = ["return_code", "result_code"]
        .iter()
        .any(|code| before.get(*code).is_some_and(|value| value == "FAIL"));
    let (mut after, deviations) = through(&Document::Xml(document))?;
    if let Value::Object(fields) = &mut after {
        fields.retain(|name, value| {
            value != "" && !sources.contains(name) && (!failed || before.contains_key(name))
        });
    }
    Ok(outcome(&before.into(), &after, deviations))
}

/// The path, query and header parameters that stand outside of the body `value`: from the recorded
/// target where it has them, else a stand-in.
fn outside(entry: &Entry, path: &str, query: &str, value: &Value) -> Map<String, Value> {
    let mut extra = Map::new();
    let templates = entry.path.split('/').zip(path.split('/'));
    for (template, segment) in templates {
        if let Some(name) = parameter(template) {
            let recorded = if segment == template { "0" } else { segment };
            extra.insert(name.to_owned(), recorded.into());
        }
    }
    let names = entry.operation.query.iter().chain(entry.operation.headers);
    names.for_each(|name| drop(extra.insert((*name).to_owned(), "0".into())));
    for (name, text) in form_urlencoded::parse(query.as_bytes()) {
        extra.insert(name.into_owned(), text.into_owned().into());
    }
    extra.retain(|name, _| value.get(name).is_none());
    extra
}

fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// The operation of a template or a concrete path; literal segments win over parameters.
fn find(method: &str, path: &str) -> Option<&'static Entry> {
    let of_method = || OPERATIONS.iter().filter(|entry| entry.method == method);
    let fits = |entry: &&Entry| {
        let (template, given) = (entry.path.split('/'), path.split('/'));
        template.clone().count() == given.clone().count()
            && template
                .zip(given)
                .all(|(template, given)| template == given || parameter(template).is_some())
    };
    let literals = |entry: &&Entry| {
        entry
            .path
            .split('/')
            .filter(|segment| parameter(segment).is_none())
            .count()
    };
    of_method()
        .find(|entry| entry.path == path)
        .or_else(|| of_method().filter(fits).max_by_key(literals))
}
