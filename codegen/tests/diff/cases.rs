//! One edit a case: the kind, the field, the verdict and the reason that must be given, and the size of
//! the generated diff: at most three times the lines changed in the page, plus ten.

use wechatpay_codegen::diff::{Bump, Kind, Verdict, compare};

use super::lines;
use super::support::{TEXT, edited, generated, load, load_with, webhook};

use Verdict::{Compatible, CompileTime, RunTime};

/// From, to, kind, field, verdict, a part of the reason.
type Case = (
    &'static str,
    &'static str,
    Kind,
    &'static str,
    Verdict,
    &'static str,
);

const REMARK: &str = "| remark {data-indent=1} | string | 备注\n";
const PAID_AT: &str = "| paid_at | string | 支付时间\n";

#[rustfmt::skip]
const REQUEST: &[Case] = &[
    (REMARK, "| remark {data-indent=1} | string | 备注\n| memo {data-indent=1} | string | 摘要\n", Kind::FieldAdded, "json.memo", Compatible, "one more setter"),
    (REMARK, "| remark {data-indent=1} | string | 备注\n| memo {data-required data-indent=1} | string | 摘要\n", Kind::FieldAdded, "json.memo", CompileTime, "the constructor asks for it"),
    (REMARK, "| remark {data-indent=1} | string | 备注\n| memo {data-required data-indent=1} | string | 摘要<br/>固定为`X`\n", Kind::FieldAdded, "json.memo", Compatible, "the constructor sets it"),
    (REMARK, "", Kind::FieldRemoved, "json.remark", CompileTime, "the field is gone"),
    ("| remark {data-indent=1}", "| comment {data-indent=1}", Kind::FieldRenamed, "json.comment", CompileTime, "`remark` is called `comment` now"),
    ("| remark {data-indent=1}", "| Remark {data-indent=1}", Kind::FieldRenamed, "json.Remark", Compatible, "its Rust name is the same"),
    ("| remark {data-indent=1}", "| remark {data-required data-indent=1}", Kind::FieldRequired, "json.remark", CompileTime, "the constructor asks for it, `Option<String>` becomes `String`"),
    ("| address {data-required data-indent=2}", "| address {data-indent=2}", Kind::FieldOptional, "json.store.address", CompileTime, "the constructor no longer asks for it, `String` becomes `Option<String>`"),
    ("| remark {data-indent=1} | string", "| remark {data-indent=1} | integer", Kind::FieldType, "json.remark", CompileTime, "`Option<String>` becomes `Option<i64>`"),
    ("| remark {data-indent=1} | string", "| remark {data-indent=1} | string[]", Kind::FieldType, "json.remark", CompileTime, "`Option<String>` becomes `Option<Vec<String>>`"),
    ("data-indent=2} | integer | 总金额", "data-indent=2} | number | 总金额", Kind::FieldType, "json.amount.total", Compatible, "the Rust type is the same"),
    ("`SERVICE` 枚举值之一", "`SERVICE` \\| `GIFT` 枚举值之一", Kind::ValueAdded, "json.kind", Compatible, "enumerations are open"),
    ("`GOODS` \\| `SERVICE` 枚举值之一", "`GOODS` 枚举值之一", Kind::ValueRemoved, "json.kind", CompileTime, "`Kind::Service` is gone"),
    ("string | 备注", "string | 备注<br/>`A` \\| `B` 枚举值之一", Kind::EnumerationAdded, "json.remark", CompileTime, "`Option<String>` becomes `Option<Remark>`"),
    ("类型<br/>`GOODS` \\| `SERVICE` 枚举值之一", "类型", Kind::EnumerationRemoved, "json.kind", CompileTime, "`Kind` becomes `String`"),
    ("固定为`BASIC`", "固定为`PLUS`", Kind::Constant, "json.scheme", Compatible, "the constructor sends it"),
    ("方案<br/>固定为`BASIC`", "方案", Kind::Constant, "json.scheme", CompileTime, "the constructor asks for it"),
    ("string | 币种", "string | 币种<br/>固定为`CNY`", Kind::Constant, "json.amount.currency", CompileTime, "the constructor no longer asks for it"),
    ("默认为`FAST`", "默认为`SLOW`", Kind::Default, "json.mode", RunTime, "leaving it out means something else"),
    ("模式<br/>默认为`FAST`", "模式", Kind::Default, "json.mode", Compatible, "documentation only"),
    ("最长32字符\"} | 商品名称", "最长16字符\"} | 商品名称", Kind::MaxLength, "json.name", RunTime, "longer values are refused"),
    ("最长32字符\"} | 商品名称", "最长64字符\"} | 商品名称", Kind::MaxLength, "json.name", Compatible, "what was accepted still is"),
    ("| string {data-encrypted=by-rsa-pubkey} | 手机号", "| string | 手机号", Kind::Encryption, "json.phone", CompileTime, "`Option<Encrypted>` becomes `Option<String>`"),
    ("string | 备注", "string {data-encoded=by-json_encode} | 备注", Kind::Encoding, "json.remark", CompileTime, "`Option<String>` becomes `Option<JsonText<Json>>`"),
    ("| total {data-required data-indent=2} | integer | 总金额\n| currency {data-required data-indent=2} | string | 币种\n", "| currency {data-required data-indent=2} | string | 币种\n| total {data-required data-indent=2} | integer | 总金额\n", Kind::ArgumentOrder, "json.amount", CompileTime, "the arguments change places"),
    ("string | 备注", "string | 说明", Kind::Term, "json.remark", Compatible, "documentation only"),
    ("string | 备注", "string | 备注<br/>不要超过一行", Kind::Description, "json.remark", Compatible, "documentation only"),
    ("| Idempotency-Key {data-indent=1} | string | 幂等键\n", "", Kind::FieldRemoved, "headers.Idempotency-Key", CompileTime, "the field is gone"),
    ("| lang {data-indent=1} | string | 语言\n| json {data-required} | object | 请求体\n", "| json {data-required} | object | 请求体\n| lang {data-indent=1} | string | 语言\n", Kind::FieldMoved, "json.lang", Compatible, "the client puts it there"),
];

