//! Each change, and each way in which a correction can no longer apply.

use crate::diagnostic::Code;
use crate::ir::{Encryption, Property, Type};
use crate::load::{Loaded, load_sources};
use crate::source::Source;

const PAGE: &str = "\
# 题 {#post}

| 请求参数 | 类型 | 描述
| --- | --- | ---
| json {data-required} | object | 体
| a {data-indent=1} | string | 甲<br/>`X` \\| `Y` 枚举值之一<br/>乙
| b {data-indent=1} | object | 乙
| c {data-required data-indent=2} | number | 丙
| b {data-indent=1} | object | 乙
| d {data-indent=2} | string | 丁
| e {data-indent=3} | string | 戊

| 返回字典 | 类型 | 描述
| --- | --- | ---
| payer _currency | string | 币种
";

fn load(fixup: &str) -> Loaded {
    let text = format!("[[fixup]]\npage = \"openapi/v3/a.md\"\nreason = \"r\"\n{fixup}\n");
    let loaded = load_sources(vec![
        Source::new("openapi/v3/a.md", PAGE),
        Source::new("fixups.toml", text),
    ]);
    assert_eq!(loaded.counts.lost(), None);
    loaded
}

fn shape(properties: &[Property]) -> String {
    let one = |property: &Property| match property.schema.properties.as_slice() {
        [] => property.name.clone(),
        inside => format!("{}[{}]", property.name, shape(inside)),
    };
    properties.iter().map(one).collect::<Vec<_>>().join(",")
}

/// The body's shape after a fixup that applies.
fn body(fixup: &str) -> String {
    let loaded = load(fixup);
    assert!(
        loaded.diagnostics.iter().all(|d| d.page != "fixups.toml"),
        "{:?}",
        loaded.diagnostics
    );
    shape(&loaded.api.operations[0].request.body.properties)
}

/// The one finding in fixups.toml, and the text it points to.
fn wrong(fixup: &str) -> (Code, String) {
    let loaded = load(fixup);
    let found: Vec<_> = loaded
        .diagnostics
        .iter()
        .filter(|d| d.page == "fixups.toml")
        .collect();
    assert_eq!(found.len(), 1, "{fixup}: {found:?}");
    let source = loaded
        .sources
        .iter()
        .find(|source| source.path == "fixups.toml")
        .unwrap();
    (found[0].code, source.text[found[0].span.clone()].to_owned())
}

#[test]
fn without_a_fixup() {
    assert_eq!(
        body("row = 'json.b#2'\nchange = { required = true }"),
        "a,b[c],b[d,e]"
    );
}

#[test]
fn a_renamed_row_and_the_finding_it_cures() {
    let loaded = load("table = 'response'\nrow = 'payer _currency'\nchange = { rename = 'payer_currency' }");
    assert_eq!(
        shape(&loaded.api.operations[0].response.properties),
        "payer_currency"
    );
    assert!(
        loaded
            .diagnostics
            .iter()
            .all(|diagnostic| diagnostic.code != Code::SpaceInName)
    );
}

#[test]
fn rows_move_with_all_inside_them() {
    assert_eq!(
        body("row = 'json.b#2.d'\nchange = { under = 'json.b' }"),
        "a,b[c,d,e],b"
    );
    assert_eq!(
        body("row = 'json.b#2'\nchange = { under = 'json.b' }"),
        "a,b[c,b[d,e]]"
    );
    assert_eq!(
        body("row = 'json.b'\nchange = { under = 'json.b#2' }"),
        "a,b[d,e,b[c]]"
    );
}

#[test]
fn a_row_moves_to_level_0() {
    let loaded = load("row = 'json.b'\nchange = { under = '' }");
    assert_eq!(
        shape(&loaded.api.operations[0].request.body.properties),
        "a,b[d,e],b[c]"
    );
    assert!(
        loaded
            .diagnostics
            .iter()
            .any(|diagnostic| diagnostic.code == Code::UnknownRow)
    );
}

#[test]
fn rows_are_added_and_removed() {
    let add = "change = { add = { type = 'string', required = true, label = '新' } }";
    assert_eq!(body(&format!("row = 'json.b.x'\n{add}")), "a,b[c,x],b[d,e]");
    assert_eq!(body("row = 'json.b#2'\nchange = { remove = true }"), "a,b[c]");
    let loaded = load(&format!("row = 'json.x'\n{add}"));
    let new = loaded.api.operations[0].request.body.properties.last().unwrap();
    assert_eq!(
        (new.name.as_str(), new.label.as_str(), new.required, new.schema.ty),
        ("x", "新", true, Type::String)
    );
}

#[test]
fn a_row_added_to_a_string_is_its_clear_content() {
    let add = "row = 'json.a.x'\nchange = { add = { type = 'string', required = true, label = '新' } }";
    assert_eq!(body(add), "a[x],b[c],b[d,e]");
}

