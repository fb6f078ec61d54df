//! Orders and refunds in APIv2's names.
//!
//! In: rows of the store. Out: fields; `null` is one that does not exist in this state.

use serde_json::{Value, json};

use super::order;
use crate::refusal::Refusal;
use crate::text;

/// A success with nothing to tell but that.
pub fn closed() -> Value {
    ordered(json!({}))
}

/// A success with these facts.
pub fn ordered(mut facts: Value) -> Value {
    for name in ["return_code", "result_code"] {
        facts[name] = "SUCCESS".into();
    }
    facts["return_msg"] = "OK".into();
    for name in ["err_code", "err_code_des", "error_code", "error_msg"] {
        facts[name] = Value::Null;
    }
    facts
}

/// A refusal as facts, where the response has more to tell.
pub fn failed(refusal: &Refusal) -> Value {
    refusal
        .xml()
        .into_iter()
        .map(|(name, value)| (name, Value::from(value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// A paid order.
pub fn paid(row: &Value, now: u64) -> Value {
    let mut facts = ordered(row["facts"].clone());
    for name in ["transaction_id", "trade_type"] {
        facts[name] = row[name].clone();
    }
    for name in ["total_fee", "cash_fee"] {
        facts[name] = row["total"].clone();
    }
    let state = order::state(row, now);
    facts["trade_state"] = state.into();
    facts["trade_state_desc"] = order::described(state).into();
    facts["bank_type"] = "OTHERS".into();
    facts["is_subscribe"] = "N".into();
    facts["time_end"] = text::compact(row["paid"].as_u64().unwrap_or(0)).into();
    facts
}

/// What a query tells: of an order that is not paid only its number and state.
pub fn queried(row: &Value, now: u64) -> Value {
    let mut facts = paid(row, now);
    if row.get("transaction_id").is_none() {
        for name in [
            "transaction_id",
            "trade_type",
            "openid",
            "is_subscribe",
            "bank_type",
            "cash_fee",
            "time_end",
            "attach",
        ] {
            facts[name] = Value::Null;
        }
        if let Some(attach) = row["facts"].get("attach") {
            facts["attach"] = attach.clone();
        }
    }
    facts
}

/// A refund.
pub fn refunded(row: &Value) -> Value {
    let known = &row["facts"];
    let mut facts = closed();
    for name in ["appid", "mch_id", "sub_mch_id", "sub_appid"] {
        if let Some(value) = known.get(name) {
            facts[name] = value.clone();
        }
    }
    for name in ["transaction_id", "out_trade_no", "out_refund_no", "refund_id"] {
        facts[name] = known[name].clone();
    }
    for (name, from) in [
        ("total_fee", "total"),
        ("cash_fee", "total"),
        ("refund_fee", "refund"),
        ("cash_refund_fee", "refund"),
        ("settlement_refund_fee", "refund"),
        ("settlement_total_fee", "total"),
    ] {
        facts[name] = known["amount"][from].clone();
    }
    facts["refund_status"] = match row["state"].as_str() {
        Some("CLOSED") => "REFUNDCLOSE".into(),
        Some("ABNORMAL") => "CHANGE".into(),
        state => state.into(),
    };
    if let Some(time) = known["success_time"].as_str().and_then(text::from_rfc3339) {
        facts["success_time"] = text::spaced(time).into();
        facts["refund_success_time"] = text::spaced(time).into();
    }
    facts["refund_recv_accout"] = known["user_received_account"].clone();
    facts["refund_account"] = "REFUND_SOURCE_RECHARGE_FUNDS".into();
    facts["refund_request_source"] = "API".into();
    facts["refund_channel"] = "ORIGINAL".into();
    facts
}

/// The refunds of an order, numbered.
pub fn refunds_of(rows: &[Value]) -> Value {
    let mut facts = rows.first().map(refunded).unwrap_or_default();
    facts["refund_count"] = rows.len().into();
    for (at, row) in rows.iter().enumerate() {
        let fields = refunded(row);
        for name in [
            "out_refund_no",
            "refund_id",
            "refund_channel",
            "refund_fee",
            "settlement_refund_fee",
            "refund_status",
            "refund_account",
            "refund_recv_accout",
            "refund_success_time",
        ] {
            if !fields[name].is_null() {
                facts[format!("{name}_{at}")] = fields[name].clone();
            }
        }
    }
    facts
}