#[rustfmt::skip]
const RESPONSE: &[Case] = &[
    (PAID_AT, "| paid_at | string | 支付时间\n| memo {data-required} | string | 摘要\n", Kind::FieldAdded, "memo", Compatible, "callers only read it"),
    (PAID_AT, "", Kind::FieldRemoved, "paid_at", CompileTime, "the field is gone"),
    ("| paid_at |", "| paid_at {data-required} |", Kind::FieldRequired, "paid_at", CompileTime, "`Option<Timestamp>` becomes `Timestamp`"),
    ("| order_id {data-required}", "| order_id", Kind::FieldOptional, "order_id", CompileTime, "`String` becomes `Option<String>`"),
    ("| paid_at | string", "| paid_at | integer", Kind::FieldType, "paid_at", CompileTime, "`Option<Timestamp>` becomes `Option<i64>`"),
    ("`PAID` 枚举值之一", "`PAID` \\| `CLOSED` 枚举值之一", Kind::ValueAdded, "state", Compatible, "enumerations are open"),
    ("`OPEN` \\| `PAID` 枚举值之一", "`OPEN` 枚举值之一", Kind::ValueRemoved, "state", CompileTime, "`State::Paid` is gone"),
    ("固定为`A1`", "固定为`A2`", Kind::Constant, "algorithm", RunTime, "compares with the old value"),
    ("最长32字符\"} | 平台订单号", "最长64字符\"} | 平台订单号", Kind::MaxLength, "order_id", Compatible, "longer values may come"),
    ("最长32字符\"} | 平台订单号", "最长16字符\"} | 平台订单号", Kind::MaxLength, "order_id", Compatible, "documentation only"),
    ("| openid {data-required data-indent=1}", "| openid {data-indent=1}", Kind::FieldOptional, "payer.openid", CompileTime, "`String` becomes `Option<String>`"),
];

#[rustfmt::skip]
const OPERATION: &[Case] = &[
    ("title: 修改订单", "title: 更改订单", Kind::Title, "", Compatible, "documentation only"),
    ("{#post}", "{#put}", Kind::Method, "", CompileTime, "the function is called `put` now"),
    ("| json {data-required} | object", "| base_uri | string | `https://api2.wechatpay.cn/`\n| json {data-required} | object", Kind::Hosts, "", RunTime, "the client calls the new host"),
    ("{#post}\n", "{#post}\n\n::: danger :no_entry_sign: {.im-deprecated}\n不再使用\n:::\n", Kind::Marks, "", Compatible, "the compiler warns its callers"),
    ("merchant/1000000001", "merchant/1000000002", Kind::Documents, "", Compatible, "documentation only"),
];

