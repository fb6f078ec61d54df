//! What changed about an operation beside its fields.
//!
//! In: a pair of operations and the generated types of both sides. Out: its [`OperationDiff`], with the
//! changes of its [`fields`]; nothing if the two are equal.

use std::collections::BTreeSet;

use crate::ir::{Kind as OperationKind, Operation, ResponseFormat};
use crate::names::ident::camel;
use crate::names::{feature, idempotent_by, is_signed, rust_path};

use super::fields;
use super::model::{Bump, Change, Kind, OperationDiff, Part, Side, Verdict};
use super::pair::{self, How, Pair};
use super::rust::{self, Index};
use super::surface;
use super::verdict::{Judged, breaks, compatible, documentation, fails};

pub fn compare(pair: &Pair<'_>, old_types: &Index<'_>, new_types: &Index<'_>) -> Option<OperationDiff> {
    let mut diff = match (pair.old, pair.new) {
        (None, None) => return None,
        (None, Some(new)) => {
            let mut diff = pair::entry(new, Side::New);
            diff.changes.push(whole(
                new,
                Side::New,
                Kind::OperationAdded,
                "",
                compatible(Bump::Minor, "nobody calls it yet"),
            ));
            diff
        }
        (Some(old), None) => {
            let mut diff = pair::entry(old, Side::Old);
            let reason = if old.kind == OperationKind::Webhook {
                "its module is gone"
            } else {
                "its function is gone"
            };
            diff.changes
                .push(whole(old, Side::Old, Kind::OperationRemoved, "", breaks(reason)));
            diff
        }
        (Some(old), Some(new)) => {
            let mut diff = pair::entry(new, Side::New);
            moved(old, new, pair.how, &mut diff.changes);
            facts(old, new, &mut diff.changes);
            protocol(old, new, &mut diff.changes);
            let (was, now) = (rust::of(old_types, old), rust::of(new_types, new));
            fields::compare(old, new, was, now, &mut diff.changes);
            if diff.verdict() != Verdict::CompileTime
                && let Some(broken) = surface::broken(was, now)
            {
                let what = "the generated types differ";
                diff.changes
                    .push(whole(new, Side::New, Kind::RustType, what, breaks(broken)));
            }
            diff
        }
    };
    if diff.changes.is_empty() {
        return None;
    }
    diff.changes.sort_by_key(|change| {
        (
            change.part,
            std::cmp::Reverse(change.verdict),
            change.side,
            change.line,
        )
    });
    Some(diff)
}

/// A change of the operation itself.
fn whole(operation: &Operation, side: Side, kind: Kind, what: impl Into<String>, judged: Judged) -> Change {
    Change {
        kind,
        part: Part::Operation,
        field: String::new(),
        term: String::new(),
        what: what.into(),
        reason: judged.2,
        verdict: judged.0,
        bump: judged.1,
        side,
        page: operation.page.clone(),
        line: operation.line,
        rust: None,
        generated: None,
    }
}

fn moved(old: &Operation, new: &Operation, how: How, out: &mut Vec<Change>) {
    let pages = format!("`{}` → `{}`", old.page, new.page);
    match how {
        How::Redirected => {
            let reason = "the old path stays, deprecated, and leads to the new one";
            out.push(whole(
                new,
                Side::New,
                Kind::OperationMoved,
                pages,
                compatible(Bump::Minor, reason),
            ));
        }
        How::Renamed => {
            let reason = format!(
                "`{}` is gone; a page that only redirects would keep it, deprecated",
                rust_path(old)
            );
            out.push(whole(new, Side::New, Kind::OperationMoved, pages, breaks(reason)));
        }
        How::Method => {
            let what = format!("{} → {}", old.method.as_str(), new.method.as_str());
            let reason = format!(
                "the function is called `{}` now",
                new.method.as_str().to_lowercase()
            );
            out.push(whole(new, Side::New, Kind::Method, what, breaks(reason)));
        }
        How::Same if old.page != new.page => {
            out.push(whole(
                new,
                Side::New,
                Kind::OperationMoved,
                pages,
                compatible(Bump::Patch, "its Rust path is the same"),
            ));
        }
        How::Same => {}
    }
}

