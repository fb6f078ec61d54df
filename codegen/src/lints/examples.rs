//! Examples that break their own table.
//!
//! In: the loaded pages. Out: W0104 for a key that is not a row, a required row that is not a key, and a value
//! of another type, at the key in the example. What the client fills in may be left out, and
//! the text of XML may be a number. Example: `{"json": {"amount": {"totall": 1}}}`.

use serde_json::{Map, Value};

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{BodyFormat, Encoding, Operation, Property, Schema, Type};
use crate::load::Loaded;
use crate::names::{is_filled, is_own_header};
use crate::span::Span;
use crate::syntax::Page;

/// Rows of a request that are about the call, not of it.
const SETTINGS: [&str; 6] = ["base_uri", "security", "nonceless", "fragment", "timeout", "sink"];

pub fn run(loaded: &Loaded) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut operations = loaded.api.operations.iter().peekable();
    for page in &loaded.pages {
        let mut blocks = blocks(page).into_iter();
        while let Some(operation) = operations.next_if(|operation| operation.page == page.path) {
            for example in &operation.examples {
                // Blocks and examples come in the same order.
                let (span, text) = blocks.next().unwrap_or((operation.span.clone(), ""));
                let mut check = Check {
                    operation,
                    span,
                    text,
                    found: &mut found,
                };
                check.example(example);
            }
        }
    }
    found
}

/// The text and place of each example of a page, a list of examples being several, an empty one one.
fn blocks(page: &Page) -> Vec<(Span, &str)> {
    let code = page.sections.iter().flat_map(|section| &section.code);
    let json = code.filter(|code| code.language == "json");
    let several = json.flat_map(|code| {
        let count = match serde_json::from_str(&code.text) {
            Ok(Value::Array(list)) => list.len().max(1),
            Ok(Value::Object(_)) => 1,
            _ => 0,
        };
        std::iter::repeat_n((code.span.clone(), code.text.as_str()), count)
    });
    several.collect()
}

struct Check<'a> {
    operation: &'a Operation,
    span: Span,
    text: &'a str,
    found: &'a mut Vec<Diagnostic>,
}

impl Check<'_> {
    fn example(&mut self, example: &Value) {
        let Value::Object(parts) = example else { return };
        let request = &self.operation.request;
        for (name, value) in parts {
            let list = match name.as_str() {
                "json" | "xml" | "body" => &request.body.properties,
                "query" => &request.query,
                "headers" => &request.headers,
                name if SETTINGS.contains(&name) || request.path.iter().any(|row| row.name == name) => {
                    continue;
                }
                _ => {
                    self.report(
                        &[name],
                        format!("the example has `{name}`, the table has no such row"),
                    );
                    continue;
                }
            };
            if let Value::Object(fields) = value {
                self.object(list, fields, &mut vec![name]);
            }
        }
        for row in request.path.iter().filter(|row| !parts.contains_key(&row.name)) {
            self.report(
                &[],
                format!("the example lacks `{}`, a parameter of the path", row.name),
            );
        }
    }

    fn object<'v>(&mut self, rows: &[Property], fields: &'v Map<String, Value>, path: &mut Vec<&'v str>) {
        for (name, value) in fields {
            path.push(name);
            let mut named = rows.iter().filter(|row| is_named(row, name)).peekable();
            if named.peek().is_none() {
                self.report(
                    path,
                    format!("the example has `{name}`, the table has no such row"),
                );
            }
            // Of several shapes of one field, one must fit.
            let shapes: Vec<&Property> = named.collect();
            match shapes[..] {
                [row] => self.value(&row.schema, value, path),
                _ if shapes.iter().any(|row| fits(&row.schema, value)) => {}
                [] => {}
                [row, ..] => self.value(&row.schema, value, path),
            }
            path.pop();
        }
        for row in rows {
            let filled =
                path.len() == 1 && (is_filled(self.operation, &row.name) || is_own_header(&row.name));
            let twins = rows.iter().filter(|twin| twin.name == row.name);
            if twins.clone().all(|twin| twin.required)
                && !row.name.contains('$')
                && !filled
                && !fields.contains_key(&row.name)
            {
                self.report(
                    path,
                    format!("the example lacks `{}`, which is required", row.name),
                );
            }
        }
    }

    fn value<'v>(&mut self, schema: &Schema, value: &'v Value, path: &mut Vec<&'v str>) {
        let items = match (schema.array, value) {
            (true, Value::Array(items)) => items.as_slice(),
            (false, value) => std::slice::from_ref(value),
            (true, _) => {
                self.report(path, format!("the example has {}, the table a list", kind(value)));
                return;
            }
        };
        for item in items {
            match item {
                Value::Object(fields) if !schema.properties.is_empty() => {
                    self.object(&schema.properties, fields, path)
                }
                item if self.accepts(schema, item) => {}
                item => {
                    let wanted = crate::ir_json::type_name(schema.ty);
                    self.report(
                        path,
                        format!("the example has {}, the table `{wanted}`", kind(item)),
                    );
                    return;
                }
            }
        }
    }

    fn accepts(&self, schema: &Schema, value: &Value) -> bool {
        let text = self.operation.request.body.format != BodyFormat::Json;
        fits(schema, value)
            || (text
                && schema.ty != Type::Object
                && (value.is_number() || value.is_string() || value.is_boolean()))
    }

    fn report(&mut self, path: &[&str], message: String) {
        let help = "correct the example, or the row: on the page, or in fixups.toml";
        let span = self.locate(path);
        self.found
            .push(Diagnostic::new(Code::ExampleBreaksTable, &self.operation.page, span, message).help(help));
    }

    /// The last key of the path; the start of the example where it cannot be found.
    fn locate(&self, path: &[&str]) -> Span {
        let (mut at, mut length) = (0, 1);
        for name in path {
            let key = format!("\"{name}\"");
            let Some(found) = self.text[at..].find(&key) else {
                break;
            };
            at += found;
            length = key.len();
        }
        let start = self.span.start + at;
        start..(start + length).min(self.span.end.max(start))
    }
}

/// `coupon_id_0` is a row `coupon_id_$n`.
fn is_named(row: &Property, name: &str) -> bool {
    if !row.name.contains('$') {
        return row.name == name;
    }
    let digits = |text: &str| {
        text.split('_')
            .map(|part| if part.parse::<u32>().is_ok() { "$" } else { part }.to_owned())
            .collect::<Vec<_>>()
    };
    let pattern: Vec<_> = row
        .name
        .split('_')
        .map(|part| {
            if part.starts_with('$') {
                "$".to_owned()
            } else {
                part.to_owned()
            }
        })
        .collect();
    digits(name) == pattern
}

fn fits(schema: &Schema, value: &Value) -> bool {
    match schema.ty {
        Type::String => {
            value.is_string()
                || (schema.encoded == Some(Encoding::Json) && (value.is_object() || value.is_array()))
        }
        Type::Integer => value.is_i64() || value.is_u64(),
        Type::Number => value.is_number(),
        Type::Boolean => value.is_boolean(),
        Type::Object => schema.properties.is_empty() || value.is_object(),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
