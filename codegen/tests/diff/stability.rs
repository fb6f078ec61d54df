//! What a page's coming, going and moving touches, and what it does not.

use wechatpay_codegen::diff::{Kind, Side, Verdict, compare};
use wechatpay_codegen::load::{Loaded, load_sources};
use wechatpay_codegen::source::Source;

use super::lines::by_file;
use super::support::{PAGE, TEXT, generated, others, webhook};

fn with(pages: &[Source]) -> Loaded {
    let mut sources = others();
    sources.extend_from_slice(pages);
    load_sources(sources)
}

fn touched(old: &Loaded, new: &Loaded) -> Vec<(String, usize)> {
    by_file(&generated(old), &generated(new))
}

fn page(path: &str) -> Source {
    Source::new(
        path,
        TEXT.replace("| order_no {data-required} | string | 订单号\n", ""),
    )
}

#[test]
fn a_new_page_touches_its_file_and_the_line_of_its_module() {
    let (old, new) = (with(&[]), with(&[page("openapi/v3/shop/bills.md")]));
    let touched = touched(&old, &new);
    let files: Vec<_> = touched.iter().map(|(file, _)| file.as_str()).collect();
    assert_eq!(files, ["v3/shop.rs", "v3/shop/bills.rs"]);
    assert_eq!(
        touched[0].1, 2,
        "one line for the module, one in the product's table"
    );
    let diff = compare(&old.api, &new.api);
    let [change] = &diff.operations[0].changes[..] else {
        panic!("{diff:#?}")
    };
    assert_eq!(
        (change.kind, change.verdict),
        (Kind::OperationAdded, Verdict::Compatible)
    );
    assert_eq!(diff.operations[0].operation, "POST /v3/shop/bills");
}

#[test]
fn a_new_product_touches_the_features_too() {
    let (old, new) = (with(&[]), with(&[page("openapi/v3/tickets.md")]));
    let touched = touched(&old, &new);
    let files: Vec<_> = touched.iter().map(|(file, _)| file.as_str()).collect();
    assert_eq!(files, ["Cargo.toml", "v3.rs", "v3/tickets.rs"]);
    assert_eq!(touched[0].1, 2, "its line in `full`, and the feature");
    assert_eq!(touched[1].1, 2, "its module, behind the feature");
}

#[test]
fn a_removed_page_is_the_same_backwards() {
    let (old, new) = (with(&[page("openapi/v3/shop/bills.md")]), with(&[]));
    let files: Vec<_> = touched(&old, &new).into_iter().map(|(file, _)| file).collect();
    assert_eq!(files, ["v3/shop.rs", "v3/shop/bills.rs"]);
    let diff = compare(&old.api, &new.api);
    let operation = &diff.operations[0];
    assert_eq!(
        (operation.side, operation.verdict()),
        (Side::Old, Verdict::CompileTime)
    );
    assert_eq!(operation.changes[0].reason, "its function is gone");
}

#[test]
fn a_new_webhook_adds_one_line_to_the_events() {
    let (old, new) = (with(&[]), with(&[webhook("SHOP.CLOSED")]));
    let touched = touched(&old, &new);
    let files: Vec<_> = touched.iter().map(|(file, _)| file.as_str()).collect();
    assert_eq!(files, ["webhook/v3.rs", "webhook/v3/shop_closed.rs"]);
    assert_eq!(touched[0].1, 3, "the module, its feature, the event");
}

#[test]
fn a_page_may_move_and_leave_a_redirect() {
    let moved = "---\ntitle: Moved to /openapi/v3/shop/statements\nhead:\n  - - meta\n    - http-equiv: refresh\n      content: 0;url=/openapi/v3/shop/statements\n---\n";
    let old = with(&[page("openapi/v3/shop/bills.md")]);
    let new = with(&[
        page("openapi/v3/shop/statements.md"),
        Source::new("openapi/v3/shop/bills.md", moved),
    ]);
    assert_eq!(new.api.redirects.len(), 1);
    let diff = compare(&old.api, &new.api);
    let [operation] = &diff.operations[..] else {
        panic!("{diff:#?}")
    };
    let change = &operation.changes[0];
    assert_eq!(
        (change.kind, change.verdict),
        (Kind::OperationMoved, Verdict::Compatible)
    );
    assert!(
        change.reason.contains("the old path stays, deprecated"),
        "{change:#?}"
    );
}

#[test]
fn a_page_that_moves_silently_breaks_its_callers() {
    let old = with(&[Source::new(PAGE, TEXT.replace("修改订单", "独一无二"))]);
    let text = TEXT
        .replace("修改订单", "独一无二")
        .replace("order_no", "order_id");
    let new = with(&[Source::new("openapi/v3/shop/orders/{order_id}.md", text)]);
    let diff = compare(&old.api, &new.api);
    let [operation] = &diff.operations[..] else {
        panic!("{diff:#?}")
    };
    let change = &operation.changes[0];
    assert_eq!(
        (change.kind, change.verdict),
        (Kind::OperationMoved, Verdict::CompileTime)
    );
    assert!(
        change.reason.contains("a page that only redirects would keep it"),
        "{change:#?}"
    );
}

#[test]
fn the_order_of_the_pages_changes_nothing() {
    let pages = [page("openapi/v3/shop/bills.md"), webhook("SHOP.CLOSED")];
    let mut sources = others();
    sources.extend_from_slice(&pages);
    let forwards = load_sources(sources.clone());
    sources.reverse();
    let backwards = load_sources(sources);
    assert_eq!(touched(&forwards, &backwards), []);
    assert!(compare(&forwards.api, &backwards.api).operations.is_empty());
}
