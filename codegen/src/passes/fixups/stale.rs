//! The corrections that no longer apply, all in one message.
//!
//! In: `fixups.toml` and what became of each entry that could not be made. Out: one diagnostic that
//! lists the entries by their lines, for somebody who has just copied the site's pages over `specs/`.

use std::fmt::Write as _;

use crate::diagnostic::counted;
use crate::diagnostic::{Code, Diagnostic, Lines};
use crate::source::Source;
use crate::span::Span;

use super::file::Fixup;

/// A correction that could not be made.
pub struct Stale {
    pub fixup: Fixup,
    pub code: Code,
    pub why: String,
}

/// `E0023` if the pages have been corrected, `E0022` if something that is to be corrected is not there.
pub fn report(source: &Source, stale: &[Stale]) -> Option<Diagnostic> {
    let first = stale.first()?;
    let is_lost = stale.iter().any(|stale| stale.code == Code::LostFixup);
    let code = if is_lost { Code::LostFixup } else { Code::IdleFixup };
    let lines = Lines::new(&source.text);
    let mut help = match code {
        Code::IdleFixup => "the documentation was corrected: remove".to_owned(),
        _ => "remove, or correct `page`, `method`, `table` or `row` of".to_owned(),
    };
    for Stale { fixup, why, .. } in stale {
        let entry = whole(&source.text, &fixup.entry);
        let (start, end) = (lines.position(entry.start).line, lines.position(entry.end).line);
        let Fixup { page, row, .. } = fixup;
        let _ = write!(help, "\n{}:{start}-{end}  `{row}` of {page}: {why}", source.path);
    }
    let message = match stale {
        [one] => one.why.clone(),
        _ => format!("{} no longer apply", counted(stale.len(), "fixup")),
    };
    Some(Diagnostic::new(code, &source.path, first.fixup.span.clone(), message).help(help))
}

/// The lines of an entry, from its `[[fixup]]` to the last before the next one.
fn whole(text: &str, inside: &Span) -> Span {
    const HEADER: &str = "[[fixup]]";
    let start = text[..inside.end].rfind(HEADER).unwrap_or(inside.start);
    let body = (start + HEADER.len()).min(text.len());
    let end = text[body..].find(HEADER).map_or(text.len(), |next| body + next);
    start..start + text[start..end].trim_end().len()
}