fn facts(old: &Operation, new: &Operation, out: &mut Vec<Change>) {
    let mut push = |kind, what: String, judged| out.push(whole(new, Side::New, kind, what, judged));
    if old.title != new.title {
        push(
            Kind::Title,
            format!("{} → {}", old.title, new.title),
            documentation(),
        );
    }
    let (was, now) = (feature(old), feature(new));
    if was != now {
        push(
            Kind::Feature,
            format!("`{was}` → `{now}`"),
            breaks("who enables only the old feature no longer has it"),
        );
    }
    if old.event_type != new.event_type {
        let name = |operation: &Operation| operation.event_type.clone().unwrap_or_default();
        let (was, now) = (name(old), name(new));
        let judged = match camel(&was) == camel(&now) {
            true => fails("notifications of the old type are unknown"),
            false => breaks(format!("`{}` is called `{}` now", camel(&was), camel(&now))),
        };
        push(Kind::EventType, format!("`{was}` → `{now}`"), judged);
    }
    let (was, now): (BTreeSet<_>, BTreeSet<_>) = (
        old.document_ids.iter().collect(),
        new.document_ids.iter().collect(),
    );
    if was != now {
        let gone = was.difference(&now).map(|id| format!("-{id}"));
        let list: Vec<_> = gone
            .chain(now.difference(&was).map(|id| format!("+{id}")))
            .collect();
        push(Kind::Documents, list.join(" "), documentation());
    }
    if old.marks != new.marks {
        let is_gone = |operation: &Operation| {
            operation
                .marks
                .iter()
                .any(|mark| mark == "deprecated" || mark == "discarded")
        };
        let judged = match (is_gone(old), is_gone(new)) {
            (false, true) => compatible(Bump::Minor, "the compiler warns its callers"),
            (true, false) => compatible(Bump::Minor, "the compiler stops warning its callers"),
            _ => documentation(),
        };
        push(
            Kind::Marks,
            format!("{} → {}", list(&old.marks), list(&new.marks)),
            judged,
        );
    }
    if old.hosts != new.hosts {
        let dropped = old.hosts.iter().skip(1).find(|host| !new.hosts.contains(host));
        let judged = match dropped {
            Some(host) => fails(format!("who chose {host} must choose another")),
            None if old.hosts.first() != new.hosts.first() => {
                fails("the client calls the new host; a proxy or firewall that lists hosts refuses it")
            }
            None => compatible(Bump::Patch, "the default host stays"),
        };
        push(
            Kind::Hosts,
            format!("{} → {}", list(&old.hosts), list(&new.hosts)),
            judged,
        );
    }
}

/// What the client does differently by itself.
fn protocol(old: &Operation, new: &Operation, out: &mut Vec<Change>) {
    let mut push = |kind, what: String, judged| out.push(whole(new, Side::New, kind, what, judged));
    let by_itself = || compatible(Bump::Patch, "the client does it by itself");
    match (old.mutual_tls, new.mutual_tls) {
        (false, true) => {
            let reason = "a client that was built without the merchant's API certificate fails";
            push(Kind::MutualTls, "is needed".to_owned(), fails(reason));
        }
        (true, false) => {
            push(
                Kind::MutualTls,
                "is no longer needed".to_owned(),
                compatible(Bump::Patch, "a certificate does no harm"),
            );
        }
        _ => {}
    }
    if old.nonce != new.nonce {
        let what = if new.nonce {
            "a `nonce_str` is added"
        } else {
            "no `nonce_str` is added any more"
        };
        push(Kind::Nonce, what.to_owned(), by_itself());
    }
    let (was, now) = (old.request.body.format, new.request.body.format);
    if was != now {
        push(
            Kind::BodyFormat,
            format!("{was:?} → {now:?}").to_lowercase(),
            by_itself(),
        );
    }
    if old.kind == OperationKind::Webhook {
        return;
    }
    let (was, now) = (old.response.format, new.response.format);
    if was != now {
        let judged = match handle(was) == handle(now) {
            true => by_itself(),
            false => breaks(format!(
                "the call gives {} instead of {}",
                handle(now),
                handle(was)
            )),
        };
        push(
            Kind::ResponseFormat,
            format!("{was:?} → {now:?}").to_lowercase(),
            judged,
        );
    }
    let decoded = |format| matches!(format, ResponseFormat::Json | ResponseFormat::Xml);
    match (is_signed(old), is_signed(new)) {
        (false, true) if decoded(was) && decoded(now) => {
            push(
                Kind::AnswerSigned,
                "is signed".to_owned(),
                fails("an answer without a signature is refused"),
            );
        }
        (true, false) if decoded(was) && decoded(now) => {
            push(
                Kind::AnswerSigned,
                "is no longer signed".to_owned(),
                compatible(Bump::Patch, "it is taken as it comes"),
            );
        }
        _ => {}
    }
    let (was, now) = (idempotent_by(old), idempotent_by(new));
    if was != now {
        let number = |name: Option<&str>| name.map_or("none".to_owned(), |name| format!("`{name}`"));
        let what = format!("harmless by {} → {}", number(was), number(now));
        push(
            Kind::Idempotency,
            what,
            compatible(
                Bump::Patch,
                "decides whether the client may repeat a call by itself",
            ),
        );
    }
}

/// The type of what a call gives.
fn handle(format: ResponseFormat) -> &'static str {
    match format {
        ResponseFormat::Json | ResponseFormat::Xml => "a `Response`",
        ResponseFormat::Empty => "nothing",
        ResponseFormat::File => "a `Download`",
        ResponseFormat::Redirect => "a `Link`",
    }
}

fn list(words: &[String]) -> String {
    if words.is_empty() {
        "none".to_owned()
    } else {
        words.join(", ")
    }
}
