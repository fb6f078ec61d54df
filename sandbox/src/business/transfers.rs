//! Transfers to users, which they confirm one by one or have authorized beforehand.
//!
//! In: requests to transfer, to cancel, to query, and what the user does. Out: facts. One row per
//! transfer under its `out_bill_no`, one per authorization under its `out_authorization_no`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Context, Outcome};
use crate::refusal::Refusal;
use crate::store::Store;
use crate::{Inner, crypto, lock, notify, text};

pub const TABLE: &str = "transfers";
pub const AUTHORIZATIONS: &str = "transfer-authorizations";

const BILLS: &str = "/v3/fund-app/mch-transfer/transfer-bills";
const AUTHORIZATION: &str = "/v3/fund-app/mch-transfer/user-confirm-authorization";

/// From this amount on the receiver's name is needed: 2,000 yuan, in fen.
const NAMED: i64 = 200_000;

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    let operation = context.operation();
    let (method, path) = (operation.method.as_str(), operation.path.as_str());
    if let Some(rest) = path.strip_prefix(BILLS) {
        return Some(match (method, rest) {
            ("POST", "") => transfer(context),
            ("POST", "/transfer") => transfer_authorized(context),
            ("POST", "/pre-transfer-with-authorization") => transfer_and_authorize(context),
            ("GET", "/out-bill-no/{out_bill_no}") => query(context),
            ("GET", "/transfer-bill-no/{transfer_bill_no}") => query_by_id(context),
            ("POST", "/out-bill-no/{out_bill_no}/cancel") => cancel(context),
            _ => return None,
        });
    }
    if let Some(rest) = path.strip_prefix(AUTHORIZATION) {
        return Some(match (method, rest) {
            ("POST", "") => authorize(context),
            ("GET", "/out-authorization-no/{out_authorization_no}") => query_authorization(context),
            ("POST", "/out-authorization-no/{out_authorization_no}/close") => close_authorization(context),
            _ => return None,
        });
    }
    None
}

/// A transfer that is in order, as facts in `state`.
fn new(context: &Context<'_>, state: &str) -> Result<Value, Refusal> {
    let body = &context.checked.body;
    let amount = body["transfer_amount"].as_i64().unwrap_or(0);
    let named = body["user_name"].as_str().is_some_and(|name| !name.is_empty());
    let problem = match amount {
        ..1 => Some(("transfer_amount", "must be at least 1")),
        NAMED.. if !named => Some(("user_name", "is needed from 2,000 yuan on")),
        ..30 if named => Some(("user_name", "must not be given below 0.3 yuan")),
        _ => None,
    };
    if let Some((field, issue)) = problem {
        let refusal = Refusal::parameter("body", &format!("/{field}"), &body[field], issue);
        return Err(context.at(refusal, field));
    }
    let now = text::rfc3339(context.now());
    let mut facts = body.clone();
    for (name, value) in [
        ("mch_id", context.inner.identity.mchid.clone()),
        ("transfer_bill_no", format!("1330{}", text::digits(28))),
        ("state", state.into()),
        ("create_time", now.clone()),
        ("update_time", now),
    ] {
        facts[name] = value.into();
    }
    if state == "WAIT_USER_CONFIRM" {
        facts["package_info"] = crypto::random(64).into();
    }
    Ok(facts)
}

fn keep(context: &Context<'_>, store: &mut Store, facts: &Value) {
    let row = json!({ "digest": context.digest(), "facts": facts });
    store.put(TABLE, context.checked.text("out_bill_no"), &row);
}

fn transfer(context: &Context<'_>) -> Outcome {
    let mut store = lock(&context.inner.store);
    if let Some(row) = context.made(&store, TABLE, "out_bill_no")? {
        return Ok(context.facts(&row["facts"]));
    }
    let facts = new(context, "WAIT_USER_CONFIRM")?;
    keep(context, &mut store, &facts);
    context
        .inner
        .settle_later("transfer", context.checked.text("out_bill_no"));
    Ok(context.facts(&facts))
}

/// The user has agreed beforehand: it arrives at once.
fn transfer_authorized(context: &Context<'_>) -> Outcome {
    let mut store = lock(&context.inner.store);
    if let Some(row) = context.made(&store, TABLE, "out_bill_no")? {
        return Ok(context.facts(&row["facts"]));
    }
    let (number, id) = (
        context.checked.text("out_authorization_no"),
        context.checked.text("authorization_id"),
    );
    let agreed = store
        .all(AUTHORIZATIONS)
        .find(|(key, row)| key == number || (!id.is_empty() && row["facts"]["authorization_id"] == id));
    let agreed = agreed.filter(|(_, row)| row["facts"]["state"] == "TAKING_EFFECT");
    let Some((_, agreed)) = agreed else {
        let problem = "the user has not agreed to receive without confirming";
        return Err(context.refused(400, "INVALID_REQUEST", problem, "out_authorization_no"));
    };
    let openid = agreed["facts"]["openid"].clone();
    let mut facts = new(context, "ACCEPTED")?;
    facts["openid"] = openid;
    keep(context, &mut store, &facts);
    drop(store);
    let number = context.checked.text("out_bill_no");
    settle(context.inner, number, "SUCCESS")?;
    Ok(context.facts(&facts))
}

