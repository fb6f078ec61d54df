//! What is wrong with a page, as data.
//!
//! In: a [`Code`], the page, a byte span in it and a sentence. Out: [`Diagnostic`] values that are
//! collected, sorted by place, and rendered by `render`. Nothing here stops or prints anything.

mod code;

use crate::span::Span;

pub use code::{Code, Severity};

/// One finding at one place of one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    /// Page path below the specs folder, or `fixups.toml`.
    pub page: String,
    /// Bytes of the page's text; empty for the page as a whole.
    pub span: Span,
    /// What happened, on one line.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
}

impl Diagnostic {
    pub fn new(code: Code, page: &str, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            page: page.to_owned(),
            span,
            message: message.into(),
            help: String::new(),
        }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Sorts by page, place and code, so that the order of discovery does not show.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.span.start, d.span.end, d.code);
        a.page
            .cmp(&b.page)
            .then_with(|| key(a).cmp(&key(b)))
            .then_with(|| a.message.cmp(&b.message))
    });
}

/// How many errors and warnings there are.
pub fn tally(diagnostics: &[Diagnostic]) -> (usize, usize) {
    let errors = diagnostics.iter().filter(|d| d.is_error()).count();
    (errors, diagnostics.len() - errors)
}

/// `1 error`, `2 warnings`
pub fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A place for people: both numbers start at 1, the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

impl Position {
    /// The place of byte `offset` of `text`. An offset outside the text or inside a character is moved back.
    pub fn of(text: &str, offset: usize) -> Self {
        Lines::new(text).position(offset)
    }
}

/// The start of the character that byte `offset` is in, within the text.
pub(crate) fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Where the lines of a text start, for looking up many places.
#[derive(Debug)]
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub fn new(text: &'a str) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(starts).collect(),
        }
    }

    /// The place of byte `offset`. An offset outside the text or inside a character is moved back.
    pub fn position(&self, offset: usize) -> Position {
        let end = self.floor(offset);
        let line = self.starts.partition_point(|start| *start <= end);
        Position {
            line,
            column: self.text[self.starts[line - 1]..end].chars().count() + 1,
        }
    }

    /// The line that byte `offset` is on, without its end, and where it starts.
    pub(crate) fn line(&self, offset: usize) -> (&'a str, usize) {
        let start = self.starts[self.starts.partition_point(|start| *start <= offset) - 1];
        let line = self.text[start..].split('\n').next().unwrap_or("");
        (line, start)
    }

    pub(crate) fn floor(&self, offset: usize) -> usize {
        floor(self.text, offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_start_at_one() {
        let text = "一二三\r\n四 x\n";
        let position = |offset| {
            let at = Position::of(text, offset);
            (at.line, at.column)
        };
        assert_eq!(position(0), (1, 1));
        assert_eq!(position(6), (1, 3));
        assert_eq!(position(15), (2, 3));
        assert_eq!(position(4), (1, 2), "inside a character");
        assert_eq!(position(999), (3, 1), "outside the text");
    }

    #[test]
    fn sorting_is_by_page_then_place() {
        let at = |page, start| Diagnostic::new(Code::LevelJump, page, start..start + 1, "");
        let mut list = [at("b", 1), at("a", 9), at("a", 2)];
        sort(&mut list);
        let places: Vec<_> = list.iter().map(|d| (&*d.page, d.span.start)).collect();
        assert_eq!(places, [("a", 2), ("a", 9), ("b", 1)]);
    }
}
