//! Second readings: how they change the API, where they disagree with it, and how they are learned.

use std::path::Path;

use wechatpay_codegen::diagnostic::Code;
use wechatpay_codegen::ir::{Effect, Operation, Origin, Property, Type};
use wechatpay_codegen::learn;
use wechatpay_codegen::lints::readings as comparison;
use wechatpay_codegen::load::{Loaded, load, load_sources};
use wechatpay_codegen::readings::{parse, print_file};
use wechatpay_codegen::source::Source;

const PAGE: &str = "\
---
title: 题
---

# {{ $frontmatter.title }} {#post}

| 请求参数 | 类型 {.type} | 描述 {.desc}
| --- | --- | ---
| id {data-required} | string | 编号
| json {data-required} | object | 体
| name {data-required data-indent=1} | string | 名
| note {data-required data-indent=1} | string | 注

{.im-table #request}

| 返回字典 | 类型 {.type} | 描述 {.desc}
| --- | --- | ---
| state {data-required} | string | 状态<br/>`A` \\| `B` 枚举值之一
| time {data-required} | string | 时间
| sum {data-required} | number | 金额
| payer {data-required} | object | 付款人
| openid {data-required data-indent=1} | string | 用户标识
| extra {data-required} | object | 附加
| key {data-required data-indent=1} | string | 键

{.im-table #response}
";

fn reading(name: &str, standing: &str, lines: &str) -> Source {
    let header = format!("title: the {name}\nversion: {name} 1\ndate: 2026-01\nstanding: {standing}\n\n");
    Source::new(format!("readings/{name}.txt"), header + lines)
}

fn combined(readings: &[Source]) -> Loaded {
    let mut sources = vec![Source::new("openapi/v3/shop/{id}.md", PAGE)];
    sources.extend_from_slice(readings);
    let loaded = load_sources(sources);
    assert_eq!(loaded.diagnostics, []);
    assert_eq!(loaded.counts.lost(), None);
    loaded
}

fn find<'a>(list: &'a [Property], name: &str) -> &'a Property {
    list.iter().find(|property| property.name == name).expect(name)
}

fn effects(property: &Property) -> Vec<(String, Effect)> {
    let learned = property.provenance.learned.iter();
    learned
        .map(|learned| (learned.reading.id.clone(), learned.effect.clone()))
        .collect()
}

fn official() -> Source {
    let lines = "\
POST /v3/shop/{} request added:string name
POST /v3/shop/{} response extra:object paid?:boolean payer{openid!:string} state!:string(A C) sum!:integer time!:time
";
    reading("sdk", "official", lines)
}

fn independent() -> Source {
    let lines = "\
POST /v3/shop/{} request more?:string name!:string note?:string
POST /v3/shop/{} response extra!{key!:string} more[]{x?:integer} payer?{openid?:string} state!:string(D) sum!:integer time!:string
";
    reading("port", "independent", lines)
}

fn one(loaded: &Loaded) -> &Operation {
    &loaded.api.operations[0]
}

#[test]
fn a_field_is_required_only_if_nobody_does_without() {
    let loaded = combined(&[official(), independent()]);
    let request = &one(&loaded).request;
    assert!(find(&request.path, "id").required, "a path parameter stays");
    assert!(find(&request.body.properties, "name").required);
    let note = find(&request.body.properties, "note");
    assert!(!note.required);
    let both = [
        ("port".to_owned(), Effect::Optional),
        ("sdk".to_owned(), Effect::Lacking),
    ];
    assert_eq!(effects(note), both);
    let response = &one(&loaded).response.properties;
    assert!(find(response, "state").required);
    let payer = find(response, "payer");
    assert_eq!(
        (payer.required, payer.schema.properties[0].required),
        (false, false)
    );
    assert!(
        find(response, "extra").schema.properties[0].required,
        "an object that is not shown proves nothing"
    );
}

#[test]
fn what_a_page_lacks_is_added_as_far_as_the_reading_counts() {
    let loaded = combined(&[official(), independent()]);
    let body = &one(&loaded).request.body.properties;
    let names: Vec<_> = body.iter().map(|property| property.name.as_str()).collect();
    assert_eq!(
        names,
        ["name", "note"],
        "the path's parameter may be `added` there"
    );
    let response = &one(&loaded).response.properties;
    let paid = find(response, "paid");
    assert_eq!(
        (paid.schema.ty, paid.required, paid.provenance.origin),
        (Type::Boolean, false, Origin::Reading)
    );
    let more = find(response, "more");
    assert_eq!(
        (more.schema.ty, more.schema.array, more.schema.properties.len()),
        (Type::Object, true, 1)
    );
    assert_eq!(loaded.counts.learned, 3);

    let named = official()
        .text
        .replace("added:string name", "added:string id:string name");
    let loaded = combined(&[Source::new("readings/sdk.txt", named)]);
    assert_eq!(one(&loaded).request.body.properties[2].name, "added");
}

#[test]
fn kinds_times_and_values_are_taken_over_where_the_page_is_vague() {
    let loaded = combined(&[official(), independent()]);
    let response = &one(&loaded).response.properties;
    assert_eq!(find(response, "sum").schema.ty, Type::Integer);
    assert!(find(response, "time").schema.time);
    let state = find(response, "state");
    assert_eq!(
        state.schema.values,
        ["A", "B", "C"],
        "values count from official readings"
    );
    assert_eq!(
        effects(state),
        [("sdk".to_owned(), Effect::Values(vec!["C".to_owned()]))]
    );
}

#[test]
fn the_order_of_the_readings_does_not_matter() {
    let one_way = combined(&[official(), independent()]);
    let other_way = combined(&[independent(), official()]);
    assert!(one_way.api == other_way.api);
}

