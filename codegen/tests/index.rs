//! The index of operations lists each one once.

use std::path::Path;

use wechatpay_codegen::ir::{Kind, Protocol};
use wechatpay_codegen::{index, load};

#[test]
fn every_operation_is_listed_once() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let api = load::load(&specs).unwrap().api;
    let (markdown, llms) = (index::markdown(&api), index::llms(&api));
    let rows = markdown.lines().filter(|line| line.starts_with("| `"));
    let lines = llms
        .lines()
        .filter(|line| line.starts_with("- ") && !line.starts_with("- ["));
    assert_eq!(rows.count(), api.operations.len());
    assert_eq!(lines.count(), api.operations.len());
    let row = "| `POST /v3/pay/transactions/jsapi` | `v3::pay::transactions::jsapi::post` | JSAPI下单 (place a JSAPI order) | \
               [page](<../specs/openapi/v3/pay/transactions/jsapi.md>) |\n";
    assert!(markdown.contains(row));
    assert!(llms.contains("- webhook::v3::refund_success: "));
    assert!(llms.contains("(REFUND.SUCCESS)\n"));
}

#[test]
fn links_lead_to_pages() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let markdown = index::markdown(&load::load(&specs).unwrap().api);
    let docs = specs.join("../docs");
    let targets = markdown
        .split("](<")
        .skip(1)
        .filter_map(|rest| rest.split(">)").next());
    let mut count = 0;
    for target in targets {
        assert!(docs.join(target).is_file(), "{target}");
        count += 1;
    }
    assert!(count > 1000);
}

#[test]
fn the_readmes_have_the_figures() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let api = load::load(&specs).unwrap().api;
    let count = |kind: Kind, protocol: Option<Protocol>| {
        let mut count = 0;
        for operation in &api.operations {
            let counts = protocol.is_none_or(|protocol| operation.protocol == protocol);
            count += usize::from(operation.kind == kind && counts);
        }
        count
    };
    let v3 = count(Kind::Api, Some(Protocol::V3));
    let (v2, webhooks) = (count(Kind::Api, Some(Protocol::V2)), count(Kind::Webhook, None));
    let row = format!("| {},{:03} | {v2} | {webhooks} |", v3 / 1000, v3 % 1000);
    for name in ["README.md", "README.zh-CN.md"] {
        let text = std::fs::read_to_string(specs.join("..").join(name)).unwrap();
        assert!(text.contains(&row), "{name} does not have `{row}`");
    }
}
