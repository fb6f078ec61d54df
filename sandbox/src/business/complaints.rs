//! Complaints of users about orders: listed, answered, completed.
//!
//! In: requests of the merchant, and what the user complains about. Out: facts. One row per complaint
//! under its `complaint_id`. The rules are those of
//! <https://pay.weixin.qq.com/doc/v3/merchant/4012467255>.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Context, Outcome, order};
use crate::refusal::Refusal;
use crate::{Inner, crypto, lock, notify, text};

pub const TABLE: &str = "complaints";

const BASE: &str = "/v3/merchant-service/complaints-v2";

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    let operation = context.operation();
    let rest = operation.path.strip_prefix(BASE)?;
    Some(match (operation.method.as_str(), rest) {
        ("GET", "") => list(context),
        ("GET", "/{complaint_id}") => detail(context),
        ("GET", "/{complaint_id}/negotiation-historys") => history(context),
        ("POST", "/{complaint_id}/response") => change(context, "PROCESSING", "MERCHANT_RESPONSE"),
        ("POST", "/{complaint_id}/complete") => change(context, "PROCESSED", "MERCHANT_CONFIRM_COMPLETE"),
        _ => return None,
    })
}

/// The page of a list that a request asks for, as facts.
fn page(context: &Context<'_>, rows: Vec<Value>, usual: usize) -> Value {
    let number = |name: &str, usual: usize| {
        let value = context.checked.get(name);
        let value = value.and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok()));
        value
            .and_then(|value| usize::try_from(value).ok())
            .unwrap_or(usual)
    };
    let (offset, limit) = (number("offset", 0), number("limit", usual));
    let total = rows.len();
    let data: Vec<_> = rows.into_iter().skip(offset).take(limit).collect();
    json!({ "data": data, "offset": offset, "limit": limit, "total_count": total })
}

fn list(context: &Context<'_>) -> Outcome {
    let (begin, end) = (
        context.checked.text("begin_date"),
        context.checked.text("end_date"),
    );
    let merchant = context.checked.text("complainted_mchid");
    let wanted = |facts: &Value| {
        let day = facts["complaint_time"]
            .as_str()
            .and_then(|time| time.get(..10))
            .unwrap_or_default();
        (begin..=end).contains(&day) && (merchant.is_empty() || facts["complainted_mchid"] == merchant)
    };
    let store = lock(&context.inner.store);
    let rows = store
        .all(TABLE)
        .map(|(_, row)| row["facts"].clone())
        .filter(wanted)
        .collect();
    drop(store);
    Ok(context.facts(&page(context, rows, 10)))
}

fn detail(context: &Context<'_>) -> Outcome {
    let row = context.found(&lock(&context.inner.store), TABLE, "complaint_id")?;
    Ok(context.facts(&row["facts"]))
}

fn history(context: &Context<'_>) -> Outcome {
    let row = context.found(&lock(&context.inner.store), TABLE, "complaint_id")?;
    let rows = row["history"].as_array().cloned().unwrap_or_default();
    Ok(context.facts(&page(context, rows, 100)))
}

fn entry(operator: &str, what: &str, details: &Value, now: u64) -> Value {
    json!({
        "log_id": text::digits(16),
        "operator": operator,
        "operate_time": text::rfc3339(now),
        "operate_type": what,
        "operate_details": details,
    })
}

fn change(context: &Context<'_>, state: &str, what: &str) -> Outcome {
    let mut store = lock(&context.inner.store);
    let mut row = context.found(&store, TABLE, "complaint_id")?;
    let body = &context.checked.body;
    if row["facts"]["complainted_mchid"] != body["complainted_mchid"] {
        let problem = "the complaint is not about this merchant";
        return Err(context.refused(400, "INVALID_REQUEST", problem, "complainted_mchid"));
    }
    if row["facts"]["complaint_state"] == "PROCESSED" {
        let problem = "the complaint is completed";
        return Err(context.refused(400, "INVALID_REQUEST", problem, "complaint_id"));
    }
    if state == "PROCESSED" && row["facts"]["incoming_user_response"] == true {
        let problem = "the user waits for a response";
        return Err(context.refused(400, "INVALID_REQUEST", problem, "complaint_id"));
    }
    row["facts"]["complaint_state"] = state.into();
    row["facts"]["incoming_user_response"] = false.into();
    let entry = entry("商家", what, &body["response_content"], context.now());
    row["history"]
        .as_array_mut()
        .into_iter()
        .for_each(|all| all.push(entry.clone()));
    store.put(TABLE, context.checked.text("complaint_id"), &row);
    drop(store);
    Ok(context.writer.generic(context.checked))
}

/// The user complains about a paid order; `url` is told of it.
///
/// # Errors
/// When there is no such order.
pub(crate) fn complain(inner: &Arc<Inner>, number: &str, detail: &str, url: &str) -> Result<Value, Refusal> {
    let now = inner.clock.now();
    let mut store = lock(&inner.store);
    let paid = order::locate(&store, number).filter(|(_, row)| row["transaction_id"].is_string());
    let missing = || Refusal::new(404, "ORDER_NOT_EXIST", "there is no such paid order");
    let (_, paid) = paid.ok_or_else(missing)?;
    let id = format!("2000{}{}", &text::compact(now)[..8], text::digits(14));
    let facts = json!({
        "complaint_id": id,
        "complaint_time": text::rfc3339(now),
        "complaint_detail": detail,
        "complaint_state": "PENDING",
        "complainted_mchid": paid["owner"],
        "payer_phone": "13800000000",
        "payer_openid": paid["facts"]["payer"]["openid"],
        "complaint_order_info": [{
            "transaction_id": paid["transaction_id"],
            "out_trade_no": paid["number"],
            "amount": paid["total"],
        }],
        "complaint_full_refunded": paid["refunded"] == paid["total"],
        "incoming_user_response": true,
        "problem_description": detail,
        "user_complaint_times": 1,
        "problem_type": "OTHERS",
    });
    let entry = entry("投诉人", "USER_CREATE_COMPLAINT", &detail.into(), now);
    let row = json!({ "token": crypto::random(16), "facts": facts, "history": [entry] });
    store.put(TABLE, &id, &row);
    drop(store);
    let told = json!({ "complaint_id": id, "action_type": "CREATE_COMPLAINT" });
    notify::later(inner, url, "COMPLAINT.CREATE", told);
    Ok(row)
}
