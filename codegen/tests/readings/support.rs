//! A page and two readings of it.

use wechatpay_codegen::ir::{Effect, Operation, Property};
use wechatpay_codegen::load::{Loaded, load_sources};
use wechatpay_codegen::source::Source;

pub const PAGE: &str = "\
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

pub fn reading(name: &str, standing: &str, lines: &str) -> Source {
    let header = format!("title: the {name}\nversion: {name} 1\ndate: 2026-01\nstanding: {standing}\n\n");
    Source::new(format!("readings/{name}.txt"), header + lines)
}

pub fn combined(readings: &[Source]) -> Loaded {
    let mut sources = vec![Source::new("openapi/v3/shop/{id}.md", PAGE)];
    sources.extend_from_slice(readings);
    let loaded = load_sources(sources);
    assert_eq!(loaded.diagnostics, []);
    assert_eq!(loaded.counts.lost(), None);
    loaded
}

pub fn find<'a>(list: &'a [Property], name: &str) -> &'a Property {
    list.iter().find(|property| property.name == name).expect(name)
}

pub fn effects(property: &Property) -> Vec<(String, Effect)> {
    let learned = property.provenance.learned.iter();
    learned
        .map(|learned| (learned.reading.id.clone(), learned.effect.clone()))
        .collect()
}

pub fn official() -> Source {
    let lines = "\
POST /v3/shop/{} request added:string name
POST /v3/shop/{} response extra:object paid?:boolean payer{openid!:string} state!:string(A C) sum!:integer time!:time
";
    reading("sdk", "official", lines)
}

pub fn independent() -> Source {
    let lines = "\
POST /v3/shop/{} request more?:string name!:string note?:string
POST /v3/shop/{} response extra!{key!:string} more[]{x?:integer} payer?{openid?:string} state!:string(D) sum!:integer time!:string
";
    reading("port", "independent", lines)
}

pub fn one(loaded: &Loaded) -> &Operation {
    &loaded.api.operations[0]
}
