//! Any text is a page: nothing panics, no row gets lost, whatever is done to pages and fixups.

use std::time::{Duration, Instant};

use wechatpay_codegen::emit;
use wechatpay_codegen::load::load_sources;
use wechatpay_codegen::render::Report;
use wechatpay_codegen::source::Source;

const PAGE: &str = "\
---
title: 题
head:
  - - meta
    - http-equiv: refresh
      content: 0;url=/openapi/v3/%7Bb%7D
---

# {{ $frontmatter.title }} {#mix}

::: danger :no_entry_sign: {.im-deprecated}
:::

## 查 {#post}

| 请求参数 | 类型 {.type} | 描述 {.desc}
| --- | --- | ---
| base_uri | string | 接入点`https://x.example/`
| security {data-required} | `true` | 证书
| b {data-required} | string | 乙
| json {data-required} | object {data-tooltip=\"对应\"} | 体
| c {data-required data-indent=1} | string {data-tooltip=\"最长32字符\" data-encrypted=by-aes-gcm} | 丙<br/>`A` \\| `B` 枚举值之一<br/>默认为`A`
| {colspan=3 .im-table-line}
| d {data-indent=2} | object[] | 枚举值：<br/>`A`：甲<br/>`B`：[乙](/x)
| e {data-indent=3} | number | 固定为`1`
| f_$n {data-indent=1} | string | 己 | `a`

{.im-table #request}

::: code-group

```json [示例]
{\"b\": \"1\", \"json\": {\"c\": {\"d\": [{\"e\": 1.5}]}}}
```

```php [同步]
$instance->chain('v3/a/{b}')->getAsync([])
```

:::

| 返回字典 | 类型 {.type} | 描述 {.desc}
| --- | --- | ---
| 空字符串(无返回内容) {align=center colspan=3}

{.im-table #response}

参阅 [官方文档](https://pay.weixin.qq.com/doc/v3/merchant/1)
";

const FIXUPS: &str = "\
[[fixup]]
page = 'openapi/v3/a/{b}.md'
method = 'POST'
table = 'request'
row = 'json.c.d#1'
change = { under = 'json' }
reason = '错'

[[fixup]]
page = 'openapi/v3/a/{b}.md'
row = 'json.x'
change = { add = { type = 'string', required = true, label = '新' } }
reason = '缺'

[[fixup]]
page = 'openapi/v3/a/{b}.md'
row = 'json.f_$n'
change = { remove = true }
reason = '多'
";

/// What the dialect is made of, and what it is not.
const TOKENS: [&str; 40] = [
    "|",
    "{",
    "}",
    "`",
    "\\",
    "\"",
    "'",
    "=",
    "#",
    ".",
    "---",
    ":::",
    "<br/>",
    "<",
    ">",
    "[",
    "](",
    ")",
    "\n",
    "\r\n",
    "\n\n",
    " ",
    "\u{3000}",
    "\u{feff}",
    "\0",
    "é",
    "枚举值",
    "枚举值之一",
    "默认为",
    "{#get}",
    "{#request}",
    "{colspan=3}",
    "{colspan=3 .im-table-line}",
    "data-indent=99999999999999999999",
    "data-indent=32",
    "object",
    "| --- | ---",
    "| 请求参数 | 类型",
    "%7B%",
    "\u{1f600}",
];

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (end.max(1) as u64)).expect("small")
    }

    /// A place between two characters.
    fn place(&mut self, text: &str) -> usize {
        let mut at = self.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

fn mutate(text: &mut String, random: &mut Random) {
    let (a, b) = (random.place(text), random.place(text));
    let (from, to) = (a.min(b), a.max(b).min(a.min(b) + 40));
    let to = (from..=to)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(from);
    match random.below(5) {
        0 => text.replace_range(from..to, ""),
        1 => text.insert_str(from, TOKENS[random.below(TOKENS.len())]),
        2 => text.replace_range(from..to, TOKENS[random.below(TOKENS.len())]),
        3 => {
            let piece = text[from..to].to_owned();
            let at = random.place(text);
            text.insert_str(at, &piece);
        }
        _ => {
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            let (one, other) = (random.below(lines.len()), random.below(lines.len()));
            if !lines.is_empty() {
                lines.swap(one, other);
                *text = lines.concat();
            }
        }
    }
}

#[test]
fn nothing_panics_and_no_row_gets_lost() {
    let rounds = std::env::var("ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(2_000);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..rounds {
        let (mut page, mut fixups) = (PAGE.to_owned(), FIXUPS.to_owned());
        for _ in 0..=random.below(8) {
            mutate(&mut page, &mut random);
        }
        if round % 3 == 0 {
            mutate(&mut fixups, &mut random);
        }
        let path = [
            "openapi/v3/a/{b}.md",
            "openapi/v2/{a}/b.md",
            "webhook/v3/A.B.md",
            "seed.md",
        ][random.below(4)];
        let loaded = load_sources(vec![
            Source::new(path, page.clone()),
            Source::new("fixups.toml", fixups),
        ]);
        assert_eq!(loaded.counts.lost(), None, "{path}\n{page}");
        let report = Report::new(&loaded.sources, "specs");
        for diagnostic in &loaded.diagnostics {
            assert!(report.human(diagnostic).contains(diagnostic.code.id()));
            report.github(diagnostic);
        }
        report.json(&loaded.diagnostics);
    }
}

#[test]
fn deep_and_long_inputs_are_no_problem() {
    let rows: String = (0..5_000)
        .map(|level| format!("| a {{data-indent={}}} | object | x\n", level % 40))
        .collect();
    let texts = [
        format!("# x {{#post}}\n\n| 请求参数 | 类型 | 描述\n| --- | --- | ---\n{rows}"),
        format!("---\nhead: {}\n---\n", "[".repeat(10_000)),
        format!("---\n{}\n---\n", "- ".repeat(5_000)),
        format!("```json\n{}\n```\n", "[".repeat(100_000)),
        format!("{}x", "> ".repeat(20_000)),
        "{".repeat(100_000),
        "| ".repeat(100_000),
        "`".repeat(100_000),
        format!(
            "| 请求参数 | 类型 | 描述\n| --- | --- | ---\n| a | string | {}\n",
            "[`<\\".repeat(20_000)
        ),
    ];
    for text in texts {
        let start: String = text.chars().take(40).collect();
        let loaded = load_sources(vec![Source::new("openapi/v3/a.md", text)]);
        assert_eq!(loaded.counts.lost(), None, "{start}");
    }
}

/// The time that this thread has run; where the system does not say, the time that passed.
fn time_of(work: impl Fn()) -> Duration {
    let ran = || {
        let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        Some(Duration::from_nanos(schedule.split(' ').next()?.parse().ok()?))
    };
    let (start, before) = (Instant::now(), ran());
    work();
    match (before, ran()) {
        (Some(before), Some(after)) => after - before,
        _ => start.elapsed(),
    }
}

#[test]
fn the_cost_of_a_page_grows_with_its_size_and_not_with_its_square() {
    let request = |rows: &str| {
        format!("# x {{#post}}\n\n| 请求参数 | 类型 | 描述\n| --- | --- | ---\n| json | object | x\n{rows}")
    };
    let rows = |count: usize, row: &dyn Fn(usize) -> String| {
        request(&(0..count).map(|n| row(n) + "\n").collect::<String>())
    };
    type Shape<'a> = (&'a str, usize, &'a dyn Fn(usize) -> String);
    let shapes: [Shape<'_>; 6] = [
        ("rows", 1_500, &|size| {
            rows(size, &|n| format!("| f{n} {{data-indent=1}} | string | x"))
        }),
        ("rows of one name", 1_500, &|size| {
            rows(size, &|_| "| f {data-indent=1} | string | x".to_owned())
        }),
        ("objects", 300, &|size| {
            rows(size, &|n| {
                format!("| o{n} {{data-indent=1}} | object | x\n| v {{data-indent=2}} | string | {n}")
            })
        }),
        ("objects of one name", 300, &|size| {
            rows(size, &|n| {
                format!(
                    "| o{n} {{data-indent=1}} | object | x\n| list {{data-indent=2}} | object[] | x\n| v{n} {{data-indent=3}} | string | x"
                )
            })
        }),
        ("values", 2_000, &|size| {
            let values: Vec<_> = (0..size).map(|n| format!("`A{n}`")).collect();
            request(&format!(
                "| e {{data-indent=1}} | string | x<br/>{} 枚举值之一\n",
                values.join(" \\| ")
            ))
        }),
        ("backticks", 10_000, &|size| {
            request(&format!(
                "| e {{data-indent=1}} | string | {}\n",
                "`".repeat(size)
            ))
        }),
    ];
    for (name, size, text) in shapes {
        let least = |size: usize| {
            let source = Source::new("openapi/v3/a.md", text(size));
            let work = || {
                let loaded = load_sources(vec![source.clone()]);
                assert!(!loaded.api.operations.is_empty(), "{name}");
                emit::emit(&loaded.api);
            };
            (0..3).map(|_| time_of(work)).min().expect("three times")
        };
        let (small, large) = (least(size), least(8 * size));
        // Eight times the size: 64 times the cost if it is quadratic.
        let bound = 24 * (small + Duration::from_millis(2));
        assert!(large < bound, "{name}: {small:?} becomes {large:?}");
    }
}
