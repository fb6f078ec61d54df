//! The values of rows in a page's example requests.

use serde_json::Value;

use crate::ir::{Operation, Property};

/// Calls `with` for each table of a request, with the part of each example that holds its values.
pub fn each(operation: &mut Operation, with: &mut dyn FnMut(&mut [Property], &[&Value])) {
    let request = &mut operation.request;
    let tables: [(&mut Vec<Property>, &[&str]); 4] = [
        (&mut request.path, &[]),
        (&mut request.query, &["query"]),
        (&mut request.headers, &["headers"]),
        (&mut request.body.properties, &["json", "xml", "body"]),
    ];
    for (table, keys) in tables {
        let examples = operation.examples.iter().map(|example| part(example, keys));
        with(table, &examples.collect::<Vec<_>>());
    }
}

/// The part of `example` under the first of `keys` that it has; the whole without keys.
fn part<'a>(example: &'a Value, keys: &[&str]) -> &'a Value {
    match keys {
        [] => example,
        keys => keys
            .iter()
            .find_map(|key| example.get(key))
            .unwrap_or(&Value::Null),
    }
}

/// The values of the field `name` in all of `examples`; the elements of lists, one by one.
pub fn below<'a>(examples: &[&'a Value], name: &str) -> Vec<&'a Value> {
    let of = |value: &'a Value| elements(value).iter().filter_map(|value| value.get(name));
    let values = examples.iter().copied().flat_map(of);
    values.flat_map(elements).collect()
}

fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        value => std::slice::from_ref(value),
    }
}
