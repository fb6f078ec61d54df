//! Everything else that a merchant gives a number: coupons, invoices, red packets and so on.
//!
//! In: a request that makes something under the merchant's number, or one that names it. Out: the same
//! response for the same parameters, an error for others, and queries that know what was made. The rules
//! come from the pages: which operation makes, and under which number.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Context, Outcome};
use crate::model::{Operation, ResponseFormat};
use crate::refusal::Refusal;
use crate::{lock, response};

const TABLE: &str = "ledger";

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    let operation = context.operation();
    if !operation.v3 || !matches!(operation.response, ResponseFormat::Json | ResponseFormat::Empty) {
        return None;
    }
    if let Some(name) = &operation.idempotent_by {
        let number = context.checked.text(name);
        return (!number.is_empty()).then(|| make(context, name, number));
    }
    let (maker, name) = maker(context)?;
    let number = context
        .checked
        .get(&name)
        .and_then(Value::as_str)
        .unwrap_or_default();
    Some(use_one(context, &maker, &name, number))
}

fn key(operation: &Operation, number: &str) -> String {
    format!("{} {number}", operation.path)
}

fn make(context: &Context<'_>, name: &str, number: &str) -> Outcome {
    let (operation, digest) = (context.operation(), context.digest());
    let key = key(operation, number);
    let mut store = lock(&context.inner.store);
    if let Some(row) = store.get(TABLE, &key) {
        if row["digest"] != digest {
            let refusal = Refusal::new(
                400,
                "INVALID_REQUEST",
                format!("{name} has been used with other parameters"),
            );
            return Err(context.at(refusal, name));
        }
        return Ok(context.writer.body(&row["response"], context.checked));
    }
    let maker = response::shape::Maker::new(
        &context.inner.identity,
        operation,
        context.checked,
        context.writer.base,
        context.writer.answers,
    );
    let body = maker.whole();
    let mut facts = context.checked.body.clone();
    merge(&mut facts, &body);
    let row = json!({ "digest": digest, "response": body, "facts": facts });
    store.put(TABLE, &key, &row);
    drop(store);
    Ok(context.writer.body(&body, context.checked))
}

/// The operation that makes what this request names, and the name of the number: the longest path above
/// this one that makes something under a number of this request's path or query.
fn maker(context: &Context<'_>) -> Option<(Arc<Operation>, String)> {
    let path = context.operation().path.as_str();
    let above = path.split('{').next().unwrap_or(path).trim_end_matches('/');
    let mut base = above;
    loop {
        for (operation, _) in context.inner.pages.find("POST", base) {
            let name = operation.idempotent_by.clone().filter(|name| {
                let given = [&context.checked.path, &context.checked.query]
                    .iter()
                    .any(|part| part.get(name).is_some());
                given
                    || context.operation().method == "POST"
                        && context.checked.body.get(name).is_some()
                        && base == above
            });
            if let Some(name) = name {
                return Some((operation, name));
            }
        }
        base = base
            .rsplit_once('/')
            .map(|(base, _)| base)
            .filter(|base| base.matches('/').count() > 2)?;
    }
}

fn use_one(context: &Context<'_>, maker: &Operation, name: &str, number: &str) -> Outcome {
    let key = key(maker, number);
    let mut store = lock(&context.inner.store);
    let Some(mut row) = store.get(TABLE, &key) else {
        let refusal = Refusal::new(
            404,
            "RESOURCE_NOT_EXISTS",
            format!("nothing was made under this {name} ({})", maker.name()),
        );
        return Err(context.at(refusal, name));
    };
    if context.operation().method != "GET" {
        merge(&mut row["facts"], &context.checked.body);
        let action = context.operation().path.rsplit('/').next().unwrap_or_default();
        if let Some(state) = match action {
            "cancel" => Some("REVOKED"),
            "complete" => Some("DONE"),
            _ => None,
        } {
            row["facts"]["state"] = state.into();
        }
        store.put(TABLE, &key, &row);
    }
    drop(store);
    if context.operation().response == ResponseFormat::Empty {
        return Ok(context.writer.generic(context.checked));
    }
    Ok(context.facts(&row["facts"]))
}

/// Writes what is new over what is known.
fn merge(known: &mut Value, new: &Value) {
    match (known, new) {
        (Value::Object(known), Value::Object(new)) => {
            for (name, value) in new {
                merge(known.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (known, new) => *known = new.clone(),
    }
}
