//! What rows of one name usually are, for fields that no page has.

use std::collections::HashMap;
use std::hash::Hash;

use crate::ir::{Api, Operation, Property, Type};

/// The term and the type that most rows of one name have.
pub struct Terms(HashMap<String, (String, Type)>);

#[derive(Default)]
struct Counts<'a> {
    terms: HashMap<&'a str, usize>,
    types: HashMap<Type, usize>,
}

impl Terms {
    pub fn of(api: &Api) -> Self {
        let mut counts: HashMap<&str, Counts<'_>> = HashMap::new();
        for operation in &api.operations {
            let Operation {
                request, response, ..
            } = operation;
            let lists = [&request.query, &request.body.properties, &response.properties];
            lists.into_iter().for_each(|list| count(list, &mut counts));
        }
        let usual = |(name, counts): (&str, Counts<'_>)| {
            let term = most(counts.terms).unwrap_or_default().to_owned();
            let ty = most(counts.types).unwrap_or(Type::String);
            (name.to_owned(), (term, ty))
        };
        Self(counts.into_iter().map(usual).collect())
    }

    /// The usual term of a field; empty if no page has one of this name.
    pub fn term(&self, name: &str) -> String {
        self.0.get(name).map(|(term, _)| term.clone()).unwrap_or_default()
    }

    /// The usual type of a field that holds one plain value.
    pub fn ty(&self, name: &str) -> Type {
        self.0.get(name).map_or(Type::String, |(_, ty)| *ty)
    }
}

/// The most frequent; of two as frequent ones the first in order.
fn most<T: Ord + Hash>(counts: HashMap<T, usize>) -> Option<T> {
    let best = counts
        .into_iter()
        .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)))?;
    Some(best.0)
}

fn count<'a>(list: &'a [Property], counts: &mut HashMap<&'a str, Counts<'a>>) {
    for property in list {
        let counted = counts.entry(&property.name).or_default();
        if !property.label.is_empty() {
            *counted.terms.entry(&property.label).or_default() += 1;
        }
        let schema = &property.schema;
        if schema.ty != Type::Object && !schema.array && schema.properties.is_empty() {
            *counted.types.entry(schema.ty).or_default() += 1;
        }
        count(&schema.properties, counts);
    }
}
