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

/// A fact that differs: its kind, what happened, and what it does to a caller.
type Fact = (Kind, String, Judged);

fn facts(old: &Operation, new: &Operation, out: &mut Vec<Change>) {
    let found = [
        title(old, new),
        product(old, new),
        event_type(old, new),
        documents(old, new),
        marks(old, new),
        hosts(old, new),
    ];
    push(new, found, out);
}

fn push<const N: usize>(new: &Operation, found: [Option<Fact>; N], out: &mut Vec<Change>) {
    let found = found.into_iter().flatten();
    out.extend(found.map(|(kind, what, judged)| whole(new, Side::New, kind, what, judged)));
}

fn title(old: &Operation, new: &Operation) -> Option<Fact> {
    let what = || format!("{} → {}", old.title, new.title);
    (old.title != new.title).then(|| (Kind::Title, what(), documentation()))
}

fn product(old: &Operation, new: &Operation) -> Option<Fact> {
    let (was, now) = (feature(old), feature(new));
    let judged = || breaks("who enables only the old feature no longer has it");
    (was != now).then(|| (Kind::Feature, format!("`{was}` → `{now}`"), judged()))
}

fn event_type(old: &Operation, new: &Operation) -> Option<Fact> {
    let name = |operation: &Operation| operation.event_type.clone().unwrap_or_default();
    let (was, now) = (name(old), name(new));
    let judged = match camel(&was) == camel(&now) {
        true => fails("notifications of the old type are unknown"),
        false => breaks(format!("`{}` is called `{}` now", camel(&was), camel(&now))),
    };
    (was != now).then(|| (Kind::EventType, format!("`{was}` → `{now}`"), judged))
}

fn documents(old: &Operation, new: &Operation) -> Option<Fact> {
    let ids = |operation: &'_ Operation| operation.document_ids.iter().cloned().collect::<BTreeSet<_>>();
    let (was, now) = (ids(old), ids(new));
    let gone = was.difference(&now).map(|id| format!("-{id}"));
    let list: Vec<_> = gone
        .chain(now.difference(&was).map(|id| format!("+{id}")))
        .collect();
    (was != now).then(|| (Kind::Documents, list.join(" "), documentation()))
}

fn marks(old: &Operation, new: &Operation) -> Option<Fact> {
    let is_gone = |operation: &Operation| {
        let mut marks = operation.marks.iter();
        marks.any(|mark| mark == "deprecated" || mark == "discarded")
    };
    let judged = match (is_gone(old), is_gone(new)) {
        (false, true) => compatible(Bump::Minor, "the compiler warns its callers"),
        (true, false) => compatible(Bump::Minor, "the compiler stops warning its callers"),
        _ => documentation(),
    };
    let what = || format!("{} → {}", list(&old.marks), list(&new.marks));
    (old.marks != new.marks).then(|| (Kind::Marks, what(), judged))
}

fn hosts(old: &Operation, new: &Operation) -> Option<Fact> {
    let dropped = old.hosts.iter().skip(1).find(|host| !new.hosts.contains(host));
    let judged = match dropped {
        Some(host) => fails(format!("who chose {host} must choose another")),
        None if old.hosts.first() != new.hosts.first() => {
            fails("the client calls the new host; a proxy or firewall that lists hosts refuses it")
        }
        None => compatible(Bump::Patch, "the default host stays"),
    };
    let what = || format!("{} → {}", list(&old.hosts), list(&new.hosts));
    (old.hosts != new.hosts).then(|| (Kind::Hosts, what(), judged))
}

/// What the client does differently.
fn protocol(old: &Operation, new: &Operation, out: &mut Vec<Change>) {
    push(
        new,
        [mutual_tls(old, new), nonce(old, new), body_format(old, new)],
        out,
    );
    if old.kind == OperationKind::Api {
        let found = [
            response_format(old, new),
            signature(old, new),
            repetition(old, new),
        ];
        push(new, found, out);
    }
}

fn by_the_client() -> Judged {
    compatible(Bump::Patch, "the client does it")
}

fn mutual_tls(old: &Operation, new: &Operation) -> Option<Fact> {
    let (what, judged) = match (old.mutual_tls, new.mutual_tls) {
        (false, true) => (
            "is needed",
            fails("a client that was built without the merchant's API certificate fails"),
        ),
        (true, false) => (
            "is no longer needed",
            compatible(Bump::Patch, "a certificate does no harm"),
        ),
        _ => return None,
    };
    Some((Kind::MutualTls, what.to_owned(), judged))
}

fn nonce(old: &Operation, new: &Operation) -> Option<Fact> {
    let what = match new.nonce {
        true => "a `nonce_str` is added",
        false => "a `nonce_str` is no longer added",
    };
    (old.nonce != new.nonce).then(|| (Kind::Nonce, what.to_owned(), by_the_client()))
}

fn body_format(old: &Operation, new: &Operation) -> Option<Fact> {
    let (was, now) = (old.request.body.format, new.request.body.format);
    let what = || format!("{was:?} → {now:?}").to_lowercase();
    (was != now).then(|| (Kind::BodyFormat, what(), by_the_client()))
}

fn response_format(old: &Operation, new: &Operation) -> Option<Fact> {
    let (was, now) = (old.response.format, new.response.format);
    let judged = match handle(was) == handle(now) {
        true => by_the_client(),
        false => breaks(format!(
            "the call gives {} instead of {}",
            handle(now),
            handle(was)
        )),
    };
    let what = || format!("{was:?} → {now:?}").to_lowercase();
    (was != now).then(|| (Kind::ResponseFormat, what(), judged))
}

fn signature(old: &Operation, new: &Operation) -> Option<Fact> {
    let decoded = |operation: &Operation| {
        matches!(
            operation.response.format,
            ResponseFormat::Json | ResponseFormat::Xml
        )
    };
    let (what, judged) = match (is_signed(old), is_signed(new)) {
        _ if !decoded(old) || !decoded(new) => return None,
        (false, true) => ("is signed", fails("a response without a signature is refused")),
        (true, false) => (
            "is no longer signed",
            compatible(Bump::Patch, "it is accepted without a signature"),
        ),
        _ => return None,
    };
    Some((Kind::ResponseSigned, what.to_owned(), judged))
}

fn repetition(old: &Operation, new: &Operation) -> Option<Fact> {
    let (was, now) = (idempotent_by(old), idempotent_by(new));
    let number = |name: Option<&str>| name.map_or("none".to_owned(), |name| format!("`{name}`"));
    let what = format!("harmless by {} → {}", number(was), number(now));
    let judged = compatible(Bump::Patch, "decides whether the client may repeat a call");
    (was != now).then_some((Kind::Idempotency, what, judged))
}

/// The type of a call's result.
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
