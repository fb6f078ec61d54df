//! What changed in the API between two states of the pages, and what that does to a caller of the
//! generated crate.
//!
//! In: two [`Api`]s. Out: a [`Diff`], by product, page and operation, rendered by [`human`], [`markdown`],
//! [`json`] and [`changelog`]. Both sides are also planned as Rust ([`names::plan`]), so the verdict is that of the
//! types which are really generated, and not a guess from the table.
//!
//! # Verdicts
//!
//! * *compile time*: code that compiled against the old crate may not compile against the new one.
//! * *run time*: it compiles, and a call that went well may fail or mean something else.
//! * *compatible*: nobody has to do anything.
//!
//! The version bump in semver's terms: either kind of break is major, a new public item is minor,
//! everything else is a patch. (Below 1.0 cargo takes the second number for the major one.) A run-time
//! break is major although cargo would not notice: who updates without looking must not be surprised.
//!
//! # The rules
//!
//! | what | in a request | in a response or notification |
//! | --- | --- | --- |
//! | field added, optional | compatible, minor: one more setter | compatible, minor: structs are `#[non_exhaustive]` |
//! | field added, required | compile: the constructor asks for it; compatible if it is preset or filled in by the client | compatible, minor |
//! | field removed | compile | compile |
//! | field renamed (same term, same type) | compile, unless the Rust name stays | the same |
//! | newly required | compile: the constructor asks for it, `Option<T>` becomes `T` | compile: `Option<T>` becomes `T` |
//! | no longer required | compile: `T` becomes `Option<T>` | compile: the same |
//! | type, content, `$n` | compile if the Rust type changes, else compatible | the same, run time if only the wire's type changes |
//! | value of an enumeration added | compatible, minor: enumerations are open | the same |
//! | value removed | compile: the variant is gone | the same |
//! | values for a plain field, or none any more | compile: the type changes | the same |
//! | constant added | compile if the constructor stops asking for it, else run time | compatible |
//! | constant changed | compatible if the constructor sends it, else run time | run time |
//! | constant removed | compile if the constructor begins to ask, else compatible | compatible |
//! | default changed | run time: what is left out means something else | compatible |
//! | limit lowered or new | run time: longer values are refused | compatible |
//! | limit raised or gone | compatible | compatible: longer values may come |
//! | encryption, encoding | compile if the Rust type changes, else run time | the same |
//! | order of the rows | compile if it is that of the arguments of `new` | compatible |
//! | another part (`query` → `json`) | compatible: the client puts it there | — |
//! | term, description | compatible, patch | the same |
//! | type renamed | compile: two fields no longer (or now) share a type | the same |
//!
//! A field that is in no generated type (a header that the client sets, the envelope of a v3
//! notification) cannot break a caller at compile time: a patch.
//!
//! | what, of an operation | verdict |
//! | --- | --- |
//! | added | compatible, minor |
//! | removed, method changed, cargo feature changed | compile |
//! | moved, with a redirect page | compatible, minor: the old path stays, deprecated |
//! | moved without one | compile |
//! | default host | run time: where hosts are listed, the new one is refused |
//! | event type | compile: the variant has another name |
//! | alternative host removed | run time |
//! | mutual TLS newly needed | run time: a client without the certificate fails |
//! | responses newly signed | run time: an unsigned one is refused; no longer signed: compatible |
//! | marked deprecated | compatible, minor: the compiler warns |
//! | format of the response | compile if the handle's type changes, else compatible |
//! | format of the body, nonce, title, other marks, links | compatible, patch |
//!
//! # JSON, `schema_version` 1
//!
//! ```text
//! { "schema_version": 1, "old": "main:specs", "new": "specs", "verdict": Verdict, "bump": Bump,
//!   "counts": { "compile": 0, "run": 0, "compatible": 0 },
//!   "operations": [ { "page": "openapi/v3/….md", "line": 6, "operation": "POST /v3/…", "title": "…", "feature": "pay",
//!       "rust_path": "v3::…::post", "generated": null | { "path": "client/src/generated/….rs", "line": 3 },
//!       "verdict": Verdict, "bump": Bump, "changes": [ {
//!           "kind": "field-required",      // the names of [`Kind`], stable
//!           "part": "operation" | "request" | "response" | "notification" | "acknowledgement",
//!           "field": "json.amount.total",  // as on the page, with the part of the request; empty for the operation
//!           "term": "总金额", "what": "…", "reason": "…", "verdict": Verdict, "bump": Bump,
//!           "side": "new" | "old",         // which side `page` and `line` are of; removed things are on the old one
//!           "page": "…", "line": 12, "generated": null | { "path": "…", "line": 47 } } ] } ] }
//! Verdict: "compile" | "run" | "compatible"      Bump: "major" | "minor" | "patch" | "none"
//! ```

pub mod changelog;
mod facts;
mod fields;
pub mod human;
pub mod json;
mod locate;
pub mod markdown;
mod matching;
mod model;
mod operation;
mod pair;
pub mod release;
pub mod revision;
pub(crate) mod rust;
mod scope;
mod surface;
mod values;
mod verdict;

pub use model::{Bump, Change, Diff, Kind, OperationDiff, Part, Side, Verdict};

use crate::ir::Api;
use crate::names;

/// Compares two states of the pages.
pub fn compare(old: &Api, new: &Api) -> Diff {
    let (old_plan, new_plan) = std::thread::scope(|scope| {
        let old = scope.spawn(|| names::plan(old));
        let new = names::plan(new);
        (old.join(), new)
    });
    // A panic there would be this thread's too.
    let old_plan = old_plan.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let (old_types, new_types) = (rust::index(&old_plan), rust::index(&new_plan));
    let mut operations = Vec::new();
    for pair in pair::all(old, new) {
        operations.extend(operation::compare(&pair, &old_types, &new_types));
    }
    operations.extend(pair::redirects(old, new));
    operations.sort_by(|a, b| {
        (&a.feature, &a.page, a.line, &a.operation).cmp(&(&b.feature, &b.page, b.line, &b.operation))
    });
    locate::generated(&mut operations, new, &new_plan);
    Diff { operations }
}
