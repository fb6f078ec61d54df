//! What differs between a value and the same value after it went through a type.

use serde_json::Value;

/// One line per difference: JSON path, and what happened there.
pub fn differences(before: &Value, after: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("$", before, after, &mut found);
    found
}

fn compare(path: &str, before: &Value, after: &Value, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (name, value) in before {
                match after.get(name) {
                    Some(other) => compare(&format!("{path}.{name}"), value, other, found),
                    // `null` is absent.
                    None if value.is_null() => {}
                    None => found.push(format!("{path}.{name}: lost")),
                }
            }
            for name in after.keys().filter(|name| !before.contains_key(*name)) {
                found.push(format!("{path}.{name}: added"));
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (index, (value, other)) in before.iter().zip(after).enumerate() {
                compare(&format!("{path}[{index}]"), value, other, found);
            }
        }
        // A list of APIv2 is a JSON text, or an element several times.
        (Value::String(text), Value::Array(_))
            if let Ok(list @ Value::Array(_)) = serde_json::from_str(text) =>
        {
            compare(path, &list, &parsed(after), found);
        }
        (Value::Number(before), Value::Number(after)) if before.as_f64() == after.as_f64() => {}
        (Value::String(before), Value::String(after)) if before != after => {
            compare_text(path, before, after, found)
        }
        (before, after) if before == after => {}
        _ => found.push(format!("{path}: changed")),
    }
}

/// The elements of a list, each as JSON if it is JSON text.
fn parsed(list: &Value) -> Value {
    let item = |item: &Value| match item {
        Value::String(text) => serde_json::from_str(text).unwrap_or_else(|_| item.clone()),
        item => item.clone(),
    };
    list.as_array().into_iter().flatten().map(item).collect()
}

/// A list may have been in an object under its own name, or be written as its only element.
fn compare_json(path: &str, mut before: Value, mut after: Value, found: &mut Vec<String>) {
    let name = path.rsplit('.').next().unwrap_or_default();
    if let Value::Object(fields) = &mut before
        && fields.len() == 1
        && let Some(list @ Value::Array(_)) = fields.remove(name)
    {
        before = list;
    }
    if before.is_array() && after.is_object() {
        after = Value::Array(vec![after]);
    }
    compare(path, &before, &after, found);
}

/// JSON and form text inside a string may be laid out differently.
fn compare_text(path: &str, before: &str, after: &str, found: &mut Vec<String>) {
    if let (Ok(before), Ok(after)) = (serde_json::from_str(before), serde_json::from_str(after)) {
        return compare_json(path, before, after, found);
    }
    let pairs = |text: &str| {
        form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .collect::<Vec<_>>()
    };
    if !before.contains('=') || pairs(before) != pairs(after) {
        found.push(format!("{path}: changed"));
    }
}
