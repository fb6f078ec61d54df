//! One order as a row of the store: where it is kept, its states, and what queries tell of it.
//!
//! In: rows. Out: facts. An order belongs to the merchant or, of a partner, to the sub-merchant; its
//! number is unique within these.

use serde_json::{Value, json};

use crate::store::{Row, Store};
use crate::{crypto, text};

/// The table of orders, and that of combined ones.
pub const TABLE: &str = "orders";
pub const COMBINED: &str = "combined";
/// The key of an order by its `transaction_id`.
const TRANSACTIONS: &str = "transactions";

/// What an order is made of.
pub struct New<'a> {
    pub number: &'a str,
    /// The merchant or sub-merchant that it belongs to.
    pub owner: &'a str,
    pub total: i64,
    pub trade_type: &'a str,
    /// The same for the same parameters.
    pub digest: &'a str,
    pub now: u64,
    pub expires: Option<u64>,
    /// What its queries tell.
    pub facts: Value,
}

impl New<'_> {
    /// The row of an order that waits for its payer.
    pub fn row(self) -> Value {
        let mut facts = self.facts;
        facts["out_trade_no"] = self.number.into();
        json!({
            "number": self.number,
            "owner": self.owner,
            "state": "NOTPAY",
            "total": self.total,
            "refunded": 0,
            "trade_type": self.trade_type,
            "digest": self.digest,
            "created": self.now,
            "expires": self.expires,
            "prepay_id": format!("wx{}{}0000", text::compact(self.now), crypto::random(16)),
            "code": crypto::random(9),
            "facts": facts,
        })
    }
}

/// Where an order is kept: the merchant's own ones under their number.
pub fn key(mchid: &str, owner: &str, number: &str) -> String {
    match owner.is_empty() || owner == mchid {
        true => number.to_owned(),
        false => format!("{owner} {number}"),
    }
}

/// The rows of an order: its own, and where it is found by its `transaction_id` once it is paid. `index`
/// is the key as JSON.
pub fn rows<'a>(key: &'a str, row: &'a Value, index: &'a Value) -> impl Iterator<Item = Row<'a>> {
    let paid = row["transaction_id"].as_str().map(|id| (TRANSACTIONS, id, index));
    std::iter::once((TABLE, key, row)).chain(paid)
}

/// Keeps an order.
pub fn keep(store: &mut Store, key: &str, row: &Value) {
    let index = Value::from(key);
    store.put_all(&rows(key, row, &index).collect::<Vec<_>>());
}

/// A paid order by its `transaction_id`, with its key.
pub fn by_transaction(store: &Store, id: &str) -> Option<(String, Value)> {
    let key = store.get(TRANSACTIONS, id)?.as_str()?.to_owned();
    let row = store.get(TABLE, &key)?;
    Some((key, row))
}

/// An order by the number that the merchant or one of its sub-merchants gave it.
pub fn locate(store: &Store, number: &str) -> Option<(String, Value)> {
    match store.get(TABLE, number) {
        Some(row) => Some((number.to_owned(), row)),
        None => store.all(TABLE).find(|(_, row)| row["number"] == number),
    }
}

/// The state of an order at a moment: one that was not paid in time is closed.
pub fn state(row: &Value, now: u64) -> &str {
    let state = row["state"].as_str().unwrap_or_default();
    let expired = row["expires"].as_u64().is_some_and(|expires| expires <= now);
    match state {
        "NOTPAY" | "PAYERROR" if expired => "CLOSED",
        state => state,
    }
}

/// Writes a payment into a row.
pub fn pay(row: &mut Value, now: u64) {
    row["state"] = "SUCCESS".into();
    row["transaction_id"] = text::transaction_id().into();
    row["paid"] = now.into();
    let v2 = row["v2"] == true;
    let facts = &mut row["facts"];
    let partner = facts.get("sp_mchid").is_some();
    let name = if partner { "sp_openid" } else { "openid" };
    // The payer of an order that names none; the same for every query.
    if v2 {
        if facts["openid"].as_str().is_none_or(str::is_empty) {
            facts["openid"] = payer().into();
        }
    } else if facts["payer"][name].is_null() && facts["payer"]["sub_openid"].is_null() {
        facts["payer"] = json!({ name: payer() });
    }
}

fn payer() -> String {
    format!("oSB0{}", crypto::random(24))
}

/// What the payer's side needs of an order.
pub fn handles(row: &Value, base: &str) -> Value {
    let (prepay, code) = (
        row["prepay_id"].as_str().unwrap_or_default(),
        row["code"].as_str().unwrap_or_default(),
    );
    let h5 = format!("{base}/sandbox/h5?prepay_id={prepay}");
    json!({
        "prepay_id": prepay,
        "code_url": format!("weixin://wxpay/bizpayurl?pr={code}"),
        "h5_url": h5,
        "mweb_url": h5,
        "trade_type": row["trade_type"],
    })
}

/// A state in WeChat Pay's words.
pub fn described(state: &str) -> &'static str {
    match state {
        "SUCCESS" => "支付成功",
        "REFUND" => "转入退款",
        "CLOSED" => "已关闭",
        "REVOKED" => "已撤销",
        "USERPAYING" => "用户支付中",
        "PAYERROR" => "支付失败",
        "ACCEPT" => "已接收，等待扣款",
        _ => "未支付",
    }
}

/// What an APIv3 query of an order tells.
pub fn facts(row: &Value, now: u64) -> Value {
    let mut facts = row["facts"].clone();
    let state = state(row, now);
    facts["trade_state"] = state.into();
    facts["trade_state_desc"] = described(state).into();
    facts["trade_type"] = row["trade_type"].clone();
    let paid = row.get("transaction_id");
    if let Some(amount) = facts.get_mut("amount").filter(|amount| amount["total"].is_i64()) {
        amount["currency"] = "CNY".into();
        if paid.is_some() {
            amount["payer_total"] = amount["total"].clone();
            amount["payer_currency"] = "CNY".into();
        }
    }
    match paid {
        Some(id) => {
            facts["transaction_id"] = id.clone();
            facts["success_time"] = text::rfc3339(row["paid"].as_u64().unwrap_or(0)).into();
            facts["bank_type"] = "OTHERS".into();
            // WeChat Pay tells an empty one of an order that was placed without.
            if facts["attach"].is_null() {
                facts["attach"] = "".into();
            }
        }
        // What only a paid order has.
        None => {
            for name in ["transaction_id", "success_time", "bank_type", "attach"] {
                facts[name] = Value::Null;
            }
        }
    }
    // The code that was scanned is not the payer's.
    if let Some(payer) = facts["payer"].as_object_mut() {
        payer.shift_remove("auth_code");
    }
    facts
}