#[test]
fn every_change_of_a_request_is_judged() {
    REQUEST.iter().for_each(check);
}

#[test]
fn every_change_of_a_response_is_judged() {
    RESPONSE.iter().for_each(check);
}

#[test]
fn every_change_of_an_operation_is_judged() {
    OPERATION.iter().for_each(check);
}

fn check(case: &Case) {
    let (from, to, kind, field, verdict, reason) = *case;
    let (diff, text) = edited(from, to);
    let found = diff
        .changes()
        .find(|change| change.kind == kind && change.field == field);
    let found = found.unwrap_or_else(|| panic!("no {kind:?} of `{field}`: {diff:#?}"));
    assert_eq!(found.verdict, verdict, "{found:#?}");
    assert!(found.reason.contains(reason), "{found:#?}");
    assert_eq!(
        found.verdict == Compatible,
        found.bump < Bump::Major,
        "{found:#?}"
    );
    assert!(found.line > 0 && found.page == super::support::PAGE, "{found:#?}");
    let gravest = diff.changes().map(|change| change.verdict).max();
    assert_eq!(gravest, Some(verdict), "another change is graver: {diff:#?}");
    size(&text);
}

/// The generated diff is at most three times that of the page, plus ten lines.
fn size(text: &str) {
    let page = lines::changed(TEXT, text);
    let files = lines::by_file(&generated(&load(TEXT)), &generated(&load(text)));
    let code: usize = files.iter().map(|(_, count)| count).sum();
    assert!(
        code <= 3 * page + 10,
        "{page} lines of the page change {code} of the code: {files:?}\n{text}"
    );
    // A title also stands in the table of its product.
    let others = files
        .iter()
        .filter(|(file, count)| file != "v3/shop.rs" || *count > 2);
    assert!(others.count() <= 1, "one page is one file: {files:?}");
}

/// Equal objects of one side share a type; the one that changes gets its own.
#[test]
fn a_type_that_is_no_longer_shared_is_named() {
    let last = "| openid {data-required data-indent=1} | string | 用户标识\n";
    let more = "| refund | object | 退款\n| payer {data-indent=1} | object | 付款人\n\
                | openid {data-required data-indent=2} | string | 用户标识\n";
    let old = TEXT.replace(last, &format!("{last}{more}"));
    let new = old.replace(
        more,
        &more.replace("openid {data-required data-indent=2}", "openid {data-indent=2}"),
    );
    assert_ne!(old, new);
    let diff = compare(&load(&old).api, &load(&new).api);
    let found = diff.changes().find(|change| change.kind == Kind::RustType);
    let found = found.unwrap_or_else(|| panic!("{diff:#?}"));
    assert_eq!(
        (found.field.as_str(), found.verdict),
        ("refund.payer", CompileTime)
    );
    assert!(
        found
            .reason
            .contains("`Option<ResponsePayer>` becomes `Option<RefundPayer>`"),
        "{found:#?}"
    );
}

#[test]
fn equal_pages_have_no_changes() {
    assert!(compare(&load(TEXT).api, &load(TEXT).api).operations.is_empty());
}

#[test]
fn a_note_elsewhere_is_no_change() {
    let (diff, _) = edited("参阅 ", "另请参阅 ");
    assert!(diff.operations.is_empty(), "{diff:#?}");
}

#[test]
fn a_notification_is_judged_as_what_callers_read() {
    let old = webhook("SHOP.PAID");
    for (from, to, verdict, field) in [
        (
            "| remark {data-indent=3}",
            "| memo {data-required data-indent=3} | string | 摘要\n| remark {data-indent=3}",
            Compatible,
            "body.resource.ciphertext.memo",
        ),
        (
            "| remark {data-indent=3} | string",
            "| remark {data-indent=3} | integer",
            CompileTime,
            "body.resource.ciphertext.remark",
        ),
        (
            "| id {data-required data-indent=1}",
            "| id {data-indent=1}",
            Compatible,
            "body.id",
        ),
    ] {
        let text = old.text.replacen(from, to, 1);
        assert_ne!(text, old.text);
        let new = load_with(wechatpay_codegen::source::Source::new(old.path.clone(), text));
        let diff = compare(&load_with(old.clone()).api, &new.api);
        let found = diff
            .changes()
            .find(|change| change.field == field)
            .unwrap_or_else(|| panic!("{diff:#?}"));
        assert_eq!(found.verdict, verdict, "{found:#?}");
    }
}
