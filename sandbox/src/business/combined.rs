//! Combined orders: up to 50 orders of several merchants, paid as one.
//!
//! In: requests to place, query and close them, and the payment. Out: facts. The rules are those of
//! <https://pay.weixin.qq.com/doc/v3/partner/4012760629>.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::orders::conflict;
use super::{Context, Outcome, forms, order};
use crate::refusal::Refusal;
use crate::store::{Row, Store};
use crate::{Inner, crypto, lock, notify, text};

const BASE: &str = "/v3/combine-transactions";
const MOST: usize = 50;

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    let operation = context.operation();
    let rest = operation.path.strip_prefix(BASE)?.strip_prefix('/')?;
    Some(match (operation.method.as_str(), rest) {
        ("POST", "jsapi" | "miniprogram") => place(context, "JSAPI"),
        ("POST", "app") => place(context, "APP"),
        ("POST", "h5") => place(context, "MWEB"),
        ("POST", "native") => place(context, "NATIVE"),
        ("GET", "out-trade-no/{combine_out_trade_no}") => query(context, "combine_out_trade_no"),
        ("GET", "id/{combine_transaction_id}") => query(context, "combine_transaction_id"),
        ("POST", "out-trade-no/{combine_out_trade_no}/close") => close(context),
        _ => return None,
    })
}

/// Whom a part belongs to.
fn owner(part: &Value) -> &str {
    let text = |name: &str| part[name].as_str().filter(|text| !text.is_empty());
    text("sub_mchid").or_else(|| text("mchid")).unwrap_or_default()
}

fn parts(body: &Value) -> &[Value] {
    body["sub_orders"].as_array().map_or(&[], Vec::as_slice)
}

/// The number of each part and whom it belongs to.
fn named(body: &Value) -> BTreeSet<(&str, &str)> {
    parts(body)
        .iter()
        .map(|part| (owner(part), part["out_trade_no"].as_str().unwrap_or_default()))
        .collect()
}

/// What the page does not say about the fields of a combined order; the sum.
fn check(context: &Context<'_>) -> Result<i64, Refusal> {
    let body = &context.checked.body;
    forms::appid(context, "combine_appid", &body["combine_appid"])?;
    forms::out_trade_no(context, "/combine_out_trade_no", &body["combine_out_trade_no"])?;
    forms::notify_url(context, "/notify_url", &body["notify_url"])?;
    let all = parts(body);
    if !(1..=MOST).contains(&all.len()) {
        let issue = format!("must be 1 to {MOST} orders");
        return Err(forms::refuse(context, "/sub_orders", &Value::Null, &issue));
    }
    let mut sum = 0_i64;
    for (index, part) in all.iter().enumerate() {
        let at = |name: &str| format!("/sub_orders/{index}/{name}");
        forms::out_trade_no(context, &at("out_trade_no"), &part["out_trade_no"])?;
        forms::length(context, &at("description"), &part["description"], (1, 127))?;
        forms::length(context, &at("attach"), &part["attach"], (0, 128))?;
        let (amount, currency) = (&part["amount"]["total_amount"], &part["amount"]["currency"]);
        sum = sum.saturating_add(forms::amount(context, &at("amount/total_amount"), amount)?);
        forms::currency(context, &at("amount/currency"), currency)?;
    }
    if named(body).len() != all.len() {
        let issue = "an order is named twice";
        return Err(forms::refuse(context, "/sub_orders", &Value::Null, issue));
    }
    forms::amount(context, "/sub_orders", &sum.into())
}

fn place(context: &Context<'_>, trade_type: &str) -> Outcome {
    context.merchant()?;
    let body = &context.checked.body;
    let total = check(context)?;
    let number = context.checked.text("combine_out_trade_no");
    let digest = context.digest();
    let mut store = lock(&context.inner.store);
    if let Some(row) = store.get(order::COMBINED, number) {
        return match conflict(context, &row, &digest) {
            Some(refusal) => Err(context.at(refusal, "combine_out_trade_no")),
            None => Ok(context.facts(&order::handles(&row, context.writer.base))),
        };
    }
    let (now, expires) = (context.now(), forms::time_expire(context)?);
    let mut rows = Vec::new();
    for part in parts(body) {
        let part_number = part["out_trade_no"].as_str().unwrap_or_default();
        let key = order::key(context.mchid(), owner(part), part_number);
        if store.get(order::TABLE, &key).is_some() {
            let problem = format!("{part_number} has been used");
            return Err(context.refused(403, "OUT_TRADE_NO_USED", problem, "sub_orders"));
        }
        let mut row = order::New {
            number: part_number,
            owner: owner(part),
            total: part["amount"]["total_amount"].as_i64().unwrap_or(0),
            trade_type,
            digest: &digest,
            now,
            expires,
            facts: part.clone(),
        }
        .row();
        row["combine"] = number.into();
        rows.push((key, row));
    }
    let mut whole = order::New {
        number,
        owner: context.mchid(),
        total,
        trade_type,
        digest: &digest,
        now,
        expires,
        facts: body.clone(),
    }
    .row();
    whole["parts"] = rows.iter().map(|(key, _)| key.clone()).collect();
    let mut all: Vec<Row<'_>> = vec![(order::COMBINED, number, &whole)];
    all.extend(rows.iter().map(|(key, row)| (order::TABLE, key.as_str(), row)));
    store.put_all(&all);
    drop(store);
    Ok(context.facts(&order::handles(&whole, context.writer.base)))
}

