//! Which operation of the old pages is which of the new ones.
//!
//! In: both APIs. Out: [`Pair`]s, an old operation with its new self, or either alone; and what became
//! of the redirect pages. An operation is known by its Rust path; failing that by its page (another
//! method), by a redirect from the old page, or by its title with the same ids of documents.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{Api, Kind, Operation, Redirect};
use crate::names::{Moved, feature, moved, page_feature, path, rust_path};

use super::model::{Bump, Change, Kind as ChangeKind, OperationDiff, Part, Side, Verdict};

/// How an operation came from the old side to the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Same,
    /// On the same page, with another method.
    Method,
    /// On another page, and the old one leads to it.
    Redirected,
    /// On another page, and nothing says so.
    Renamed,
}

pub struct Pair<'a> {
    pub old: Option<&'a Operation>,
    pub new: Option<&'a Operation>,
    pub how: How,
}

/// Pairs all operations. Equal ones are in it too.
pub fn all<'a>(old: &'a Api, new: &'a Api) -> Vec<Pair<'a>> {
    let mut added: BTreeMap<String, &Operation> = new
        .operations
        .iter()
        .map(|operation| (rust_path(operation), operation))
        .collect();
    let mut pairs = Vec::new();
    let mut gone = Vec::new();
    for operation in &old.operations {
        match added.remove(&rust_path(operation)) {
            Some(now) => pairs.push(Pair {
                old: Some(operation),
                new: Some(now),
                how: How::Same,
            }),
            None => gone.push(operation),
        }
    }
    let moved = moved(new);
    for operation in gone {
        match successor(operation, &added, &moved) {
            Some((now, how)) => {
                added.remove(&rust_path(now));
                pairs.push(Pair {
                    old: Some(operation),
                    new: Some(now),
                    how,
                });
            }
            None => pairs.push(Pair {
                old: Some(operation),
                new: None,
                how: How::Same,
            }),
        }
    }
    pairs.extend(added.into_values().map(|operation| Pair {
        old: None,
        new: Some(operation),
        how: How::Same,
    }));
    pairs
}

/// What became of an operation that is no longer where it was.
fn successor<'a>(
    gone: &Operation,
    added: &BTreeMap<String, &'a Operation>,
    moved: &[Moved<'a>],
) -> Option<(&'a Operation, How)> {
    let on_page = |page: &str| {
        added
            .values()
            .copied()
            .filter(|now| now.page == page)
            .collect::<Vec<_>>()
    };
    if let [now] = on_page(&gone.page)[..] {
        return Some((now, How::Method));
    }
    if let Some(moved) = moved.iter().find(|moved| moved.redirect.page == gone.page) {
        // It may have been there before.
        let mut there = moved.operations.iter().copied();
        return Some((there.find(|now| now.method == gone.method)?, How::Redirected));
    }
    let alike = |now: &&&Operation| {
        let same = now.title == gone.title && now.kind == gone.kind && now.method == gone.method;
        same && now.protocol == gone.protocol
            && now.document_ids == gone.document_ids
            && now.page != gone.page
    };
    match added.values().filter(alike).collect::<Vec<_>>()[..] {
        [now] => Some((now, How::Renamed)),
        _ => None,
    }
}

/// `POST /v3/…`, or a webhook's event type.
pub fn name(operation: &Operation) -> String {
    match (operation.kind, &operation.path, &operation.event_type) {
        (Kind::Api, Some(path), _) => format!("{} {path}", operation.method.as_str()),
        (_, _, Some(event_type)) => event_type.clone(),
        _ => operation.page.trim_end_matches(".md").to_owned(),
    }
}

/// An operation's entry, without changes.
pub fn entry(operation: &Operation, side: Side) -> OperationDiff {
    OperationDiff {
        page: operation.page.clone(),
        line: operation.line,
        side,
        operation: name(operation),
        title: operation.title.clone(),
        feature: feature(operation),
        rust_path: rust_path(operation),
        generated: None,
        changes: Vec::new(),
    }
}

