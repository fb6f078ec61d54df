//! Every line that looks like a row becomes a field, or is reported, or is on a page that is listed as skipped.

use wechatpay_codegen::diagnostic::{Code, Position};
use wechatpay_codegen::load::{Loaded, load_sources};
use wechatpay_codegen::source::Source;

const HEAD: &str = "---\ntitle: 题\n---\n\n# 题 {#post}\n\n";
const TABLE: &str = "| 请求参数 | 类型 {.type} | 描述 {.desc}\n| --- | --- | ---\n| json {data-required} | object | 体\n\
                     | a {data-required data-indent=1} | string | 甲\n";
const REST: &str =
    "| b {data-indent=1} | string | 乙\n| c {data-indent=1} | string | 丙\n\n{.im-table #request}\n\n";
const RESPONSE: &str = "| 返回字典 | 类型 {.type} | 描述 {.desc}\n| --- | --- | ---\n| ok | string | 好\n\n{.im-table #response}\n";

fn load(path: &str, page: &str) -> Loaded {
    let loaded = load_sources(vec![Source::new(path, page)]);
    assert_eq!(loaded.counts.lost(), None, "{page}");
    loaded
}

fn fields(loaded: &Loaded) -> Vec<&str> {
    let Some(operation) = loaded.api.operations.first() else {
        return Vec::new();
    };
    let body = &operation.request.body.properties;
    body.iter().map(|property| property.name.as_str()).collect()
}

/// Codes with the first and last line that they are about.
fn codes(loaded: &Loaded) -> Vec<(Code, usize, usize)> {
    let text = &loaded.sources[0].text;
    let line = |offset| Position::of(text, offset).line;
    loaded
        .diagnostics
        .iter()
        .map(|found| (found.code, line(found.span.start), line(found.span.end)))
        .collect()
}

#[test]
fn a_table_that_plainly_goes_on_is_read_on() {
    for gap in [
        "\n",
        " \u{3000}\n\n",
        "\u{a0}\n",
        "<!-- old -->\n",
        "\n<!-- two\nlines -->\n\n",
        "---\n",
        "***\n",
        "\n<br/>\n\n",
        "\n    ",
        "\n   ",
    ] {
        for end in ["\n", "\r\n", "\r"] {
            let page = format!("{HEAD}{TABLE}{gap}{REST}{RESPONSE}").replace('\n', end);
            let loaded = load("openapi/v3/x.md", &page);
            assert_eq!(fields(&loaded), ["a", "b", "c"], "{gap:?} {end:?}");
            let found: Vec<_> = loaded.diagnostics.iter().map(|found| found.code).collect();
            // A line of wide spaces is a row to markdown, and goes unnoticed.
            let noticed = found == [Code::InterruptedTable] || found.is_empty() && gap == "\u{a0}\n";
            assert!(noticed, "{gap:?} {end:?}: {found:?}");
        }
    }
}

#[test]
fn rows_after_anything_else_are_an_error_that_covers_them() {
    for gap in [
        "\ntext\n\n",
        "#### 标题\n",
        "> 引用\n",
        "- 项目\n",
        "```\ncode\n```\n",
        "<div>\n",
        "<div></div>\n\n",
        "\n{.im-table #request}\n\n",
        "<details>\n<summary>x</summary>\n\n",
        "<!-- not closed\n",
        "\n> ",
        "\n- ",
    ] {
        let page = format!("{HEAD}{TABLE}{gap}{REST}{RESPONSE}");
        let loaded = load("openapi/v3/x.md", &page);
        let first = HEAD.lines().count() + TABLE.lines().count() + gap.matches('\n').count() + 1;
        let covered = |line| {
            codes(&loaded)
                .iter()
                .any(|(_, from, to)| *from <= line && line <= *to)
        };
        assert!(
            covered(first) && covered(first + 1),
            "{gap:?}: {:?}",
            codes(&loaded)
        );
        assert!(
            loaded
                .diagnostics
                .iter()
                .any(|found| found.is_error() || found.code == Code::RowInComment),
            "{gap:?}"
        );
    }
}

