//! Coupons: stocks are made, started, paused and stopped; coupons of a running stock are sent to users.
//!
//! In: requests below `/v3/marketing/favor`, and a user who uses a coupon. Out: facts. The rules are those
//! of <https://pay.weixin.qq.com/doc/v3/merchant/4012534633>.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Context, Outcome, forms};
use crate::refusal::Refusal;
use crate::store::Store;
use crate::{Inner, lock, notify, text};

const STOCKS: &str = "favor-stocks";
pub const COUPONS: &str = "favor-coupons";
/// What was made under a merchant's number: the key of a stock or a coupon.
const NUMBERS: &str = "favor-numbers";

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    let operation = context.operation();
    let rest = operation.path.strip_prefix("/v3/marketing/favor/")?;
    Some(match (operation.method.as_str(), rest) {
        ("POST", "coupon-stocks") => make(context),
        ("GET", "stocks") => list(context),
        ("GET", "stocks/{stock_id}") => query(context),
        ("POST", "stocks/{stock_id}/start") => change(context, &["unactivated"], "running", "start_time"),
        ("POST", "stocks/{stock_id}/pause") => change(context, &["running"], "paused", "pause_time"),
        ("POST", "stocks/{stock_id}/restart") => change(context, &["paused"], "running", "restart_time"),
        ("POST", "stocks/{stock_id}/stop") => change(
            context,
            &["unactivated", "running", "paused"],
            "stoped",
            "stop_time",
        ),
        ("POST", "users/{openid}/coupons") => send(context),
        ("GET", "users/{openid}/coupons") => of_user(context),
        ("GET", "users/{openid}/coupons/{coupon_id}") => coupon(context),
        _ => return None,
    })
}

/// What was made before under `out_request_no`, in this table.
fn repeated(context: &Context<'_>, store: &Store, table: &str) -> Result<Option<Value>, Refusal> {
    let made = context.made(store, NUMBERS, "out_request_no")?;
    Ok(made.and_then(|made| store.get(table, made["key"].as_str()?)))
}

fn keep(context: &Context<'_>, store: &mut Store, table: &str, key: &str, row: &Value) {
    let made = json!({ "digest": context.digest(), "key": key });
    store.put_all(&[
        (table, key, row),
        (NUMBERS, context.checked.text("out_request_no"), &made),
    ]);
}

fn make(context: &Context<'_>) -> Outcome {
    let body = &context.checked.body;
    let mut store = lock(&context.inner.store);
    if let Some(row) = repeated(context, &store, STOCKS)? {
        return Ok(context.facts(&row));
    }
    let time = |name: &str| body[name].as_str().and_then(text::from_rfc3339);
    let (begin, end) = (time("available_begin_time"), time("available_end_time"));
    let (Some(begin), Some(end)) = (begin, end) else {
        let issue = "not a time of RFC 3339";
        return Err(forms::refuse(
            context,
            "/available_begin_time",
            &body["available_begin_time"],
            issue,
        ));
    };
    if end <= begin || end <= context.now() {
        let issue = "must be after the beginning, and not over";
        return Err(forms::refuse(
            context,
            "/available_end_time",
            &body["available_end_time"],
            issue,
        ));
    }
    let rule = &body["stock_use_rule"];
    for name in ["max_coupons", "max_amount", "max_coupons_per_user"] {
        if rule[name].as_i64().is_none_or(|value| value < 1) {
            let path = format!("/stock_use_rule/{name}");
            return Err(forms::refuse(context, &path, &rule[name], "must be at least 1"));
        }
    }
    let id = text::digits(8);
    let mut row = body.clone();
    for (name, value) in [
        ("stock_id", json!(id)),
        ("stock_creator_mchid", json!(context.mchid())),
        ("status", json!("unactivated")),
        ("create_time", json!(text::rfc3339(context.now()))),
        ("description", body["pattern_info"]["description"].clone()),
        ("distributed_coupons", json!(0)),
        ("singleitem", json!(false)),
    ] {
        row[name] = value;
    }
    keep(context, &mut store, STOCKS, &id, &row);
    Ok(context.facts(&row))
}

/// A stock of the merchant that a request names.
fn stock(context: &Context<'_>, store: &Store) -> Result<Value, Refusal> {
    let row = context.found(store, STOCKS, "stock_id")?;
    match row["stock_creator_mchid"] == context.checked.text("stock_creator_mchid") {
        true => Ok(row),
        false => {
            let problem = "the stock is another merchant's";
            Err(context.refused(404, "RESOURCE_NOT_EXISTS", problem, "stock_creator_mchid"))
        }
    }
}

fn query(context: &Context<'_>) -> Outcome {
    Ok(context.facts(&stock(context, &lock(&context.inner.store))?))
}

/// The page of a list that a request asks for.
fn page(context: &Context<'_>, rows: Vec<Value>) -> Outcome {
    let number = |name: &str, usual: usize| {
        let value = context.checked.get(name);
        let value = value.and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok()));
        value
            .and_then(|value| usize::try_from(value).ok())
            .unwrap_or(usual)
    };
    // `offset` is the number of the page here.
    let (offset, limit) = (number("offset", 0), number("limit", 20));
    let total = rows.len();
    let data: Vec<_> = rows
        .into_iter()
        .skip(offset.saturating_mul(limit))
        .take(limit)
        .collect();
    Ok(context.facts(&json!({ "total_count": total, "offset": offset, "limit": limit, "data": data })))
}

fn list(context: &Context<'_>) -> Outcome {
    let status = context.checked.text("status");
    let wanted = |row: &Value| status.is_empty() || row["status"] == status;
    let rows = lock(&context.inner.store)
        .all(STOCKS)
        .map(|(_, row)| row)
        .filter(wanted)
        .collect();
    page(context, rows)
}

