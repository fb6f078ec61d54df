//! A draft of a section of CHANGELOG.md.
//!
//! In: a [`Diff`], usually over many commits, and the version that it starts from. Out: markdown: the next
//! version, then one line for each product and kind of change, breaks first. What only the documentation
//! shows is counted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diagnostic::counted;

use super::model::{Bump, Change, Diff, Kind, OperationDiff, Part, Verdict};

/// What readers of a changelog look for, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    CompileTime,
    RunTime,
    Added,
    Deprecated,
    Changed,
}

impl Section {
    fn title(self) -> &'static str {
        match self {
            Self::CompileTime => "Breaking: code may no longer compile",
            Self::RunTime => "Breaking: calls may fail or mean something else",
            Self::Added => "Added",
            Self::Deprecated => "Deprecated",
            Self::Changed => "Changed",
        }
    }

    /// The section of a change; none if only the documentation shows it.
    fn of(change: &Change) -> Option<Self> {
        match (change.verdict, change.bump, change.kind) {
            (Verdict::CompileTime, ..) => Some(Self::CompileTime),
            (Verdict::RunTime, ..) => Some(Self::RunTime),
            (_, Bump::Patch | Bump::None, _) => None,
            (_, _, Kind::OperationMoved | Kind::RedirectAdded | Kind::Marks) => Some(Self::Deprecated),
            (_, _, Kind::OperationAdded | Kind::FieldAdded | Kind::ValueAdded) => Some(Self::Added),
            _ => Some(Self::Changed),
        }
    }
}

/// The same change in several operations of one product is one entry.
type Entries<'a> = BTreeMap<(Section, &'a str, String), Vec<&'a OperationDiff>>;

/// The section for the version after `version`.
pub fn render(diff: &Diff, version: &str) -> String {
    if diff.operations.is_empty() {
        return "No change of the API.\n".to_owned();
    }
    let bump = diff.bump();
    let mut text = format!("## {}\n", bump.apply(version));
    let mut last = None;
    for ((section, product, what), operations) in &entries(diff) {
        if last != Some(*section) {
            let _ = write!(text, "\n### {}\n\n", section.title());
            last = Some(*section);
        }
        let _ = writeln!(text, "- `{product}`: {}{what}", named(operations));
    }
    let hidden = diff
        .changes()
        .filter(|change| Section::of(change).is_none())
        .count();
    if hidden > 0 {
        let _ = writeln!(
            text,
            "\n### Documentation\n\n- {} of titles, terms, descriptions and links.",
            counted(hidden, "change")
        );
    }
    text
}

fn entries(diff: &Diff) -> Entries<'_> {
    let mut entries = Entries::new();
    for operation in &diff.operations {
        let mut sections: BTreeMap<Section, Vec<&Change>> = BTreeMap::new();
        for change in &operation.changes {
            if let Some(section) = Section::of(change) {
                sections.entry(section).or_default().push(change);
            }
        }
        for (section, changes) in sections {
            let key = (section, operation.feature.as_str(), phrases(section, &changes));
            entries.entry(key).or_default().push(operation);
        }
    }
    entries
}

/// What happened to which fields, with the reason where callers have to do something.
fn phrases(section: Section, changes: &[&Change]) -> String {
    let same =
        |a: &Change, b: &Change| (a.part, a.kind, &a.what, &a.reason) == (b.part, b.kind, &b.what, &b.reason);
    let mut groups: Vec<Vec<&Change>> = Vec::new();
    for change in changes {
        match groups.iter_mut().find(|group| same(group[0], change)) {
            Some(group) => group.push(change),
            None => groups.push(vec![change]),
        }
    }
    let phrases: Vec<_> = groups.iter().map(|group| phrase(section, group)).collect();
    phrases.join("; ")
}

/// ``request `json.a` 甲, `json.b` 乙, newly required: … (the constructor asks for it)``
fn phrase(section: Section, group: &[&Change]) -> String {
    let change = group[0];
    if change.kind == Kind::OperationAdded {
        return "new".to_owned();
    }
    let mut parts = Vec::new();
    if change.part != Part::Operation {
        let fields = group.iter().map(|change| {
            format!("`{}` {}", change.field, change.term)
                .trim_end()
                .to_owned()
        });
        parts.push(format!(
            "{} {}",
            change.part.as_str(),
            fields.collect::<Vec<_>>().join(", ")
        ));
    }
    if (section, change.kind) != (Section::Added, Kind::FieldAdded) {
        parts.push(change.kind.term().to_owned());
    }
    let mut text = parts.join(", ");
    if !change.what.is_empty() {
        text.push_str(": ");
        text.push_str(&change.what);
    }
    if matches!(section, Section::CompileTime | Section::RunTime) {
        let _ = write!(text, " ({})", change.reason);
    }
    text
}

/// The most operations of one entry that are named with their titles.
const TITLED: usize = 3;

/// ``2 operations (`GET /v3/a` 查询, `GET /v3/b` 申请): ``
fn named(operations: &[&OperationDiff]) -> String {
    let few = operations.len() <= TITLED;
    let name = |operation: &&OperationDiff| match few {
        true => format!("`{}` {}", operation.operation, operation.title),
        false => format!("`{}`", operation.operation),
    };
    let names = operations.iter().map(name).collect::<Vec<_>>().join(", ");
    match operations.len() {
        1 => format!("{names}: "),
        count => format!("{count} operations ({names}): "),
    }
}
