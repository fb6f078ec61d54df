//! Fields as JSON Schema 2020-12, which OpenAPI 3.1 speaks.
//!
//! In: properties of the IR, with the struct they become. Out: schemas; a named struct becomes a
//! component that is referred to, what has no struct stays where it is.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::diff::rust::{self, Types};
use crate::ir::{Encoding, Encryption, Property, Schema, Type};
use crate::names;
use crate::names::model::{FieldDef, RustType};

use super::Components;

pub struct Schemas<'a, 'c> {
    /// The operation's name, before that of each of its components.
    pub prefix: &'a str,
    pub types: Types<'a>,
    pub components: &'c mut Components,
}

impl Schemas<'_, '_> {
    /// A body as a component of its own. A struct `Request` holds more than the body, so `name` is another.
    pub fn root(&mut self, name: &str, properties: &[Property], root: Option<&str>, media: &str) -> Value {
        let mut schema = self.object(&properties.iter().collect::<Vec<_>>(), 1, root);
        if media == "application/xml" {
            schema["xml"] = json!({ "name": "xml" });
        }
        self.component(name, schema)
    }

    fn component(&mut self, name: &str, schema: Value) -> Value {
        let name = format!("{}_{name}", self.prefix);
        let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
        self.components.insert(name, schema);
        reference
    }

    /// An object's schema; `structure` is what it becomes in Rust, `shapes` how many rows of one name have
    /// these fields: what not all of them have is optional.
    fn object(&mut self, rows: &[&Property], shapes: usize, structure: Option<&str>) -> Value {
        let (mut fields, mut patterns, mut required) = (Map::new(), Map::new(), Vec::new());
        for (first, twins) in names::merge(rows) {
            let schema = self.merged(first, &twins, structure);
            if first.name.contains('$') {
                patterns.insert(pattern(&first.name), schema);
                continue;
            }
            if first.required && twins.len() + 1 >= shapes && twins.iter().all(|twin| twin.required) {
                required.push(Value::from(first.name.clone()));
            }
            fields.insert(first.name.clone(), schema);
        }
        let mut object = json!({ "type": "object" });
        if !required.is_empty() {
            object["required"] = required.into();
        }
        if !fields.is_empty() {
            object["properties"] = fields.into();
        }
        if !patterns.is_empty() {
            object["patternProperties"] = patterns.into();
        }
        object
    }

    /// A field's schema with its official term.
    pub fn property(&mut self, property: &Property, structure: Option<&str>) -> Value {
        self.merged(property, &[], structure)
    }

    /// The schema of a field that several rows of one name describe.
    fn merged(&mut self, property: &Property, twins: &[&Property], structure: Option<&str>) -> Value {
        let kind = |row: &Property| (row.schema.ty, row.schema.array);
        if twins.iter().any(|twin| kind(twin) != kind(property)) {
            return json!({ "description": described(property) });
        }
        let def = self.types.field(structure, &property.name);
        let mut one = self.value(property, twins, def);
        if let Some(max) = property.schema.max_length.filter(|_| one["type"] == "string") {
            one["maxLength"] = max.into();
        }
        marks(&property.schema, &mut one);
        let mut schema = match property.schema.array {
            true => array(one),
            false => one,
        };
        let default = property.schema.default.as_deref();
        if let Some(default) = default.and_then(|text| literal(text, &schema)) {
            schema["default"] = default;
        }
        let description = described(property);
        if !description.is_empty() {
            schema["description"] = description.into();
        }
        schema
    }

    /// One value, be it alone or of a list.
    fn value(&mut self, property: &Property, twins: &[&Property], def: Option<&FieldDef>) -> Value {
        let schema = &property.schema;
        let has_content = !schema.properties.is_empty();
        let is_text = schema.encrypted.is_some() || schema.ty == Type::String;
        if is_text && (has_content || schema.encoded.is_some()) {
            let media = match (schema.encrypted, schema.encoded) {
                (Some(Encryption::AesEcb), _) => "application/xml",
                (_, Some(Encoding::UrlEncode)) => "application/x-www-form-urlencoded",
                _ => "application/json",
            };
            let mut text = json!({ "type": "string", "contentMediaType": media });
            if has_content {
                text["contentSchema"] = match property.elements() {
                    Some(element) => self.element(element, def),
                    None => self.content(property, twins, def),
                };
            }
            return text;
        }
        match schema.ty {
            Type::Object if has_content => self.content(property, twins, def),
            Type::Object if is_upload(def) => json!({ "type": "string", "format": "binary" }),
            Type::Object => json!({}),
            _ if schema.encrypted.is_some() => json!({ "type": "string" }),
            _ => scalar(schema, def),
        }
    }

    /// The list that a text holds.
    fn element(&mut self, element: &Property, def: Option<&FieldDef>) -> Value {
        array(self.value(element, &[], def))
    }

