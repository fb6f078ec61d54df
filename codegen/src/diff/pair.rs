//! Which operation of the old pages is which of the new ones.
//!
//! In: both APIs. Out: [`Pair`]s, an old operation with its new self, or either alone; and what became
//! of the redirect pages. An operation is known by its Rust path; failing that by its page (another
//! method), by a redirect from the old page, or by its title with the same ids of documents.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{Api, Kind, Operation, Redirect};
use crate::names::{feature, page_feature, path, rust_path};

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
    for operation in gone {
        match successor(operation, &added, new) {
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
    new: &'a Api,
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
    if let Some(redirect) = new.redirects.iter().find(|redirect| redirect.page == gone.page) {
        // It may have been there before.
        let mut there = new.operations.iter().filter(|now| now.page == redirect.to);
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
    let documented = |api: &Api, page: &str| api.operations.iter().any(|operation| operation.page == page);
    let find = |api: &'_ Api, page: &str| {
        api.redirects
            .iter()
            .find(|redirect| redirect.page == page)
            .cloned()
    };
    let pages: BTreeSet<&String> = old
        .redirects
        .iter()
        .chain(&new.redirects)
        .map(|redirect| &redirect.page)
        .collect();
    let mut out = Vec::new();
    for page in pages {
        let change = match (find(old, page), find(new, page)) {
            (None, Some(now)) if !documented(old, page) => {
                let reason = "the old path can be called, deprecated";
                redirect(
                    &now,
                    ChangeKind::RedirectAdded,
                    format!("leads to {}", now.to),
                    reason,
                    Bump::Minor,
                )
            }
            (Some(was), None) if !documented(new, page) => {
                let reason = "the deprecated path is gone";
                redirect(
                    &was,
                    ChangeKind::RedirectRemoved,
                    format!("led to {}", was.to),
                    reason,
                    Bump::Major,
                )
            }
            (Some(was), Some(now)) if was.to != now.to => {
                let what = format!("{} → {}", was.to, now.to);
                redirect(
                    &now,
                    ChangeKind::RedirectChanged,
                    what,
                    "the deprecated path has other types",
                    Bump::Major,
                )
            }
            _ => continue,
        };
        out.push(change);
    }
    out
}

fn redirect(redirect: &Redirect, kind: ChangeKind, what: String, reason: &str, bump: Bump) -> OperationDiff {
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
        feature: page_feature(&redirect.to),
        rust_path: path::module(&redirect.page).join("::"),
        generated: None,
        changes: vec![change],
    }
}
