//! What the command prints, and where the pages come from.

use std::fs;

use serde_json::Value;

use super::repository::{Repository, stdout};
use super::support::PAGE;

#[test]
fn people_read_the_verdict_the_reason_and_both_places() {
    let repository = Repository::new("human");
    let output = repository.run(&["diff", "HEAD:specs", "specs"]);
    let expected = "\
POST /v3/shop/orders/{order_no}  修改订单  [shop]
  breaks compile request `json.remark` 备注, newly required: optional → required — the constructor asks for it, `Option<String>` becomes `String`
                 specs/openapi/v3/shop/orders/{order_no}.md:14  client/src/generated/v3/shop/orders/by_order_no.rs:";
    let text = stdout(&output);
    assert!(text.starts_with(expected), "{text}");
    let sum = "1 change of 1 operation: 1 breaking at compile time, 0 breaking at run time, 0 compatible; version: major";
    assert!(text.contains(sum), "{text}");
}

#[test]
fn markdown_has_the_summary_first_and_links() {
    let repository = Repository::new("markdown");
    let link = "https://github.com/o/n/blob/1";
    let output = repository.run(&[
        "diff",
        "HEAD:specs",
        "specs",
        "--format",
        "markdown",
        "--link",
        link,
    ]);
    let text = stdout(&output);
    let places = [
        "## API changes",
        "| `shop` | 1 | 1 | 0 | 0 | major |",
        "### `shop`",
        "#### 修改订单 `POST /v3/shop/orders/{order_no}`",
        "备注",
    ];
    let at: Vec<_> = places.iter().map(|place| text.find(place)).collect();
    assert!(at.iter().all(Option::is_some) && at.is_sorted(), "{at:?}\n{text}");
    let page = "https://github.com/o/n/blob/1/specs/openapi/v3/shop/orders/%7Border_no%7D.md?plain=1#L14";
    assert!(text.contains(page), "{text}");
    assert!(
        text.contains("/client/src/generated/v3/shop/orders/by_order_no.rs#L"),
        "{text}"
    );
}

#[test]
fn json_has_the_documented_form() {
    let repository = Repository::new("json");
    let output = repository.run(&["diff", "HEAD:specs", "specs", "--format", "json"]);
    let value: Value = serde_json::from_str(stdout(&output)).expect("JSON");
    assert_eq!(
        (&value["schema_version"], &value["verdict"], &value["bump"]),
        (&1.into(), &"compile".into(), &"major".into())
    );
    let change = &value["operations"][0]["changes"][0];
    let keys: Vec<_> = change
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    let documented = [
        "kind",
        "part",
        "field",
        "term",
        "what",
        "reason",
        "verdict",
        "bump",
        "side",
        "page",
        "line",
        "generated",
    ];
    assert_eq!(keys, documented);
    assert_eq!(
        (&change["kind"], &change["field"], &change["line"]),
        (&"field-required".into(), &"json.remark".into(), &14.into())
    );
    // The generated line is that of the field.
    assert!(change["generated"]["line"].as_u64() > value["operations"][0]["generated"]["line"].as_u64());
}

#[test]
fn a_wrong_side_is_explained() {
    let repository = Repository::new("wrong");
    for (arguments, expected) in [
        (&["diff", "nowhere", "specs"][..], "REV:FOLDER"),
        (&["diff", "nowhere:specs", "specs"], "git ls-tree"),
        (&["diff", "specs"], "diff what?"),
        (
            &["diff", "specs", "specs", "--format", "github"],
            "human, markdown, json or changelog",
        ),
    ] {
        let output = repository.run(arguments);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn new_findings_come_first() {
    let repository = Repository::new("since");
    let page = repository.folder.join("specs").join(PAGE);
    let text = fs::read_to_string(&page).expect("the page");
    let odd = "| remark {data-required data-indent=1} | string {odd} | 备注\n";
    fs::write(
        &page,
        text.replace("| remark {data-required data-indent=1} | string | 备注\n", odd),
    )
    .expect("a page");
    let output = repository.run(&["check", "--since", "HEAD:specs"]);
    let text = stdout(&output);
    assert!(text.starts_with("new since HEAD:specs: 1 warning"), "{text}");
    assert!(text.contains("W0018"), "{text}");
}