fn change(context: &Context<'_>, from: &[&str], to: &str, time: &str) -> Outcome {
    let mut store = lock(&context.inner.store);
    let mut row = stock(context, &store)?;
    let status = row["status"].as_str().unwrap_or_default();
    if !from.contains(&status) {
        let problem = format!("the stock is {status}");
        return Err(context.refused(400, "INVALID_REQUEST", problem, "stock_id"));
    }
    row["status"] = to.into();
    row[time] = text::rfc3339(context.now()).into();
    store.put(STOCKS, context.checked.text("stock_id"), &row);
    Ok(context.facts(&row))
}

/// Whether a moment is behind the end of a stock.
fn is_over(stock: &Value, now: u64) -> bool {
    let end = stock["available_end_time"].as_str().and_then(text::from_rfc3339);
    end.is_some_and(|end| end <= now)
}

fn send(context: &Context<'_>) -> Outcome {
    let body = &context.checked.body;
    let openid = context.checked.path["openid"].as_str().unwrap_or_default();
    forms::appid(context, "appid", &body["appid"])?;
    let mut store = lock(&context.inner.store);
    if let Some(row) = repeated(context, &store, COUPONS)? {
        return Ok(context.facts(&row));
    }
    let mut stock = stock(context, &store)?;
    let refused = |code, problem: String| Err(context.refused(400, code, problem, "stock_id"));
    let status = stock["status"].as_str().unwrap_or_default();
    if status != "running" || is_over(&stock, context.now()) {
        return refused("INVALID_REQUEST", format!("the stock is {status}, or over"));
    }
    let rule = &stock["stock_use_rule"];
    let most = |name: &str| rule[name].as_i64().unwrap_or(i64::MAX);
    let sent = stock["distributed_coupons"].as_i64().unwrap_or(0);
    if sent >= most("max_coupons") {
        return refused("NOT_ENOUGH", format!("all {sent} coupons were sent"));
    }
    let id = stock["stock_id"].as_str().unwrap_or_default().to_owned();
    let got = store
        .all(COUPONS)
        .filter(|(_, row)| row["openid"] == openid && row["stock_id"] == *id);
    let got = i64::try_from(got.count()).unwrap_or(i64::MAX);
    if got >= most("max_coupons_per_user") {
        return refused("RULE_LIMIT", format!("the user has {got} coupons of this stock"));
    }
    let key = text::digits(12);
    let coupon = json!({
        "coupon_id": key,
        "stock_id": id,
        "stock_creator_mchid": stock["stock_creator_mchid"],
        "coupon_name": stock["stock_name"],
        "coupon_type": "NORMAL",
        "status": "SENDED",
        "openid": openid,
        "description": stock["description"],
        "create_time": text::rfc3339(context.now()),
        "available_begin_time": stock["available_begin_time"],
        "available_end_time": stock["available_end_time"],
        "singleitem": false,
        "normal_coupon_information": stock["coupon_use_rule"]["fixed_normal_coupon"],
    });
    stock["distributed_coupons"] = (sent + 1).into();
    store.put(STOCKS, &id, &stock);
    keep(context, &mut store, COUPONS, &key, &coupon);
    Ok(context.facts(&coupon))
}

/// A coupon as it is at a moment.
fn told(mut row: Value, now: u64) -> Value {
    if row["status"] == "SENDED" && is_over(&row, now) {
        row["status"] = "EXPIRED".into();
    }
    row
}

fn of_user(context: &Context<'_>) -> Outcome {
    let openid = context.checked.path["openid"].as_str().unwrap_or_default();
    let (stock, status) = (context.checked.text("stock_id"), context.checked.text("status"));
    let wanted = |row: &Value| {
        row["openid"] == openid
            && (stock.is_empty() || row["stock_id"] == stock)
            && (status.is_empty() || row["status"] == status)
    };
    let all = lock(&context.inner.store).all(COUPONS);
    let rows = all
        .map(|(_, row)| told(row, context.now()))
        .filter(wanted)
        .collect();
    page(context, rows)
}

fn coupon(context: &Context<'_>) -> Outcome {
    let row = context.found(&lock(&context.inner.store), COUPONS, "coupon_id")?;
    match row["openid"] == context.checked.path["openid"] {
        true => Ok(context.facts(&told(row, context.now()))),
        false => {
            let problem = "the coupon is another user's";
            Err(context.refused(404, "RESOURCE_NOT_EXISTS", problem, "coupon_id"))
        }
    }
}

/// The user uses a coupon; `url` is told of it.
///
/// # Errors
/// When there is no such coupon, or it can't be used any more.
pub(crate) fn spend(inner: &Arc<Inner>, id: &str, url: &str) -> Result<Value, Refusal> {
    let now = inner.clock.now();
    let mut store = lock(&inner.store);
    let row = store.get(COUPONS, id);
    let row = row.ok_or_else(|| Refusal::new(404, "RESOURCE_NOT_EXISTS", "there is no such coupon"))?;
    let mut row = told(row, now);
    if row["status"] != "SENDED" {
        let status = row["status"].as_str().unwrap_or_default();
        return Err(Refusal::new(
            400,
            "INVALID_REQUEST",
            format!("the coupon is {status}"),
        ));
    }
    row["status"] = "USED".into();
    row["consume_information"] = json!({
        "consume_time": text::rfc3339(now),
        "consume_mchid": inner.identity.mchid,
        "transaction_id": text::transaction_id(),
    });
    store.put(COUPONS, id, &row);
    drop(store);
    notify::later(inner, url, "COUPON.USE", row.clone());
    Ok(row)
}
