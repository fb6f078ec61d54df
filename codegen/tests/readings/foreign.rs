//! Readings that others bring: another spelling, other line ends, operations that nobody knows.

use wechatpay_codegen::diagnostic::Code;
use wechatpay_codegen::learn;
use wechatpay_codegen::lints::readings as comparison;
use wechatpay_codegen::readings::{parse, print_file};
use wechatpay_codegen::source::Source;

use crate::support::combined;

/// The page's own operation in somebody else's words, and what no page has.
const MODELS: &str = "\u{feff}{\"operation\": \"post /v3/shop/:shop_id\", \"part\": \"request\", \"fields\": {\"name\": {\"type\": \"str\", \"required\": true}, \"note\": {\"required\": true}}}\r\n\
{\"operation\": \"POST /v3/shop/{number}\", \"part\": \"response\", \"fields\": {\"sum\": {\"type\": \"int64\", \"required\": true}, \"state\": {\"type\": \"string\", \"required\": true, \"values\": [\"B\", \"A\"]}, \"time\": {\"type\": \"string\", \"time\": true, \"required\": true}, \"payer\": {\"type\": \"object\", \"required\": true}, \"extra\": {\"type\": \"map\", \"required\": true, \"fields\": {}}}}\r\n\
\r\n\
{\"operation\": \"POST /v3/shop/{}\", \"query\": []}\r\n\
{\"operation\": \"PUT /v3/unknown/{a}/b\", \"part\": \"response\", \"fields\": {}}\r\n\
{\"event\": \"NOBODY.KNOWS\", \"variant\": \"SomeResource\", \"fields\": {\"a b\": {\"type\": \"bool\"}}}\r\n";

#[test]
fn another_spelling_is_the_same_reading() {
    let loaded = combined(&[]);
    let mut file = learn::file("other", "2026-01-31");
    learn::learn(&mut file, MODELS, &loaded.api).expect("all lines are well-formed");
    let found = comparison::compare(&loaded.api, &[file], &loaded.decisions);
    let found: Vec<_> = found
        .iter()
        .map(|found| (found.code, found.subject.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (Code::NoPage, "PUT /v3/unknown/{}/b"),
            (Code::NoPage, "NOBODY.KNOWS")
        ]
    );
}

#[test]
fn the_printed_reading_is_the_same_with_other_line_ends() {
    let loaded = combined(&[]);
    let mut file = learn::file("other", "2026-01-31");
    learn::learn(&mut file, MODELS, &loaded.api).expect("all lines are well-formed");
    let text = print_file(&file)
        .replace("{}", "{some_name}")
        .replace('\n', "\r\n");
    let mut diagnostics = Vec::new();
    let read = parse(
        &Source::new(file.path.clone(), format!("\u{feff}{text}")),
        &mut diagnostics,
    );
    assert_eq!(diagnostics, []);
    assert_eq!(print_file(&read.expect("a reading")), print_file(&file));
}

#[test]
fn what_is_not_a_reading_is_reported_by_its_line() {
    let loaded = combined(&[]);
    let wrong = [
        "{\"operation\": \"POST\", \"part\": \"request\", \"fields\": {}}",
        "{\"operation\": \"POST /a\", \"part\": \"request\", \"fields\": {\"a\": {\"type\": \"wishful\"}}}",
        "{\"operation\": \"POST /a\", \"part\": \"request\", \"fields\": {\"a\": 1}}",
        "{\"operation\": \"POST /a\", \"query\": {}}",
        "{\"event\": \"A B\", \"fields\": {}}",
        "[]",
    ];
    let mut file = learn::file("other", "2026-01-31");
    let problems = learn::learn(&mut file, &wrong.join("\n"), &loaded.api).expect_err("all are wrong");
    let lines: Vec<_> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!((lines, file.entries.len()), (vec![1, 2, 3, 4, 5, 6], 0));
    assert!(problems[1].message.contains("wishful"), "{:?}", problems[1]);
}
