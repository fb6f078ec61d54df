//! What `check` finds suspicious, on small pages: one test a code.

use wechatpay_codegen::diagnostic::{Code, Diagnostic};
use wechatpay_codegen::lints;
use wechatpay_codegen::load::{Loaded, load_sources};
use wechatpay_codegen::render::Report;
use wechatpay_codegen::source::Source;

/// A page with these rows in its request's body, and more after the table.
fn page(path: &str, rows: &str, after: &str) -> Source {
    let text = format!(
        "---\ntitle: 题\n---\n\n# {{{{ $frontmatter.title }}}} {{#post}}\n\n\
         | 请求参数 | 类型 {{.type}} | 描述 {{.desc}}\n| --- | --- | ---\n\
         | json {{data-required}} | object | 体\n{rows}\n{{.im-table #request}}\n\n{after}\n\
         | 返回字典 | 类型 {{.type}} | 描述 {{.desc}}\n| --- | --- | ---\n| id | string | 编号\n\n{{.im-table #response}}\n"
    );
    Source::new(path, text)
}

const TOTAL: &str = "| total {data-required data-indent=1} | integer | 总金额\n";
const STATE: &str = "| state {data-indent=1} | string | 状态<br/>`A` \\| `B` 枚举值之一\n";

fn lint(sources: &[Source]) -> (Loaded, Vec<Diagnostic>) {
    let loaded = load_sources(sources.to_vec());
    assert_eq!(loaded.diagnostics, []);
    let found = lints::run(&loaded);
    (loaded, found)
}

/// The one finding, and the text it underlines.
fn only(sources: &[Source]) -> (Diagnostic, String) {
    let (_, found) = lint(sources);
    let [found] = &found[..] else { panic!("{found:#?}") };
    let source = sources
        .iter()
        .find(|source| source.path == found.page)
        .expect("the page");
    (found.clone(), source.text[found.span.clone()].to_owned())
}

#[test]
fn one_field_with_two_types() {
    let odd = TOTAL.replace("integer", "string");
    let sources = [
        page("openapi/v3/a/b.md", TOTAL, ""),
        page("openapi/v3/a/c.md", TOTAL, ""),
        page("openapi/v3/a/d.md", &odd, ""),
    ];
    let (found, marked) = only(&sources);
    assert_eq!(
        (found.code, found.page.as_str(), marked.as_str()),
        (Code::TypesDiffer, "openapi/v3/a/d.md", "total")
    );
    assert_eq!(
        found.message,
        "`total` is `string` here and `integer` on 2 other pages of the product, as in openapi/v3/a/b.md:10"
    );
    assert!(found.help.contains("fixup `{ type = \"integer\" }`"));
}

#[test]
fn the_same_name_in_another_product_is_another_field() {
    let odd = TOTAL.replace("integer", "string");
    assert_eq!(
        lint(&[
            page("openapi/v3/a/b.md", TOTAL, ""),
            page("openapi/v3/x/b.md", &odd, "")
        ])
        .1,
        []
    );
}

#[test]
fn an_enumeration_that_lacks_a_value() {
    let more = STATE.replace("`B`", "`B` \\| `C`");
    let (found, marked) = only(&[
        page("openapi/v3/a/b.md", STATE, ""),
        page("openapi/v3/a/c.md", &more, ""),
    ]);
    assert_eq!(
        (found.code, found.page.as_str(), marked.as_str()),
        (Code::ValueMissing, "openapi/v3/a/b.md", "state")
    );
    assert_eq!(found.message, "`state` lacks `C`, which openapi/v3/a/c.md:10 has");
}

#[test]
fn required_in_one_of_two_twins() {
    let optional = TOTAL.replace("data-required ", "");
    let sources = [
        page("openapi/v3/pay/transactions/x.md", &optional, ""),
        page("openapi/v3/pay/partner/transactions/x.md", TOTAL, ""),
    ];
    let (found, marked) = only(&sources);
    assert_eq!(
        (found.code, found.page.as_str(), marked.as_str()),
        (Code::RequiredInTwin, "openapi/v3/pay/transactions/x.md", "total")
    );
    let message =
        "`total` of the request is optional here and required in openapi/v3/pay/partner/transactions/x.md:10";
    assert_eq!(found.message, message);
}

#[test]
fn an_example_that_breaks_its_table() {
    for (example, message, at) in [
        (
            "{\"json\": {\"total\": 1, \"totl\": 2}}",
            "the example has `totl`, the table has no such row",
            "\"totl\"",
        ),
        (
            "{\"json\": {}}",
            "the example lacks `total`, which is required",
            "\"json\"",
        ),
        (
            "{\"json\": {\"total\": \"1\"}}",
            "the example has a text, the table `integer`",
            "\"total\"",
        ),
        (
            "{\"json\": {\"total\": 1}, \"jso\": {}}",
            "the example has `jso`, the table has no such row",
            "\"jso\"",
        ),
    ] {
        let after = format!("```json [示例]\n{example}\n```\n");
        let (found, marked) = only(&[page("openapi/v3/a/b.md", TOTAL, &after)]);
        assert_eq!(
            (found.code, found.message.as_str(), marked.as_str()),
            (Code::ExampleBreaksTable, message, at)
        );
    }
    let good = "```json\n[{\"json\": {\"total\": 1}}, {\"json\": {\"total\": 2}}]\n```\n";
    assert_eq!(lint(&[page("openapi/v3/a/b.md", TOTAL, good)]).1, []);
}

#[test]
fn a_link_to_nowhere() {
    let after = "见[别处](/openapi/v3/gone)和[这里](/openapi/v3/a/b#post)\n";
    let (found, marked) = only(&[page("openapi/v3/a/b.md", TOTAL, after)]);
    assert_eq!(
        (found.code, found.message.as_str()),
        (
            Code::DeadLink,
            "the link leads to openapi/v3/gone.md, which is not there"
        )
    );
    assert!(marked.contains("/openapi/v3/gone"), "{marked}");
}

#[test]
fn a_finding_reads_like_the_compilers() {
    let odd = TOTAL.replace("integer", "string");
    let sources = [
        page("openapi/v3/a/b.md", TOTAL, ""),
        page("openapi/v3/a/c.md", TOTAL, ""),
        page("openapi/v3/a/d.md", &odd, ""),
    ];
    let (loaded, found) = lint(&sources);
    let text = Report::new(&loaded.sources, "specs").human(&found[0]);
    let expected = "\
specs/openapi/v3/a/d.md:10:3: warning[W0101]: `total` is `string` here and `integer` on 2 other pages of the product, as in openapi/v3/a/b.md:10
   |
10 | | total {data-required data-indent=1} | string | 总金额
   |   ^^^^^ one field, two types
   |
   = help: if this page is wrong, correct it, or add a fixup `{ type = \"integer\" }`
";
    assert_eq!(text, expected);
}
