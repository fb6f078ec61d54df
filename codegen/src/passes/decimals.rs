//! Finds numbers with a fraction in the examples.
//!
//! In: the API. Out: the same, where a `number` for which an example shows a fraction is marked as
//! decimal. Example: `{"json": {"rate": 0.6}}` marks `rate`.

use serde_json::Value;

use crate::ir::{Api, Property, Type};

pub fn run(api: &mut Api) {
    for operation in &mut api.operations {
        let request = &mut operation.request;
        for example in &operation.examples {
            mark(&mut request.path, example);
            for (properties, part) in [
                (&mut request.query, "query"),
                (&mut request.headers, "headers"),
                (&mut request.body.properties, "json"),
            ] {
                mark(properties, &example[part]);
            }
            mark(&mut request.body.properties, &example["xml"]);
            mark(&mut request.body.properties, &example["body"]);
        }
    }
}

fn mark(properties: &mut [Property], value: &Value) {
    if let Value::Array(values) = value {
        values.iter().for_each(|value| mark(properties, value));
    }
    if !value.is_object() {
        return;
    }
    for property in properties {
        let value = &value[property.name.as_str()];
        let schema = &mut property.schema;
        let numbers = if let Value::Array(values) = value {
            values.as_slice()
        } else {
            std::slice::from_ref(value)
        };
        if schema.ty == Type::Number && numbers.iter().any(Value::is_f64) {
            schema.decimal = true;
        }
        mark(&mut schema.properties, value);
    }
}