#[test]
fn types_flags_and_decimals_change() {
    let property = |fixup: &str| {
        load(fixup).api.operations[0].request.body.properties[1]
            .schema
            .properties[0]
            .clone()
    };
    assert_eq!(
        property("row = 'json.b.c'\nchange = { type = 'integer' }")
            .schema
            .ty,
        Type::Integer
    );
    assert!(!property("row = 'json.b.c'\nchange = { required = false }").required);
    assert!(
        property("row = 'json.b.c'\nchange = { decimal = true }")
            .schema
            .decimal
    );
    let encrypted = property("row = 'json.b.c'\nchange = { encrypted = 'rsa-pubkey' }");
    assert_eq!(encrypted.schema.encrypted, Some(Encryption::Rsa));
}

#[test]
fn examples_follow_renamed_moved_and_removed_rows() {
    let example = r#"{"json": {"b": {"c": 1, "x": 2}, "a": "X", "list": [{"n": 1}, {"n": 2}]}}"#;
    let rows = "| json | object | 体\n| a {data-indent=1} | string | 甲\n| b {data-indent=1} | object | 乙\n| c {data-indent=2} | number | 丙\n| list {data-indent=1} | object[] | 丁\n| n {data-indent=2} | number | 戊\n";
    let page = format!(
        "# 题 {{#post}}\n\n| 请求参数 | 类型 | 描述\n| --- | --- | ---\n{rows}\n```json [示例]\n{example}\n```\n"
    );
    let after = |fixup: &str| {
        let text = format!("[[fixup]]\npage = 'openapi/v3/a.md'\nreason = 'r'\n{fixup}\n");
        let loaded = load_sources(vec![
            Source::new("openapi/v3/a.md", page.clone()),
            Source::new("fixups.toml", text),
        ]);
        loaded.api.operations[0].examples[0].to_string()
    };
    let cases = [
        (
            "row = 'json.b'\nchange = { rename = 'z' }",
            r#"{"json":{"z":{"c":1,"x":2},"a":"X","list":[{"n":1},{"n":2}]}}"#,
        ),
        (
            "row = 'json.list.n'\nchange = { rename = 'm' }",
            r#"{"json":{"b":{"c":1,"x":2},"a":"X","list":[{"m":1},{"m":2}]}}"#,
        ),
        (
            "row = 'json.a'\nchange = { under = '' }",
            r#"{"json":{"b":{"c":1,"x":2},"list":[{"n":1},{"n":2}]},"a":"X"}"#,
        ),
        (
            "row = 'json.a'\nchange = { under = 'json.b' }",
            r#"{"json":{"b":{"c":1,"x":2,"a":"X"},"list":[{"n":1},{"n":2}]}}"#,
        ),
        (
            "row = 'json.b.c'\nchange = { remove = true }",
            r#"{"json":{"b":{"x":2},"a":"X","list":[{"n":1},{"n":2}]}}"#,
        ),
    ];
    for (fixup, expected) in cases {
        assert_eq!(after(fixup), expected, "{fixup}");
    }
}

#[test]
fn all_that_no_longer_applies_is_one_message() {
    let entry = |page: &str, change: &str| {
        format!("[[fixup]]\npage = '{page}'\n{change}\nreason = 'the page lacked it'\n\n")
    };
    let text = entry("openapi/v3/a.md", "row = 'json.a'\nchange = { type = 'string' }")
        + &entry(
            "openapi/v3/a.md",
            "row = 'json.b.c'\nchange = { type = 'integer' }",
        )
        + &entry("openapi/v3/a.md", "row = 'json.old'\nchange = { rename = 'a' }");
    let found = |text: &str| {
        let sources = vec![
            Source::new("openapi/v3/a.md", PAGE),
            Source::new("fixups.toml", text),
        ];
        let found = load_sources(sources).diagnostics.into_iter();
        found
            .filter(|found| found.page == "fixups.toml")
            .collect::<Vec<_>>()
    };
    let [one] = &found(&text)[..] else {
        panic!("one message")
    };
    assert_eq!(one.code, Code::IdleFixup);
    assert_eq!(one.message, "2 fixups no longer apply");
    let help = "the documentation was corrected: remove
fixups.toml:1-5  `json.a` of openapi/v3/a.md: the row already is of type `string`
fixups.toml:13-17  `json.old` of openapi/v3/a.md: the page already has `json.a` instead";
    assert_eq!(one.help, help);

    let text = text + &entry("openapi/v3/gone.md", "row = 'json.a'\nchange = { remove = true }");
    let [one] = &found(&text)[..] else {
        panic!("one message")
    };
    assert_eq!((one.code, one.help.lines().count()), (Code::LostFixup, 4));
}

