//! Refunds: in parts, and never more than was paid.
//!
//! In: requests to refund and to query, and what becomes of a refund. Out: facts. The rules are those of
//! <https://pay.weixin.qq.com/doc/v3/merchant/4013071031>: one that ended `ABNORMAL` keeps the money,
//! until `apply-abnormal-refund` or the platform lets it arrive after all.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Context, Outcome, forms, order, v2_fields};
use crate::refusal::Refusal;
use crate::store::Store;
use crate::{Inner, lock, notify, text};

pub const TABLE: &str = "refunds";
/// The key of a refund by its `refund_id`.
const IDS: &str = "refund-ids";
/// An order can be refunded in so many parts.
const PARTS: usize = 50;

/// A refusal and the field that it is about.
pub type Refused = (Refusal, &'static str);

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    let operation = context.operation();
    match (operation.method.as_str(), operation.path.as_str()) {
        ("POST", "/v3/refund/domestic/refunds") => Some(apply(context)),
        ("GET", "/v3/refund/domestic/refunds/{out_refund_no}") => Some(query(context)),
        ("POST", "/v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund") => {
            Some(apply_abnormal(context))
        }
        _ => None,
    }
}

fn apply(context: &Context<'_>) -> Outcome {
    let row = new(context, Asked::of(context)?).map_err(|(refusal, field)| context.at(refusal, field))?;
    Ok(context.facts(&row["facts"]))
}

/// What is asked for.
pub struct Asked<'a> {
    pub number: &'a str,
    pub owner: &'a str,
    pub transaction_id: &'a str,
    pub out_trade_no: &'a str,
    pub total: i64,
    pub refund: i64,
    pub digest: String,
    pub facts: Value,
    pub v2: bool,
}

impl<'a> Asked<'a> {
    /// What an APIv3 request asks for.
    pub(crate) fn of(context: &Context<'a>) -> Result<Self, Refusal> {
        let checked = context.checked;
        let body = &checked.body;
        forms::number(context, "/out_refund_no", &body["out_refund_no"], (1, 64))?;
        forms::length(context, "/reason", &body["reason"], (0, 80))?;
        forms::notify_url(context, "/notify_url", &body["notify_url"])?;
        forms::currency(context, "/amount/currency", &body["amount"]["currency"])?;
        Ok(Self {
            number: checked.text("out_refund_no"),
            owner: match checked.text("sub_mchid") {
                "" => &context.inner.identity.mchid,
                owner => owner,
            },
            transaction_id: checked.text("transaction_id"),
            out_trade_no: checked.text("out_trade_no"),
            total: body["amount"]["total"].as_i64().unwrap_or(0),
            refund: body["amount"]["refund"].as_i64().unwrap_or(0),
            digest: context.digest(),
            facts: body.clone(),
            v2: false,
        })
    }
}

/// The order that is to be refunded, with its key.
fn order_of(store: &Store, mchid: &str, asked: &Asked<'_>) -> Result<(String, Value), Refused> {
    let (id, number) = (asked.transaction_id, asked.out_trade_no);
    let missing = || Refusal::new(404, "RESOURCE_NOT_EXISTS", "there is no such order");
    let found = match (id, number) {
        ("", "") => {
            let issue = "transaction_id or out_trade_no must be there";
            let refusal = Refusal::parameter("body", "/out_trade_no", &Value::Null, issue);
            return Err((refusal, "out_trade_no"));
        }
        ("", number) => {
            let key = order::key(mchid, asked.owner, number);
            store.get(order::TABLE, &key).map(|row| (key, row))
        }
        (id, _) => order::by_transaction(store, id),
    };
    let found = found.filter(|(_, row)| row["owner"] == asked.owner || row["owner"] == "");
    let (key, row) = found.ok_or_else(|| (missing(), "out_trade_no"))?;
    if !number.is_empty() && row["number"] != number {
        let problem = "transaction_id and out_trade_no are of different orders";
        return Err((Refusal::new(400, "INVALID_REQUEST", problem), "out_trade_no"));
    }
    Ok((key, row))
}