#[test]
fn a_decision_lets_the_page_stand_and_must_decide_something() {
    let decision = |field: &str| {
        let text = format!(
            "[[decision]]\noperation = \"POST /v3/shop/{{id}}\"\npart = \"request\"\nfield = \"{field}\"\nabout = \"required\"\nreason = \"seen\"\n"
        );
        Source::new("readings/decisions.toml", text)
    };
    let loaded = combined(&[official(), independent(), decision("note")]);
    assert!(find(&one(&loaded).request.body.properties, "note").required);
    let idle = |loaded: &Loaded| {
        let found = comparison::run(&loaded.api, &loaded.readings, &loaded.decisions);
        found
            .iter()
            .filter(|found| found.code == Code::IdleDecision)
            .count()
    };
    assert_eq!(idle(&loaded), 0);
    assert_eq!(idle(&combined(&[official(), decision("nobody")])), 1);
}

#[test]
fn another_reading_is_compared_without_being_combined() {
    let loaded = combined(&[]);
    let lines = "\
GET /v3/nowhere response
POST /v3/shop/{} query note
POST /v3/shop/{} request name!:integer note?:string*
POST /v3/shop/{} response extra{key!:string} payer{openid!:string} state!:string(A C) sum!:string[] time!:time what:string
";
    let file = parse(&reading("other", "official", lines), &mut Vec::new()).expect("a reading");
    let found = comparison::compare(&loaded.api, &[file], &loaded.decisions);
    let mut found: Vec<_> = found
        .iter()
        .map(|found| (found.code, found.field.as_str()))
        .collect();
    found.sort();
    let expected = [
        (Code::NoPage, ""),
        (Code::MayBeMissing, "note"),
        (Code::ReadingHasField, "what"),
        (Code::KindsDiffer, "name"),
        (Code::KindsDiffer, "sum"),
        (Code::ReadingHasValues, "state"),
        (Code::PlacesDiffer, "note"),
        (Code::EncryptionDiffers, "note"),
    ];
    assert_eq!(found, expected);
}

/// The totals of the comparison with the readings in `specs/readings/`: move them with the data.
#[test]
fn the_readings_of_the_documentation_agree_but_for_what_is_listed() {
    let loaded = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs")).expect("specs");
    let found = comparison::compare(&loaded.api, &loaded.readings, &loaded.decisions);
    let count = |code| found.iter().filter(|found| found.code == code).count();
    assert_eq!(count(Code::MayBeMissing), 0, "we demand, a reading does without");
    assert_eq!(count(Code::ReadingHasValues), 0, "values");
    let open = [
        Code::NoPage,
        Code::ReadingHasField,
        Code::KindsDiffer,
        Code::PlacesDiffer,
        Code::EncryptionDiffers,
    ];
    let most = [14, 40, 49, 11, 32];
    for (code, most) in open.into_iter().zip(most) {
        let found = count(code);
        assert!(
            found <= most,
            "{code} {}: {found}, at most {most} are known",
            code.title()
        );
    }
    let idle: Vec<_> = loaded.decisions.idle().collect();
    assert!(idle.is_empty(), "{idle:?}");
}

const TRAFFIC: &str = r#"
{"method": "POST", "path": "/v3/shop/7701?x=1", "part": "response", "value": {"state": "SECRET1", "sum": 12, "list": [{"a": 1}, {"a": 2.5, "b": null}], "by": {"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o": 1}}}
{"method": "POST", "path": "/v3/shop/{id}", "part": "response", "value": {"state": "", "time": "2020-01-02T03:04:05+08:00", "list": []}}
{"method": "GET", "path": "/v3/new/things/1900000109", "part": "response", "value": {"ok": true}}
{"method": "POST", "path": "/pay/x", "part": "response", "xml": "<xml><a><![CDATA[SECRET2]]></a><b_0>1</b_0><b_1>2</b_1><c></c></xml>"}
{"event_type": "A.B", "part": "resource", "value": {"id": "SECRET3"}}
"#;

#[test]
fn recorded_messages_become_a_reading_without_a_value() {
    let loaded = combined(&[]);
    let mut file = learn::file("shop", "2026-01-31");
    learn::learn(&mut file, TRAFFIC, &loaded.api).expect("all lines are well-formed");
    let text = print_file(&file);
    let lines: Vec<_> = text.lines().skip(5).collect();
    assert_eq!(
        lines,
        [
            "POST /pay/x response a! b_$n!",
            "GET /v3/new/things/{} response ok!:boolean",
            "POST /v3/shop/{} response by?:object list![]{a!:number b?} state!:string sum?:integer time?:time",
            "EVENT A.B resource id!:string",
        ]
    );
    let before = file.clone();
    let backwards: Vec<_> = TRAFFIC.lines().rev().collect();
    learn::learn(&mut file, &backwards.join("\n"), &loaded.api).expect("the same lines");
    assert_eq!(file.entries, before.entries);
    let read =
        parse(&Source::new(file.path.clone(), text), &mut Vec::new()).expect("what is printed reads back");
    assert_eq!(print_file(&read), print_file(&file));
}

#[test]
fn nothing_is_learned_from_a_file_with_a_wrong_line() {
    let loaded = combined(&[]);
    let mut file = learn::file("shop", "2026-01-31");
    let text = format!("{TRAFFIC}nonsense\n{{\"method\": \"GET\", \"path\": \"/a\", \"part\": \"both\"}}\n");
    let problems = learn::learn(&mut file, &text, &loaded.api).expect_err("two lines are wrong");
    let found: Vec<_> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!((found, file.entries.len()), (vec![7, 8], 0));
}
