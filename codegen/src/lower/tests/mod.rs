//! What becomes of pages: each rule of the dialect, each known mistake.

mod errors;
mod mistakes;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::*;
use crate::load::{Loaded, load_sources};
use crate::source::Source;

const HEAD: &str = "| 请求参数 | 类型 {.type} | 描述 {.desc}\n| --- | --- | ---\n";
const RESPONSE: &str = "| 返回字典 | 类型 {.type} | 描述 {.desc}\n| --- | --- | ---\n";
const PLACE: &str = "openapi/v3/a/{b}.md";

/// A page with these request rows and response rows.
fn page(request: &str, response: &str) -> String {
    format!(
        "---\ntitle: 题\n---\n\n# {{{{ $frontmatter.title }}}} {{#post}}\n\n{HEAD}| b {{data-required}} | string | 乙\n{request}\n\n{RESPONSE}{response}\n"
    )
}

fn load(path: &str, text: impl Into<String>) -> Loaded {
    let loaded = load_sources(vec![Source::new(path, text.into())]);
    assert_eq!(loaded.counts.lost(), None, "{:?}", loaded.counts);
    loaded
}

fn codes(loaded: &Loaded) -> Vec<Code> {
    loaded
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code)
        .collect()
}

/// The operation of a page with these request rows, and what was found.
fn request(rows: &str) -> (Operation, Vec<Code>) {
    one(load(PLACE, page(rows, "| c | string | 丙")))
}

/// The response of a page with these rows, and what was found.
fn response(rows: &str) -> (Response, Vec<Code>) {
    let (operation, codes) = one(load(PLACE, page("", rows)));
    (operation.response, codes)
}

fn one(mut loaded: Loaded) -> (Operation, Vec<Code>) {
    let codes = codes(&loaded);
    assert_eq!(loaded.api.operations.len(), 1, "{:?}", loaded.diagnostics);
    (loaded.api.operations.remove(0), codes)
}

/// `a[b,c[d]]`
fn shape(properties: &[Property]) -> String {
    let one = |property: &Property| match property.schema.properties.as_slice() {
        [] => property.name.clone(),
        inside => format!("{}[{}]", property.name, shape(inside)),
    };
    properties.iter().map(one).collect::<Vec<_>>().join(",")
}

fn place<'a>(text: &'a str, loaded: &Loaded) -> &'a str {
    let first: &Diagnostic = &loaded.diagnostics[0];
    &text[first.span.clone()]
}

#[test]
fn the_parts_of_a_request() {
    let (operation, codes) = request(
        "| query | object | 查询\n| q {data-indent=1} | integer[] | 查\n| headers | object | 头\n| Wechatpay-Serial {data-required data-indent=1} | string | 序列号\n| json {data-required} | object | 体\n| d {data-indent=1} | object | 丁\n| e {data-indent=2} | number | 戊",
    );
    assert_eq!(codes, []);
    assert_eq!(
        (operation.method, operation.path.as_deref()),
        (Method::Post, Some("/v3/a/{b}"))
    );
    assert_eq!((operation.title.as_str(), operation.line), ("题", 5));
    let request = &operation.request;
    assert_eq!(
        (shape(&request.path).as_str(), shape(&request.query).as_str()),
        ("b", "q")
    );
    assert_eq!(
        (
            shape(&request.headers).as_str(),
            shape(&request.body.properties).as_str()
        ),
        ("Wechatpay-Serial", "d[e]")
    );
    assert_eq!(request.body.format, BodyFormat::Json);
    assert!(request.headers[0].required && !request.query[0].required && request.query[0].schema.array);
    assert_eq!(
        (request.query[0].schema.ty, request.query[0].line),
        (Type::Integer, 11)
    );
}

#[test]
fn settings_of_version_two() {
    let rows = "# 题 {#post}\n\n{HEAD}| base_uri | string | 接入点`https://x.example/hk/`或`https://y.example/`\n| security {data-required} | `true` | 证书\n| nonceless {data-required} | `true` | 无随机串\n| timeout | float | 超时\n| xml | object | 体\n| a_$n {data-indent=1} | string | 甲\n\n{RESPONSE}| b | string | 乙";
    let text = rows.replace("{HEAD}", HEAD).replace("{RESPONSE}", RESPONSE);
    let (operation, codes) = one(load("openapi/v2/a/b.md", text));
    assert_eq!(codes, []);
    assert_eq!(operation.path.as_deref(), Some("/a/b"));
    assert_eq!(operation.hosts, ["https://x.example/hk/", "https://y.example/"]);
    assert!(operation.mutual_tls && !operation.nonce);
    assert_eq!(
        (
            operation.request.body.format,
            shape(&operation.request.body.properties).as_str()
        ),
        (BodyFormat::Xml, "a_$n")
    );
    assert_eq!(
        (operation.protocol, operation.response.format),
        (Protocol::V2, ResponseFormat::Xml)
    );
}

