//! Fields as JSON Schema 2020-12, which OpenAPI 3.1 speaks.
//!
//! In: properties of the IR, with the struct they become. Out: schemas; a named struct becomes a
//! component that is referred to, what has no struct stays where it is.

use serde_json::{Map, Value, json};

use crate::diff::rust::{self, Types};
use crate::ir::{Encoding, Encryption, Property, Schema, Type};
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
        let mut schema = self.object(properties, root);
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

    /// An object's schema; `structure` is what it becomes in Rust.
    fn object(&mut self, properties: &[Property], structure: Option<&str>) -> Value {
        let (mut fields, mut patterns, mut required) = (Map::new(), Map::new(), Vec::new());
        for property in properties {
            let schema = self.property(property, structure);
            if property.name.contains('$') {
                patterns.insert(pattern(&property.name), schema);
            } else if !fields.contains_key(&property.name) {
                // Of two rows of one name the first counts, and is required if both are.
                let twins = properties.iter().filter(|twin| twin.name == property.name);
                if twins.clone().all(|twin| twin.required) {
                    required.push(Value::from(property.name.clone()));
                }
                let differ = twins.clone().any(|twin| twin.schema.ty != property.schema.ty);
                fields.insert(property.name.clone(), if differ { any(property) } else { schema });
            }
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
        let def = self.types.field(structure, &property.name);
        let mut one = self.value(property, def);
        if let Some(max) = property.schema.max_length.filter(|_| one["type"] == "string") {
            one["maxLength"] = max.into();
        }
        marks(&property.schema, &mut one);
        let mut schema = match property.schema.array {
            true => json!({ "type": "array", "items": one }),
            false => one,
        };
        if let Some(default) = property
            .schema
            .default
            .as_deref()
            .and_then(|text| literal(text, &schema))
        {
            schema["default"] = default;
        }
        let description = described(property);
        if !description.is_empty() {
            schema["description"] = description.into();
        }
        schema
    }

    /// One value, be it alone or of a list.
    fn value(&mut self, property: &Property, def: Option<&FieldDef>) -> Value {
        let schema = &property.schema;
        let has_content = !schema.properties.is_empty();
        if schema.encrypted.is_some() {
            let mut text = json!({ "type": "string" });
            if has_content {
                text["x-wechatpay-clear"] = self.content(property, def);
            }
            return text;
        }
        if schema.ty == Type::String && (has_content || schema.encoded.is_some()) {
            let media = match schema.encoded {
                Some(Encoding::UrlEncode) => "application/x-www-form-urlencoded",
                _ => "application/json",
            };
            let mut text = json!({ "type": "string", "contentMediaType": media });
            if has_content {
                text["contentSchema"] = self.content(property, def);
            }
            return text;
        }
        match schema.ty {
            Type::Object if has_content => self.content(property, def),
            Type::Object if is_upload(def) => json!({ "type": "string", "format": "binary" }),
            Type::Object => json!({}),
            _ => scalar(schema, def),
        }
    }

    /// The rows below, as a component if they become a struct.
    fn content(&mut self, property: &Property, def: Option<&FieldDef>) -> Value {
        let below = &property.schema.properties;
        let named = def.and_then(|def| rust::inner(&def.ty)).map(str::to_owned);
        // The clear resource of a notification is a struct though the envelope is none.
        let resource = (property.name == "ciphertext" && self.types.structure("Resource").is_some())
            .then(|| "Resource".to_owned());
        match named.or(resource) {
            Some(name) if self.components.contains_key(&format!("{}_{name}", self.prefix)) => {
                json!({ "$ref": format!("#/components/schemas/{}_{name}", self.prefix) })
            }
            Some(name) => {
                let schema = self.object(below, Some(&name));
                self.component(&name, schema)
            }
            None => self.object(below, None),
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
    let known = with(json!({ "type": one["type"] }), "enum", unique.into());
    json!({ "anyOf": [known, { "type": one["type"] }] })
}

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

fn any(property: &Property) -> Value {
    json!({ "description": described(property) })
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