#[test]
fn an_enumeration_changes_and_nothing_beside_it() {
    let a = |fixup: &str| load(fixup).api.operations[0].request.body.properties[0].clone();
    let (before, after) = (
        a("row = 'json.b.c'\nchange = { decimal = true }"),
        a("row = 'json.a'\nchange = { values = ['X', 'Z'] }"),
    );
    assert_eq!(before.schema.values, ["X", "Y"]);
    assert_eq!(after.schema.values, ["X", "Z"]);
    assert_eq!((&after.label, &after.notes), (&before.label, &before.notes));
    let c = load("row = 'json.b.c'\nchange = { values = ['1'] }");
    assert_eq!(
        c.api.operations[0].request.body.properties[1].schema.properties[0]
            .schema
            .values,
        ["1"]
    );
}

#[test]
fn a_correction_that_no_longer_applies_is_an_error() {
    for change in [
        "row = 'json.a'\nchange = { rename = 'a' }",
        "row = 'json.a'\nchange = { type = 'string' }",
        "row = 'json.a'\nchange = { required = false }",
        "row = 'json.b.c'\nchange = { under = 'json.b' }",
        "row = 'json.a'\nchange = { values = ['X', 'Y'] }",
        "row = 'json.a'\nchange = { encrypted = 'none' }",
        "row = 'json.a'\nchange = { add = { type = 'string', required = true, label = '' } }",
    ] {
        let (code, text) = wrong(change);
        assert_eq!(code, Code::IdleFixup, "{change}");
        assert!(text.starts_with("'json."), "{text}");
    }
}

#[test]
fn a_correction_of_something_absent_is_an_error() {
    for change in [
        "row = 'json.x'\nchange = { remove = true }",
        "row = 'json.b#3'\nchange = { remove = true }",
        "row = 'json.b#0'\nchange = { remove = true }",
        "row = 'json.a'\nchange = { under = 'json.x' }",
        "row = 'json.b'\nchange = { under = 'json.b.c' }",
        "method = 'GET'\nrow = 'json.a'\nchange = { remove = true }",
        "row = 'json.x.y'\nchange = { add = { type = 'string', required = true, label = '' } }",
    ] {
        assert_eq!(wrong(change).0, Code::LostFixup, "{change}");
    }
}

#[test]
fn an_incomplete_correction_is_an_error_at_its_place() {
    for (change, place) in [
        ("row = 'json.a'\nchange = { remoove = true }", "remoove"),
        ("row = 'json.a'\nchange = { remove = false }", "false"),
        ("row = 'json.a'\nchange = { rename = 1 }", "1"),
        ("row = 'json.a'\nchange = { rename = '' }", "''"),
        (
            "row = 'json.a'\nchange = { rename = 'x', type = 'string' }",
            "{ rename = 'x', type = 'string' }",
        ),
        ("row = 'json.a'\nchange = {}", "{}"),
        (
            "row = 'json.a'\nchange = { add = { type = 'string' } }",
            "{ type = 'string' }",
        ),
        ("row = 'json.a'\nchange = { remove = true }\ntable = 'x'", "'x'"),
        ("row = 'json.a'\nchange = { remove = true }\nmethod = 'x'", "'x'"),
        ("row = 'json.a'\nchange = { remove = true }\nlines = 1", "lines"),
    ] {
        assert_eq!(
            wrong(change),
            (Code::IncompleteFixup, place.to_owned()),
            "{change}"
        );
    }
    assert_eq!(wrong("row = 'json.a'").0, Code::IncompleteFixup);
    assert_eq!(wrong("change = { remove = true }").0, Code::IncompleteFixup);
}

#[test]
fn a_reason_is_needed() {
    let text = "[[fixup]]\npage = 'openapi/v3/a.md'\nrow = 'json.a'\nchange = { remove = true }\n";
    for reason in ["", "reason = ' '\n"] {
        let sources = vec![
            Source::new("openapi/v3/a.md", PAGE),
            Source::new("fixups.toml", format!("{text}{reason}")),
        ];
        let loaded = load_sources(sources);
        assert!(
            loaded
                .diagnostics
                .iter()
                .any(|diagnostic| diagnostic.code == Code::IncompleteFixup)
        );
    }
}

#[test]
fn a_broken_file_is_an_error() {
    for text in ["[[fixup]", "fixup = 1", "[other]\na = 1\n", "\u{0}"] {
        let loaded = load_sources(vec![Source::new("fixups.toml", text)]);
        let codes: Vec<_> = loaded
            .diagnostics
            .iter()
            .map(|diagnostic| diagnostic.code)
            .collect();
        assert_eq!(codes, [Code::BrokenFixups], "{text}");
    }
}
