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
    let ty = facts
        .get("type")
        .and_then(Value::as_str)
        .ok_or_else(|| wrong("`type` is missing"))?;
    let kind = match ty {
        "string" if flag("time") == Some(true) => Kind::Time,
        "string" => Kind::String,
        "integer" => Kind::Integer,
        "number" => Kind::Number,
        "boolean" => Kind::Boolean,
        "object" => Kind::Object,
        other => return Err(wrong(&format!("`{other}` is not a type"))),
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
        kind: Some(kind),
        array: flag("array") == Some(true),
        encrypted: flag("encrypted") == Some(true),
        values,
        fields: inner.map(fields).transpose()?,
    })
}
