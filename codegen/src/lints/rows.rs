//! All fields of all operations in one list, for comparing those that are the same.
//!
//! In: the API. Out: [`Row`]s in page order, and groups of those that mean the same thing.

use std::collections::BTreeMap;

use crate::ir::{Api, Operation, Property};
use crate::names::feature;

#[derive(Clone)]
pub struct Row<'a> {
    pub operation: &'a Operation,
    pub property: &'a Property,
    /// What the caller sends, or what it gets.
    pub sent: bool,
    /// The name of the field it is in; empty at the top.
    pub parent: &'a str,
    /// `amount.total`, without the part of the request.
    pub path: String,
}

pub fn all(api: &Api) -> Vec<Row<'_>> {
    api.operations.iter().flat_map(of).collect()
}

/// The fields of one operation.
pub fn of(operation: &Operation) -> Vec<Row<'_>> {
    let request = &operation.request;
    let mut rows = Vec::new();
    for list in [
        &request.path,
        &request.query,
        &request.headers,
        &request.body.properties,
    ] {
        collect(operation, list, true, "", "", &mut rows);
    }
    collect(
        operation,
        &operation.response.properties,
        false,
        "",
        "",
        &mut rows,
    );
    rows
}

fn collect<'a>(
    operation: &'a Operation,
    list: &'a [Property],
    sent: bool,
    parent: &'a str,
    path: &str,
    rows: &mut Vec<Row<'a>>,
) {
    for property in list {
        let path = if path.is_empty() {
            property.name.clone()
        } else {
            format!("{path}.{}", property.name)
        };
        collect(
            operation,
            &property.schema.properties,
            sent,
            &property.name,
            &path,
            rows,
        );
        rows.push(Row {
            operation,
            property,
            sent,
            parent,
            path,
        });
    }
}

/// Rows of one product that stand for the same thing: same name, same official term, in a field of the
/// same name, both sent or both received. Groups of one page are left out.
pub fn same<'r, 'a>(rows: &'r [Row<'a>]) -> Vec<Vec<&'r Row<'a>>> {
    let mut features: BTreeMap<&str, String> = BTreeMap::new();
    let mut groups: BTreeMap<_, Vec<&Row<'_>>> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.property.label.is_empty()) {
        let product = features
            .entry(&row.operation.page)
            .or_insert_with(|| feature(row.operation))
            .clone();
        let key = (
            product,
            row.operation.protocol,
            row.sent,
            row.parent,
            &row.property.name,
            &row.property.label,
        );
        groups.entry(key).or_default().push(row);
    }
    let several = |group: &Vec<&Row<'_>>| {
        group
            .iter()
            .any(|row| row.operation.page != group[0].operation.page)
    };
    groups.into_values().filter(several).collect()
}

/// `page:line` of a row.
pub fn place(row: &Row<'_>) -> String {
    format!("{}:{}", row.operation.page, row.property.line)
}