/// Redirect pages that came, went or lead elsewhere. One in place of an operation is the operation's move.
pub fn redirects(old: &Api, new: &Api) -> Vec<OperationDiff> {
    let (old, new) = (Redirects::new(old), Redirects::new(new));
    let pages: BTreeSet<&str> = old.pages.keys().chain(new.pages.keys()).copied().collect();
    let mut out = Vec::new();
    for page in pages {
        let (was, now) = (old.pages.get(page), new.pages.get(page));
        let (leads, led) = (new.ends.get(page), old.ends.get(page));
        let change = match (was, now) {
            (None, Some(now)) if !old.documented.contains(page) => {
                let (reason, bump) = match leads {
                    Some(_) => ("the old path can be called, deprecated", Bump::Minor),
                    None => ("it leads to no operation", Bump::Patch),
                };
                let what = format!("leads to {}", now.to);
                new.entry(now, ChangeKind::RedirectAdded, what, reason, bump)
            }
            (Some(was), None) if !new.documented.contains(page) => {
                let (reason, bump) = match led {
                    Some(_) => ("the deprecated path is gone", Bump::Major),
                    None => ("it led to no operation", Bump::Patch),
                };
                let what = format!("led to {}", was.to);
                old.entry(was, ChangeKind::RedirectRemoved, what, reason, bump)
            }
            (Some(was), Some(now)) if was.to != now.to => {
                let (reason, bump) = match led == leads || led.is_none() {
                    true => ("it leads to the same operations", Bump::Patch),
                    false => ("the deprecated path has other types", Bump::Major),
                };
                let what = format!("{} → {}", was.to, now.to);
                new.entry(now, ChangeKind::RedirectChanged, what, reason, bump)
            }
            _ => continue,
        };
        out.push(change);
    }
    out
}

/// The redirects of one side by page, where they end, and the pages that document an operation.
struct Redirects<'a> {
    pages: BTreeMap<&'a str, &'a Redirect>,
    ends: BTreeMap<&'a str, Vec<String>>,
    /// The cargo feature of each page that leads to an operation.
    features: BTreeMap<&'a str, String>,
    documented: BTreeSet<&'a str>,
}

impl<'a> Redirects<'a> {
    fn new(api: &'a Api) -> Self {
        let by_page = |redirect: &'a Redirect| (redirect.page.as_str(), redirect);
        let end = |moved: &Moved<'a>| {
            let paths = moved.operations.iter().map(|operation| rust_path(operation));
            (moved.redirect.page.as_str(), paths.collect())
        };
        let operations = api.operations.iter();
        let products: BTreeSet<String> = operations.clone().map(feature).collect();
        let feature = |moved: &Moved<'a>| Some((moved.redirect.page.as_str(), moved.feature(&products)?));
        let moved = moved(api);
        Self {
            pages: api.redirects.iter().map(by_page).collect(),
            ends: moved.iter().map(end).collect(),
            features: moved.iter().filter_map(feature).collect(),
            documented: operations.map(|operation| operation.page.as_str()).collect(),
        }
    }

    fn entry(
        &self,
        redirect: &Redirect,
        kind: ChangeKind,
        what: String,
        reason: &str,
        bump: Bump,
    ) -> OperationDiff {
        let feature = self.features.get(redirect.page.as_str()).cloned();
        let side = if kind == ChangeKind::RedirectRemoved {
            Side::Old
        } else {
            Side::New
        };
        let verdict = if bump == Bump::Major {
            Verdict::CompileTime
        } else {
            Verdict::Compatible
        };
        let change = Change {
            kind,
            part: Part::Operation,
            field: String::new(),
            term: String::new(),
            what,
            reason: reason.to_owned(),
            verdict,
            bump,
            side,
            page: redirect.page.clone(),
            line: 1,
            rust: None,
            generated: None,
        };
        OperationDiff {
            page: redirect.page.clone(),
            line: 1,
            side,
            operation: redirect.page.trim_end_matches(".md").to_owned(),
            title: "Moved".to_owned(),
            feature: feature.unwrap_or_else(|| page_feature(&redirect.page)),
            rust_path: path::module(&redirect.page).join("::"),
            generated: None,
            changes: vec![change],
        }
    }
}
