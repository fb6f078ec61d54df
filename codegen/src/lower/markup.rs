//! Markdown within a cell.
//!
//! In: a description as written. Out: its lines, each of text and code; other markup is left out.

use std::collections::BTreeSet;

#[derive(Debug, PartialEq)]
pub enum Piece {
    Text(String),
    Code(String),
}

/// Lines between `<br/>`, without other markup.
pub fn lines(text: &str) -> Vec<Vec<Piece>> {
    let mut lines = vec![Vec::new()];
    let mut plain = String::new();
    let mut ends = Ends::default();
    let mut at = 0;
    loop {
        let next = at + next_markup(&text[at..]);
        plain.push_str(&text[at..next]);
        at = next;
        let rest = &text[at..];
        let Some(first) = rest.bytes().next() else { break };
        let (length, markup) = match first {
            b'`' => code(text, at, &mut ends, &mut plain),
            b'<' => tag(text, at, &mut ends),
            b'[' => link(text, at, &mut ends, &mut plain),
            b'\\' => escape(rest, &mut plain),
            _ => (if rest.starts_with("**") { 2 } else { 0 }, None),
        };
        if length == 0 {
            plain.push_str(&rest[..1]);
        }
        at += length.max(1);
        if let Some(markup) = markup {
            flush(&mut plain, &mut lines);
            match markup {
                Markup::Code(value) => push(Piece::Code(value), &mut lines),
                Markup::Break => lines.push(Vec::new()),
            }
        }
    }
    flush(&mut plain, &mut lines);
    lines
}

/// Where things were last found, so that nothing is searched for twice: reading stays linear.
#[derive(Default)]
struct Ends {
    /// The next `>`, `](` and the `)` after it: at this place, or nowhere from here on.
    tag: Option<usize>,
    label: Option<usize>,
    link: Option<usize>,
    /// Lengths of runs of backticks of which no other follows.
    unpaired: BTreeSet<usize>,
}

/// The next `pattern` at or after `from`. `known` is the last result; the text's length means none.
fn find(text: &str, from: usize, pattern: &str, known: &mut Option<usize>) -> Option<usize> {
    let next = match *known {
        Some(next) if next >= from => next,
        _ => text[from..].find(pattern).map_or(text.len(), |at| from + at),
    };
    *known = Some(next);
    (next < text.len()).then_some(next)
}

/// Where the first character stands that may be markup: a plain loop, because build scripts are not optimised.
pub fn next_markup(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() && !matches!(bytes[at], b'`' | b'<' | b'[' | b'\\' | b'*') {
        at += 1;
    }
    at
}

enum Markup {
    Code(String),
    Break,
}

fn push(piece: Piece, lines: &mut [Vec<Piece>]) {
    if let Some(line) = lines.last_mut() {
        line.push(piece);
    }
}

fn flush(plain: &mut String, lines: &mut [Vec<Piece>]) {
    if !plain.is_empty() {
        push(Piece::Text(std::mem::take(plain)), lines);
    }
}

/// Code between two runs of as many backticks; a run without another like it is text.
fn code(text: &str, at: usize, ends: &mut Ends, plain: &mut String) -> (usize, Option<Markup>) {
    let rest = &text[at..];
    let ticks = run(rest);
    if let Some(end) = closing(rest, ticks, ends) {
        let value = rest[ticks..end].trim().replace("\\|", "|");
        return (end + ticks, Some(Markup::Code(value)));
    }
    plain.push_str(&rest[..ticks]);
    (ticks, None)
}

/// How many backticks the text starts with.
fn run(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b'`').count()
}

/// Where the next run of exactly as many backticks starts.
fn closing(rest: &str, ticks: usize, ends: &mut Ends) -> Option<usize> {
    if ends.unpaired.contains(&ticks) {
        return None;
    }
    let mut at = ticks;
    while let Some(found) = rest[at..].find('`') {
        let length = run(&rest[at + found..]);
        if length == ticks {
            return Some(at + found);
        }
        at += found + length;
    }
    ends.unpaired.insert(ticks);
    None
}

/// `<br/>` ends a line, other tags vanish, a lone `<` is text.
fn tag(text: &str, at: usize, ends: &mut Ends) -> (usize, Option<Markup>) {
    let rest = &text[at..];
    let name = rest[1..].trim_start_matches('/');
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return (0, None);
    }
    let Some(end) = find(text, at, ">", &mut ends.tag) else {
        return (0, None);
    };
    let is_break = name.get(..2).is_some_and(|name| name.eq_ignore_ascii_case("br"))
        && !name[2..].starts_with(|c: char| c.is_ascii_alphanumeric());
    (end + 1 - at, is_break.then_some(Markup::Break))
}

/// `[text](address)` is its text.
fn link(text: &str, at: usize, ends: &mut Ends, plain: &mut String) -> (usize, Option<Markup>) {
    let found = find(text, at, "](", &mut ends.label)
        .and_then(|label| Some((label, find(text, label, ")", &mut ends.link)?)));
    match found {
        Some((label, end)) => {
            plain.push_str(&text[at + 1..label]);
            (end + 1 - at, None)
        }
        None => (0, None),
    }
}

fn escape(rest: &str, plain: &mut String) -> (usize, Option<Markup>) {
    match rest[1..].chars().next() {
        Some(escaped) if escaped.is_ascii_punctuation() => {
            plain.push(escaped);
            (2, None)
        }
        _ => (0, None),
    }
}
