//! The fields of a model, as JSON.

use serde_json::{Map, Value};

use crate::readings::{Field, Kind};

/// `{"total": {"type": "integer", "array": false, "required": true}}`
pub fn fields(value: &Value) -> Result<Vec<Field>, String> {
    let fields = value.as_object().ok_or("`fields` is an object")?;
    let mut read = fields
        .iter()
        .map(|(name, value)| field(name, value))
        .collect::<Result<Vec<_>, _>>()?;
    read.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(read)
}

/// `["limit", "offset"]`
pub fn names(value: &Value) -> Result<Vec<Field>, String> {
    let names = value.as_array().ok_or("`query` is a list of names")?;
    let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
    let mut names = names.ok_or("`query` is a list of names")?;
    names.sort_unstable();
    names.dedup();
    Ok(names.into_iter().map(Field::named).collect())
}

fn field(name: &str, value: &Value) -> Result<Field, String> {
    let wrong = |what: &str| format!("`{name}`: {what}");
    let facts: &Map<String, Value> = value.as_object().ok_or_else(|| wrong("a field is an object"))?;
    let flag = |key: &str| facts.get(key).and_then(Value::as_bool);
    let kind = match facts.get("type") {
        // The source does not say.
        None | Some(Value::Null) => None,
        Some(Value::String(ty)) => {
            let kind = kind(ty).ok_or_else(|| wrong(&format!("`{ty}` is not a type")))?;
            let is_time = kind == Kind::String && flag("time") == Some(true);
            Some(if is_time { Kind::Time } else { kind })
        }
        Some(_) => return Err(wrong("`type` is a string")),
    };
    let inner = facts
        .get("fields")
        .filter(|fields| fields.as_object().is_some_and(|fields| !fields.is_empty()));
    let values = facts
        .get("values")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let mut values: Vec<String> = values.filter_map(Value::as_str).map(str::to_owned).collect();
    values.sort();
    Ok(Field {
        name: name.to_owned(),
        required: flag("required"),
        kind,
        array: flag("array") == Some(true),
        encrypted: flag("encrypted") == Some(true),
        values,
        fields: inner.map(fields).transpose()?,
    })
}

/// A kind under its name here, in OpenAPI or in the usual languages.
fn kind(name: &str) -> Option<Kind> {
    Some(match name.to_ascii_lowercase().as_str() {
        "string" | "str" | "text" => Kind::String,
        "time" | "datetime" | "date-time" => Kind::Time,
        "integer" | "int" | "int32" | "int64" | "long" => Kind::Integer,
        "number" | "float" | "double" | "decimal" => Kind::Number,
        "boolean" | "bool" => Kind::Boolean,
        "object" | "map" => Kind::Object,
        "any" => Kind::Any,
        _ => return None,
    })
}