fn transfer_and_authorize(context: &Context<'_>) -> Outcome {
    let mut store = lock(&context.inner.store);
    if let Some(row) = context.made(&store, TABLE, "out_bill_no")? {
        return Ok(context.facts(&row["facts"]));
    }
    let body = &context.checked.body;
    let mut facts = new(context, "WAIT_USER_CONFIRM")?;
    let info = &body["authorization_info"];
    if let Some(number) = info["out_authorization_no"].as_str() {
        if store.get(AUTHORIZATIONS, number).is_some() {
            let problem = "out_authorization_no has been used";
            return Err(context.refused(400, "INVALID_REQUEST", problem, "authorization_info"));
        }
        let mut authorization = info.clone();
        for name in ["appid", "openid", "transfer_scene_id", "user_recv_perception"] {
            authorization[name] = body[name].clone();
        }
        store.put(AUTHORIZATIONS, number, &waiting(context, authorization));
        facts["out_authorization_no"] = number.into();
        facts["user_display_name"] = info["user_display_name"].clone();
    }
    keep(context, &mut store, &facts);
    context
        .inner
        .settle_later("transfer", context.checked.text("out_bill_no"));
    Ok(context.facts(&facts))
}

fn query(context: &Context<'_>) -> Outcome {
    let row = context.found(&lock(&context.inner.store), TABLE, "out_bill_no")?;
    Ok(context.facts(&row["facts"]))
}

fn query_by_id(context: &Context<'_>) -> Outcome {
    let id = context.checked.text("transfer_bill_no");
    let store = lock(&context.inner.store);
    let row = store
        .all(TABLE)
        .find(|(_, row)| row["facts"]["transfer_bill_no"] == id);
    match row {
        Some((_, row)) => Ok(context.facts(&row["facts"])),
        None => {
            let problem = "there is no such transfer";
            Err(context.refused(404, "RESOURCE_NOT_EXISTS", problem, "transfer_bill_no"))
        }
    }
}

fn cancel(context: &Context<'_>) -> Outcome {
    let mut store = lock(&context.inner.store);
    let mut row = context.found(&store, TABLE, "out_bill_no")?;
    match row["facts"]["state"].as_str() {
        Some("CANCELING" | "CANCELLED") => {}
        Some("WAIT_USER_CONFIRM") => {
            row["facts"]["state"] = "CANCELING".into();
            row["facts"]["update_time"] = text::rfc3339(context.now()).into();
            store.put(TABLE, context.checked.text("out_bill_no"), &row);
            context
                .inner
                .settle_later("transfer", context.checked.text("out_bill_no"));
        }
        state => {
            let problem = format!("the transfer is {}", state.unwrap_or_default());
            return Err(context.refused(400, "INVALID_REQUEST", problem, "out_bill_no"));
        }
    }
    Ok(context.facts(&row["facts"]))
}

/// A transfer moves on: `ACCEPTED`, `PROCESSING`, `WAIT_USER_CONFIRM`, `TRANSFERING`, `CANCELING`, and at
/// the end `SUCCESS`, `FAIL` or `CANCELLED`, of which a notification is sent. A transfer that is being
/// cancelled ends `CANCELLED`: <https://pay.weixin.qq.com/doc/v3/merchant/4012716458>.
///
/// # Errors
/// When there is no such transfer, it has ended, or there is no such state.
pub(crate) fn settle(inner: &Arc<Inner>, number: &str, state: &str) -> Result<Value, Refusal> {
    const UNDER_WAY: [&str; 5] = [
        "ACCEPTED",
        "PROCESSING",
        "WAIT_USER_CONFIRM",
        "TRANSFERING",
        "CANCELING",
    ];
    let wrong = |problem: String| Refusal::new(400, "INVALID_REQUEST", problem);
    let mut store = lock(&inner.store);
    let row = store.get(TABLE, number);
    let mut row = row.ok_or_else(|| Refusal::new(404, "RESOURCE_NOT_EXISTS", "there is no such transfer"))?;
    let before = row["facts"]["state"].as_str().unwrap_or_default().to_owned();
    let ends = matches!(state, "SUCCESS" | "FAIL" | "CANCELLED");
    if !ends && !UNDER_WAY.contains(&state) {
        return Err(wrong(format!("a transfer has no state {state}")));
    }
    let cancelled = state == "CANCELLED";
    if !UNDER_WAY.contains(&&*before) || (ends && cancelled != (before == "CANCELING")) {
        return Err(wrong(format!("the transfer is {before}")));
    }
    row["facts"]["state"] = state.into();
    row["facts"]["update_time"] = text::rfc3339(inner.clock.now()).into();
    if state == "FAIL" {
        row["facts"]["fail_reason"] = "PAYEE_ACCOUNT_ABNORMAL".into();
    }
    store.put(TABLE, number, &row);
    let authorization = row["facts"]["out_authorization_no"].as_str().map(str::to_owned);
    let waits = |number: &String| {
        let row = store.get(AUTHORIZATIONS, number);
        row.is_some_and(|row| row["facts"]["state"] == "WAIT_USER_CONFIRM")
    };
    let authorization = authorization.filter(|number| state == "SUCCESS" && waits(number));
    drop(store);
    if ends {
        let url = row["facts"]["notify_url"].as_str().unwrap_or_default();
        notify::later(inner, url, "MCHTRANSFER.BILL.FINISHED", row["facts"].clone());
    }
    if let Some(number) = authorization {
        settle_authorization(inner, &number, true)?;
    }
    Ok(row)
}