#[test]
fn marks_of_a_type() {
    let (operation, codes) = request(
        "| json | object | 体\n| c {data-indent=1} | string {data-tooltip=\"最长32字符\" data-encrypted=by-rsa-pubkey} | 密\n| d {data-indent=1} | string {data-encoded-by=json_encode} | 码\n| {colspan=3 .im-table-line}\n| e {data-indent=2} | float | 数\n| f {data-indent=1} | string {data-signed=by-rsa-privatekey} | 签",
    );
    assert_eq!(codes, []);
    let body = &operation.request.body.properties;
    assert_eq!(shape(body), "c,d[e],f");
    assert_eq!(
        (body[0].schema.encrypted, body[0].schema.max_length),
        (Some(Encryption::Rsa), Some(32))
    );
    assert_eq!(body[1].schema.encoded, Some(Encoding::Json));
    let number = &body[1].schema.properties[0].schema;
    assert!(number.ty == Type::Number && number.decimal && body[2].schema.signed);
}

#[test]
fn an_unknown_mark_is_an_error() {
    let rows = "| json | object | 体\n| c {data-indent=1} | string {data-encrypted=by-sm4} | 密";
    assert_eq!(request(rows).1, [Code::UnknownMark]);
}

#[test]
fn responses_without_fields() {
    for (row, format) in [
        (
            "| 空字符串(无返回内容) {align=center colspan=3}",
            ResponseFormat::Empty,
        ),
        (
            "| `30x`跳转(无实际返回信息) {align=center colspan=3}",
            ResponseFormat::Redirect,
        ),
        ("| 文件流(需解析) {align=center colspan=3}", ResponseFormat::File),
    ] {
        let (response, codes) = response(row);
        assert_eq!(
            (response.format, response.properties.len(), codes),
            (format, 0, vec![]),
            "{row}"
        );
    }
    let (response, codes) = response("| 别的 {colspan=3}");
    assert_eq!(
        (response.format, codes),
        (ResponseFormat::Json, vec![Code::UnknownNote])
    );
}

#[test]
fn an_error_table_stands_for_a_file() {
    let text = page("", "| c | string | 丙").replace("返回字典", "异常字典");
    let (operation, codes) = one(load(PLACE, text));
    assert_eq!(
        (
            operation.response.format,
            shape(&operation.response.properties).as_str()
        ),
        (ResponseFormat::File, "c")
    );
    assert_eq!(codes, []);
}

#[test]
fn a_webhook() {
    let text = format!(
        "# 通知 {{#post}}\n\n{HEAD}| headers | object | 头\n| Request-ID {{data-indent=1}} | string | 标识\n| body | object | 体\n| event_type {{data-indent=1}} | string | 类型<br/>`A.B` 枚举值\n| resource {{data-indent=1}} | object | 资源\n| ciphertext {{data-indent=2}} | string {{data-encrypted=by-aes-gcm}} | 密文\n| {{colspan=3 .im-table-line}}\n| c {{data-indent=3}} | string | 丙\n\n| 应答规范 | 类型 | 描述\n| --- | --- | ---\n| status | number | 状态码\n"
    );
    let (operation, codes) = one(load("webhook/v3/A.B.md", text.clone()));
    assert_eq!(codes, []);
    assert_eq!(
        (operation.kind, operation.event_type.as_deref(), operation.path),
        (Kind::Webhook, Some("A.B"), None)
    );
    assert_eq!(
        shape(&operation.request.body.properties),
        "event_type,resource[ciphertext[c]]"
    );
    assert_eq!(
        (shape(&operation.acknowledgement).as_str(), operation.response),
        ("status", Response::default())
    );
    let (named_otherwise, codes) = one(load("webhook/v3/A.C.md", text.clone()));
    assert_eq!(
        (named_otherwise.event_type.as_deref(), codes),
        (Some("A.C"), vec![Code::EventTypesDisagree])
    );
    let (elsewhere, codes) = one(load("page.md", text));
    assert_eq!(
        (elsewhere.kind, elsewhere.event_type.as_deref(), codes),
        (Kind::Webhook, Some("A.B"), vec![])
    );
}

