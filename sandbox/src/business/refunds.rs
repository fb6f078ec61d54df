//! Refunds: in parts, and never more than was paid.
//!
//! In: requests to refund and to query, and the moment when a refund arrives. Out: facts.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Context, Outcome, orders};
use crate::refusal::Refusal;
use crate::store::Store;
use crate::{Inner, lock, notify, text};

pub const TABLE: &str = "refunds";

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    let operation = context.operation();
    match (operation.method.as_str(), operation.path.as_str()) {
        ("POST", "/v3/refund/domestic/refunds") => Some(apply(context)),
        ("GET", "/v3/refund/domestic/refunds/{out_refund_no}") => Some(query(context)),
        _ => None,
    }
}

fn apply(context: &Context<'_>) -> Outcome {
    let body = &context.checked.body;
    let asked = Asked {
        number: context.checked.text("out_refund_no").to_owned(),
        transaction_id: context.checked.text("transaction_id").to_owned(),
        out_trade_no: context.checked.text("out_trade_no").to_owned(),
        total: body["amount"]["total"].as_i64().unwrap_or(0),
        refund: body["amount"]["refund"].as_i64().unwrap_or(0),
        digest: context.digest(),
        facts: body.clone(),
        v2: false,
    };
    match new(&mut lock(&context.inner.store), asked) {
        Ok(row) => Ok(context.facts(&row["facts"])),
        Err((refusal, field)) => Err(context.at(refusal, field)),
    }
}

/// What is asked for.
pub struct Asked {
    pub number: String,
    pub transaction_id: String,
    pub out_trade_no: String,
    pub total: i64,
    pub refund: i64,
    pub digest: String,
    pub facts: Value,
    pub v2: bool,
}

/// Makes a refund, or finds the same one.
pub fn new(store: &mut Store, asked: Asked) -> Result<Value, (Refusal, &'static str)> {
    if let Some(row) = store.get(TABLE, &asked.number) {
        if row["digest"] == asked.digest {
            return Ok(row.clone());
        }
        let refusal = Refusal::new(
            400,
            "INVALID_REQUEST",
            "the number has been used with other parameters",
        );
        return Err((refusal, "out_refund_no"));
    }
    let order =
        store
            .all(orders::TABLE)
            .map(|(_, row)| row)
            .find(|row| match asked.transaction_id.as_str() {
                "" => row["number"] == asked.out_trade_no,
                id => row["transaction_id"] == id,
            });
    let Some(mut order) = order.cloned() else {
        return Err((
            Refusal::new(404, "RESOURCE_NOT_EXISTS", "there is no such order"),
            "out_trade_no",
        ));
    };
    let (total, refunded) = (
        order["total"].as_i64().unwrap_or(0),
        order["refunded"].as_i64().unwrap_or(0),
    );
    if !matches!(order["state"].as_str(), Some("SUCCESS" | "REFUND")) {
        return Err((
            Refusal::new(400, "INVALID_REQUEST", "the order is not paid"),
            "out_trade_no",
        ));
    }
    if asked.total != total {
        let refusal = Refusal::new(400, "INVALID_REQUEST", format!("the order's total is {total}"));
        return Err((refusal, "amount"));
    }
    if asked.refund < 1 || asked.refund > total - refunded {
        let left = total - refunded;
        let refusal = Refusal::new(
            403,
            "NOT_ENOUGH",
            format!("of the order {left} can still be refunded"),
        );
        return Err((refusal, "amount"));
    }
    order["refunded"] = (refunded + asked.refund).into();
    order["state"] = "REFUND".into();
    let row = row(&asked, &order, total);
    store.put(TABLE, &asked.number, row.clone());
    let number = order["number"].as_str().unwrap_or_default().to_owned();
    store.put(orders::TABLE, &number, order);
    Ok(row)
}

