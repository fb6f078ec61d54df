//! Every documented example goes through its operation's types and comes back whole.

#[path = "../examples/replay/compare.rs"]
mod compare;
#[path = "examples/deviations.rs"]
mod deviations;
#[path = "examples/documents.rs"]
mod documents;
#[path = "examples/golden.rs"]
mod golden;
#[path = "../examples/replay/line.rs"]
#[allow(dead_code)]
mod line;
#[path = "examples/recorded.rs"]
mod recorded;
#[path = "../examples/replay/registry.rs"]
mod registry;

use std::path::Path;

use serde_json::{Map, Value, json};
use wechatpay_codegen::ir::{BodyFormat, Encoding, Kind, Operation, Property, Type};
use wechatpay_codegen::load::load;

/// What the documentation's own samples have that no type takes: they break the page's own table.
const EXCEPTIONS: &[(&str, &str)] = &[
    // A text where the table has a list.
    (
        "openapi/v3/new-tax-control-fapiao/fapiaomerchant/getspinviteurl.md",
        "fapiao_ability_type_list",
    ),
    // `TRUE` for a boolean that is written `true`.
    ("openapi/v2/wxv/finishhotelbill.md", "checked_in"),
    // Computed in the sample, so there is no value.
    ("openapi/v2/secsvc/getrealnameinfo.md", "cert_serialno"),
    ("openapi/v2/secsvc/getrealnameinfo.md", "timestamp"),
    // Samples that have the names of the tables, which fixups correct.
    ("openapi/v3/apply4subject/applyment.md", "business_license_info"),
    ("openapi/v3/apply4subject/applyment.md", "special_operation_info"),
    ("openapi/v3/med-ins/refunds/notify.md", "med_refund_"),
    // A list and empty texts where the official samples have an object and numbers.
    ("openapi/v3/transactions/mweb.md", "detail"),
    ("openapi/v3/transactions/native.md", "detail"),
    (
        "openapi/v3/mch-operation-manage/enhanced-due-diligence/{due_diligence_id}/submit.md",
        "item_id",
    ),
    ("openapi/v3/apply4subject/applyment.md", "applyment_id"),
    (
        "openapi/v3/ecommerce/applyments/index.md",
        "business_addition_desc",
    ),
    (
        "openapi/v3/ecommerce/applyments/submit-account-hosting-applyment.md",
        "business_addition_desc",
    ),
    (
        "openapi/v3/transaction-block/transaction-block-submissions/sub-mchid/{sub_mchid}.md",
        "item_id",
    ),
    // Page sizes that are left empty.
    ("openapi/v3/marketing/favor/stocks/{stock_id}/items.md", "limit"),
    (
        "openapi/v3/marketing/favor/stocks/{stock_id}/merchants.md",
        "limit",
    ),
    // A query parameter beside an XML body, which a recorded document does not hold.
    ("openapi/v2/secapi/mch/submchmanage.md", "action"),
];

/// What travels for a row: JSON text where the page encodes, the example being the clear value.
fn on_the_wire(property: &Property, value: &Value) -> Value {
    let schema = &property.schema;
    let text_with_content =
        schema.ty == Type::String && (schema.encoded.is_some() || !schema.properties.is_empty());
    match value {
        Value::Object(_) | Value::Array(_)
            if text_with_content && schema.encoded != Some(Encoding::UrlEncode) =>
        {
            Value::String(inner(&schema.properties, value).to_string())
        }
        value => inner(&schema.properties, value),
    }
}

fn inner(properties: &[Property], value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let field = |name: &String, value: &Value| match properties.iter().find(|row| row.name == *name) {
                Some(property) => on_the_wire(property, value),
                None => value.clone(),
            };
            fields
                .iter()
                .map(|(name, value)| (name.clone(), field(name, value)))
                .collect::<Map<_, _>>()
                .into()
        }
        Value::Array(items) => items
            .iter()
            .map(|item| inner(properties, item))
            .collect::<Vec<_>>()
            .into(),
        value => value.clone(),
    }
}

/// The example as the line of recorded traffic that it would be.
fn line_of(operation: &Operation, example: &Value) -> Value {
    let request = &operation.request;
    let mut target = operation.path.clone().unwrap_or_default();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    for row in &request.path {
        if let Some(value) = example.get(&row.name).filter(|value| !text(value).is_empty()) {
            target = target.replace(&format!("{{{}}}", row.name), &text(value));
        }
    }
    let part = match request.body.format {
        BodyFormat::Json => "json",
        BodyFormat::Xml => "xml",
        BodyFormat::Multipart => "body",
        BodyFormat::None => "query",
    };
    let rows = if part == "query" {
        &request.query
    } else {
        &request.body.properties
    };
    let value = inner(rows, example.get(part).unwrap_or(&json!({})));
    let mut line = json!({ "method": operation.method.as_str(), "path": target, "part": "request" });
    if request.body.format == BodyFormat::Xml {
        let fields: Vec<_> = value
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), text(value)))
            .collect();
        line["xml"] = wechatpay_client::traffic::to_xml(&fields).into();
    } else {
        line["value"] = value;
    }
    line
}

#[test]
fn every_documented_example_comes_back_whole() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let api = load(&specs).expect("the pages can be read").api;
    let (mut seen, mut differ) = (0, Vec::new());
    for operation in api
        .operations
        .iter()
        .filter(|operation| !operation.examples.is_empty())
    {
        assert_eq!(operation.kind, Kind::Api);
        seen += 1;
        for example in &operation.examples {
            let line = line_of(operation, example).to_string();
            let found: Vec<String> = match line::replay(&line) {
                Ok(outcome) => {
                    let deviations = outcome.deviations.iter().map(ToString::to_string);
                    deviations.chain(outcome.differences).collect()
                }
                Err(problem) => vec![format!("refused: {problem}")],
            };
            let excused = |problem: &String| {
                EXCEPTIONS
                    .iter()
                    .any(|(page, what)| operation.page == *page && problem.contains(what))
            };
            differ.extend(
                found
                    .iter()
                    .filter(|problem| !excused(problem))
                    .map(|problem| format!("{}: {problem}", operation.page)),
            );
        }
    }
    assert_eq!(seen, 1122, "documented examples");
    assert!(
        differ.is_empty(),
        "{} differences:\n{}",
        differ.len(),
        differ.join("\n")
    );
}