#[test]
fn several_operations_on_a_page() {
    let operation = |title: &str, anchor: &str, id: u8| {
        format!(
            "{title} {{#{anchor}}}\n\n{HEAD}| b | string | 乙\n\n{RESPONSE}| c | string | 丙\n\n[文档](https://pay.weixin.qq.com/doc/v3/x/{id})\n\n"
        )
    };
    let text = format!(
        "# 全部 {{#mix}}\n\n::: warning {{.im-privated}}\n:::\n\n{}{}",
        operation("## 查", "get", 1),
        operation("## 改", "patch", 2)
    );
    let loaded = load(PLACE, text);
    assert_eq!(codes(&loaded), []);
    let seen: Vec<_> = loaded
        .api
        .operations
        .iter()
        .map(|o| (o.method, o.title.as_str(), o.document_ids[0].as_str()))
        .collect();
    assert_eq!(
        seen,
        [(Method::Get, "查", "v3/x/1"), (Method::Patch, "改", "v3/x/2")]
    );
    assert!(
        loaded
            .api
            .operations
            .iter()
            .all(|operation| operation.marks == ["privated"])
    );
}

#[test]
fn a_path_outside_the_layout_comes_from_the_samples() {
    let text = page("", "| c | string | 丙") + "\n```php\n$instance->chain('v3/a/{b}')->get([])\n```\n";
    let (operation, found) = one(load("000_1.md", text.clone()));
    assert_eq!((operation.path.as_deref(), found), (Some("/v3/a/{b}"), vec![]));
    let (operation, found) = one(load("openapi/v3/other/{b}.md", text));
    assert_eq!(
        (operation.path.as_deref(), found),
        (Some("/v3/other/{b}"), vec![Code::PathsDisagree])
    );
    let loaded = load("000_1.md", page("", "| c | string | 丙"));
    assert!(codes(&loaded).contains(&Code::UnknownPath));
}

#[test]
fn a_moved_page() {
    let text = "---\ntitle: Moved to /openapi/v3/%7Ba%7D\n---\n";
    let loaded = load("openapi/v3/b.md", text);
    assert_eq!(loaded.api.redirects[0].to, "openapi/v3/{a}.md");
    assert_eq!(
        (codes(&loaded), loaded.counts.redirects),
        (vec![Code::DeadRedirect], 1)
    );
    let loaded = load("openapi/v3/b.md", "---\ntitle: Moved to elsewhere\n---\n");
    assert_eq!(
        (codes(&loaded), loaded.counts.failed),
        (vec![Code::BrokenRedirect], 1)
    );
}

#[test]
fn pages_that_document_nothing_are_listed() {
    let loaded = load(
        "guide/index.md",
        "# 指南 {#top}\n\n| a | b\n| --- | ---\n| c | d\n\n```json\n{\n```\n",
    );
    assert_eq!(
        (loaded.skipped.as_slice(), codes(&loaded)),
        (["guide/index.md".to_owned()].as_slice(), vec![])
    );
    assert_eq!((loaded.counts.rows, loaded.counts.became.skipped), (1, 1));
    assert_eq!(load("index.md", "").skipped, ["index.md"]);
}

#[test]
fn tables_of_unknown_kind_on_a_page_are_reported() {
    let text = page("", "| c | string | 丙") + "\n| 错误码 | 描述\n| --- | ---\n| x | y\n";
    let loaded = load(PLACE, text);
    assert_eq!(
        (codes(&loaded), loaded.counts.became.reported),
        (vec![Code::UnknownTable], 1)
    );
}

#[test]
fn examples_are_json_objects_and_lists_of_them() {
    let with = |json: &str| {
        let text = page(
            "| json | object | 体\n| d {data-indent=1} | number | 丁",
            "| c | string | 丙",
        );
        one(load(PLACE, format!("{text}\n```json\n{json}\n```\n")))
    };
    let (operation, codes) = with("[{\"json\": {\"d\": 1}}, {\"json\": {\"d\": 1.5}}]");
    assert_eq!((operation.examples.len(), codes), (2, vec![]));
    assert!(operation.request.body.properties[0].schema.decimal);
    let (operation, codes) = with("{\"json\": {\"d\": 1}}");
    assert!(!operation.request.body.properties[0].schema.decimal && codes.is_empty());
    assert_eq!(with("[]").0.examples, [serde_json::json!({})]);
    for broken in ["{", "1", "[1]", "", "{\"a\": 1}}"] {
        assert_eq!(with(broken).1, [Code::BrokenExample], "{broken}");
    }
}