fn row(asked: &Asked, order: &Value, total: i64) -> Value {
    let mut facts = asked.facts.clone();
    for (name, value) in [
        (
            "refund_id",
            json!(format!(
                "5030{}{}",
                &text::compact(text::now())[..8],
                text::digits(16)
            )),
        ),
        ("out_refund_no", json!(asked.number)),
        ("out_trade_no", order["number"].clone()),
        ("transaction_id", order["transaction_id"].clone()),
        ("channel", json!("ORIGINAL")),
        ("user_received_account", json!("支付用户零钱")),
        ("create_time", json!(text::rfc3339(text::now()))),
        ("status", json!("PROCESSING")),
        ("funds_account", json!("AVAILABLE")),
    ] {
        facts[name] = value;
    }
    let paid = [
        ("total", total),
        ("payer_total", total),
        ("settlement_total", total),
        ("discount_refund", 0),
    ];
    let back = ["refund", "payer_refund", "settlement_refund"].map(|name| (name, asked.refund));
    for (name, amount) in paid.into_iter().chain(back) {
        facts["amount"][name] = amount.into();
    }
    facts["amount"]["currency"] = "CNY".into();
    json!({
        "number": asked.number,
        "order": order["number"],
        "refund": asked.refund,
        "state": "PROCESSING",
        "digest": asked.digest,
        "created": text::now(),
        "v2": asked.v2,
        "notify_url": asked.facts["notify_url"],
        "facts": facts,
    })
}

fn query(context: &Context<'_>) -> Outcome {
    let number = context.checked.text("out_refund_no");
    match lock(&context.inner.store).get(TABLE, number) {
        Some(row) => Ok(context.facts(&row["facts"])),
        None => Err(context.at(
            Refusal::new(404, "RESOURCE_NOT_EXISTS", "there is no such refund"),
            "out_refund_no",
        )),
    }
}

/// A refund arrives, or does not: `SUCCESS`, `CLOSED`, `ABNORMAL`.
///
/// # Errors
/// When there is no such refund, or it has arrived before.
pub(crate) fn settle(inner: &Arc<Inner>, number: &str, state: &str) -> Result<Value, Refusal> {
    let mut store = lock(&inner.store);
    let mut row = store
        .get(TABLE, number)
        .cloned()
        .ok_or_else(|| Refusal::new(404, "RESOURCE_NOT_EXISTS", "there is no such refund"))?;
    if row["state"] != "PROCESSING" {
        return Err(Refusal::new(
            400,
            "INVALID_REQUEST",
            "the refund is settled already",
        ));
    }
    row["state"] = state.into();
    row["facts"]["status"] = state.into();
    if state == "SUCCESS" {
        row["facts"]["success_time"] = text::rfc3339(text::now()).into();
    }
    store.put(TABLE, number, row.clone());
    if state != "SUCCESS" {
        give_back(&mut store, &row);
    }
    drop(store);
    let url = row["notify_url"].as_str().unwrap_or_default();
    if row["v2"] == true {
        notify::later_v2_refund(inner, url, super::v2_fields::refunded_fields(&row));
    } else if !url.is_empty() {
        let mut facts = row["facts"].clone();
        facts["refund_status"] = state.into();
        facts["mchid"] = inner.identity.mchid.clone().into();
        let event = match state {
            "SUCCESS" => "REFUND.SUCCESS",
            "CLOSED" => "REFUND.CLOSED",
            _ => "REFUND.ABNORMAL",
        };
        notify::later(inner, url, event, facts);
    }
    Ok(row)
}

/// What did not arrive can be refunded again.
fn give_back(store: &mut Store, refund: &Value) {
    let number = refund["order"].as_str().unwrap_or_default();
    if let Some(mut order) = store.get(orders::TABLE, number).cloned() {
        let left = order["refunded"].as_i64().unwrap_or(0) - refund["refund"].as_i64().unwrap_or(0);
        order["refunded"] = left.max(0).into();
        if left <= 0 {
            order["state"] = "SUCCESS".into();
        }
        store.put(orders::TABLE, number, order);
    }
}
