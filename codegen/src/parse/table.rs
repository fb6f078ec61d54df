//! Rows of a table.
//!
//! In: the source text of one row, as long as it really is (markdown pads and cuts rows to the
//! header's width). Out: its true cells, with attribute lists, places and findings.

use crate::diagnostic::Code;
use crate::span::Span;
use crate::syntax::{Cell, INDENT, MAX_LEVEL, Row, RowKind, TableKind};

use super::attributes;

/// Code, place and message of something found in a row.
pub type Finding = (Code, Span, String);

/// More attributes than this are a mistake.
const MAX_ATTRIBUTES: usize = 100;

/// Reads one row. `start` is where `text` starts on the page.
pub fn row(text: &str, start: usize, line: usize, findings: &mut Vec<Finding>) -> Row {
    let pieces = pieces(text);
    let mut cells: Vec<Cell> = Vec::with_capacity(pieces.len().max(1));
    let single = pieces.len() == 1;
    for (index, piece) in pieces.iter().enumerate() {
        let raw = &text[piece.clone()];
        // Only names, types and sentences have attributes: braces in a description are its own.
        if index < 2 && (index == 0 || !single) {
            cells.push(marked_cell(raw, start + piece.start, findings));
        } else {
            cells.push(plain_cell(raw, start + piece.start));
        }
    }
    if cells.is_empty() {
        cells.push(plain_cell("", start));
    }
    let span = start..start + text.trim_ascii_end().len();
    let kind = kind(&cells);
    if kind == RowKind::Field && cells.len() > 3 {
        let (first, last) = (cells[2].span.start, cells[cells.len() - 1].span.end);
        let message = format!("the row of `{}` has {} cells", cells[0].text, cells.len());
        findings.push((Code::UnescapedPipe, first..last, message));
        cells.truncate(2);
        cells.push(plain_cell(&text[first - start..last - start], first));
    }
    Row {
        kind,
        span,
        line,
        cells,
    }
}

/// The places of the cells: between the pipes that are not escaped, without a first and last empty one.
fn pieces(text: &str) -> Vec<Span> {
    let end = text.trim_ascii_end().len();
    let mut at = text.len() - text.trim_ascii_start().len();
    at = at.min(end);
    if text[at..end].starts_with('|') {
        at += 1;
    }
    let mut pieces = Vec::with_capacity(3);
    let mut from = at;
    while let Some(found) = text[from..end].find('|') {
        let pipe = from + found;
        if !text[at..pipe].ends_with('\\') {
            pieces.push(at..pipe);
            at = pipe + 1;
        }
        from = pipe + 1;
    }
    if at < end {
        pieces.push(at..end);
    }
    pieces
}

fn plain_cell(raw: &str, start: usize) -> Cell {
    let text = raw.trim_ascii();
    let from = start + (raw.len() - raw.trim_ascii_start().len());
    Cell {
        text: text.to_owned(),
        span: from..from + text.len(),
        attributes: Vec::new(),
    }
}

/// A cell that may have an attribute list; backticks around the whole are dropped (`` `true` ``).
fn marked_cell(raw: &str, start: usize, findings: &mut Vec<Finding>) -> Cell {
    let mut split = attributes::split(raw, start);
    if let Some((span, message)) = split.error {
        findings.push((Code::BrokenAttributes, span, message.to_owned()));
    }
    if let Some(first) = split.attributes.get(MAX_ATTRIBUTES) {
        let message = format!("{} attributes are too many", split.attributes.len());
        findings.push((Code::BrokenAttributes, first.span.clone(), message));
        split.attributes.truncate(MAX_ATTRIBUTES);
    }
    for attribute in split
        .attributes
        .iter()
        .filter(|attribute| attribute.name == INDENT)
    {
        if !attribute
            .value
            .parse()
            .is_ok_and(|level: usize| level <= MAX_LEVEL)
        {
            let message = format!("`{}` is not a level from 0 to {MAX_LEVEL}", attribute.value);
            findings.push((Code::BrokenAttributes, attribute.span.clone(), message));
        }
    }
    let text = split.before;
    let quoted = text.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
    let from = start + raw.len() - raw.trim_ascii_start().len();
    Cell {
        text: quoted.unwrap_or(text).to_owned(),
        span: from..from + text.len(),
        attributes: split.attributes,
    }
}

