//! The readings in `specs/readings/` agree with the API, but for what `decisions.toml` lists.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use wechatpay_codegen::ir::{Origin, Property, Reading, Standing};
use wechatpay_codegen::lints::readings as comparison;
use wechatpay_codegen::load::{Loaded, load};
use wechatpay_codegen::readings::File;

static SPECS: LazyLock<Loaded> =
    LazyLock::new(|| load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs")).expect("specs"));

/// What is left, one line each.
fn left(files: &[File]) -> Vec<String> {
    let found = comparison::compare(&SPECS.api, files, &SPECS.decisions);
    let line = |found: &comparison::Disagreement| {
        format!(
            "{} {} {} {}: {} ({})",
            found.code,
            found.subject,
            found.part.as_str(),
            found.field,
            found.what,
            found.reading
        )
    };
    found.iter().map(line).collect()
}

#[test]
fn nothing_is_undecided() {
    let found = left(&SPECS.readings);
    assert!(
        found.is_empty(),
        "{} are undecided:\n{}",
        found.len(),
        found.join("\n")
    );
    let idle: Vec<_> = SPECS.decisions.idle().collect();
    assert!(idle.is_empty(), "decisions that decide nothing: {idle:?}");
}

/// What `check --reading` compares has no name and no standing of its own.
#[test]
fn nothing_is_undecided_if_somebody_else_brings_the_same_readings() {
    for file in &SPECS.readings {
        let reading = Reading {
            id: "FILE".to_owned(),
            standing: match file.reading.standing {
                Standing::Observed => Standing::Observed,
                _ => Standing::Independent,
            },
            ..(*file.reading).clone()
        };
        let foreign = File {
            reading: Arc::new(reading),
            ..file.clone()
        };
        let found = left(&[foreign]);
        let id = &file.reading.id;
        assert!(found.is_empty(), "{} of {id}:\n{}", found.len(), found.join("\n"));
    }
}

/// A field that an official reading adds beside one of nearly the same name is that field: the page
/// has misspelt it, and a `rename` fixup is missing.
#[test]
fn no_added_field_is_a_row_under_another_spelling() {
    let mut found = BTreeSet::new();
    for operation in &SPECS.api.operations {
        let request = &operation.request;
        for list in [
            &request.query,
            &request.body.properties,
            &operation.response.properties,
        ] {
            near(list, &operation.page, &mut found);
        }
    }
    let known: BTreeSet<String> = KNOWN.iter().map(|pair| (*pair).to_owned()).collect();
    assert_eq!(found, known);
}

/// Two fields, not one under two names.
const KNOWN: [&str; 4] = [
    "openapi/v3/payroll-card/authentications.md: authenticate_time and authenticate_type",
    "openapi/v3/payroll-card/authentications/{authenticate_number}.md: authenticate_time and authenticate_type",
    "openapi/v3/payscore/serviceorder.md: count and amount",
    "openapi/v3/payscore/serviceorder/{out_order_no}/sync.md: amount and count",
];

fn near(list: &[Property], page: &str, found: &mut BTreeSet<String>) {
    let is_added = |property: &&Property| {
        let mut learned = property.provenance.learned.iter();
        property.provenance.origin == Origin::Reading
            && learned.any(|learned| learned.reading.standing == Standing::Official)
    };
    for added in list.iter().filter(is_added) {
        let rows = list
            .iter()
            .filter(|row| row.provenance.origin != Origin::Reading && !row.name.contains('$'));
        for row in rows.filter(|row| distance(&row.name, &added.name) <= 2) {
            found.insert(format!("{page}: {} and {}", row.name, added.name));
        }
    }
    for property in list {
        near(&property.schema.properties, page, found);
    }
}

/// How many letters differ.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(x != *y)).min(above + 1).min(row[j] + 1);
            diagonal = above;
        }
    }
    row[b.len()]
}
