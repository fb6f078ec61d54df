//! Payscore service orders: begun, confirmed by the user, completed with what is to be paid, paid.
//!
//! In: requests to create, change, complete, cancel and query, and what the user does. Out: facts. One
//! row under each `out_order_no`. A paid one is an order too, which can be refunded and shared.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Context, Outcome, order, permissions};
use crate::refusal::Refusal;
use crate::store::Store;
use crate::{Inner, crypto, lock, notify, text};

pub const TABLE: &str = "service-orders";

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    let operation = context.operation();
    let path = operation.path.strip_prefix("/v3/payscore/")?;
    let path = ["partner/", "acquiringbank/", "oversea/partner/"]
        .iter()
        .find_map(|side| path.strip_prefix(side))
        .unwrap_or(path);
    Some(
        match (operation.method.as_str(), path.strip_prefix("serviceorder")?) {
            ("POST", "") => create(context),
            ("POST", "/direct-complete") => create_complete(context),
            ("GET", "") => query(context),
            ("POST", "/{out_order_no}/cancel") => change(context, cancel),
            ("POST", "/{out_order_no}/modify") => change(context, modify),
            ("POST", "/{out_order_no}/complete") => change(context, complete),
            ("POST", "/{out_order_no}/sync") => change(context, sync),
            ("POST", "/{out_order_no}/pay") => change(context, |_, facts| must_be(facts, COMPLETED)),
            _ => return None,
        },
    )
}

/// The user has confirmed, the merchant has completed.
const CONFIRMED: &str = "USER_CONFIRM";
const COMPLETED: &str = "MCH_COMPLETE";

