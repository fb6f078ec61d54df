//! Orders: APP, JSAPI, H5, Native and code payments, of merchants, partners and combined.
//!
//! In: requests to place, query and close them, and what the payer does. Out: facts for the answers.
//! One row per order under its `out_trade_no`; a combined order has one more of its own.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Context, Outcome};
use crate::refusal::Refusal;
use crate::{Inner, crypto, lock, notify, text};

/// The table of orders, and that of combined ones.
pub const TABLE: &str = "orders";
const COMBINED: &str = "combined";

const DOMESTIC: &str = "/v3/pay/transactions";
const PARTNER: &str = "/v3/pay/partner/transactions";
const COMBINE: &str = "/v3/combine-transactions";

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    let operation = context.operation();
    let path = operation.bare_path.as_str();
    if operation.path != path {
        return None;
    }
    let rest = [DOMESTIC, PARTNER]
        .iter()
        .find_map(|base| path.strip_prefix(base)?.strip_prefix('/'));
    Some(match (operation.method.as_str(), rest) {
        ("POST", Some("jsapi" | "miniprogram" | "jsapi-with-contract")) => place(context, "JSAPI"),
        ("POST", Some("app" | "app-with-contract")) => place(context, "APP"),
        ("POST", Some("h5")) => place(context, "MWEB"),
        ("POST", Some("native")) => place(context, "NATIVE"),
        ("POST", Some("codepay")) => place(context, "MICROPAY"),
        ("GET", Some("id/{transaction_id}")) => query(context, "transaction_id"),
        ("GET", Some("out-trade-no/{out_trade_no}")) => query(context, "out_trade_no"),
        ("POST", Some("out-trade-no/{out_trade_no}/close")) => close(context),
        _ => match (
            operation.method.as_str(),
            path.strip_prefix(COMBINE)?.strip_prefix('/')?,
        ) {
            ("POST", "jsapi" | "miniprogram") => place_combined(context, "JSAPI"),
            ("POST", "app") => place_combined(context, "APP"),
            ("POST", "h5") => place_combined(context, "MWEB"),
            ("POST", "native") => place_combined(context, "NATIVE"),
            ("GET", "out-trade-no/{combine_out_trade_no}") => query_combined(context),
            ("POST", "out-trade-no/{combine_out_trade_no}/close") => close_combined(context),
            _ => return None,
        },
    })
}

/// Refused because of what an order already is.
fn conflict(row: &Value, digest: &str) -> Option<Refusal> {
    match row["state"].as_str() {
        _ if row["digest"] != digest => Some(Refusal::new(
            403,
            "OUT_TRADE_NO_USED",
            "the number has been used with other parameters",
        )),
        Some("CLOSED") => Some(Refusal::new(400, "ORDER_CLOSED", "the order is closed")),
        Some("SUCCESS" | "REFUND") => Some(Refusal::new(400, "ORDER_PAID", "the order is paid")),
        _ => None,
    }
}

/// A new order. `key` is its number, `facts` what its queries will tell.
pub fn new_row(number: &str, total: i64, trade_type: &str, digest: &str, mut facts: Value) -> Value {
    facts["out_trade_no"] = number.into();
    json!({
        "number": number,
        "state": "NOTPAY",
        "total": total,
        "refunded": 0,
        "trade_type": trade_type,
        "digest": digest,
        "created": text::now(),
        "prepay_id": format!("wx{}{}0000", text::compact(text::now()), crypto::random(16)),
        "code": crypto::random(9),
        "facts": facts,
    })
}