fn kind(cells: &[Cell]) -> RowKind {
    match cells {
        [cell] if cell.attribute(".im-table-line").is_some() => RowKind::Separator,
        [cell] if cell.attribute("colspan").is_some() => RowKind::Note,
        _ => RowKind::Field,
    }
}

/// The kind of a table after the text of its first header cell.
pub fn kind_of_header(text: &str) -> TableKind {
    match text {
        "请求参数" => TableKind::Request,
        "返回字典" => TableKind::Response,
        "应答规范" => TableKind::Acknowledgement,
        "异常字典" => TableKind::Error,
        _ => TableKind::Unknown,
    }
}

/// Whether a line is a delimiter row of two columns or more: `| --- | :-: |`.
pub fn is_delimiter(line: &str) -> bool {
    let line = line.trim_ascii();
    line.contains('|')
        && line.contains("--")
        && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Row, Vec<Code>) {
        let mut findings = Vec::new();
        let row = row(text, 0, 1, &mut findings);
        (row, findings.into_iter().map(|(code, ..)| code).collect())
    }

    fn texts(text: &str) -> Vec<String> {
        read(text).0.cells.into_iter().map(|cell| cell.text).collect()
    }

    #[test]
    fn rows_with_and_without_outer_pipes() {
        for text in [
            "| a | string | x",
            "| a | string | x |",
            "a | string | x",
            "|a|string|x|\r\n",
        ] {
            assert_eq!(texts(text), ["a", "string", "x"], "{text}");
        }
    }

    #[test]
    fn an_escaped_pipe_does_not_end_a_cell() {
        assert_eq!(
            texts(r"| a | string | `A` \| `B`"),
            ["a", "string", r"`A` \| `B`"]
        );
    }

    #[test]
    fn two_cells_stay_two() {
        assert_eq!(texts("| a {data-indent=3} | string"), ["a", "string"]);
    }

    #[test]
    fn four_cells_become_three_and_are_reported() {
        let (row, codes) = read("| a | string | `A` | `B` 枚举值之一");
        assert_eq!(row.cells[2].text, "`A` | `B` 枚举值之一");
        assert_eq!(codes, [Code::UnescapedPipe]);
    }

    #[test]
    fn separators_and_notes_span_the_table() {
        assert_eq!(read("| {colspan=3 .im-table-line}").0.kind, RowKind::Separator);
        let (note, _) = read("| `30x`跳转(无) {align=center colspan=3}");
        assert_eq!((note.kind, note.name()), (RowKind::Note, "`30x`跳转(无)"));
    }

    #[test]
    fn attributes_belong_to_names_and_types_only() {
        let (row, codes) = read("| a{data-required data-indent=2}| `true` {data-tooltip=\"x\"} | 从{b}到{c}");
        assert_eq!(
            (row.name(), row.ty(), row.level(), row.required()),
            ("a", "true", 2, true)
        );
        assert_eq!(row.cells[2].text, "从{b}到{c}");
        assert_eq!(codes, []);
    }

    #[test]
    fn a_level_is_a_small_number() {
        assert_eq!(read("| a {data-indent=x} | string |").1, [Code::BrokenAttributes]);
        assert_eq!(
            read("| a {data-indent=33} | string |").1,
            [Code::BrokenAttributes]
        );
        assert_eq!(read("| a {data-indent=32} | string |").1, []);
    }

    #[test]
    fn nothing_is_a_row_with_one_empty_cell() {
        assert_eq!(texts(""), [""]);
        assert_eq!(texts("|"), [""]);
        assert_eq!(texts(" | |"), [""]);
    }
}
