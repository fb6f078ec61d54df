//! Several observations of one thing → one: a field is required if all of them have it.
//!
//! Merging is commutative, associative and idempotent: neither the order of observations nor their
//! number changes the result.

use super::{Entry, Field, Kind};

/// Adds an observation to the entries of a file, which stay sorted.
pub fn merge_into(entries: &mut Vec<Entry>, new: Entry) {
    match entries.binary_search_by(|entry| entry.key().cmp(&new.key())) {
        Ok(at) => {
            let known = std::mem::take(&mut entries[at].fields);
            entries[at].fields = merge_fields(known, new.fields);
        }
        Err(at) => entries.insert(at, new),
    }
}

/// The fields of either list, sorted by name.
pub fn merge_fields(a: Vec<Field>, b: Vec<Field>) -> Vec<Field> {
    let mut merged = Vec::with_capacity(a.len().max(b.len()));
    let (mut a, mut b) = (a.into_iter().peekable(), b.into_iter().peekable());
    loop {
        let next = match (a.peek(), b.peek()) {
            (None, None) => return merged,
            (Some(x), Some(y)) if x.name == y.name => match (a.next(), b.next()) {
                (Some(x), Some(y)) => Some(both(x, y)),
                _ => None,
            },
            (Some(x), Some(y)) if x.name < y.name => a.next().map(one),
            (Some(_), None) => a.next().map(one),
            _ => b.next().map(one),
        };
        merged.extend(next);
    }
}

/// A field that not all have.
fn one(field: Field) -> Field {
    Field {
        required: Some(false),
        ..field
    }
}

fn both(a: Field, b: Field) -> Field {
    let required = match (a.required, b.required) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    };
    let mut values = a.values;
    values.extend(b.values);
    values.sort();
    values.dedup();
    let (kind, array) = match (a.kind, b.kind) {
        (None, kind) if !a.array => (kind, b.array),
        (kind, None) if !b.array => (kind, a.array),
        _ if a.array != b.array => (Some(Kind::Any), false),
        (Some(x), Some(y)) => (Some(common(x, y)), a.array),
        (x, y) => (x.or(y), a.array),
    };
    let array = array && kind != Some(Kind::Any);
    let fields = match (a.fields, b.fields) {
        _ if kind == Some(Kind::Any) => None,
        (Some(x), Some(y)) => Some(merge_fields(x, y)),
        (x, y) => x.or(y),
    };
    Field {
        name: a.name,
        required,
        kind,
        array,
        encrypted: a.encrypted || b.encrypted,
        values,
        fields,
    }
}

fn common(a: Kind, b: Kind) -> Kind {
    use Kind::{Any, Integer, Number, String, Time};
    match (a, b) {
        (a, b) if a == b => a,
        (Integer, Number) | (Number, Integer) => Number,
        (String, Time) | (Time, String) => String,
        _ => Any,
    }
}
