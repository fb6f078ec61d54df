//! A diff to be posted under a pull request.
//!
//! In: a [`Diff`], the folders' names and, if there is one, the address of the repository's files. Out:
//! markdown: a summary by product first, then each product by page. Official terms stay as they are.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::human;
use super::model::{Bump, Change, Diff, Generated, OperationDiff, Part, Side, Verdict};

/// GitHub takes comments of up to 65,536 characters.
const LIMIT: usize = 60_000;

pub struct Markdown<'a> {
    pub old_folder: &'a str,
    pub new_folder: &'a str,
    /// `https://github.com/owner/name/blob/<commit>`: places become links below it.
    pub link: Option<&'a str>,
    pub version: &'a str,
}

impl Markdown<'_> {
    pub fn render(&self, diff: &Diff) -> String {
        let mut text = String::from("## API changes\n\n");
        if diff.operations.is_empty() {
            text.push_str("No change of the API.\n");
            return text;
        }
        let bump = diff.bump();
        let next = if bump == Bump::None {
            self.version.to_owned()
        } else {
            bump.apply(self.version)
        };
        let _ = writeln!(
            text,
            "**Version: {}** ({} → {next})\n",
            bump.as_str(),
            self.version
        );
        let mut products: BTreeMap<&str, Vec<&OperationDiff>> = BTreeMap::new();
        for operation in &diff.operations {
            products.entry(&operation.feature).or_default().push(operation);
        }
        summary(diff, &products, &mut text);
        let mut left = 0;
        for (product, operations) in &products {
            let mut headline = format!("\n### `{product}`\n");
            for operation in operations {
                let part = self.operation(operation);
                if text.len() + headline.len() + part.len() > LIMIT {
                    left += 1;
                    continue;
                }
                text.push_str(&std::mem::take(&mut headline));
                text.push_str(&part);
            }
        }
        if left > 0 {
            let _ = writeln!(
                text,
                "\n{left} more operations changed: `wechatpay-codegen diff` prints them all."
            );
        }
        text
    }

    fn operation(&self, operation: &OperationDiff) -> String {
        let page = self.page(operation.side, &operation.page, operation.line, &operation.page);
        let mut text = format!(
            "\n#### {} `{}`\n\n{page}",
            escaped(&operation.title),
            operation.operation
        );
        if let Some(generated) = &operation.generated {
            let _ = write!(text, " · {}", self.generated(generated, &generated.path));
        }
        text.push_str("\n\n| | what | for a caller | page | generated |\n| --- | --- | --- | --- | --- |\n");
        for change in &operation.changes {
            let _ = writeln!(text, "{}", self.row(change));
        }
        text
    }

    fn row(&self, change: &Change) -> String {
        let place = self.page(
            change.side,
            &change.page,
            change.line,
            &format!("line {}", change.line),
        );
        let generated = change.generated.as_ref().map_or(String::new(), |generated| {
            self.generated(generated, &format!("line {}", generated.line))
        });
        let verdict = verdict(change.verdict);
        let old = if change.side == Side::Old { "old " } else { "" };
        format!(
            "| {verdict} | {} | {} | {old}{place} | {generated} |",
            subject(change),
            escaped(&change.reason)
        )
    }

    fn page(&self, side: Side, page: &str, line: usize, text: &str) -> String {
        let folder = if side == Side::New {
            self.new_folder
        } else {
            self.old_folder
        };
        // What is gone is on no page of the new state.
        let link = self.link.filter(|_| side == Side::New);
        anchor(
            link,
            &format!("{}/{page}", folder.trim_end_matches('/')),
            line,
            text,
        )
    }

    fn generated(&self, generated: &Generated, text: &str) -> String {
        anchor(self.link, &generated.path, generated.line, text)
    }
}

fn summary(diff: &Diff, products: &BTreeMap<&str, Vec<&OperationDiff>>, text: &mut String) {
    text.push_str(
        "| product | operations | breaking at compile time | breaking at run time | compatible | version |\n",
    );
    text.push_str("| --- | ---: | ---: | ---: | ---: | --- |\n");
    for (product, operations) in products {
        let count = |verdict| operations.iter().map(|operation| operation.count(verdict)).sum();
        let bump = operations
            .iter()
            .map(|operation| operation.bump())
            .max()
            .unwrap_or(Bump::None);
        line(&format!("`{product}`"), operations.len(), count, bump, text);
    }
    if products.len() > 1 {
        line(
            "**all**",
            diff.operations.len(),
            |verdict| diff.count(verdict),
            diff.bump(),
            text,
        );
    }
}

fn line(name: &str, operations: usize, count: impl Fn(Verdict) -> usize, bump: Bump, text: &mut String) {
    let _ = writeln!(
        text,
        "| {name} | {operations} | {} | {} | {} | {} |",
        count(Verdict::CompileTime),
        count(Verdict::RunTime),
        count(Verdict::Compatible),
        bump.as_str()
    );
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::CompileTime => "🔴 compile time",
        Verdict::RunTime => "🟠 run time",
        Verdict::Compatible => "🟢 compatible",
    }
}

fn subject(change: &Change) -> String {
    match change.part {
        Part::Operation => escaped(&human::subject(change)),
        _ => escaped(&human::subject(change)).replacen(
            change.part.as_str(),
            &format!("{}:", change.part.as_str()),
            1,
        ),
    }
}

/// A link with the place, or the text alone with the place in code.
fn anchor(base: Option<&str>, path: &str, line: usize, text: &str) -> String {
    match base {
        Some(base) => format!(
            "[{}]({}/{}#L{line})",
            escaped(text),
            base.trim_end_matches('/'),
            encoded(path)
        ),
        None if text.starts_with("line ") => text.to_owned(),
        None => format!("`{path}:{line}`"),
    }
}

/// Braces and what is not ASCII, percent-encoded; a `plain` view of markdown needs `?plain=1` to have lines.
fn encoded(path: &str) -> String {
    let mut text = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                text.push(byte as char)
            }
            _ => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    if text.ends_with(".md") {
        text + "?plain=1"
    } else {
        text
    }
}

/// A table's cell: no pipes, no line breaks, no HTML, no mentions.
fn escaped(text: &str) -> String {
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.replace('|', "\\|").replace('@', "@\u{200b}");
    let mut out = String::new();
    // Inside backticks `<` is text.
    for (at, piece) in text.split('`').enumerate() {
        if at > 0 {
            out.push('`');
        }
        match at % 2 {
            0 => out.push_str(&piece.replace('<', "&lt;")),
            _ => out.push_str(piece),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_hold_what_pages_say() {
        assert_eq!(
            escaped("a | b\n<img> `Option<T>` @all"),
            "a \\| b &lt;img> `Option<T>` @\u{200b}all"
        );
    }

    #[test]
    fn links_lead_to_the_line() {
        let link = anchor(Some("https://x/blob/1/"), "specs/openapi/v3/{b}.md", 7, "line 7");
        assert_eq!(
            link,
            "[line 7](https://x/blob/1/specs/openapi/v3/%7Bb%7D.md?plain=1#L7)"
        );
        assert_eq!(anchor(None, "specs/a.md", 7, "specs/a.md"), "`specs/a.md:7`");
    }
}
