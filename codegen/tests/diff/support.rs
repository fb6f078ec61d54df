//! A few small pages, and what is found between two states of them.

use wechatpay_codegen::diff::{self, Diff};
use wechatpay_codegen::emit::{self, GeneratedFiles};
use wechatpay_codegen::load::{Loaded, load_sources};
use wechatpay_codegen::source::Source;

pub const PAGE: &str = "openapi/v3/shop/orders/{order_no}.md";

pub const TEXT: &str = "\
---
title: 修改订单
---

# {{ $frontmatter.title }} {#post}

| 请求参数 | 类型 {.type} | 描述 {.desc}
| --- | --- | ---
| order_no {data-required} | string | 订单号
| query | object | 查询参数
| lang {data-indent=1} | string | 语言
| json {data-required} | object | 请求体
| name {data-required data-indent=1} | string {data-tooltip=\"最长32字符\"} | 商品名称
| remark {data-indent=1} | string | 备注
| kind {data-required data-indent=1} | string | 类型<br/>`GOODS` \\| `SERVICE` 枚举值之一
| mode {data-indent=1} | string | 模式<br/>默认为`FAST`
| scheme {data-required data-indent=1} | string | 方案<br/>固定为`BASIC`
| phone {data-indent=1} | string {data-encrypted=by-rsa-pubkey} | 手机号
| amount {data-required data-indent=1} | object | 金额
| total {data-required data-indent=2} | integer | 总金额
| currency {data-required data-indent=2} | string | 币种
| payer {data-indent=1} | object | 付款人
| openid {data-required data-indent=2} | string | 用户标识
| store {data-indent=1} | object | 门店
| address {data-required data-indent=2} | string | 详细地址
| headers | object | 请求头
| Idempotency-Key {data-indent=1} | string | 幂等键

{.im-table #request}

| 返回字典 | 类型 {.type} | 描述 {.desc}
| --- | --- | ---
| order_id {data-required} | string {data-tooltip=\"最长32字符\"} | 平台订单号
| state {data-required} | string | 状态<br/>`OPEN` \\| `PAID` 枚举值之一
| paid_at | string | 支付时间
| algorithm {data-required} | string | 算法<br/>固定为`A1`
| payer | object | 付款人
| openid {data-required data-indent=1} | string | 用户标识

{.im-table #response}

参阅 [官方文档](https://pay.weixin.qq.com/doc/v3/merchant/1000000001)
";

/// Another page of the product, and one of another.
pub fn others() -> Vec<Source> {
    let other = |path: &str| {
        Source::new(
            path,
            TEXT.replace("| order_no {data-required} | string | 订单号\n", ""),
        )
    };
    vec![
        other("openapi/v3/shop/refunds.md"),
        other("openapi/v3/bank/refunds.md"),
        webhook("SHOP.PAID"),
    ]
}

pub fn webhook(event_type: &str) -> Source {
    let text = "\
---
title: 通知
---

# {{ $frontmatter.title }} {#post}

| 请求参数 | 类型 {.type} | 描述 {.desc}
| --- | --- | ---
| body {data-required} | object | 通知
| id {data-required data-indent=1} | string | 通知ID
| event_type {data-required data-indent=1} | string | 通知类型<br/>`EVENT` 枚举值
| resource {data-required data-indent=1} | object | 通知数据
| algorithm {data-required data-indent=2} | string | 加密算法
| ciphertext {data-required data-indent=2} | string {data-encrypted=by-aes-gcm} | 数据密文
| {colspan=3 .im-table-line}
| order_no {data-required data-indent=3} | string | 订单号
| remark {data-indent=3} | string | 备注

{.im-table #request}

| 应答规范 | 类型 {.type} | 描述 {.desc}
| --- | --- | ---
| body | object | 应答
| code {data-indent=1} | string | 状态码

{.im-table #response}
";
    Source::new(
        format!("webhook/v3/{event_type}.md"),
        text.replace("EVENT", event_type),
    )
}

/// The page with `text`, among the others.
pub fn load(text: &str) -> Loaded {
    load_with(Source::new(PAGE, text))
}

pub fn load_with(page: Source) -> Loaded {
    let mut sources = others();
    sources.retain(|other| other.path != page.path);
    sources.push(page);
    let loaded = load_sources(sources);
    let errors: Vec<_> = loaded
        .diagnostics
        .iter()
        .filter(|found| found.is_error())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    loaded
}

/// The generated tree, the features block being one more file.
pub fn generated(loaded: &Loaded) -> GeneratedFiles {
    let mut files = emit::emit(&loaded.api);
    files.insert("Cargo.toml".to_owned(), emit::features(&loaded.api));
    files
}

/// What is found when `from` is replaced by `to`, which must be there.
pub fn edited(from: &str, to: &str) -> (Diff, String) {
    assert!(TEXT.contains(from), "`{from}` is not on the page");
    let text = TEXT.replacen(from, to, 1);
    (diff::compare(&load(TEXT).api, &load(&text).api), text)
}