/// A combined order with what its parts have become.
fn facts(store: &Store, row: &Value, now: u64) -> Value {
    let mut facts = row["facts"].clone();
    facts["combine_transaction_id"] = row["combine_transaction_id"].clone();
    let keys = row["parts"].as_array().cloned().unwrap_or_default();
    let parts = facts["sub_orders"].as_array_mut().into_iter().flatten();
    for (part, key) in parts.zip(&keys) {
        let Some(known) = store.get(order::TABLE, key.as_str().unwrap_or_default()) else {
            continue;
        };
        let known = order::facts(&known, now);
        for name in [
            "trade_state",
            "trade_type",
            "transaction_id",
            "success_time",
            "bank_type",
            "attach",
        ] {
            part[name] = known[name].clone();
        }
        if known["transaction_id"].is_string() {
            part["amount"]["payer_amount"] = part["amount"]["total_amount"].clone();
            part["amount"]["payer_currency"] = "CNY".into();
        }
    }
    facts
}

fn find(context: &Context<'_>, store: &Store, by: &str) -> Result<Value, Refusal> {
    let wanted = context.checked.text(by);
    let row = match by {
        "combine_out_trade_no" => store.get(order::COMBINED, wanted),
        _ => {
            let mut all = store.all(order::COMBINED);
            all.find_map(|(_, row)| (row[by] == wanted).then_some(row))
        }
    };
    row.ok_or_else(|| context.refused(404, "ORDER_NOT_EXIST", "there is no such order", by))
}

fn query(context: &Context<'_>, by: &str) -> Outcome {
    let store = lock(&context.inner.store);
    let row = find(context, &store, by)?;
    Ok(context.facts(&facts(&store, &row, context.now())))
}

fn close(context: &Context<'_>) -> Outcome {
    let mut store = lock(&context.inner.store);
    let mut row = find(context, &store, "combine_out_trade_no")?;
    if named(&context.checked.body) != named(&row["facts"]) {
        let issue = "not the orders that the combined order has";
        return Err(forms::refuse(context, "/sub_orders", &Value::Null, issue));
    }
    if row["state"] == "SUCCESS" {
        let problem = "the order is paid: refund its parts instead";
        return Err(context.refused(400, "ORDER_PAID", problem, "combine_out_trade_no"));
    }
    change(&mut store, &mut row, |row| row["state"] = "CLOSED".into());
    drop(store);
    Ok(context.writer.generic(context.checked))
}

/// Changes the combined order and its parts, all or none.
fn change(store: &mut Store, row: &mut Value, mut how: impl FnMut(&mut Value)) {
    let keys = row["parts"].as_array().cloned().unwrap_or_default();
    let mut parts: Vec<(String, Value)> = keys
        .iter()
        .filter_map(Value::as_str)
        .filter_map(|key| Some((key.to_owned(), store.get(order::TABLE, key)?)))
        .collect();
    how(row);
    parts.iter_mut().for_each(|(_, part)| how(part));
    let number = row["number"].as_str().unwrap_or_default().to_owned();
    let keys: Vec<Value> = parts.iter().map(|(key, _)| key.as_str().into()).collect();
    let mut all: Vec<Row<'_>> = vec![(order::COMBINED, &number, row)];
    for ((key, part), index) in parts.iter().zip(&keys) {
        all.extend(order::rows(key, part, index));
    }
    store.put_all(&all);
}

/// The payer pays all of a combined order; its notification is sent.
///
/// # Errors
/// When there is no such order, or it is not waiting for a payment.
pub(crate) fn pay(inner: &Arc<Inner>, number: &str) -> Result<Value, Refusal> {
    let now = inner.clock.now();
    let mut store = lock(&inner.store);
    let row = store.get(order::COMBINED, number);
    let mut row = row.ok_or_else(|| Refusal::new(404, "ORDER_NOT_EXIST", "there is no such order"))?;
    let state = order::state(&row, now);
    if state != "NOTPAY" {
        return Err(Refusal::new(400, "TRADE_ERROR", format!("the order is {state}")));
    }
    let payer = row["facts"]["combine_payer_info"]["openid"].as_str();
    let payer = payer.map_or_else(|| format!("oSB0{}", crypto::random(24)), str::to_owned);
    change(&mut store, &mut row, |row| match row.get("parts") {
        None => order::pay(row, now),
        Some(_) => {
            row["state"] = "SUCCESS".into();
            row["combine_transaction_id"] = text::transaction_id().into();
            row["facts"]["combine_payer_info"] = json!({ "openid": payer });
        }
    });
    let facts = facts(&store, &row, now);
    drop(store);
    let url = facts["notify_url"].as_str().unwrap_or_default().to_owned();
    notify::later(inner, &url, "TRANSACTION.SUCCESS", facts);
    Ok(row)
}
