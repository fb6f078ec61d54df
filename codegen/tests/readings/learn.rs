//! Recorded messages become a reading.

use wechatpay_codegen::learn;
use wechatpay_codegen::readings::{parse, print_file};
use wechatpay_codegen::source::Source;

use crate::support::combined;

const TRAFFIC: &str = r#"
{"method": "POST", "path": "/v3/shop/7701?x=1", "part": "response", "value": {"state": "SECRET1", "sum": 12, "list": [{"a": 1}, {"a": 2.5, "b": null}], "by": {"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o": 1}}}
{"method": "POST", "path": "/v3/shop/{id}", "part": "response", "value": {"state": "", "time": "2020-01-02T03:04:05+08:00", "list": []}}
{"method": "GET", "path": "/v3/new/things/1900000109", "part": "response", "value": {"ok": true}}
{"method": "POST", "path": "/pay/x", "part": "response", "xml": "<xml><a><![CDATA[SECRET2]]></a><b_0>1</b_0><b_1>2</b_1><c></c></xml>"}
{"method": "POST", "path": "/pay/x", "part": "response", "xml": "<xml><return_code>SUCCESS</return_code><result_code><![CDATA[FAIL]]></result_code><d>SECRET4</d></xml>"}
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
    assert_eq!((found, file.entries.len()), (vec![8, 9], 0));
}

#[test]
fn learning_a_part_or_the_whole_again_changes_nothing() {
    let loaded = combined(&[]);
    let mut file = learn::file("shop", "2026-01-31");
    learn::learn(&mut file, TRAFFIC, &loaded.api).expect("all lines are well-formed");
    let before = print_file(&file);
    let lines = TRAFFIC.lines().filter(|line| !line.is_empty());
    for again in lines.chain([TRAFFIC]) {
        learn::learn(&mut file, again, &loaded.api).expect("the same lines");
        assert_eq!(print_file(&file), before, "{again}");
    }
}

#[test]
fn a_misspelt_key_does_not_hide_the_fields_beside_it() {
    let loaded = combined(&[]);
    let mut file = learn::file("shop", "2026-01-31");
    let line = r#"{"method": "POST", "path": "/v3/shop/{id}", "part": "response", "value": {"state": "A", "service*id": "1"}}"#;
    learn::learn(&mut file, line, &loaded.api).expect("the line is well-formed");
    assert!(print_file(&file).ends_with("POST /v3/shop/{} response state!:string\n"));
}