/// Makes a refund, or finds the same one.
pub(crate) fn new(context: &Context<'_>, asked: Asked<'_>) -> Result<Value, Refused> {
    let invalid = |problem: String, field| Err((Refusal::new(400, "INVALID_REQUEST", problem), field));
    let mchid = context.mchid();
    let key = order::key(mchid, asked.owner, asked.number);
    let mut store = lock(&context.inner.store);
    if let Some(row) = store.get(TABLE, &key) {
        return match row["digest"] == asked.digest {
            true => Ok(row),
            false => invalid(
                "the number has been used with other parameters".into(),
                "out_refund_no",
            ),
        };
    }
    let (order_key, mut order) = order_of(&store, mchid, &asked)?;
    let number = |name: &str| order[name].as_i64().unwrap_or(0);
    let (total, refunded) = (number("total"), number("refunded"));
    if !matches!(order["state"].as_str(), Some("SUCCESS" | "REFUND")) {
        return invalid("the order is not paid".into(), "out_trade_no");
    }
    if asked.total != total {
        return invalid(format!("the order's total is {total}"), "amount");
    }
    if asked.refund < 1 || asked.refund > total - refunded {
        let problem = format!("of the order {} can still be refunded", total - refunded);
        return Err((Refusal::new(403, "NOT_ENOUGH", problem), "amount"));
    }
    let parts = order["refunds"].as_array().cloned().unwrap_or_default();
    if parts.len() >= PARTS {
        return invalid(
            format!("the order has been refunded in {PARTS} parts"),
            "out_trade_no",
        );
    }
    order["refunded"] = (refunded + asked.refund).into();
    order["state"] = "REFUND".into();
    order["refunds"] = parts.into_iter().chain([key.as_str().into()]).collect();
    let row = row(&asked, &order, &order_key, context.now());
    let id = row["facts"]["refund_id"].as_str().unwrap_or_default();
    store.put_all(&[
        (TABLE, &key, &row),
        (IDS, id, &key.as_str().into()),
        (order::TABLE, &order_key, &order),
    ]);
    context.inner.settle_later("refund", &key);
    Ok(row)
}

fn row(asked: &Asked<'_>, order: &Value, order_key: &str, now: u64) -> Value {
    let mut facts = asked.facts.clone();
    let id = format!("5030{}{}", &text::compact(now)[..8], text::digits(16));
    for (name, value) in [
        ("refund_id", json!(id)),
        ("out_refund_no", json!(asked.number)),
        ("out_trade_no", order["number"].clone()),
        ("transaction_id", order["transaction_id"].clone()),
        ("channel", json!("ORIGINAL")),
        ("user_received_account", json!("支付用户零钱")),
        ("create_time", json!(text::rfc3339(now))),
        ("success_time", Value::Null),
        ("status", json!("PROCESSING")),
        ("funds_account", json!("AVAILABLE")),
    ] {
        facts[name] = value;
    }
    let total = order["total"].as_i64().unwrap_or(0);
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
        "owner": asked.owner,
        "order": order["number"],
        "order_key": order_key,
        "refund": asked.refund,
        "state": "PROCESSING",
        "digest": asked.digest,
        "created": now,
        "v2": asked.v2,
        "notify_url": asked.facts["notify_url"],
        "facts": facts,
    })
}

fn query(context: &Context<'_>) -> Outcome {
    let number = context.checked.text("out_refund_no");
    match by_number(
        &lock(&context.inner.store),
        context.mchid(),
        context.owner(),
        number,
    ) {
        Some((_, row)) => Ok(context.facts(&row["facts"])),
        None => {
            let problem = "there is no such refund";
            Err(context.refused(404, "RESOURCE_NOT_EXISTS", problem, "out_refund_no"))
        }
    }
}

/// The merchant names an account for money that could not be given back.
pub(crate) fn apply_abnormal(context: &Context<'_>) -> Outcome {
    let body = &context.checked.body;
    let mut store = lock(&context.inner.store);
    let found = by_id(
        &store,
        context.checked.path["refund_id"].as_str().unwrap_or_default(),
    );
    let found = found.filter(|(_, row)| row["owner"] == context.owner());
    let Some((key, mut row)) = found.filter(|(_, row)| row["number"] == body["out_refund_no"]) else {
        let problem = "there is no such refund";
        return Err(context.refused(404, "RESOURCE_NOT_EXISTS", problem, "refund_id"));
    };
    if body["type"] == "USER_BANK_CARD" {
        for name in ["bank_type", "bank_account", "real_name"] {
            if body[name].as_str().is_none_or(str::is_empty) {
                let issue = "required for USER_BANK_CARD";
                return Err(forms::refuse(context, &format!("/{name}"), &body[name], issue));
            }
        }
    }
    match row["state"].as_str() {
        Some("ABNORMAL") => {
            row["state"] = "PROCESSING".into();
            row["facts"]["status"] = "PROCESSING".into();
            store.put(TABLE, &key, &row);
            context.inner.settle_later("refund", &key);
        }
        // Asked for before.
        Some("PROCESSING") if row["abnormal"] == true => {}
        state => {
            let problem = format!("the refund is {}, not ABNORMAL", state.unwrap_or_default());
            return Err(context.refused(400, "INVALID_REQUEST", problem, "refund_id"));
        }
    }
    Ok(context.facts(&row["facts"]))
}