/// A change cannot be made: the field that says so, and why.
type Objection = (&'static str, String);

fn create(context: &Context<'_>) -> Outcome {
    let body = &context.checked.body;
    let mut store = lock(&context.inner.store);
    if let Some(row) = context.made(&store, TABLE, "out_order_no")? {
        return Ok(context.facts(&row["facts"]));
    }
    let mut facts = new(context);
    if body["need_user_confirm"] == false {
        let openid = match context.checked.text("openid") {
            "" => context.checked.text("sub_openid"),
            openid => openid,
        };
        let service = context.checked.text("service_id");
        let agreed = permissions::of_user(&store, service, openid);
        if !agreed.is_some_and(|(_, row)| permissions::is_available(&row)) {
            let problem = "the user has not authorized this service, so that they must confirm";
            return Err(context.refused(403, "NO_AUTH", problem, "need_user_confirm"));
        }
        set(&mut facts, "DOING", CONFIRMED);
    }
    keep(context, &mut store, &facts);
    Ok(context.facts(&facts))
}

fn create_complete(context: &Context<'_>) -> Outcome {
    let mut store = lock(&context.inner.store);
    if let Some(row) = context.made(&store, TABLE, "out_order_no")? {
        return Ok(context.facts(&row["facts"]));
    }
    let mut facts = new(context);
    let total = facts["total_amount"].as_i64().unwrap_or(0);
    set(&mut facts, "DOING", COMPLETED);
    collect(&mut facts, total);
    keep(context, &mut store, &facts);
    Ok(context.facts(&facts))
}

fn new(context: &Context<'_>) -> Value {
    let mut facts = context.checked.body.clone();
    facts["mchid"] = context.inner.identity.mchid.clone().into();
    facts["order_id"] = format!("1500{}", text::digits(28)).into();
    facts["package"] = crypto::random(64).into();
    facts["state"] = "CREATED".into();
    facts
}

fn keep(context: &Context<'_>, store: &mut Store, facts: &Value) {
    let row = json!({ "digest": context.digest(), "query_id": crypto::random(64), "facts": facts });
    store.put(TABLE, context.checked.text("out_order_no"), &row);
}

fn set(facts: &mut Value, state: &str, description: &str) {
    facts["state"] = state.into();
    facts["state_description"] = description.into();
}

/// What is to be paid, or that nothing is.
fn collect(facts: &mut Value, total: i64) {
    facts["total_amount"] = total.into();
    facts["need_collection"] = (total > 0).into();
    if total == 0 {
        facts["state"] = "DONE".into();
        return;
    }
    facts["collection"] = json!({
        "state": "USER_PAYING",
        "total_amount": total,
        "paying_amount": total,
        "paid_amount": 0,
    });
}

fn query(context: &Context<'_>) -> Outcome {
    let store = lock(&context.inner.store);
    let id = context.checked.text("query_id");
    let row = match id {
        "" => context.found(&store, TABLE, "out_order_no")?,
        id => {
            let row = store.all(TABLE).find(|(_, row)| row["query_id"] == id);
            row.map(|(_, row)| row).ok_or_else(|| {
                context.refused(404, "RESOURCE_NOT_EXISTS", "there is no such order", "query_id")
            })?
        }
    };
    let service = context.checked.text("service_id");
    if !service.is_empty() && row["facts"]["service_id"] != service {
        let problem = "there is no such order of this service";
        return Err(context.refused(404, "RESOURCE_NOT_EXISTS", problem, "service_id"));
    }
    Ok(context.facts(&row["facts"]))
}

/// Changes an order. What was done already is done again without effect.
fn change(context: &Context<'_>, how: impl FnOnce(&Value, &mut Value) -> Result<(), Objection>) -> Outcome {
    let (body, path) = (&context.checked.body, context.operation().path.as_str());
    let mut store = lock(&context.inner.store);
    let mut row = context.found(&store, TABLE, "out_order_no")?;
    let done = json!({ "path": path, "digest": context.digest() });
    if row["last"] == done {
        return Ok(context.facts(&row["facts"]));
    }
    if body["service_id"].is_string() && body["service_id"] != row["facts"]["service_id"] {
        let problem = "the order is of another service";
        return Err(context.refused(400, "INVALID_REQUEST", problem, "service_id"));
    }
    how(body, &mut row["facts"]).map_err(|(field, problem)| match field {
        "out_order_no" => context.refused(400, "INVALID_ORDER_STATE", problem, field),
        field => {
            let place = format!("/{field}");
            context.at(Refusal::parameter("body", &place, &body[field], problem), field)
        }
    })?;
    row["last"] = done;
    store.put(TABLE, context.checked.text("out_order_no"), &row);
    Ok(context.facts(&row["facts"]))
}

fn must_be(facts: &Value, description: &str) -> Result<(), Objection> {
    match facts["state"] == "DOING" && facts["state_description"] == description {
        true => Ok(()),
        false => Err(("out_order_no", is(facts))),
    }
}

fn is(facts: &Value) -> String {
    let text = |name: &str| facts[name].as_str().unwrap_or_default();
    format!("the order is {} {}", text("state"), text("state_description"))
}

fn cancel(body: &Value, facts: &mut Value) -> Result<(), Objection> {
    if matches!(facts["state"].as_str(), Some("DONE" | "REVOKED" | "EXPIRED")) {
        return Err(("out_order_no", is(facts)));
    }
    facts["state"] = "REVOKED".into();
    facts["reason"] = body["reason"].clone();
    Ok(())
}

/// What the items of a list cost together.
fn sum(list: &Value) -> i64 {
    let items = list.as_array().into_iter().flatten();
    items
        .filter_map(|item| item["amount"].as_i64())
        .fold(0, i64::saturating_add)
}

/// What is to be paid in all, if it is what its parts come to.
fn total(body: &Value) -> Result<i64, Objection> {
    let parts = sum(&body["post_payments"]).saturating_sub(sum(&body["post_discounts"]));
    match body["total_amount"].as_i64() {
        Some(total) if total == parts && total >= 0 => Ok(total),
        _ => {
            let problem = format!("payments less discounts come to {parts}");
            Err(("total_amount", problem))
        }
    }
}

/// Writes what the merchant says at the end over what was said at the beginning.
fn update(body: &Value, facts: &mut Value) {
    // What the merchant does not name does not exist, in this response and in later ones.
    for name in ["post_payments", "post_discounts"] {
        facts[name] = body[name].clone();
    }
    for name in ["time_range", "location"] {
        for (key, value) in body[name].as_object().into_iter().flatten() {
            facts[name][key] = value.clone();
        }
    }
}

fn complete(body: &Value, facts: &mut Value) -> Result<(), Objection> {
    must_be(facts, CONFIRMED)?;
    let total = total(body)?;
    let risk = facts["risk_fund"]["amount"].as_i64().unwrap_or(i64::MAX);
    if total > risk {
        return Err(("total_amount", format!("the risk fund is {risk}")));
    }
    update(body, facts);
    facts["profit_sharing"] = body["profit_sharing"].clone();
    set(facts, "DOING", COMPLETED);
    collect(facts, total);
    Ok(())
}

fn modify(body: &Value, facts: &mut Value) -> Result<(), Objection> {
    must_be(facts, COMPLETED)?;
    let (total, before) = (total(body)?, facts["total_amount"].as_i64().unwrap_or(0));
    if total > before {
        return Err(("total_amount", format!("it may only become less than {before}")));
    }
    update(body, facts);
    collect(facts, total);
    Ok(())
}

/// The user has paid the merchant in another way.
fn sync(body: &Value, facts: &mut Value) -> Result<(), Objection> {
    must_be(facts, COMPLETED)?;
    paid(
        facts,
        json!({ "paid_type": "MCH", "paid_time": body["detail"]["paid_time"] }),
    );
    Ok(())
}

fn paid(facts: &mut Value, mut detail: Value) {
    let total = facts["total_amount"].clone();
    detail["seq"] = 1.into();
    detail["amount"] = total.clone();
    facts["state"] = "DONE".into();
    facts["collection"] = json!({
        "state": "USER_PAID",
        "total_amount": total,
        "paying_amount": 0,
        "paid_amount": total,
        "details": [detail],
    });
}

fn find(store: &Store, number: &str) -> Result<Value, Refusal> {
    let row = store.get(TABLE, number);
    row.ok_or_else(|| Refusal::new(404, "RESOURCE_NOT_EXISTS", "there is no such order"))
}

fn wrong(facts: &Value) -> Refusal {
    Refusal::new(400, "INVALID_ORDER_STATE", is(facts))
}

fn tell(inner: &Arc<Inner>, event: &str, facts: &Value) {
    let url = facts["notify_url"].as_str().unwrap_or_default();
    notify::later(inner, url, event, facts.clone());
}

/// The user confirms an order; its notification is sent.
///
/// # Errors
/// When there is no such order, or it waits for no user.
pub(crate) fn confirm(inner: &Arc<Inner>, number: &str) -> Result<Value, Refusal> {
    let mut store = lock(&inner.store);
    let mut row = find(&store, number)?;
    let facts = &mut row["facts"];
    if facts["state"] != "CREATED" {
        return Err(wrong(facts));
    }
    set(facts, "DOING", CONFIRMED);
    if facts["openid"].is_null() {
        facts["openid"] = format!("oSB0{}", crypto::random(24)).into();
    }
    store.put(TABLE, number, &row);
    drop(store);
    tell(inner, "PAYSCORE.USER_CONFIRM", &row["facts"]);
    Ok(row)
}

/// The user pays a completed order; its notification is sent.
///
/// # Errors
/// When there is no such order, or nothing is to be paid.
pub(crate) fn pay(inner: &Arc<Inner>, number: &str) -> Result<Value, Refusal> {
    let mut store = lock(&inner.store);
    let mut row = find(&store, number)?;
    let facts = &mut row["facts"];
    must_be(facts, COMPLETED).map_err(|_| wrong(facts))?;
    let (now, id) = (inner.clock.now(), text::transaction_id());
    let trade = format!("PS{}", text::digits(20));
    facts["out_trade_no"] = trade.clone().into();
    let time = text::compact(now);
    paid(
        facts,
        json!({ "paid_type": "NEWTON", "paid_time": time, "transaction_id": id }),
    );
    let total = facts["total_amount"].as_i64().unwrap_or(0);
    let mut known = json!({
        "appid": facts["appid"],
        "mchid": facts["mchid"],
        "description": facts["service_introduction"],
        "attach": facts["attach"],
        "amount": { "total": total },
        "payer": { "openid": facts["openid"] },
        "settle_info": { "profit_sharing": facts["profit_sharing"] == true },
    });
    known["notify_url"] = facts["notify_url"].clone();
    let mut paid = order::New {
        number: &trade,
        owner: &inner.identity.mchid,
        total,
        trade_type: "JSAPI",
        digest: "",
        now,
        expires: None,
        facts: known,
    }
    .row();
    paid["state"] = "SUCCESS".into();
    paid["transaction_id"] = id.into();
    paid["paid"] = now.into();
    let index = Value::from(trade.as_str());
    let mut rows: Vec<_> = order::rows(&trade, &paid, &index).collect();
    rows.push((TABLE, number, &row));
    store.put_all(&rows);
    drop(store);
    tell(inner, "PAYSCORE.USER_PAID", &row["facts"]);
    Ok(row)
}
