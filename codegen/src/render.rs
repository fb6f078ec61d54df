//! Diagnostics for people, programs and GitHub.
//!
//! In: diagnostics, the sources they are about, and the folder these are in. Out: text. The human
//! form is rustc's (`annotate-snippets`), behind a first line `path:line:col` that editors follow.

use std::cell::OnceCell;
use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};

use crate::diagnostic::{Code, Diagnostic, Lines, Position, Severity, counted, floor, tally};
use crate::source::Source;
use crate::span::Span;

/// Renders diagnostics about one folder of pages.
pub struct Report<'a> {
    sources: &'a [Source],
    /// The lines of each source, once they are needed.
    lines: Vec<OnceCell<Lines<'a>>>,
    /// How the folder is called in paths, such as `specs`; may be empty.
    folder: &'a str,
    color: bool,
}

impl<'a> Report<'a> {
    /// `sources` are sorted by path.
    pub fn new(sources: &'a [Source], folder: &'a str) -> Self {
        Self {
            sources,
            lines: sources.iter().map(|_| OnceCell::new()).collect(),
            folder,
            color: false,
        }
    }

    pub fn color(self, color: bool) -> Self {
        Self { color, ..self }
    }

    /// The lines of a page; nothing if its text is not known.
    fn lines(&self, page: &str) -> Option<&Lines<'a>> {
        let index = self
            .sources
            .binary_search_by(|source| source.path.as_str().cmp(page))
            .ok()?;
        let text = &self.sources[index].text;
        (!text.is_empty()).then(|| self.lines[index].get_or_init(|| Lines::new(text)))
    }

    /// Where a diagnostic starts and ends.
    fn positions(&self, diagnostic: &Diagnostic) -> (Position, Position) {
        match self.lines(&diagnostic.page) {
            Some(lines) => (
                lines.position(diagnostic.span.start),
                lines.position(diagnostic.span.end),
            ),
            None => (Position { line: 1, column: 1 }, Position { line: 1, column: 1 }),
        }
    }

    fn path(&self, page: &str) -> String {
        match self.folder.trim_end_matches('/') {
            "" => page.to_owned(),
            folder => format!("{folder}/{page}"),
        }
    }

    /// `specs/a.md:3:5: warning[W0003]: …`, then the line with the place underlined.
    pub fn human(&self, diagnostic: &Diagnostic) -> String {
        let path = self.path(&diagnostic.page);
        let (start, _) = self.positions(diagnostic);
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_level(level);
        if let Some(lines) = self.lines(&diagnostic.page) {
            let (line, span) = underlined(lines, &diagnostic.span);
            let mark = AnnotationKind::Primary.span(span).label(diagnostic.code.title());
            group = group.element(Snippet::source(line).line_start(start.line).annotation(mark));
        }
        if !diagnostic.help.is_empty() {
            group = group.element(Level::HELP.message(&diagnostic.help));
        }
        let renderer = if self.color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let body = if group.is_empty() {
            String::new()
        } else {
            renderer.render(&[group]) + "\n"
        };
        let (code, message) = (diagnostic.code, &diagnostic.message);
        format!(
            "{path}:{}:{}: {}\n{body}",
            start.line,
            start.column,
            self.paint(diagnostic.severity, code, message)
        )
    }

    /// `warning[W0003]: …`, coloured like rustc's if at all.
    fn paint(&self, severity: Severity, code: Code, message: &str) -> String {
        let color = match severity {
            Severity::Error => "\u{1b}[1;31m",
            Severity::Warning => "\u{1b}[1;33m",
        };
        match self.color {
            true => format!(
                "{color}{}[{code}]\u{1b}[0m\u{1b}[1m: {message}\u{1b}[0m",
                severity.as_str()
            ),
            false => format!("{}[{code}]: {message}", severity.as_str()),
        }
    }

    /// All of them for people, and a sum.
    pub fn human_all(&self, diagnostics: &[Diagnostic]) -> String {
        let mut out = String::new();
        for diagnostic in diagnostics {
            out.push_str(&self.human(diagnostic));
            out.push('\n');
        }
        let (errors, warnings) = tally(diagnostics);
        let _ = writeln!(
            out,
            "{}, {}",
            counted(errors, "error"),
            counted(warnings, "warning")
        );
        out
    }

    /// A list of objects, one per diagnostic, under `diagnostics`, and the sums.
    pub fn json(&self, diagnostics: &[Diagnostic]) -> Value {
        let (errors, warnings) = tally(diagnostics);
        let list: Vec<Value> = diagnostics
            .iter()
            .map(|diagnostic| self.json_one(diagnostic))
            .collect();
        json!({ "schema_version": 1, "diagnostics": list, "errors": errors, "warnings": warnings })
    }

    fn json_one(&self, diagnostic: &Diagnostic) -> Value {
        let (start, end) = self.positions(diagnostic);
        json!({
            "code": diagnostic.code.id(),
            "severity": diagnostic.severity.as_str(),
            "title": diagnostic.code.title(),
            "page": diagnostic.page,
            "path": self.path(&diagnostic.page),
            "line": start.line,
            "column": start.column,
            "end_line": end.line,
            "end_column": end.column,
            "message": diagnostic.message,
            "help": diagnostic.help,
        })
    }

    /// A workflow command that makes an annotation on GitHub.
    pub fn github(&self, diagnostic: &Diagnostic) -> String {
        let (start, end) = self.positions(diagnostic);
        let message = match diagnostic.help.as_str() {
            "" => diagnostic.message.clone(),
            help => format!("{}\nhelp: {help}", diagnostic.message),
        };
        // An end column is only understood within one line.
        let columns = match start.line == end.line {
            true => format!(
                "line={},col={},endColumn={}",
                start.line, start.column, end.column
            ),
            false => format!("line={},endLine={},col={}", start.line, end.line, start.column),
        };
        format!(
            "::{} file={},{columns},title={}::{}\n",
            diagnostic.severity.as_str(),
            property(&self.path(&diagnostic.page)),
            property(&format!("{}: {}", diagnostic.code, diagnostic.code.title())),
            data(&message),
        )
    }
}

