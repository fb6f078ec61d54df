//! Fuzzers on stable Rust: what finds something new is mutated further.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use wechatpay_codegen::diagnostic::Code;
use wechatpay_codegen::ir::{Api, Operation, Property, Type};
use wechatpay_codegen::{emit, load, names};

use crate::mutate::{self, ODD, Random};
use crate::{check, number, pages};

fn seconds() -> Duration {
    Duration::from_secs(number("SECONDS_EACH", 30))
}

/// A page that shows a set of findings that none before it showed joins the corpus.
#[test]
#[ignore = "runs for SECONDS_EACH seconds"]
fn page_to_ir() {
    let mut corpus = pages();
    let (start, first) = (Instant::now(), corpus.len());
    let mut seen: BTreeSet<Vec<Code>> = BTreeSet::new();
    let mut rounds = number("SEED", 1 << 32);
    let begin = rounds;
    while start.elapsed() < seconds() {
        rounds += 1;
        let mut random = Random::new(rounds);
        let mut page = corpus[random.below(corpus.len())].clone();
        for _ in 0..=random.below(3) {
            let other = random.below(corpus.len());
            mutate::mutate(&mut page.text, &corpus[other].text, &mut random);
        }
        let (_, loaded) = check::page(&page.path, &page.text)
            .unwrap_or_else(|problem| panic!("round {rounds}, {}: {problem}\n{}", page.path, page.text));
        let codes: BTreeSet<Code> = loaded.diagnostics.iter().map(|found| found.code).collect();
        if page.text.len() < 50_000 && seen.insert(codes.into_iter().collect()) {
            corpus.push(page);
        }
    }
    println!(
        "page → IR: {} rounds, {} pages joined the corpus",
        rounds - begin,
        corpus.len() - first
    );
}

/// Operations of the real pages with anything in any name, text and type.
#[test]
#[ignore = "runs for SECONDS_EACH seconds"]
fn ir_to_rust() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let operations = load::load(&specs).expect("the pages can be read").api.operations;
    let start = Instant::now();
    let mut rounds = number("SEED", 1 << 33);
    let (begin, mut clashed) = (rounds, 0_u64);
    while start.elapsed() < seconds() {
        rounds += 1;
        let mut random = Random::new(rounds);
        let mut api = Api::default();
        for _ in 0..=random.below(3) {
            let mut operation = operations[random.below(operations.len())].clone();
            for _ in 0..=random.below(6) {
                change(&mut operation, &mut random);
            }
            api.operations.push(operation);
        }
        if !names::clashes(&api).is_empty() {
            clashed += 1;
            continue;
        }
        let result = catch_unwind(AssertUnwindSafe(|| check::rust(&api)));
        let result = result.unwrap_or_else(|_| Err("panic".to_owned()));
        if let Err(problem) = result {
            let files = std::panic::catch_unwind(|| emit::emit(&api)).unwrap_or_default();
            let text: String = files.into_values().collect();
            panic!("round {rounds}: {problem}\n{text}");
        }
    }
    println!(
        "IR → Rust: {} rounds, {clashed} of them with names that clash",
        rounds - begin
    );
}

fn change(operation: &mut Operation, random: &mut Random) {
    match random.below(8) {
        0 => text(&mut operation.title, random),
        1 => operation.path.iter_mut().for_each(|path| text(path, random)),
        2 => operation.hosts.iter_mut().for_each(|host| text(host, random)),
        3 => operation
            .event_type
            .iter_mut()
            .for_each(|name| text(name, random)),
        4 => operation.document_ids.iter_mut().for_each(|id| text(id, random)),
        _ => operation
            .lists_mut()
            .into_iter()
            .for_each(|list| properties(list, random)),
    }
}

/// Changes about one property of each list.
fn properties(list: &mut Vec<Property>, random: &mut Random) {
    if list.is_empty() {
        return;
    }
    let at = random.below(list.len());
    let copy = list[random.below(list.len())].clone();
    let property = &mut list[at];
    match random.below(9) {
        0 => text(&mut property.name, random),
        1 => text(&mut property.label, random),
        2 => property.notes.push(random.of(ODD).to_owned()),
        3 => property.schema.values.push(random.of(ODD).to_owned()),
        4 => property.schema.constant = Some(random.of(ODD).to_owned()),
        5 => property.required = !property.required,
        6 => {
            property.schema.ty = [
                Type::String,
                Type::Integer,
                Type::Number,
                Type::Boolean,
                Type::Object,
            ][random.below(5)]
        }
        7 => list.push(copy),
        _ => properties(&mut property.schema.properties, random),
    }
}

fn text(text: &mut String, random: &mut Random) {
    if random.below(4) == 0 {
        text.clear();
    }
    let mut at = random.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    text.insert_str(at, random.of(ODD));
}