#[test]
fn rows_in_a_comment_are_reported_and_the_table_goes_on() {
    for comment in [
        "<!-- | x | string | x -->\n",
        "<!--\n| x | string | x\n| y | string | y\n-->\n",
    ] {
        let loaded = load(
            "openapi/v3/x.md",
            &format!("{HEAD}{TABLE}{comment}{REST}{RESPONSE}"),
        );
        assert_eq!(fields(&loaded), ["a", "b", "c"]);
        let found: Vec<_> = loaded.diagnostics.iter().map(|found| found.code).collect();
        assert_eq!(found, [Code::RowInComment, Code::InterruptedTable]);
    }
}

#[test]
fn a_parameter_table_that_markdown_does_not_recognize_is_an_error() {
    let table = format!("{TABLE}{REST}");
    for (what, broken) in [
        ("inside HTML", format!("<div>\n{table}")),
        ("behind a tag", format!("<div>{table}")),
        (
            "columns",
            table.replace("| --- | --- | ---", "| --- | --- | --- | ---"),
        ),
        (
            "indented",
            format!("    {}\n\n", table.trim_end().replace('\n', "\n    ")),
        ),
        ("in a fence", format!("```\nx\n\n{table}")),
        ("in a closed fence", format!("```\n{table}\n```\n\n")),
        ("no delimiter", table.replace("| --- | --- | ---\n", "")),
        ("joined", table.replace("---\n", "---")),
    ] {
        for heading in [HEAD, ""] {
            let loaded = load("openapi/v3/x.md", &format!("{heading}{broken}{RESPONSE}"));
            let errors = loaded.diagnostics.iter().filter(|found| {
                let broken = [Code::BrokenTable, Code::RowOutsideTable, Code::FencedTable];
                broken.contains(&found.code) && found.span.len() > 50
            });
            assert_eq!(errors.count(), 1, "{what}: {:#?}", loaded.diagnostics);
        }
    }
}

#[test]
fn a_fence_that_swallows_the_next_table_is_an_error() {
    let page = format!("{HEAD}{TABLE}{REST}```php\n$a->post();\n\n{RESPONSE}");
    let found = codes(&load("openapi/v3/x.md", &page));
    assert!(found.contains(&(Code::FencedTable, 19, 21)), "{found:?}");
}

#[test]
fn other_lines_with_pipes_are_reported_beside_an_operation_and_skipped_on_other_pages() {
    let other = "| 名 | 值\n| --- | --- | ---\n| x | 1\n";
    let beside = load(
        "openapi/v3/x.md",
        &format!("{HEAD}{TABLE}{REST}{RESPONSE}\n{other}"),
    );
    let found: Vec<_> = beside.diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(found, [Code::UnknownTable]);
    let alone = load(
        "guide/x.md",
        &format!("# 指南\n\n{other}\n> | a | b | c\n\n```\n| not a row\n```\n"),
    );
    assert_eq!(alone.diagnostics, []);
    assert_eq!(alone.skipped, ["guide/x.md"]);
}

#[test]
fn a_parameter_table_is_reported_on_any_page() {
    let misspelt = format!("{TABLE}{REST}")
        .replace("请求参数", "请求叁数")
        .replace("#request", "");
    for page in [
        misspelt.clone(),
        format!("---\ntitle: Moved to /openapi/v3/y\n---\n\n{misspelt}"),
    ] {
        let loaded = load("openapi/v3/x.md", &page);
        let found: Vec<_> = loaded.diagnostics.iter().map(|found| found.code).collect();
        assert!(found.contains(&Code::UnknownTable), "{found:?}");
    }
}

#[test]
fn a_row_that_repeats_the_path_is_reported() {
    let table = format!("{TABLE}{REST}").replace("| json", "| x | string | 标识<br/>`x` 枚举值\n| json");
    let loaded = load("openapi/v3/x.md", &format!("{HEAD}{table}{RESPONSE}"));
    assert_eq!(codes(&loaded), [(Code::RowOfThePath, 9, 9)]);
}
