//! The shape of a recorded message: names and kinds, never a value.

use serde_json::{Map, Value};

use crate::readings::{Field, Kind, merge_fields};

/// A JSON message: an object.
pub fn json(value: &Value) -> Result<Vec<Field>, String> {
    match value {
        Value::Object(message) => Ok(read(message)),
        _ => Err("the message is not a JSON object".to_owned()),
    }
}

/// The fields of an object, each of which is there; `None` if its keys are data rather than names.
fn object(value: &Value) -> Option<Vec<Field>> {
    let fields = value.as_object()?;
    fields.keys().all(|name| is_name(name)).then(|| read(fields))
}

/// Each key that is a name, as a field.
fn read(fields: &Map<String, Value>) -> Vec<Field> {
    let named = fields.iter().filter(|(name, _)| is_name(name));
    let mut read: Vec<Field> = named.map(|(name, value)| field(name, value)).collect();
    read.sort_by(|a, b| a.name.cmp(&b.name));
    read
}

/// A key that could be somebody's number or name is not a field's name.
fn is_name(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let capitals = name.bytes().filter(u8::is_ascii_uppercase).count();
    plain && !name.is_empty() && name.len() <= 64 && digits < 6 && (capitals < 6 || digits == 0)
}

fn field(name: &str, value: &Value) -> Field {
    let mut field = Field {
        required: Some(!value.is_null()),
        ..Field::named(name)
    };
    match value {
        Value::Null => {}
        Value::Bool(_) => field.kind = Some(Kind::Boolean),
        Value::Number(number) if number.is_f64() => field.kind = Some(Kind::Number),
        Value::Number(_) => field.kind = Some(Kind::Integer),
        // Empty text stands for anything that is not there.
        Value::String(text) if text.is_empty() => {}
        Value::String(text) if is_time(text) => field.kind = Some(Kind::Time),
        Value::String(_) => field.kind = Some(Kind::String),
        Value::Object(_) => {
            field.kind = Some(Kind::Object);
            field.fields = object(value);
        }
        Value::Array(items) => {
            let element = items.iter().map(|item| self::field(name, item)).reduce(|a, b| {
                let merged = merge_fields(vec![a], vec![b]).into_iter().next();
                merged.unwrap_or_else(|| Field::named(name))
            });
            let element = element.unwrap_or_else(|| Field::named(name));
            // A list of lists is nothing that a table can say.
            let kind = if element.array {
                Some(Kind::Any)
            } else {
                element.kind
            };
            field.array = kind != Some(Kind::Any);
            field.fields = element.fields.filter(|_| field.array);
            field.kind = kind;
        }
    }
    field
}

/// RFC 3339: `2020-01-02T03:04:05+08:00`.
fn is_time(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    shape.get(..19) == Some("0000-00-00T00:00:00")
}

/// An XML message: text elements below one root. What is empty was not there; kinds are not known.
pub fn xml(text: &str) -> Result<Vec<Field>, String> {
    let mut fields: Vec<Field> = Vec::new();
    for (name, content) in elements(text)? {
        if content.is_empty() || !is_name(name) {
            continue;
        }
        let field = Field {
            required: Some(true),
            ..Field::named(family(name))
        };
        if let Err(at) = fields.binary_search_by(|other| other.name.cmp(&field.name)) {
            fields.insert(at, field);
        }
    }
    Ok(fields)
}

/// Whether a response of APIv2 reports that the request failed.
pub fn is_failure(text: &str) -> bool {
    let is_code = |name: &str| matches!(name, "return_code" | "result_code");
    elements(text).is_ok_and(|elements| {
        elements
            .iter()
            .any(|(name, content)| is_code(name) && *content == "FAIL")
    })
}

/// The names and texts of the elements below the root.
fn elements(text: &str) -> Result<Vec<(&str, &str)>, String> {
    let wrong = || "the message is not XML with a root and text elements".to_owned();
    let inner = text.trim();
    let inner = inner
        .strip_prefix('<')
        .and_then(|rest| rest.split_once('>'))
        .ok_or_else(wrong)?
        .1;
    let mut rest = &inner[..inner.rfind("</").ok_or_else(wrong)?];
    let mut found = Vec::new();
    while let Some(start) = rest.find('<') {
        let (name, after) = rest[start + 1..].split_once('>').ok_or_else(wrong)?;
        if name.ends_with('/') {
            rest = after;
            continue;
        }
        let close = format!("</{name}>");
        let (content, after) = after.split_once(close.as_str()).ok_or_else(wrong)?;
        rest = after;
        let content = content
            .strip_prefix("<![CDATA[")
            .and_then(|text| text.strip_suffix("]]>"))
            .unwrap_or(content);
        found.push((name, content));
    }
    Ok(found)
}

/// `coupon_id_0` is one of `coupon_id_$n`, `coupon_refund_id_0_1` one of `coupon_refund_id_$n_$m`.
fn family(name: &str) -> String {
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = name.split('_').collect();
    let numbers = parts
        .iter()
        .rev()
        .take_while(|part| is_number(part))
        .count()
        .min(2);
    let mut family = parts[..parts.len() - numbers].join("_");
    ["_$n", "_$m"]
        .iter()
        .take(numbers)
        .for_each(|number| family.push_str(number));
    family
}

/// A concrete path of which no page has the template: a segment that looks like data is a parameter.
pub fn template(path: &str) -> String {
    let is_version = |segment: &str| segment.len() == 2 && segment.starts_with('v');
    let is_word = |segment: &str| {
        segment.len() <= 40
            && segment
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_'))
    };
    let segments = path.split('/').map(|segment| match segment {
        segment if is_word(segment) || is_version(segment) => segment,
        _ => "{}",
    });
    segments.collect::<Vec<_>>().join("/")
}