fn place(context: &Context<'_>, trade_type: &str) -> Outcome {
    context.merchant()?;
    let body = &context.checked.body;
    let number = context.checked.text("out_trade_no");
    let total = body["amount"]["total"].as_i64().unwrap_or(0);
    if total < 1 {
        let refusal = Refusal::parameter(
            "body",
            "/amount/total",
            &body["amount"]["total"],
            "must be at least 1",
        );
        return Err(context.at(refusal, "amount"));
    }
    let digest = context.digest();
    let mut store = lock(&context.inner.store);
    let repeated = store.get(TABLE, number).cloned();
    if let Some(row) = &repeated {
        // A code payment is paid at once, and its repetition tells so.
        let paid = trade_type == "MICROPAY" && row["digest"] == digest;
        if let Some(refusal) = conflict(row, &digest).filter(|_| !paid) {
            return Err(context.at(refusal, "out_trade_no"));
        }
    }
    let row = repeated.clone().unwrap_or_else(|| {
        let row = new_row(number, total, trade_type, &digest, body.clone());
        store.put(TABLE, number, row.clone());
        row
    });
    drop(store);
    if trade_type == "MICROPAY" {
        if repeated.is_none() {
            pay(context.inner, number, true)?;
        }
        let row = lock(&context.inner.store)
            .get(TABLE, number)
            .cloned()
            .unwrap_or_default();
        return Ok(context.facts(&facts_of(&row)));
    }
    Ok(context.facts(&handles(&row, context.writer.base)))
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

/// What a query of an order tells.
pub fn facts_of(row: &Value) -> Value {
    let mut facts = row["facts"].clone();
    let state = row["state"].as_str().unwrap_or_default();
    facts["trade_state"] = state.into();
    facts["trade_state_desc"] = match state {
        "SUCCESS" => "支付成功",
        "REFUND" => "转入退款",
        "CLOSED" => "已关闭",
        "PAYERROR" => "支付失败",
        _ => "未支付",
    }
    .into();
    facts["trade_type"] = row["trade_type"].clone();
    if let Some(total) = facts
        .get("amount")
        .and_then(|amount| amount.get("total"))
        .cloned()
    {
        facts["amount"]["currency"] = "CNY".into();
        if row.get("transaction_id").is_some() {
            facts["amount"]["payer_total"] = total;
            facts["amount"]["payer_currency"] = "CNY".into();
        }
    }
    if let Some(paid) = row.get("transaction_id") {
        facts["transaction_id"] = paid.clone();
        facts["success_time"] = row["success_time"].clone();
        facts["bank_type"] = "OTHERS".into();
        if facts["payer"]["openid"].is_null() && facts["payer"]["sp_openid"].is_null() {
            let name = if facts.get("sp_mchid").is_some() {
                "sp_openid"
            } else {
                "openid"
            };
            facts["payer"] = json!({ name: format!("oSB0{}", crypto::random(24)) });
        }
    }
    facts
}

/// An order by the number or the id in the path.
fn find(context: &Context<'_>, by: &str) -> Result<Value, Refusal> {
    let wanted = context.checked.path[by].as_str().unwrap_or_default();
    let store = lock(&context.inner.store);
    let row = match by {
        "transaction_id" => store
            .all(TABLE)
            .find(|(_, row)| row["transaction_id"] == wanted)
            .map(|(_, row)| row.clone()),
        _ => store.get(TABLE, wanted).cloned(),
    };
    row.ok_or_else(|| context.at(Refusal::new(404, "ORDER_NOT_EXIST", "there is no such order"), by))
}

fn query(context: &Context<'_>, by: &str) -> Outcome {
    context.merchant()?;
    Ok(context.facts(&facts_of(&find(context, by)?)))
}

fn close(context: &Context<'_>) -> Outcome {
    context.merchant()?;
    let row = find(context, "out_trade_no")?;
    shut(context.inner, row["number"].as_str().unwrap_or_default())?;
    Ok(context.writer.generic(context.checked))
}

/// Closes an order that is not paid.
pub(crate) fn shut(inner: &Inner, number: &str) -> Result<(), Refusal> {
    let mut store = lock(&inner.store);
    let mut row = store
        .get(TABLE, number)
        .cloned()
        .ok_or_else(|| Refusal::new(404, "ORDER_NOT_EXIST", "there is no such order"))?;
    match row["state"].as_str() {
        Some("SUCCESS" | "REFUND") => Err(Refusal::new(
            400,
            "ORDER_PAID",
            "the order is paid: refund it instead",
        )),
        _ => {
            row["state"] = "CLOSED".into();
            store.put(TABLE, number, row);
            Ok(())
        }
    }
}

/// The payer pays, or fails to.
///
/// # Errors
/// When there is no such order, or it is not waiting for a payment.
pub(crate) fn pay(inner: &Arc<Inner>, number: &str, success: bool) -> Result<Value, Refusal> {
    let mut store = lock(&inner.store);
    let mut row = store
        .get(TABLE, number)
        .cloned()
        .ok_or_else(|| Refusal::new(404, "ORDER_NOT_EXIST", "there is no such order"))?;
    if !matches!(row["state"].as_str(), Some("NOTPAY" | "PAYERROR")) {
        return Err(Refusal::new(
            400,
            "TRADE_ERROR",
            format!("the order is {}", row["state"].as_str().unwrap_or_default()),
        ));
    }
    if !success {
        row["state"] = "PAYERROR".into();
        store.put(TABLE, number, row.clone());
        return Ok(row);
    }
    row["state"] = "SUCCESS".into();
    row["transaction_id"] = text::transaction_id().into();
    row["success_time"] = text::rfc3339(text::now()).into();
    store.put(TABLE, number, row.clone());
    let combined = row["combine"].as_str().map(str::to_owned);
    if let Some(combined) = combined {
        let whole = combined_facts(&store, &combined);
        drop(store);
        if let Some(facts) = whole.filter(all_paid) {
            notify::later(
                inner,
                facts["notify_url"].as_str().unwrap_or_default(),
                "TRANSACTION.SUCCESS",
                facts.clone(),
            );
        }
        return Ok(row);
    }
    drop(store);
    let mut facts = facts_of(&row);
    let url = facts["notify_url"].as_str().unwrap_or_default().to_owned();
    if row["v2"] == true {
        notify::later_v2(inner, &url, super::v2_fields::paid_fields(&row));
    } else if !url.is_empty() {
        facts["trade_scene"] = "SANDBOX".into();
        notify::later(inner, &url, "TRANSACTION.SUCCESS", facts);
    }
    Ok(row)
}

fn place_combined(context: &Context<'_>, trade_type: &str) -> Outcome {
    context.merchant()?;
    let body = &context.checked.body;
    let number = context.checked.text("combine_out_trade_no");
    let digest = context.digest();
    let mut store = lock(&context.inner.store);
    if let Some(row) = store.get(COMBINED, number) {
        return match conflict(row, &digest) {
            Some(refusal) => Err(context.at(refusal, "combine_out_trade_no")),
            None => Ok(context.facts(&handles(row, context.writer.base))),
        };
    }
    let orders = body["sub_orders"].as_array().cloned().unwrap_or_default();
    for order in &orders {
        let order_number = order["out_trade_no"].as_str().unwrap_or_default();
        if store.get(TABLE, order_number).is_some() {
            let refusal = Refusal::new(403, "OUT_TRADE_NO_USED", format!("{order_number} has been used"));
            return Err(context.at(refusal, "sub_orders"));
        }
    }
    for order in &orders {
        let order_number = order["out_trade_no"].as_str().unwrap_or_default();
        let total = order["amount"]["total_amount"].as_i64().unwrap_or(0);
        let mut row = new_row(order_number, total, trade_type, &digest, order.clone());
        row["combine"] = number.into();
        store.put(TABLE, order_number, row);
    }
    let row = new_row(number, 0, trade_type, &digest, body.clone());
    store.put(COMBINED, number, row.clone());
    Ok(context.facts(&handles(&row, context.writer.base)))
}

/// A combined order with what its orders have become.
fn combined_facts(store: &crate::store::Store, number: &str) -> Option<Value> {
    let row = store.get(COMBINED, number)?;
    let mut facts = row["facts"].clone();
    facts["combine_transaction_id"] =
        format!("4500{}", &row["prepay_id"].as_str().unwrap_or_default().len()).into();
    facts["combine_payer_info"]["openid"] = match facts["combine_payer_info"]["openid"].as_str() {
        Some(openid) => openid.into(),
        None => "oSB0sandbox".into(),
    };
    for order in facts["sub_orders"].as_array_mut().into_iter().flatten() {
        let number = order["out_trade_no"].as_str().unwrap_or_default().to_owned();
        let Some(row) = store.get(TABLE, &number) else {
            continue;
        };
        let known = facts_of(row);
        for name in [
            "trade_state",
            "trade_type",
            "transaction_id",
            "success_time",
            "bank_type",
        ] {
            if let Some(value) = known.get(name) {
                order[name] = value.clone();
            }
        }
        order["amount"]["payer_amount"] = order["amount"]["total_amount"].clone();
        order["amount"]["payer_currency"] = "CNY".into();
    }
    Some(facts)
}

fn all_paid(facts: &Value) -> bool {
    facts["sub_orders"]
        .as_array()
        .is_some_and(|orders| orders.iter().all(|order| order["trade_state"] == "SUCCESS"))
}

fn query_combined(context: &Context<'_>) -> Outcome {
    let number = context.checked.text("combine_out_trade_no");
    let facts = combined_facts(&lock(&context.inner.store), number);
    match facts {
        Some(facts) => Ok(context.facts(&facts)),
        None => Err(context.at(
            Refusal::new(404, "ORDER_NOT_EXIST", "there is no such order"),
            "combine_out_trade_no",
        )),
    }
}

fn close_combined(context: &Context<'_>) -> Outcome {
    let orders = context.checked.body["sub_orders"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    for order in &orders {
        shut(context.inner, order["out_trade_no"].as_str().unwrap_or_default())
            .map_err(|refusal| context.at(refusal, "sub_orders"))?;
    }
    Ok(context.writer.generic(context.checked))
}
