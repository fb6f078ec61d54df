//! The whole documentation, as it stands in `specs/`: totals that a change must not move unseen.

use std::path::Path;

use wechatpay_codegen::diagnostic::{Code, Diagnostic, tally};
use wechatpay_codegen::ir::{Kind, Operation, Origin, Property, Protocol};
use wechatpay_codegen::load::{Loaded, load, load_sources};
use wechatpay_codegen::names::{UNSIGNED, is_signed};

fn specs() -> Loaded {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    load(&folder).expect("the folder specs/ is there")
}

#[test]
fn every_page_is_accounted_for() {
    let loaded = specs();
    let operations = &loaded.api.operations;
    let webhooks = operations
        .iter()
        .filter(|operation| operation.kind == Kind::Webhook)
        .count();
    assert_eq!(
        (operations.len(), operations.len() - webhooks, webhooks),
        (1290, 1178, 112)
    );
    assert_eq!(loaded.api.redirects.len(), 8);
    assert_eq!(loaded.skipped, [] as [&str; 0]);
    let errors: Vec<_> = loaded
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.is_error())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(loaded.counts.lost(), None, "{:?}", loaded.counts);
    assert_eq!(loaded.counts.pages, 1210);
}

#[test]
fn every_row_is_accounted_for() {
    let counts = specs().counts;
    // 35,222 fields, parts and settings, 230 separators, 118 sentences, of which a fixup replaces one.
    assert_eq!(counts.rows, 35_570);
    assert_eq!((counts.became.notes, counts.became.reported), (117, 0));
    assert_eq!(
        counts.rows + counts.edited.added - counts.edited.removed,
        counts.became.total()
    );
    assert_eq!(
        counts.implied, 0,
        "a path parameter without a row: add it with a fixup"
    );
    assert!(counts.properties > 30_000, "{counts:?}");
}

#[test]
fn the_order_of_the_pages_does_not_matter() {
    let loaded = specs();
    let mut shuffled = loaded.sources.clone();
    shuffle(&mut shuffled);
    assert_ne!(shuffled, loaded.sources);
    let again = load_sources(shuffled);
    assert!(again.api == loaded.api);
    assert_eq!(again.diagnostics, loaded.diagnostics);
}

/// Any order that is another one, the same at each run.
fn shuffle<T>(items: &mut [T]) {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for index in (1..items.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        items.swap(index, usize::try_from(state % (index as u64 + 1)).expect("small"));
    }
}

/// How many warnings of each code the pages have. A new one is corrected on its page or by a fixup; where it
/// cannot be, its number here changes.
const WARNINGS: [(Code, usize); 5] = [
    (Code::DuplicateName, 13),
    (Code::TextWithFields, 15),
    (Code::EmptyObject, 22),
    (Code::FormFile, 16),
    (Code::EmptyTable, 9),
];

#[test]
fn warnings_are_few_and_known() {
    let loaded = specs();
    assert_eq!(tally(&loaded.diagnostics).0, 0);
    for (code, bound) in WARNINGS {
        let count = loaded
            .diagnostics
            .iter()
            .filter(|found| found.code == code)
            .count();
        assert_eq!(count, bound, "warnings {code}");
    }
    let unknown = |found: &&Diagnostic| WARNINGS.iter().all(|(code, _)| *code != found.code);
    let unknown: Vec<_> = loaded.diagnostics.iter().filter(unknown).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}

/// A path without a page would turn the verification of a signature off for nobody, or for a page to come.
#[test]
fn each_operation_without_a_signature_has_a_page() {
    let operations = specs().api.operations;
    for path in UNSIGNED {
        let of_path = |operation: &&Operation| operation.path.as_deref() == Some(path);
        let operation = operations.iter().find(of_path);
        let operation = operation.unwrap_or_else(|| panic!("{path} has no page"));
        assert_eq!(operation.protocol, Protocol::V2, "{path}");
        assert!(!is_signed(operation), "{path}");
    }
}

#[test]
fn an_operation_has_what_a_call_needs() {
    for operation in specs().api.operations {
        let place = format!("{} {}", operation.page, operation.method.as_str());
        assert!(!operation.title.is_empty(), "{place}");
        assert!(
            operation
                .hosts
                .iter()
                .all(|host| host.starts_with("https://") && host.ends_with('/')),
            "{place}"
        );
        assert_eq!(operation.path.is_some(), operation.kind == Kind::Api, "{place}");
        if let Some(path) = &operation.path {
            let placeholders = path.matches('{').count();
            assert_eq!(placeholders, operation.request.path.len(), "{place}");
        }
        every_property(&operation, &mut |property| {
            assert!(
                !property.name.is_empty() && !property.name.contains(' '),
                "{place}"
            );
            assert!(
                !property.label.is_empty() || property.provenance.origin == Origin::Reading,
                "{place}: {} has no term",
                property.name
            );
            assert!(property.line > 0, "{place}");
        });
    }
}

fn every_property(operation: &Operation, check: &mut dyn FnMut(&Property)) {
    fn walk(properties: &[Property], check: &mut dyn FnMut(&Property)) {
        for property in properties {
            check(property);
            walk(&property.schema.properties, check);
        }
    }
    for list in operation.lists() {
        walk(list, check);
    }
}
