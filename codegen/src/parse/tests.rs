use super::*;
use crate::syntax::RowKind;

fn read(text: &str) -> (Page, Vec<Code>) {
    let (page, diagnostics) = page(&Source::new("a.md", text));
    (
        page,
        diagnostics
            .into_iter()
            .map(|diagnostic| diagnostic.code)
            .collect(),
    )
}

const PAGE: &str = "\
---
title: 示例
---

# {{ $frontmatter.title }} {#get}

::: danger :no_entry_sign: {.im-deprecated}

停用，见[新页](/openapi/v3/b) `x`

:::

| 请求参数 | 类型 {.type} | 描述 {.desc}
| --- | --- | ---
| a {data-required data-indent=1} | string {data-tooltip=\"最长32字符\"} | 甲 [链接](/in/cell)
| {colspan=3 .im-table-line}
| b | string

{.im-table #request}

::: code-group

```json [示例]
{\"a\": 1}
```

```php [同步]
$instance->chain('v3/a')
```

:::

参阅 [官方文档](https://pay.weixin.qq.com/doc/v3/merchant/1)
";

#[test]
fn everything_on_a_page_is_found_with_its_place() {
    let (page, codes) = read(PAGE);
    assert_eq!(codes, []);
    assert_eq!(page.title.as_ref().map(|title| title.text.as_str()), Some("示例"));
    assert_eq!(page.sections.len(), 2);
    let section = &page.sections[1];
    let heading = section.heading.as_ref().unwrap();
    assert_eq!(
        (heading.depth, heading.line, heading.anchor.as_deref()),
        (1, 5, Some("get"))
    );
    assert_eq!(heading.text, "{{ $frontmatter.title }}");
    assert_eq!(section.containers[0].classes, ["im-deprecated"]);
    let links: Vec<_> = section.links.iter().map(|link| link.text.as_str()).collect();
    assert_eq!(
        links,
        ["/openapi/v3/b", "https://pay.weixin.qq.com/doc/v3/merchant/1"]
    );
    let code: Vec<_> = section
        .code
        .iter()
        .map(|code| (&*code.language, &*code.text))
        .collect();
    assert_eq!(
        code,
        [("json", "{\"a\": 1}\n"), ("php", "$instance->chain('v3/a')\n")]
    );
    let table = &section.tables[0];
    let rows: Vec<_> = table
        .rows
        .iter()
        .map(|row| (row.kind, row.name(), row.line, row.cells.len()))
        .collect();
    assert_eq!(
        rows,
        [
            (RowKind::Field, "a", 15, 3),
            (RowKind::Separator, "", 16, 1),
            (RowKind::Field, "b", 17, 2)
        ]
    );
    let cell = &table.rows[0].cells[2];
    assert_eq!(&PAGE[cell.span.clone()], "甲 [链接](/in/cell)");
    assert_eq!(page.row_count(), 3);
}

#[test]
fn line_ends_and_a_byte_order_mark_make_no_difference() {
    let windows = format!("\u{feff}{}", PAGE.replace('\n', "\r\n"));
    let (unix, _) = read(PAGE);
    let (windows, codes) = read(&windows);
    assert_eq!(codes, []);
    let facts = |page: &Page| -> Vec<(usize, Vec<String>)> {
        let rows = page.sections.iter().flat_map(|s| &s.tables).flat_map(|t| &t.rows);
        rows.map(|row| (row.line, row.cells.iter().map(|cell| cell.text.clone()).collect()))
            .collect()
    };
    assert_eq!(facts(&unix), facts(&windows));
    assert_eq!(unix.title.map(|t| t.text), windows.title.map(|t| t.text));
}

#[test]
fn a_tables_attributes_may_follow_without_an_empty_line() {
    let (page, codes) = read("| 参数 | 类型\n| --- | ---\n| a | string\n{.im-table #request}\n");
    let table = &page.sections[0].tables[0];
    assert_eq!(
        (table.kind, table.rows.len(), codes),
        (TableKind::Request, 1, vec![])
    );
}

#[test]
fn tables_about_other_things_may_be_anything() {
    assert_eq!(read("| a | b\n| --- | --- | ---\n").1, []);
}

#[test]
fn broken_front_matter_is_an_error() {
    assert_eq!(read("---\ntitle: \"a\n---\n").1, [Code::BrokenFrontMatter]);
    let long = format!("---\ntitle: {}\n---\n", "a".repeat(MAX_FRONT_MATTER));
    assert_eq!(read(&long).1, [Code::BrokenFrontMatter]);
}

#[test]
fn broken_attributes_are_an_error_at_their_place() {
    let text = "| 请求参数 | 类型\n| --- | ---\n| 名 {data-required | string\n";
    let (_, diagnostics) = page(&Source::new("a.md", text));
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(diagnostics[0].code, Code::BrokenAttributes);
    assert_eq!(&text[diagnostics[0].span.clone()], "{data-required");
}

#[test]
fn rows_of_other_tables_are_not_held_to_the_dialect() {
    let (page, codes) = read(
        "| 业务标签 | 直连商户模式 | 合作伙伴模式\n| :----: | :------: | :--------:\n\
         | 支付{rowspan=2} | [查单](/openapi/v3/pay/{transaction_id}) | a | b\n\
         | [关单](/openapi/v3/pay/{out_trade_no}/close) | x\n\n{.vp-table}\n",
    );
    assert_eq!(codes, []);
    assert_eq!(page.row_count(), 2);
}

#[test]
fn a_table_that_is_named_below_is_held_to_the_dialect() {
    let row = "| a | b\n| --- | ---\n| 名 {data-required | string\n\n";
    let (_, codes) = read(&format!("{row}{{.im-table #request}}\n"));
    assert_eq!(codes, [Code::BrokenAttributes]);
}
