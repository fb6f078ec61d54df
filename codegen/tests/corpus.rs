//! The whole documentation, as it stands in `specs/`: totals that a change must not move unseen.

use std::path::Path;

use wechatpay_codegen::diagnostic::tally;
use wechatpay_codegen::ir::{Kind, Operation, Origin, Property};
use wechatpay_codegen::load::{Loaded, load, load_sources};

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

#[test]
fn warnings_are_few_and_known() {
    let (errors, warnings) = tally(&specs().diagnostics);
    assert_eq!(errors, 0);
    assert!(
        warnings < 90,
        "{warnings} warnings: correct the pages, or add fixups"
    );
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
    let request = &operation.request;
    for list in [
        &request.path,
        &request.query,
        &request.headers,
        &request.body.properties,
        &operation.response.properties,
        &operation.acknowledgement,
    ] {
        walk(list, check);
    }
}