/// The line a span starts on, and the part of the span that is on it. Of a long line only what is around the span.
fn underlined<'a>(lines: &Lines<'a>, span: &Span) -> (&'a str, Span) {
    let at = lines.floor(span.start);
    let (line, start) = lines.line(at);
    let first = (at - start).min(line.len());
    let last = lines
        .floor(span.end)
        .saturating_sub(start)
        .clamp(first, line.len());
    if line.len() <= MAX_LINE {
        return (line, first..last);
    }
    let from = floor(line, first.saturating_sub(MAX_LINE / 2));
    let to = floor(line, from + MAX_LINE);
    (&line[from..to], first - from..last.min(to) - from)
}

/// A longer line is cut.
const MAX_LINE: usize = 4 << 10;

/// Escapes the data of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# 标题\n\n| 名称 {data-indent=9} | string | 描述\n";

    fn sources() -> Vec<Source> {
        vec![Source::new("openapi/v3/a.md", TEXT), Source::new("z.md", "")]
    }

    fn diagnostic(part: &str) -> Diagnostic {
        let start = TEXT.find(part).unwrap();
        Diagnostic::new(
            Code::LevelJump,
            "openapi/v3/a.md",
            start..start + part.len(),
            "much: too, deep 100%",
        )
        .help("less")
    }

    #[test]
    fn the_human_form_starts_with_the_place_and_aligns_wide_characters() {
        let sources = sources();
        let text = Report::new(&sources, "specs/").human(&diagnostic("string"));
        let expected = "\
specs/openapi/v3/a.md:3:24: warning[W0004]: much: too, deep 100%
  |
3 | | 名称 {data-indent=9} | string | 描述
  |                          ^^^^^^ level skips a step
  |
  = help: less
";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_page_without_text_still_has_a_message() {
        let sources = sources();
        let diagnostic = Diagnostic::new(Code::UnreadablePage, "gone.md", 0..0, "is not UTF-8");
        let text = Report::new(&sources, "").human(&diagnostic);
        assert!(text == "gone.md:1:1: error[E0001]: is not UTF-8\n", "{text}");
    }

    #[test]
    fn github_annotations_are_escaped() {
        let sources = sources();
        let text = Report::new(&sources, "specs").github(&diagnostic("名称"));
        assert_eq!(
            text,
            "::warning file=specs/openapi/v3/a.md,line=3,col=3,endColumn=5,title=W0004%3A level skips a step::much: too, deep 100%25%0Ahelp: less\n"
        );
    }

    #[test]
    fn json_has_place_and_sums() {
        let sources = sources();
        let value = Report::new(&sources, "specs").json(&[diagnostic("描述")]);
        assert_eq!((&value["errors"], &value["warnings"]), (&json!(0), &json!(1)));
        let one = &value["diagnostics"][0];
        assert_eq!(
            (&one["line"], &one["column"], &one["end_column"]),
            (&json!(3), &json!(33), &json!(35))
        );
    }

    #[test]
    fn spans_over_lines_and_outside_the_text_do_not_panic() {
        let sources = sources();
        for span in [
            0..TEXT.len(),
            2..3,
            4..9999,
            9999..9999,
            TEXT.len()..TEXT.len(),
            8..9,
        ] {
            let diagnostic = Diagnostic::new(Code::LevelJump, "openapi/v3/a.md", span, "x");
            let report = Report::new(&sources, "");
            assert!(report.human(&diagnostic).contains("W0004"));
            report.github(&diagnostic);
        }
    }
}