/// A refund by the number that the merchant or one of its sub-merchants gave it.
pub(crate) fn locate(store: &Store, number: &str) -> Option<(String, Value)> {
    match store.get(TABLE, number) {
        Some(row) => Some((number.to_owned(), row)),
        None => store.all(TABLE).find(|(_, row)| row["number"] == number),
    }
}

/// A refund by the number that its merchant or sub-merchant gave it, with its key.
pub fn by_number(store: &Store, mchid: &str, owner: &str, number: &str) -> Option<(String, Value)> {
    let key = order::key(mchid, owner, number);
    let row = store.get(TABLE, &key)?;
    Some((key, row))
}

/// A refund by its `refund_id`, with its key.
pub fn by_id(store: &Store, id: &str) -> Option<(String, Value)> {
    let key = store.get(IDS, id)?.as_str()?.to_owned();
    let row = store.get(TABLE, &key)?;
    Some((key, row))
}

/// The refunds of an order.
pub fn of_order(store: &Store, order: &Value) -> Vec<Value> {
    let keys = order["refunds"].as_array().into_iter().flatten();
    keys.filter_map(|key| store.get(TABLE, key.as_str()?)).collect()
}

/// A refund ends: `SUCCESS`, `CLOSED`, or `ABNORMAL`, from which it can still come to the other two. Its
/// notification is sent.
///
/// # Errors
/// When there is no such refund, or it has ended.
pub(crate) fn settle(inner: &Arc<Inner>, key: &str, state: &str) -> Result<Value, Refusal> {
    let mut store = lock(&inner.store);
    let row = store.get(TABLE, key);
    let mut row = row.ok_or_else(|| Refusal::new(404, "RESOURCE_NOT_EXISTS", "there is no such refund"))?;
    match row["state"].as_str() {
        Some("PROCESSING") => {}
        Some("ABNORMAL") if state != "ABNORMAL" => {}
        found => {
            let problem = format!("the refund is {}", found.unwrap_or_default());
            return Err(Refusal::new(400, "INVALID_REQUEST", problem));
        }
    }
    row["state"] = state.into();
    row["facts"]["status"] = state.into();
    match state {
        "SUCCESS" => row["facts"]["success_time"] = text::rfc3339(inner.clock.now()).into(),
        "ABNORMAL" => row["abnormal"] = true.into(),
        _ => {}
    }
    store.put(TABLE, key, &row);
    if state == "CLOSED" {
        give_back(&mut store, &row);
    }
    drop(store);
    tell(inner, &row, state);
    Ok(row)
}

fn tell(inner: &Arc<Inner>, row: &Value, state: &str) {
    let url = row["notify_url"].as_str().unwrap_or_default();
    if row["v2"] == true {
        return notify::v2_refund(inner, url, v2_fields::refunded(row));
    }
    let mut facts = row["facts"].clone();
    facts["refund_status"] = state.into();
    let mchid = inner.identity.mchid.as_str();
    let owner = row["owner"].as_str().unwrap_or_default();
    if owner == mchid {
        facts["mchid"] = mchid.into();
    } else {
        facts["sp_mchid"] = mchid.into();
        facts["sub_mchid"] = owner.into();
    }
    notify::later(inner, url, &format!("REFUND.{state}"), facts);
}

/// What a closed refund would have given back can be refunded again.
fn give_back(store: &mut Store, refund: &Value) {
    let key = refund["order_key"].as_str().unwrap_or_default();
    if let Some(mut order) = store.get(order::TABLE, key) {
        let left = order["refunded"].as_i64().unwrap_or(0) - refund["refund"].as_i64().unwrap_or(0);
        order["refunded"] = left.max(0).into();
        if left <= 0 {
            order["state"] = "SUCCESS".into();
        }
        store.put(order::TABLE, key, &order);
    }
}
