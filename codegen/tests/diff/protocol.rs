//! What changes an operation as a whole rather than one of its rows; redirects; and that no kind of
//! change is without a test.

use wechatpay_codegen::diff::{Diff, Kind, Verdict, compare};
use wechatpay_codegen::load::{Loaded, load_sources};
use wechatpay_codegen::source::Source;

use super::lines;
use super::support::{TEXT, generated, load};

use Verdict::{Compatible, CompileTime, RunTime};

const V2: &str = "\
---
title: 老式下单
---

# {{ $frontmatter.title }} {#post}

| 请求参数 | 类型 {.type} | 描述 {.desc}
| --- | --- | ---
| xml {data-required} | object | 请求体
| out_order_no {data-required data-indent=1} | string | 商户订单号
| weight {data-indent=1} | number | 重量
| memo {data-indent=1} | string | 附言

{.im-table #request}

::: code-group

```json [示例]
{
  \"xml\": {
    \"out_order_no\": \"1\",
    \"weight\": 1
  }
}
```

:::

| 返回字典 | 类型 {.type} | 描述 {.desc}
| --- | --- | ---
| return_code {data-required} | string | 返回状态码
| sign {data-required} | string | 签名

{.im-table #response}
";

fn v2(text: &str) -> Loaded {
    let loaded = load_sources(vec![Source::new("openapi/v2/shop/order.md", text)]);
    let errors: Vec<_> = loaded
        .diagnostics
        .iter()
        .filter(|found| found.is_error())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    loaded
}

/// The change of this kind, as it must be judged.
fn judge(old: &Loaded, new: &Loaded, kind: Kind, verdict: Verdict, reason: &str) {
    let diff: Diff = compare(&old.api, &new.api);
    let found = diff.changes().find(|change| change.kind == kind);
    let found = found.unwrap_or_else(|| panic!("no {kind:?}: {diff:#?}"));
    assert_eq!(found.verdict, verdict, "{found:#?}");
    assert!(found.reason.contains(reason), "{found:#?}");
}

/// The generated diff is at most three times that of the pages, plus ten lines.
fn size(old: &Loaded, new: &Loaded, page: usize) {
    let files = lines::by_file(&generated(old), &generated(new));
    let code: usize = files.iter().map(|(_, count)| count).sum();
    assert!(code <= 3 * page + 10, "{page} lines change {code}: {files:?}");
}

fn check(old: (&Loaded, &str), new: (&Loaded, &str), kind: Kind, verdict: Verdict, reason: &str) {
    judge(old.0, new.0, kind, verdict, reason);
    size(old.0, new.0, lines::changed(old.1, new.1));
}

#[test]
fn every_change_of_the_protocol_is_judged() {
    let xml = "| xml {data-required} | object | 请求体\n";
    let security = format!("| security {{data-required}} | `true` | 证书\n{xml}");
    let nonceless = format!("| nonceless {{data-required}} | `true` | 无随机串\n{xml}");
    let sign = "| sign {data-required} | string | 签名\n";
    let signed = "| memo {data-indent=1} | string {data-signed=by-rsa-privatekey} | 附言";
    let cases: [(&str, &str, Kind, Verdict, &str); 8] = [
        (
            xml,
            &security,
            Kind::MutualTls,
            RunTime,
            "without the merchant's API certificate",
        ),
        (xml, &nonceless, Kind::Nonce, Compatible, "the client does it"),
        (
            "| xml {data",
            "| json {data",
            Kind::BodyFormat,
            Compatible,
            "the client does it",
        ),
        (
            "\"weight\": 1",
            "\"weight\": 1.5",
            Kind::Decimal,
            CompileTime,
            "`Option<i64>` becomes `Option<Decimal>`",
        ),
        (
            "| memo {data-indent=1} | string | 附言",
            signed,
            Kind::Signature,
            RunTime,
            "makes this signature",
        ),
        (
            "| out_order_no {data-required",
            "| out_trade_no {data-required",
            Kind::Idempotency,
            Compatible,
            "may repeat a call",
        ),
        (
            "| return_code {data-required} | string | 返回状态码\n| sign {data-required} | string | 签名\n",
            "| 空字符串(无返回内容) {align=center colspan=3}\n",
            Kind::ResponseFormat,
            CompileTime,
            "gives nothing instead of a `Response`",
        ),
        (
            sign,
            "| sign {data-required} | string | 签名串\n",
            Kind::Term,
            Compatible,
            "documentation only",
        ),
    ];
    for (from, to, kind, verdict, reason) in cases {
        let text = V2.replacen(from, to, 1);
        assert_ne!(text, V2, "{kind:?}");
        check((&v2(V2), V2), (&v2(&text), &text), kind, verdict, reason);
    }
    // The other direction of what has one.
    let text = V2.replace(xml, &security);
    check(
        (&v2(&text), &text),
        (&v2(V2), V2),
        Kind::MutualTls,
        Compatible,
        "does no harm",
    );
}

/// A list decides which responses of APIv2 are signed, by the path: a page moves into it, or out of it.
#[test]
fn the_signature_of_a_response_is_judged() {
    let page = |path: &str| load_sources(vec![Source::new(path, V2)]);
    let signed = page("openapi/v2/shop/order.md");
    let unsigned = page("openapi/v2/risk/getviolation.md");
    let refused = "a response without a signature is refused";
    judge(&unsigned, &signed, Kind::ResponseSigned, RunTime, refused);
    let accepted = "accepted without a signature";
    judge(&signed, &unsigned, Kind::ResponseSigned, Compatible, accepted);
}

/// Its size is that of a type, about 17 lines and two a field, however few the rows that are gone.
#[test]
fn content_that_is_no_longer_documented_is_any_json() {
    let text = TEXT.replace(
        "| address {data-required data-indent=2} | string | 详细地址\n",
        "",
    );
    let reason = "`Option<Store>` becomes `Option<Json>`";
    judge(&load(TEXT), &load(&text), Kind::FieldContent, CompileTime, reason);
}

/// The example that pages have.
const EXAMPLE: &str = "\
::: code-group

```json [示例]
{
  \"query\": {
    \"lang\": \"zh\"
  },
  \"json\": {
    \"name\": \"a\",
    \"remark\": \"b\",
    \"kind\": \"GOODS\",
    \"mode\": \"FAST\",
    \"scheme\": \"BASIC\",
    \"amount\": {
      \"total\": 1,
      \"currency\": \"CNY\"
    },
    \"payer\": {
      \"openid\": \"o\"
    }
  }
}
```

:::

";

fn page(path: &str) -> (Source, String) {
    let text = TEXT
        .replace("| order_no {data-required} | string | 订单号\n", "")
        .replacen("| 返回字典", &format!("{EXAMPLE}| 返回字典"), 1);
    (Source::new(path, text.clone()), text)
}

fn moved(to: &str) -> (Source, String) {
    let text = format!(
        "---\ntitle: Moved to {to}\nhead:\n  - - meta\n    - http-equiv: refresh\n      content: 0;url={to}\n---\n"
    );
    (Source::new("openapi/v3/shop/bills.md", text.clone()), text)
}

#[test]
fn redirects_are_judged() {
    let (page, _) = page("openapi/v3/shop/statements.md");
    let (other, _) = self::page("openapi/v3/shop/reports.md");
    let (here, there) = (
        moved("/openapi/v3/shop/statements"),
        moved("/openapi/v3/shop/reports"),
    );
    let with = |redirect: Option<&Source>| {
        let pages = [&page, &other].into_iter().chain(redirect);
        load_sources(pages.cloned().collect())
    };
    let (none, first, second) = (with(None), with(Some(&here.0)), with(Some(&there.0)));
    let (first, second) = ((&first, here.1.as_str()), (&second, there.1.as_str()));
    check(
        (&none, ""),
        first,
        Kind::RedirectAdded,
        Compatible,
        "can be called, deprecated",
    );
    check(
        first,
        (&none, ""),
        Kind::RedirectRemoved,
        CompileTime,
        "the deprecated path is gone",
    );
    check(
        first,
        second,
        Kind::RedirectChanged,
        CompileTime,
        "has other types",
    );
}

/// What is left at an old path stands behind the feature of its own product while that has operations, else
/// behind that of the page it leads to, over any number of redirects.
#[test]
fn a_redirect_is_listed_under_the_feature_that_its_code_has() {
    let (new, _) = page("openapi/v3/bank/bills.md");
    let (neighbour, _) = page("openapi/v3/shop/statements.md");
    let (last, _) = moved("/openapi/v3/bank/bills");
    let (text, _) = moved("/openapi/v3/shop/bills");
    let first = Source::new("openapi/v3/old/bills.md", text.text);
    let feature = |beside: &[&Source]| {
        let pages = |redirects: &[&Source]| {
            let all = [&new].into_iter().chain(beside.iter().copied());
            load_sources(all.chain(redirects.iter().copied()).cloned().collect())
        };
        let diff = compare(&pages(&[&last]).api, &pages(&[&last, &first]).api);
        diff.operations[0].feature.clone()
    };
    assert_eq!(feature(&[]), "bank");
    assert_eq!(feature(&[&neighbour]), "bank");
    let (kept, _) = page("openapi/v3/old/statements.md");
    assert_eq!(feature(&[&neighbour, &kept]), "old");
}

#[test]
fn operations_come_go_and_move() {
    let (bills, text) = page("openapi/v3/shop/bills.md");
    let (bank, _) = page("openapi/v3/bank/bills.md");
    let (redirect, redirect_text) = moved("/openapi/v3/bank/bills");
    let (with, without) = (load_sources(vec![bills]), load_sources(Vec::new()));
    check(
        (&without, ""),
        (&with, &text),
        Kind::OperationAdded,
        Compatible,
        "",
    );
    check(
        (&with, &text),
        (&without, ""),
        Kind::OperationRemoved,
        CompileTime,
        "its function is gone",
    );
    let elsewhere = load_sources(vec![bank, redirect]);
    judge(&with, &elsewhere, Kind::Feature, CompileTime, "no longer has it");
    let pages = lines::changed(&text, &redirect_text) + lines::changed("", &text);
    size(&with, &elsewhere, pages);
}
