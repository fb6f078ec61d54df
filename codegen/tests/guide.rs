//! The documentation of modules, and English beside official terms.

use wechatpay_codegen::emit::{self, GeneratedFiles};
use wechatpay_codegen::load::load_sources;
use wechatpay_codegen::source::Source;

fn page(path: &str, title: &str) -> Source {
    let text = "---\ntitle: TITLE\n---\n\n# {{ $frontmatter.title }} {#get}\n\n\
                | 请求参数 | 类型 {.type} | 描述 {.desc}\n| --- | --- | ---\n| query | object | 查询参数\n\
                | mchid {data-indent=1} | string | 商户号\n\n{.im-table #request}\n\n\
                | 返回字典 | 类型 {.type} | 描述 {.desc}\n| --- | --- | ---\n| total | integer | 总金额\n\n\
                {.im-table #response}\n";
    Source::new(path, text.replace("TITLE", title))
}

fn generated(others: &[Source]) -> GeneratedFiles {
    let mut sources = vec![
        page("openapi/v3/shop/orders.md", "查询订单"),
        page("openapi/v3/shop/partner/orders.md", "查询|订单[2]"),
        page("openapi/v3/bank.md", "查询银行"),
    ];
    sources.extend_from_slice(others);
    let loaded = load_sources(sources);
    assert!(
        !loaded.diagnostics.iter().any(|found| found.is_error()),
        "{:#?}",
        loaded.diagnostics
    );
    emit::emit(&loaded.api)
}

#[test]
fn a_product_lists_its_operations() {
    let products =
        "# 小店: Small shops: orders of small shops\nopenapi/v3/shop\nopenapi/v3/shop/partner partner\n";
    let files = generated(&[Source::new("products.txt", products)]);
    let text = &files["v3/shop.rs"];
    let docs = "\
//! 小店 (Small shops): orders of small shops.
//!
//! | Operation | Title | For |
//! | --- | --- | --- |
//! | [`GET /v3/shop/orders`](fn@orders::get) | 查询订单 | both |
//! | [`GET /v3/shop/partner/orders`](fn@partner::orders::get) | 查询\\|订单\\[2] | partners |

pub mod orders;
";
    assert!(text.contains(docs), "{text}");
    assert!(
        files["v3/bank.rs"].contains("//! Operations below `/v3/bank`."),
        "{}",
        files["v3/bank.rs"]
    );
    assert!(
        files["v3/bank.rs"].contains("(fn@get)"),
        "{}",
        files["v3/bank.rs"]
    );
}

#[test]
fn products_of_one_module_have_a_section_each() {
    let products = "# 小店: Small shops: orders\nopenapi/v3/shop/orders\n";
    let text = generated(&[Source::new("products.txt", products)])
        .remove("v3/shop.rs")
        .unwrap();
    let headings: Vec<_> = text.lines().filter(|line| line.starts_with("//! #")).collect();
    assert_eq!(headings, ["//! # 小店 (Small shops)", "//! # Other operations"]);
}

#[test]
fn english_stands_behind_the_term_wherever_it_occurs() {
    let glossary = "# General\n商户号: merchant ID\n总金额: total in fen\n查询订单: query an order\n";
    let files = generated(&[Source::new("glossary.txt", glossary)]);
    for (file, text) in files
        .iter()
        .filter(|(file, _)| ["v3/shop/orders.rs", "v3/bank.rs"].contains(&&***file))
    {
        for doc in ["/// 商户号 (merchant ID)\n", "/// 总金额 (total in fen)\n"] {
            assert!(text.contains(doc), "{file}: {doc}\n{text}");
        }
    }
    assert!(files["v3/shop/orders.rs"].contains("\n//! 查询订单 (query an order)\n"));
    assert!(files["v3/shop/orders.rs"].contains("\n/// 查询订单 (query an order)\n"));
}
