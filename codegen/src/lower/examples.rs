//! The examples of a request.
//!
//! In: the page's blocks of JSON, and the request table with what fixups renamed, moved and removed in
//! it. Out: the examples as values, keyed like the corrected table.

use serde_json::{Map, Value};

use crate::diagnostic::Code;
use crate::syntax::{self, Move, Table};

use super::Context;

/// The ```json blocks: objects, or lists of them; `[]` is an empty object, as PHP writes it.
pub(super) fn examples(blocks: &[&syntax::Code], table: Option<&Table>, cx: &mut Context<'_>) -> Vec<Value> {
    let mut examples = Vec::new();
    for block in blocks.iter().filter(|block| block.language == "json") {
        match serde_json::from_str(&block.text) {
            Ok(Value::Array(none)) if none.is_empty() => examples.push(Value::Object(Map::new())),
            Ok(Value::Array(several)) if several.iter().all(Value::is_object) => examples.extend(several),
            Ok(value @ Value::Object(_)) => examples.push(value),
            Ok(_) => {
                let help = "an example is an object keyed like the request table, or a list of such objects";
                cx.report(
                    Code::BrokenExample,
                    block.span.clone(),
                    "the example is not an object",
                    help,
                );
            }
            Err(error) => {
                let at = offset(&block.text, error.line(), error.column());
                let span = block.span.start + at..block.span.end.max(block.span.start + at);
                let message = format!("the example is not JSON: {error}");
                cx.report(
                    Code::BrokenExample,
                    span,
                    message,
                    "correct the JSON; samples in other languages have another info string",
                );
            }
        }
    }
    for change in table.into_iter().flat_map(|table| &table.moves) {
        examples.iter_mut().for_each(|example| follow(example, change));
    }
    examples
}

/// The byte at serde_json's line and column (bytes, both from 1).
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    (before + column.saturating_sub(1)).min(text.len())
}

/// Makes an example follow a row that a fixup renamed, moved or removed.
fn follow(example: &mut Value, change: &Move) {
    let (from, to) = (change.from.as_slice(), change.to.as_slice());
    let common = from
        .iter()
        .zip(to.iter().take(to.len().saturating_sub(1)))
        .take_while(|(a, b)| a == b)
        .count()
        .min(from.len().saturating_sub(1));
    // What is removed may be in a list, which `each_object` passes through.
    let shared = if to.is_empty() {
        from.len().saturating_sub(1)
    } else {
        common
    };
    each_object(example, &from[..shared], &mut |object| match (
        &from[shared..],
        to.get(shared..).unwrap_or(&[]),
    ) {
        ([old], [new]) => rename(object, old, new),
        (from, to) => {
            if let (Some(value), false) = (take(object, from), to.is_empty()) {
                put(object, to, value);
            }
        }
    });
}

/// Calls `change` with each object at a path; lists on the way stand for all their elements.
fn each_object(value: &mut Value, path: &[String], change: &mut dyn FnMut(&mut Map<String, Value>)) {
    match (value, path) {
        (Value::Array(items), path) => items
            .iter_mut()
            .for_each(|item| each_object(item, path, &mut *change)),
        (Value::Object(object), []) => change(object),
        (Value::Object(object), [first, rest @ ..]) => {
            if let Some(inner) = object.get_mut(first) {
                each_object(inner, rest, change);
            }
        }
        _ => {}
    }
}

/// Renames a key where it stands.
fn rename(object: &mut Map<String, Value>, old: &str, new: &str) {
    let entries = std::mem::take(object).into_iter();
    object.extend(entries.map(|(key, value)| {
        let key = if key == old { new.to_owned() } else { key };
        (key, value)
    }));
}

fn take(object: &mut Map<String, Value>, path: &[String]) -> Option<Value> {
    match path {
        [] => None,
        [name] => object.shift_remove(name),
        [name, rest @ ..] => take(object.get_mut(name)?.as_object_mut()?, rest),
    }
}

fn put(object: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [] => {}
        [name] => {
            object.insert(name.clone(), value);
        }
        [name, rest @ ..] => {
            let inner = object
                .entry(name.as_str())
                .or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}
