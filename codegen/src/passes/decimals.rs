//! Finds numbers with a fraction in the examples.
//!
//! In: the API. Out: the same, where a `number` for which an example shows a fraction is marked as
//! decimal. Example: `{"json": {"rate": 0.6}}` marks `rate`.

use serde_json::Value;

use super::examples;
use crate::ir::{Api, Property, Type};

pub fn run(api: &mut Api) {
    for operation in &mut api.operations {
        examples::each(operation, &mut mark);
    }
}

fn mark(properties: &mut [Property], examples: &[&Value]) {
    for property in properties {
        let values = examples::below(examples, &property.name);
        let schema = &mut property.schema;
        if schema.ty == Type::Number && values.iter().any(|value| value.is_f64()) {
            schema.decimal = true;
        }
        mark(&mut schema.properties, &values);
    }
}
