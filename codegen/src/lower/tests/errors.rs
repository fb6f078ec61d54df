//! What makes a page unusable.

use super::*;

#[test]
fn rows_that_are_none() {
    assert_eq!(response("| c | strin | 丙").1, [Code::UnknownType]);
    assert_eq!(response("| c | | 丙").1, [Code::UnknownType]);
    assert_eq!(response("| c").1, [Code::TypelessRow]);
    assert_eq!(response("| | string | 丙").1, [Code::NamelessRow]);
}

#[test]
fn several_bodies() {
    let body =
        |name: &str, ty: &str| format!("| {name} | {ty} | 体\n| {name}_ {{data-indent=1}} | string | 丁\n");
    assert_eq!(
        request(&(body("json", "object") + &body("xml", "object"))).1,
        [Code::SeveralBodies]
    );
    assert_eq!(request(&body("json", "object[]")).1, [Code::SeveralBodies]);
}

#[test]
fn a_path_parameter_with_two_rows() {
    assert_eq!(request("| b | integer | 乙").1, [Code::PathParameterTwice]);
}

#[test]
fn tables_of_one_kind_below_one_heading() {
    let text = page("", "| c | string | 丙");
    let loaded = load(PLACE, format!("{text}\n{RESPONSE}| d | string | 丁\n"));
    assert_eq!(codes(&loaded), [Code::TableTwice]);
}

#[test]
fn a_method_without_tables() {
    let loaded = load(PLACE, "# 题 {#get}\n\n文字\n");
    assert_eq!(
        (codes(&loaded), loaded.counts.failed),
        (vec![Code::MethodWithoutTable], 1)
    );
}

#[test]
fn a_broken_path() {
    let loaded = load("openapi/v3/a/x{b}.md", page("", "| c | string | 丙"));
    assert!(codes(&loaded).contains(&Code::BrokenPath));
}

#[test]
fn one_operation_on_two_pages() {
    let text = page("", "| c | string | 丙") + "\n```php\n$instance['v3/a/{b}']->post([])\n```\n";
    let loaded = load_sources(vec![
        Source::new("seed.md", text.clone()),
        Source::new(PLACE, text),
    ]);
    assert_eq!(codes(&loaded), [Code::OperationTwice]);
    assert_eq!(loaded.diagnostics[0].page, "seed.md");
}
