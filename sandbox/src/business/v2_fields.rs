//! Orders and refunds in APIv2's names.
//!
//! In: rows of the store. Out: fields.

use serde_json::{Value, json};

use crate::text;

pub fn with_codes(mut facts: Value) -> Value {
    facts["return_code"] = "SUCCESS".into();
    facts["result_code"] = "SUCCESS".into();
    facts["return_msg"] = "OK".into();
    facts
}

/// A paid order in APIv2's names.
pub fn paid_fields(row: &Value) -> Value {
    let mut facts = with_codes(row["facts"].clone());
    for name in ["transaction_id", "trade_type"] {
        facts[name] = row[name].clone();
    }
    for name in ["total_fee", "cash_fee"] {
        facts[name] = row["total"].clone();
    }
    facts["trade_state"] = row["state"].clone();
    facts["bank_type"] = "OTHERS".into();
    facts["is_subscribe"] = "N".into();
    if row.get("transaction_id").is_some() {
        facts["time_end"] = text::compact(text::now()).into();
    }
    facts
}

/// A refund in APIv2's names.
pub fn refunded_fields(row: &Value) -> Value {
    let known = &row["facts"];
    let mut facts = with_codes(json!({}));
    for name in ["transaction_id", "out_trade_no", "out_refund_no", "refund_id"] {
        facts[name] = known[name].clone();
    }
    for (name, from) in [
        ("total_fee", "total"),
        ("cash_fee", "total"),
        ("refund_fee", "refund"),
        ("cash_refund_fee", "refund"),
    ] {
        facts[name] = known["amount"][from].clone();
    }
    facts["settlement_refund_fee"] = known["amount"]["refund"].clone();
    facts["settlement_total_fee"] = known["amount"]["total"].clone();
    facts["refund_status"] = if row["state"] == "PROCESSING" {
        "PROCESSING".into()
    } else {
        row["state"].clone()
    };
    facts["refund_recv_accout"] = "支付用户零钱".into();
    facts["refund_account"] = "REFUND_SOURCE_RECHARGE_FUNDS".into();
    facts["refund_request_source"] = "API".into();
    facts
}