/// An authorization that waits for the user.
fn waiting(context: &Context<'_>, mut facts: Value) -> Value {
    facts["state"] = "WAIT_USER_CONFIRM".into();
    facts["create_time"] = text::rfc3339(context.now()).into();
    facts["package_info"] = crypto::random(64).into();
    json!({ "digest": context.digest(), "facts": facts })
}

fn authorize(context: &Context<'_>) -> Outcome {
    let mut store = lock(&context.inner.store);
    let row = match context.made(&store, AUTHORIZATIONS, "out_authorization_no")? {
        Some(row) => row,
        None => {
            let row = waiting(context, context.checked.body.clone());
            let number = context.checked.text("out_authorization_no");
            store.put(AUTHORIZATIONS, number, &row);
            row
        }
    };
    Ok(context.facts(&row["facts"]))
}

fn query_authorization(context: &Context<'_>) -> Outcome {
    let row = context.found(
        &lock(&context.inner.store),
        AUTHORIZATIONS,
        "out_authorization_no",
    )?;
    Ok(context.facts(&row["facts"]))
}

fn close_authorization(context: &Context<'_>) -> Outcome {
    let mut store = lock(&context.inner.store);
    let mut row = context.found(&store, AUTHORIZATIONS, "out_authorization_no")?;
    if row["facts"]["state"] != "CLOSED" {
        shut(&mut row, "CLOSE_VIA_MCH_API", context.now());
        let number = context.checked.text("out_authorization_no");
        store.put(AUTHORIZATIONS, number, &row);
    }
    Ok(context.facts(&row["facts"]))
}

fn shut(row: &mut Value, reason: &str, now: u64) {
    row["facts"]["state"] = "CLOSED".into();
    row["facts"]["close_info"] = json!({ "close_time": text::rfc3339(now), "close_reason": reason });
}

/// The user agrees to receive without confirming each time, or takes that back; its notification is sent.
///
/// # Errors
/// When there is no such authorization, or it is closed.
pub(crate) fn settle_authorization(inner: &Arc<Inner>, number: &str, agrees: bool) -> Result<Value, Refusal> {
    let mut store = lock(&inner.store);
    let mut row = store
        .get(AUTHORIZATIONS, number)
        .ok_or_else(|| Refusal::new(404, "RESOURCE_NOT_EXISTS", "there is no such authorization"))?;
    let state = row["facts"]["state"].as_str().unwrap_or_default();
    if state == "CLOSED" || (agrees && state != "WAIT_USER_CONFIRM") {
        let problem = format!("the authorization is {state}");
        return Err(Refusal::new(400, "INVALID_REQUEST", problem));
    }
    if agrees {
        row["facts"]["state"] = "TAKING_EFFECT".into();
        row["facts"]["authorization_id"] = text::digits(32).into();
        row["facts"]["authorize_time"] = text::rfc3339(inner.clock.now()).into();
    } else {
        shut(&mut row, "USER_CLOSE", inner.clock.now());
    }
    store.put(AUTHORIZATIONS, number, &row);
    drop(store);
    let url = row["facts"]["authorization_notify_url"]
        .as_str()
        .unwrap_or_default();
    if !url.is_empty() {
        let event = match agrees {
            true => "MCHTRANSFER.AUTHORIZATION.CONFIRMED",
            false => "MCHTRANSFER.AUTHORIZATION.CLOSED",
        };
        notify::later(inner, url, event, row["facts"].clone());
    }
    Ok(row)
}
