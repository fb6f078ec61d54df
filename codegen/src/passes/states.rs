//! Opens the sets of values that a page does not list.
//!
//! In: the API, after [`readings`](super::readings). Out: the same, where a `state` or `status` without
//! values is marked as open, so that values documented later are no break, and where such a row, or a
//! `type`, has the values of its twins: rows of one product with the same name, official term and parent.
//! They count if one list holds all the others.

use std::collections::BTreeMap;

use crate::ir::{Api, Operation, Property, Type};
use crate::names::page_feature;

/// Product, parent's name, name, official term.
type Key = (String, String, String, String);

/// The lists of twins, each with its page.
type Lists = BTreeMap<Key, Vec<(Vec<String>, String)>>;

pub fn run(api: &mut Api) {
    let mut lists = Lists::new();
    for operation in &mut api.operations {
        each(operation, &mut |property, page, parent| {
            let listed = property.schema.values.len() > 1 && is_set(&property.name);
            if listed && property.schema.ty == Type::String {
                let found = (property.schema.values.clone(), page.to_owned());
                lists.entry(key(property, page, parent)).or_default().push(found);
            }
        });
    }
    for operation in &mut api.operations {
        each(operation, &mut |property, page, parent| {
            if !is_set(&property.name) || property.schema.time || !property.schema.is_plain_text() {
                return;
            }
            // Of OAuth, too, a `state` is a parameter.
            let state = property.name.contains('_') || property.label.contains("状态");
            property.schema.open = state && !property.name.to_ascii_lowercase().ends_with("type");
            let twins = lists.get(&key(property, page, parent));
            if let Some((values, from)) = twins.and_then(|twins| longest(twins)) {
                property.schema.values.clone_from(values);
                let from = from.trim_end_matches(".md");
                property
                    .notes
                    .push(format!("The page lists no values; these are those of `{from}`."));
            }
        });
    }
}

/// `state`, `trade_state`, `status`, `card_type`.
fn is_set(name: &str) -> bool {
    let last = name.rsplit('_').next().unwrap_or_default();
    ["state", "status", "type"].contains(&last.to_ascii_lowercase().as_str())
}

fn key(property: &Property, page: &str, parent: &str) -> Key {
    let product = page_feature(page);
    let product = product.strip_prefix("webhook-").unwrap_or(&product);
    let words = [parent, property.name.as_str(), property.label.as_str()].map(str::to_owned);
    let [parent, name, label] = words;
    (product.to_owned(), parent, name, label)
}

/// The list that holds all the others, if there is one.
fn longest(lists: &[(Vec<String>, String)]) -> Option<&(Vec<String>, String)> {
    let holds = |(long, _): &(Vec<String>, String), (short, _): &(Vec<String>, String)| {
        short.iter().all(|value| long.contains(value))
    };
    lists
        .iter()
        .find(|list| lists.iter().all(|other| holds(list, other)))
}

/// Calls `with` for all rows, with their page and the name of the row they are in.
fn each(operation: &mut Operation, with: &mut dyn FnMut(&mut Property, &str, &str)) {
    let page = operation.page.clone();
    let lists = operation.lists_mut().into_iter();
    lists.for_each(|list| descend(list, &page, "", with));
}

fn descend(list: &mut [Property], page: &str, parent: &str, with: &mut dyn FnMut(&mut Property, &str, &str)) {
    for property in list {
        with(property, page, parent);
        descend(&mut property.schema.properties, page, &property.name, with);
    }
}
