//! The official terms of fields by name, for fields that no page has.

use std::collections::HashMap;

use crate::ir::{Api, Operation, Property};

/// The term that most rows of one name have.
pub struct Terms(HashMap<String, String>);

impl Terms {
    pub fn of(api: &Api) -> Self {
        let mut counts: HashMap<&str, HashMap<&str, usize>> = HashMap::new();
        for operation in &api.operations {
            let Operation {
                request, response, ..
            } = operation;
            let lists = [&request.query, &request.body.properties, &response.properties];
            lists.into_iter().for_each(|list| count(list, &mut counts));
        }
        let most = |(name, terms): (&str, HashMap<&str, usize>)| {
            // Of two as frequent ones the first in the alphabet.
            let best = terms
                .into_iter()
                .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)))?;
            Some((name.to_owned(), best.0.to_owned()))
        };
        Self(counts.into_iter().filter_map(most).collect())
    }

    /// The usual term of a field; empty if no page has one of this name.
    pub fn term(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_default()
    }
}

fn count<'a>(list: &'a [Property], counts: &mut HashMap<&'a str, HashMap<&'a str, usize>>) {
    for property in list {
        if !property.label.is_empty() {
            *counts
                .entry(&property.name)
                .or_default()
                .entry(&property.label)
                .or_default() += 1;
        }
        count(&property.schema.properties, counts);
    }
}
