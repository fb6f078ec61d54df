//! What rows mean beyond their type: times, open states, the caller's own merchant id.

use wechatpay_codegen::emit;
use wechatpay_codegen::load::load_sources;
use wechatpay_codegen::source::Source;

/// A page with the rows of its request's body and of its response.
fn page(path: &str, request: &str, response: &str) -> Source {
    let rows = |rows: &str, indent: &str| {
        let row = |row: &str| match row.split_once(" | ") {
            Some((name, rest)) => format!("| {name} {{data-required{indent}}} | {rest}\n"),
            None => String::new(),
        };
        rows.lines().map(row).collect::<String>()
    };
    let (request, response) = (rows(request, " data-indent=1"), rows(response, ""));
    Source::new(
        path,
        format!(
            "---\ntitle: 下单\n---\n\n# {{{{ $frontmatter.title }}}} {{#post}}\n\n\
             | 请求参数 | 类型 {{.type}} | 描述 {{.desc}}\n| --- | --- | ---\n\
             | json {{data-required}} | object | 请求体\n{request}\n{{.im-table #request}}\n\n\
             | 返回字典 | 类型 {{.type}} | 描述 {{.desc}}\n| --- | --- | ---\n{response}\n\
             {{.im-table #response}}\n"
        ),
    )
}

/// The generated code of the first of `pages`.
fn generated(pages: Vec<Source>) -> String {
    let place = format!("specs/{}", pages[0].path);
    let loaded = load_sources(pages);
    assert!(
        !loaded.diagnostics.iter().any(|found| found.is_error()),
        "{:#?}",
        loaded.diagnostics
    );
    let mut files = emit::emit(&loaded.api).into_values();
    files.find(|text| text.contains(&place)).expect("the page's file")
}

#[test]
fn a_text_whose_name_and_term_say_time_is_a_timestamp() {
    let code = generated(vec![page(
        "openapi/v3/shop/orders.md",
        "time_expire | string | 交易结束时间\nremind_time | string | 提醒备注\nvalid | string | 有效期",
        "success_time | string | 支付完成时间\ncreate_time | integer | 创建时间\nstart_time_remark | string | 开始时间备注",
    )]);
    for line in [
        "time_expire: crate::Timestamp,",
        "remind_time: String,",
        "valid: String,",
        "success_time: crate::Timestamp,",
        "create_time: i64,",
        "start_time_remark: String,",
    ] {
        assert!(code.contains(&format!("pub {line}")), "{line}\n{code}");
    }
}

#[test]
fn a_state_without_values_is_open_and_has_those_of_its_twins() {
    let listed = "state | string | 单据状态<br/>`OPEN` \\| `PAID` 枚举值之一";
    let first = || {
        page(
            "openapi/v3/shop/orders.md",
            "",
            "state | string | 单据状态\nkind_type | string | 类型",
        )
    };
    let alone = generated(vec![first()]);
    assert!(alone.contains("pub type State = crate::OpenText;"), "{alone}");
    assert!(alone.contains("pub kind_type: String,"), "{alone}");
    let twin = page("openapi/v3/shop/bills.md", "", listed);
    let together = generated(vec![first(), twin]);
    assert!(together.contains("Paid = \"PAID\","), "{together}");
    assert!(
        together.contains("those of `openapi/v3/shop/bills`"),
        "{together}"
    );
    let others = [
        page("openapi/v3/other/bills.md", "", listed),
        page("openapi/v3/shop/bills.md", "", &listed.replace("单据", "用户")),
    ];
    for other in others {
        assert_eq!(generated(vec![first(), other]), alone);
    }
    let contradicting = page("openapi/v3/shop/refunds.md", "", &listed.replace("PAID", "GONE"));
    let contradicted = generated(vec![
        first(),
        page("openapi/v3/shop/bills.md", "", listed),
        contradicting,
    ]);
    assert_eq!(contradicted, alone);
}

#[test]
fn the_callers_own_merchant_id_is_filled_in() {
    let of = |request: &str| {
        generated(vec![page(
            "openapi/v3/shop/orders.md",
            request,
            "id | string | 单号",
        )])
    };
    let filled = of("mchid | string | 直连商户号\nappid | string | 公众号");
    assert!(filled.contains("filled_by_client: &[\"mchid\"]"), "{filled}");
    assert!(filled.contains("pub mchid: Option<String>,"), "{filled}");
    assert!(
        filled.contains("new!(Request { appid: impl Into<String> });"),
        "{filled}"
    );
    for not_own in [
        "mchid | string | 目标商户号",
        "sub_mchid | string | 子商户号",
        "mchid | integer | 商户号",
    ] {
        let code = of(not_own);
        assert!(!code.contains("filled_by_client"), "{not_own}\n{code}");
    }
    let either = of("mchid | string | 商户号\nsp_mchid | string | 机构商户号\nsub_mchid | string | 子商户号");
    assert!(either.contains("filled_by_client: &[\"mchid\"]"), "{either}");
    assert!(either.contains("new!(Request {});"), "{either}");
}
