//! Rows that are in no table.
//!
//! In: a page's text, and where markdown sees its tables and code. Out: every other line that looks
//! like a row of a table. Markdown ends a table at a blank line, a comment, a heading and so on; what
//! follows is a paragraph to it. The lines are found in the text itself, so that they are counted
//! independently of the parser.

use crate::span::Span;
use crate::syntax::{Stray, StrayKind, TableKind};

use super::table;

/// A line without its end.
pub struct Line<'a> {
    pub text: &'a str,
    pub start: usize,
    /// How many lines are above it.
    pub number: usize,
}

/// The lines of `text`.
pub fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut at = 0;
    text.split('\n').enumerate().map(move |(number, text)| {
        let start = at;
        at += text.len() + 1;
        Line { text, start, number }
    })
}

/// Whether a line looks like a row: it starts with a pipe, possibly after the marks of a quote, list,
/// heading or HTML element, or it has two pipes or an attribute that only rows have.
pub fn looks_like_row(line: &str) -> bool {
    if !line.contains(['|', '｜']) || line.chars().all(is_filler) {
        return false;
    }
    unmarked(line).starts_with(['|', '｜']) || pipes(line) >= 2 || has_row_attribute(line)
}

fn is_filler(c: char) -> bool {
    c.is_whitespace() || matches!(c, '|' | '｜')
}

/// Pipes that are not escaped.
fn pipes(line: &str) -> usize {
    line.match_indices('|')
        .filter(|(at, _)| !line[..*at].ends_with('\\'))
        .count()
}

/// Whether a line can only be part of a parameter table.
fn is_parameters(line: &str) -> bool {
    has_row_attribute(line) || header_kind(line) != TableKind::Unknown
}

fn has_row_attribute(line: &str) -> bool {
    ["{data-", "colspan=", "{.type}", "{.desc}"]
        .iter()
        .any(|attribute| line.contains(attribute))
}

fn header_kind(line: &str) -> TableKind {
    let cell = unmarked(line).trim_start_matches(is_filler);
    let name = cell.split(['|', '{']).next().unwrap_or("").trim();
    table::kind_of_header(name)
}

/// A line without the marks of quotes, lists, headings and HTML elements in front of it.
fn unmarked(line: &str) -> &str {
    let mut rest = line.trim_start();
    loop {
        let Some(first) = rest.chars().next() else {
            return rest;
        };
        let after = match first {
            '>' | '#' | '-' | '*' | '+' | '~' => &rest[1..],
            '<' if rest.starts_with("<!--") => &rest[4..],
            '<' => match rest.find('>') {
                Some(end) => &rest[end + 1..],
                None => return rest,
            },
            '0'..='9' => match rest
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .strip_prefix(['.', ')'])
            {
                Some(after) => after,
                None => return rest,
            },
            _ => return rest,
        };
        rest = after.trim_start();
    }
}

/// What [`find`] returns.
#[derive(Debug, Default)]
pub struct Found {
    /// Runs of lines that look like rows, in order.
    pub strays: Vec<Stray>,
    /// All lines outside code that look like rows, those of tables included.
    pub lines: usize,
}

/// Finds the lines that look like rows and are outside `tables`. Both lists are in order and do not overlap.
pub fn find(text: &str, tables: &[Span], code: &[Span]) -> Found {
    let mut found = Found::default();
    let (mut tables, mut code) = (Spans(tables), Spans(code));
    let mut comments = Comments { text, open: 0..0 };
    // The line above, if it belongs to a run, and whether that is in a comment.
    let mut above = None;
    for line in lines(text).filter(|line| !line.text.is_empty()) {
        let span = line.start..line.start + line.text.len();
        let (table, block) = (tables.find(&span), code.find(&span));
        if let Some(block) = block {
            code_line(&line, span, text, block, &mut found.strays);
            continue;
        }
        let in_comment = table.is_none() && comments.holds(&span);
        if !looks_like_row(line.text) {
            continue;
        }
        found.lines += 1;
        if table.is_some() {
            continue;
        }
        let kind = if in_comment {
            StrayKind::Comment
        } else {
            StrayKind::Row
        };
        let goes_on = above == Some((line.number.wrapping_sub(1), in_comment));
        above = Some((line.number, in_comment));
        add(&mut found.strays, goes_on, kind, &line, span);
    }
    found
        .strays
        .retain(|stray| stray.kind != StrayKind::Code || stray.parameters);
    found
}

/// Code may hold anything, but lines of a parameter table, or rows in code without an end, mean that a fence is missing.
fn code_line(line: &Line<'_>, span: Span, text: &str, block: &Span, strays: &mut Vec<Stray>) {
    if !line.text.trim_start().starts_with('|') || line.text.chars().all(is_filler) {
        return;
    }
    let goes_on = strays
        .last()
        .is_some_and(|run| run.kind == StrayKind::Code && run.span.start >= block.start);
    add(strays, goes_on, StrayKind::Code, line, span);
    if !goes_on && let Some(run) = strays.last_mut() {
        run.parameters |= !is_closed(&text[block.clone()]);
    }
}

fn is_closed(block: &str) -> bool {
    let last = block.trim_end().rsplit('\n').next().unwrap_or("");
    let last = last.trim_start_matches(|c: char| c.is_whitespace() || c == '>');
    last.len() >= 3 && (last.bytes().all(|byte| byte == b'`') || last.bytes().all(|byte| byte == b'~'))
}

