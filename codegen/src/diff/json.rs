//! A diff for programs: the form is documented in [`super`].
//!
//! In: a [`Diff`] and what was compared. Out: one JSON value.

use serde_json::{Value, json};

use super::model::{Change, Diff, Generated, OperationDiff, Verdict};

pub fn render(diff: &Diff, old: &str, new: &str) -> Value {
    json!({
        "schema_version": 1,
        "old": old,
        "new": new,
        "verdict": diff.verdict().as_str(),
        "bump": diff.bump().as_str(),
        "counts": {
            "compile": diff.count(Verdict::CompileTime),
            "run": diff.count(Verdict::RunTime),
            "compatible": diff.count(Verdict::Compatible),
        },
        "operations": diff.operations.iter().map(operation).collect::<Vec<_>>(),
    })
}

fn operation(operation: &OperationDiff) -> Value {
    json!({
        "page": operation.page,
        "line": operation.line,
        "operation": operation.operation,
        "title": operation.title,
        "feature": operation.feature,
        "rust_path": operation.rust_path,
        "generated": operation.generated.as_ref().map(generated),
        "verdict": operation.verdict().as_str(),
        "bump": operation.bump().as_str(),
        "changes": operation.changes.iter().map(change).collect::<Vec<_>>(),
    })
}

fn change(change: &Change) -> Value {
    json!({
        "kind": change.kind.id(),
        "part": change.part.as_str(),
        "field": change.field,
        "term": change.term,
        "what": change.what,
        "reason": change.reason,
        "verdict": change.verdict.as_str(),
        "bump": change.bump.as_str(),
        "side": change.side.as_str(),
        "page": change.page,
        "line": change.line,
        "generated": change.generated.as_ref().map(generated),
    })
}

fn generated(generated: &Generated) -> Value {
    json!({ "path": generated.path, "line": generated.line })
}
