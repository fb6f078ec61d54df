//! Where readings disagree with the API.

use wechatpay_codegen::diagnostic::Code;
use wechatpay_codegen::lints::readings as comparison;
use wechatpay_codegen::load::{Loaded, load_sources};
use wechatpay_codegen::readings::parse;
use wechatpay_codegen::source::Source;

use crate::support::{PAGE, combined, find, independent, official, one, reading};

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

#[test]
fn a_decision_is_about_a_standing_and_a_kind() {
    let decision = |lines: &str| {
        let text = format!(
            "[[decision]]\noperation = \"*\"\nfield = \"*.sum\"\nabout = \"kind\"\n{lines}reason = \"seen\"\n"
        );
        combined(&[Source::new("readings/decisions.toml", text)])
    };
    let left = |loaded: &Loaded| {
        let lines = "POST /v3/shop/{} response extra{key:string} payer{openid:string} state:string sum:string[] time:time\n";
        let file = parse(&reading("other", "independent", lines), &mut Vec::new()).expect("a reading");
        comparison::compare(&loaded.api, &[file], &loaded.decisions).len()
    };
    assert_eq!(left(&decision("")), 0);
    assert_eq!(left(&decision("says = \"string[]\"\n")), 0);
    assert_eq!(left(&decision("says = \"string\"\n")), 1);
    assert_eq!(left(&decision("standing = \"independent\"\n")), 0);
    assert_eq!(left(&decision("standing = \"official\"\n")), 1);
}

#[test]
fn a_clear_field_is_compared_if_the_reading_marks_encrypted_ones() {
    let page = PAGE.replace(
        "name {data-required data-indent=1} | string",
        "name {data-indent=1} | string {data-encrypted=by-rsa-pubkey}",
    );
    let loaded = load_sources(vec![Source::new("openapi/v3/shop/{id}.md", page)]);
    let found = |name: &str| {
        let lines = format!("POST /v3/shop/{{}} request {name} note?:string\n");
        let file = parse(&reading("other", "independent", &lines), &mut Vec::new()).expect("a reading");
        let found = comparison::compare(&loaded.api, &[file], &loaded.decisions).into_iter();
        found
            .filter(|found| found.code == Code::EncryptionDiffers)
            .count()
    };
    assert_eq!(found("name?:string*"), 0);
    assert_eq!(found("name?:string"), 0, "it marks nothing");
    assert_eq!(found("a?:string* name?:string"), 1);
}
