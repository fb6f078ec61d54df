//! A diff for people at a terminal.
//!
//! In: a [`Diff`] and the folder's name. Out: text, the gravest change of an operation first.

use std::fmt::Write as _;

use crate::diagnostic::counted;

use super::model::{Bump, Change, Diff, OperationDiff, Part, Side, Verdict};

pub fn render(diff: &Diff, old_folder: &str, new_folder: &str, version: &str) -> String {
    let mut text = String::new();
    for operation in &diff.operations {
        let _ = writeln!(
            text,
            "{}  {}  [{}]",
            operation.operation, operation.title, operation.feature
        );
        for change in &operation.changes {
            one(change, operation, old_folder, new_folder, &mut text);
        }
        text.push('\n');
    }
    text.push_str(&summary(diff, version));
    text.push('\n');
    text
}

fn one(change: &Change, operation: &OperationDiff, old_folder: &str, new_folder: &str, text: &mut String) {
    let verdict = match change.verdict {
        Verdict::CompileTime => "breaks compile",
        Verdict::RunTime => "breaks run",
        Verdict::Compatible => "compatible",
    };
    let _ = writeln!(text, "  {verdict:14} {} — {}", subject(change), change.reason);
    let folder = if change.side == Side::New {
        new_folder
    } else {
        old_folder
    };
    let was = if change.side != operation.side {
        " (old)"
    } else {
        ""
    };
    let _ = write!(
        text,
        "                 {}/{}:{}{was}",
        folder.trim_end_matches('/'),
        change.page,
        change.line
    );
    if let Some(generated) = &change.generated {
        let _ = write!(text, "  {}:{}", generated.path, generated.line);
    }
    text.push('\n');
}

/// ``request json.amount.total 总金额, type: `string` → `integer` ``
pub fn subject(change: &Change) -> String {
    let mut text = String::new();
    if change.part != Part::Operation {
        let _ = write!(text, "{} `{}`", change.part.as_str(), change.field);
        if !change.term.is_empty() {
            let _ = write!(text, " {}", change.term);
        }
        text.push_str(", ");
    }
    text + change.kind.term() + if change.what.is_empty() { "" } else { ": " } + &change.what
}

/// `3 changes of 2 operations: 1 breaks at compile time, …`
pub fn summary(diff: &Diff, version: &str) -> String {
    if diff.operations.is_empty() {
        return "no change of the API".to_owned();
    }
    let bump = diff.bump();
    let next = match bump {
        Bump::None => String::new(),
        bump => format!(" ({version} → {})", bump.apply(version)),
    };
    format!(
        "{} of {}: {} at compile time, {} at run time, {} compatible; version: {}{next}",
        counted(diff.changes().count(), "change"),
        counted(diff.operations.len(), "operation"),
        breaking(diff.count(Verdict::CompileTime)),
        breaking(diff.count(Verdict::RunTime)),
        diff.count(Verdict::Compatible),
        bump.as_str(),
    )
}

fn breaking(count: usize) -> String {
    format!("{count} breaking")
}