    /// The rows below, as a component if they become a struct.
    fn content(&mut self, property: &Property, twins: &[&Property], def: Option<&FieldDef>) -> Value {
        let mut below: Vec<&Property> = property.schema.properties.iter().collect();
        below.extend(twins.iter().flat_map(|twin| &twin.schema.properties));
        let shapes = twins.len() + 1;
        let named = def.and_then(|def| rust::inner(&def.ty)).map(str::to_owned);
        // The clear resource of a notification is a struct though the envelope is not.
        let resource = (property.name == "ciphertext" && self.types.structure("Resource").is_some())
            .then(|| "Resource".to_owned());
        match named.or(resource) {
            Some(name) if self.components.contains_key(&format!("{}_{name}", self.prefix)) => {
                json!({ "$ref": format!("#/components/schemas/{}_{name}", self.prefix) })
            }
            Some(name) => {
                let schema = self.object(&below, shapes, Some(&name));
                self.component(&name, schema)
            }
            None => self.object(&below, shapes, None),
        }
    }
}

fn is_upload(def: Option<&FieldDef>) -> bool {
    def.is_some_and(|def| def.ty == RustType::Upload)
}

fn scalar(schema: &Schema, def: Option<&FieldDef>) -> Value {
    let whole = def.is_none_or(|def| innermost(&def.ty) != &RustType::Decimal);
    let one = match schema.ty {
        Type::Boolean => json!({ "type": "boolean" }),
        Type::Integer => json!({ "type": "integer", "format": "int64" }),
        // Documented as a number, and whole wherever the official SDKs know it.
        Type::Number
            if whole && !schema.decimal && schema.values.iter().all(|value| value.parse::<i64>().is_ok()) =>
        {
            json!({ "type": "integer", "format": "int64" })
        }
        Type::Number => json!({ "type": "number" }),
        Type::String | Type::Object => json!({ "type": "string" }),
    };
    if let Some(constant) = schema.constant.as_deref().and_then(|text| literal(text, &one)) {
        return with(one, "const", constant);
    }
    let values: Vec<Value> = schema
        .values
        .iter()
        .filter_map(|text| literal(text, &one))
        .collect();
    if values.is_empty() || schema.ty == Type::Boolean {
        return one;
    }
    let mut unique: Vec<Value> = Vec::new();
    values.into_iter().for_each(|value| {
        if !unique.contains(&value) {
            unique.push(value)
        }
    });
    let names = names_of(&unique);
    let mut known = with(json!({ "type": one["type"] }), "enum", unique.into());
    if let Some(names) = names {
        known["x-enum-varnames"] = names.into();
    }
    let any = json!({ "type": one["type"] });
    with(json!({}), "anyOf", vec![known, any].into())
}

/// Names for values that differ only in case or punctuation, which generators cannot tell apart.
fn names_of(values: &[Value]) -> Option<Vec<String>> {
    let texts: Vec<String> = values
        .iter()
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect();
    let plain = |text: &String| text.to_uppercase().replace(|c: char| !c.is_alphanumeric(), "");
    let distinct: BTreeSet<String> = texts.iter().map(plain).collect();
    let variants = || {
        names::variants(&texts)
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    };
    (distinct.len() < texts.len()).then(variants)
}

fn array(items: Value) -> Value {
    with(json!({ "type": "array" }), "items", items)
}

/// The schema with one more key. `json!` would copy the value.
fn with(mut schema: Value, key: &str, value: Value) -> Value {
    schema[key] = value;
    schema
}

fn innermost(ty: &RustType) -> &RustType {
    match ty {
        RustType::List(of) | RustType::Option(of) => innermost(of),
        ty => ty,
    }
}

/// A value of the page as the schema's type; none if it is not of it.
fn literal(text: &str, schema: &Value) -> Option<Value> {
    let ty = schema["type"]
        .as_str()
        .or_else(|| schema["anyOf"][0]["type"].as_str())?;
    match ty {
        "string" => Some(text.into()),
        "integer" => text.parse::<i64>().ok().map(Value::from),
        "number" => text.parse::<f64>().ok().map(Value::from),
        "boolean" => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    }
}

fn marks(schema: &Schema, out: &mut Value) {
    if let Some(encryption) = schema.encrypted {
        out["x-wechatpay-encrypted"] = match encryption {
            Encryption::Rsa => "rsa",
            Encryption::AesGcm => "aes-gcm",
            Encryption::AesEcb => "aes-ecb",
        }
        .into();
    }
    if schema.signed {
        out["x-wechatpay-signed"] = "rsa".into();
    }
}

fn described(property: &Property) -> String {
    let lines = [&property.label].into_iter().chain(&property.notes);
    lines
        .filter(|line| !line.is_empty())
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("\n\n")
}

/// `coupon_id_$n` → `^coupon_id_[0-9]+$`
fn pattern(name: &str) -> String {
    let name: String = name
        .chars()
        .flat_map(|c| {
            if "\\^.|?*+()[]{}".contains(c) {
                vec!['\\', c]
            } else {
                vec![c]
            }
        })
        .collect();
    format!("^{}$", name.replace("$n", "[0-9]+").replace("$m", "[0-9]+"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_fields_are_a_pattern() {
        assert_eq!(
            pattern("coupon_refund_fee_$n_$m"),
            "^coupon_refund_fee_[0-9]+_[0-9]+$"
        );
    }

    #[test]
    fn values_take_the_type_of_their_field() {
        assert_eq!(literal("3", &json!({ "type": "integer" })), Some(json!(3)));
        assert_eq!(literal("3", &json!({ "type": "string" })), Some(json!("3")));
        assert_eq!(literal("x", &json!({ "type": "integer" })), None);
        assert_eq!(literal("true", &json!({ "type": "boolean" })), Some(json!(true)));
    }
}