/// Adds a line to the last run or begins another. A run with a delimiter row is a table.
fn add(strays: &mut Vec<Stray>, goes_on: bool, kind: StrayKind, line: &Line<'_>, span: Span) {
    if !goes_on {
        strays.push(Stray {
            kind,
            span: span.clone(),
            line: line.number + 1,
            lines: 0,
            parameters: false,
        });
    }
    let Some(run) = strays.last_mut() else { return };
    run.parameters |= is_parameters(line.text);
    run.lines += 1;
    run.span.end = span.end;
    if run.kind == StrayKind::Row && table::is_delimiter(from_pipe(line.text)) {
        run.kind = StrayKind::Table;
    }
}

/// A line from its first pipe on.
fn from_pipe(line: &str) -> &str {
    line.find('|').map_or("", |at| &line[at..])
}

/// Whether nothing stands in `gap` that ends a table for a reader: blank lines, comments, rules and line breaks.
pub fn is_plain(gap: &str) -> bool {
    let mut rest = gap;
    let mut visible = String::new();
    while let Some(open) = rest.find("<!--") {
        visible.push_str(&rest[..open]);
        match rest[open..].find("-->") {
            Some(close) => rest = &rest[open + close + 3..],
            None => return false,
        }
    }
    visible.push_str(rest);
    visible.lines().map(str::trim).all(|line| {
        let is_rule = |mark: char| line.len() >= 3 && line.chars().all(|c| c == mark || c == ' ');
        line.is_empty()
            || ['-', '*', '_'].into_iter().any(is_rule)
            || ["<br>", "<br/>", "<br />", "&nbsp;"].contains(&line)
    })
}

/// Spans in order, asked for in ascending order.
struct Spans<'a>(&'a [Span]);

impl<'a> Spans<'a> {
    /// The span that holds a part of the line.
    fn find(&mut self, line: &Span) -> Option<&'a Span> {
        while let [first, rest @ ..] = self.0
            && first.end <= line.start
        {
            self.0 = rest;
        }
        self.0.first().filter(|first| first.start < line.end)
    }
}

/// HTML comments of the lines that are asked for, in ascending order.
struct Comments<'a> {
    text: &'a str,
    /// The comment that was opened last.
    open: Span,
}

impl Comments<'_> {
    /// Whether the first visible character of a line is inside a comment.
    fn holds(&mut self, line: &Span) -> bool {
        let text = &self.text[line.clone()];
        let first = line.start + (text.len() - text.trim_start().len());
        let mut from = line.start.max(self.open.end);
        let inside = first < self.open.end;
        let mut opens_first = false;
        while from < line.end
            && let Some(at) = self.text[from..line.end].find("<!--")
        {
            let start = from + at;
            let end = self.text[start..]
                .find("-->")
                .map_or(self.text.len(), |at| start + at + 3);
            opens_first |= start <= first;
            self.open = start..end;
            from = end;
        }
        inside || opens_first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_told_from_text() {
        for row in [
            "| a | string | x",
            "|a|",
            "  \t| a",
            "> | a | b",
            "- | a | b",
            "1. | a",
            "### | a | b",
            "<div>| 请求参数 | 类型",
            "<!-- | a | b -->",
            "a | string | x",
            "a {data-required} | string",
            "｜ a ｜ b",
            "| --- | ---",
        ] {
            assert!(looks_like_row(row), "{row}");
        }
        for text in [
            "",
            "|",
            "| |",
            "text",
            "a | b",
            "`A` \\| `B` \\| `C`",
            "{.im-table #request}",
            "{data-x}",
        ] {
            assert!(!looks_like_row(text), "{text}");
        }
    }

    #[test]
    fn a_gap_is_plain_if_a_reader_sees_nothing_in_it() {
        for gap in [
            "\n",
            "\n \u{3000}\n",
            "\n<!-- a\n| b -->\n",
            "\n---\n",
            "\n* * *\n",
            "\n<br/>\n",
            "\n&nbsp;\n",
        ] {
            assert!(is_plain(gap), "{gap:?}");
        }
        for gap in [
            "\ntext\n",
            "\n# x\n",
            "\n{.im-table}\n",
            "\n> x\n",
            "\n<!-- a\n",
            "\n- x\n",
            "\n--\n",
            "\n```\n",
        ] {
            assert!(!is_plain(gap), "{gap:?}");
        }
    }

    fn kinds(text: &str, code: &[Span]) -> Vec<(StrayKind, usize, usize, bool)> {
        let found = find(text, &[], code);
        found
            .strays
            .iter()
            .map(|s| (s.kind, s.line, s.lines, s.parameters))
            .collect()
    }

    #[test]
    fn runs_are_told_apart() {
        let text = "| a | b\n| c {data-required} | d\n\n<!--\n| e | f\n-->\n| g | h\n| -- | --\n";
        assert_eq!(
            kinds(text, &[]),
            [
                (StrayKind::Row, 1, 2, true),
                (StrayKind::Comment, 5, 1, false),
                (StrayKind::Table, 7, 2, false)
            ]
        );
        assert_eq!(kinds("<!-- | a | b --> | c | d\n| e | f\n", &[]).len(), 2);
    }

    #[test]
    fn code_is_code_unless_it_holds_parameters_or_has_no_end() {
        let closed = "```\n| a | b\n```\n";
        assert_eq!(kinds(closed, std::slice::from_ref(&(0..closed.len()))), []);
        let parameters = "```\n| a {data-required} | b\n| c | d\n```\n";
        assert_eq!(
            kinds(parameters, std::slice::from_ref(&(0..parameters.len()))),
            [(StrayKind::Code, 2, 2, true)]
        );
        let open = "> ```\n> x\n| a | b\n";
        assert_eq!(
            kinds(open, std::slice::from_ref(&(0..open.len()))),
            [(StrayKind::Code, 3, 1, true)]
        );
    }
}
