//! What becomes of an order: paid, failed, closed, reversed.
//!
//! In: the key of an order, and what its payer or its merchant does. Out: its row; the notification of a
//! payment is sent.

use std::sync::Arc;

use serde_json::Value;

use super::{order, v2_fields};
use crate::faults::Payer;
use crate::refusal::Refusal;
use crate::{Inner, lock, notify};

fn missing() -> Refusal {
    Refusal::new(404, "ORDER_NOT_EXIST", "there is no such order")
}

/// The payer does something with the order under this key.
///
/// # Errors
/// When there is no such order, or it is not waiting for a payment.
pub(crate) fn by_payer(inner: &Arc<Inner>, key: &str, payer: Payer) -> Result<Value, Refusal> {
    let now = inner.clock.now();
    let mut store = lock(&inner.store);
    let mut row = store.get(order::TABLE, key).ok_or_else(missing)?;
    if let Some(combined) = row["combine"].as_str() {
        let problem = format!("the order is part of {combined}, which is paid as a whole");
        return Err(Refusal::new(400, "TRADE_ERROR", problem));
    }
    let state = order::state(&row, now).to_owned();
    let by_code = row["trade_type"] == "MICROPAY";
    if !matches!(&*state, "NOTPAY" | "USERPAYING" | "ACCEPT") {
        return Err(Refusal::new(400, "TRADE_ERROR", format!("the order is {state}")));
    }
    match payer {
        Payer::Pays => order::pay(&mut row, now),
        Payer::Fails if by_code || state == "ACCEPT" => row["state"] = "PAYERROR".into(),
        Payer::Hesitates if by_code => row["state"] = "USERPAYING".into(),
        _ => {}
    }
    order::keep(&mut store, key, &row);
    drop(store);
    // A code payment's result is in its response or its query; a deduction that failed is notified too.
    let told = match payer {
        Payer::Pays => true,
        _ => state == "ACCEPT",
    };
    if told {
        tell(inner, &row);
    }
    Ok(row)
}

fn tell(inner: &Arc<Inner>, row: &Value) {
    let url = row["facts"]["notify_url"].as_str().unwrap_or_default();
    let now = inner.clock.now();
    if row["v2"] == true {
        notify::v2_payment(inner, url, v2_fields::paid(row, now));
    } else {
        let mut facts = order::facts(row, now);
        facts["trade_scene"] = "SANDBOX".into();
        notify::later(inner, url, "TRANSACTION.SUCCESS", facts);
    }
}

/// A new code payment: paid at once, unless another outcome was armed.
pub(crate) fn by_code(inner: &Arc<Inner>, key: &str) -> Result<Value, Refusal> {
    let payer = lock(&inner.faults).next_payer();
    by_payer(inner, key, payer)
}

/// Closes an order that is not paid.
pub(crate) fn close(inner: &Inner, key: &str) -> Result<(), Refusal> {
    let mut store = lock(&inner.store);
    let mut row = store.get(order::TABLE, key).ok_or_else(missing)?;
    match row["state"].as_str() {
        Some("SUCCESS" | "REFUND") => Err(Refusal::new(
            400,
            "ORDER_PAID",
            "the order is paid: refund it instead",
        )),
        Some("USERPAYING") => Err(Refusal::new(
            400,
            "TRADE_ERROR",
            "the user is paying: reverse the order instead",
        )),
        Some("REVOKED") => Err(Refusal::new(400, "ORDER_REVERSED", "the order is reversed")),
        _ => {
            row["state"] = "CLOSED".into();
            order::keep(&mut store, key, &row);
            Ok(())
        }
    }
}

/// Reverses a code payment: what was paid goes back, what was not is closed.
///
/// # Errors
/// When there is no such order, it is being paid, or was refunded.
pub(crate) fn reverse(inner: &Inner, key: &str) -> Result<Value, Refusal> {
    let mut store = lock(&inner.store);
    let mut row = store.get(order::TABLE, key).ok_or_else(missing)?;
    if row["trade_type"] != "MICROPAY" {
        return Err(Refusal::new(
            400,
            "INVALID_REQUEST",
            "only code payments are reversed: close or refund the order",
        ));
    }
    match row["state"].as_str() {
        Some("USERPAYING") => {
            return Err(Refusal::new(
                400,
                "USERPAYING",
                "the user is paying: try again later",
            ));
        }
        Some("REFUND") => {
            return Err(Refusal::new(400, "TRADE_STATE_ERROR", "the order was refunded"));
        }
        Some("REVOKED") => return Ok(row),
        _ => {}
    }
    if row["transaction_id"].is_string() {
        row["refunded"] = row["total"].clone();
    }
    row["state"] = "REVOKED".into();
    order::keep(&mut store, key, &row);
    Ok(row)
}
