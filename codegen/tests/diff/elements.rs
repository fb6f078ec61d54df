//! Texts that hold a JSON list: the row below is not a field, and the rows below that are the element's.

use wechatpay_codegen::diff::{Kind, Verdict, compare};
use wechatpay_codegen::load::{Loaded, load_sources};
use wechatpay_codegen::source::Source;

use Verdict::{Compatible, CompileTime, RunTime};

const TEXT: &str = "\
---
title: 分账
---

# {{ $frontmatter.title }} {#post}

| 请求参数 | 类型 {.type} | 描述 {.desc}
| --- | --- | ---
| xml {data-required} | object | 请求体
| receivers {data-required data-indent=1} | string {data-encoded=by-json_encode} | 接收方列表
| {colspan=3 .im-table-line}
| receiver {data-required data-indent=2} | object[] | 接收方
| account {data-required data-indent=3} | string | 账号
| name {data-indent=3} | string | 姓名
| kind {data-required data-indent=3} | string | 类型<br/>`A` \\| `B` 枚举值之一
| photos {data-indent=1} | string {data-encoded=by-json_encode} | 照片
| {colspan=3 .im-table-line}
| media_id {data-indent=2} | string[] | 媒体<br/>`X` \\| `Y` 枚举值之一

{.im-table #request}

| 返回字典 | 类型 {.type} | 描述 {.desc}
| --- | --- | ---
| return_code {data-required} | string | 返回状态码

{.im-table #response}
";

fn load(text: &str) -> Loaded {
    load_sources(vec![Source::new("openapi/v2/shop/share.md", text)])
}

#[test]
fn a_break_of_an_element_is_a_break() {
    let old = load(TEXT);
    for (from, to, kind, field, verdict) in [
        (
            "| account {",
            "| receiver_account {",
            Kind::FieldRenamed,
            "xml.receivers.receiver.receiver_account",
            CompileTime,
        ),
        (
            "| name {data-indent=3} | string | 姓名\n",
            "",
            Kind::FieldRemoved,
            "xml.receivers.receiver.name",
            CompileTime,
        ),
        (
            "| name {data-indent=3}",
            "| name {data-required data-indent=3}",
            Kind::FieldRequired,
            "xml.receivers.receiver.name",
            CompileTime,
        ),
        (
            "| account {data-required data-indent=3} | string",
            "| account {data-required data-indent=3} | integer",
            Kind::FieldType,
            "xml.receivers.receiver.account",
            CompileTime,
        ),
        (
            "`A` \\| `B`",
            "`A`",
            Kind::ValueRemoved,
            "xml.receivers.receiver.kind",
            CompileTime,
        ),
        (
            "`A` \\| `B`",
            "`A` \\| `B` \\| `C`",
            Kind::ValueAdded,
            "xml.receivers.receiver.kind",
            Compatible,
        ),
        (
            "object[] | 接收方",
            "object | 接收方",
            Kind::FieldContent,
            "xml.receivers",
            CompileTime,
        ),
        (
            "媒体<br/>`X` \\| `Y` 枚举值之一",
            "媒体",
            Kind::EnumerationRemoved,
            "xml.photos.media_id",
            CompileTime,
        ),
        (
            "`X` \\| `Y`",
            "`X`",
            Kind::ValueRemoved,
            "xml.photos.media_id",
            CompileTime,
        ),
        (
            "媒体<br/>`X` \\| `Y` 枚举值之一",
            "媒体标识<br/>`X` \\| `Y` 枚举值之一",
            Kind::Term,
            "xml.photos.media_id",
            Compatible,
        ),
        (
            "| string[] | 媒体<br/>`X` \\| `Y` 枚举值之一",
            "| string[] {data-tooltip=\"最长8字符\"} | 媒体<br/>`X` \\| `Y` 枚举值之一",
            Kind::MaxLength,
            "xml.photos.media_id",
            RunTime,
        ),
    ] {
        assert!(TEXT.contains(from), "{from}");
        let diff = compare(&old.api, &load(&TEXT.replacen(from, to, 1)).api);
        let found = diff
            .changes()
            .find(|change| change.kind == kind && change.field == field);
        let found = found.unwrap_or_else(|| panic!("{from} → {to}: no {kind:?} of {field}: {diff:#?}"));
        assert_eq!(found.verdict, verdict, "{from} → {to}: {found:#?}");
        assert_eq!(diff.verdict(), verdict, "{from} → {to}: {diff:#?}");
    }
}
