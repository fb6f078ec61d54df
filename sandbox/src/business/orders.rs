//! Orders of a merchant and of a partner: JSAPI, APP, H5, Native and code payments.
//!
//! In: requests to place, query, close and reverse them. Out: facts for the responses.

use serde_json::Value;

use super::{Context, Outcome, forms, order, payment};
use crate::lock;
use crate::refusal::Refusal;

const DOMESTIC: &str = "/v3/pay/transactions";
const PARTNER: &str = "/v3/pay/partner/transactions";

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    let operation = context.operation();
    let path = operation.bare_path.as_str();
    if operation.path != path {
        return None;
    }
    let rest = [DOMESTIC, PARTNER]
        .iter()
        .find_map(|base| path.strip_prefix(base)?.strip_prefix('/'))?;
    Some(match (operation.method.as_str(), rest) {
        ("POST", "jsapi" | "miniprogram" | "jsapi-with-contract") => place(context, "JSAPI"),
        ("POST", "app" | "app-with-contract") => place(context, "APP"),
        ("POST", "h5") => place(context, "MWEB"),
        ("POST", "native") => place(context, "NATIVE"),
        ("POST", "codepay") => place(context, "MICROPAY"),
        ("GET", "id/{transaction_id}") => query(context, "transaction_id"),
        ("GET", "out-trade-no/{out_trade_no}") => query(context, "out_trade_no"),
        ("POST", "out-trade-no/{out_trade_no}/close") => close(context),
        ("POST", "out-trade-no/{out_trade_no}/reverse") => reverse(context),
        _ => return None,
    })
}

/// The number can't be used, because of what was made under it.
pub fn conflict(context: &Context<'_>, row: &Value, digest: &str) -> Option<Refusal> {
    let refusal = |status, code, problem| Some(Refusal::new(status, code, problem));
    match order::state(row, context.now()) {
        _ if row["digest"] != digest => refusal(
            403,
            "OUT_TRADE_NO_USED",
            "the number has been used with other parameters",
        ),
        "CLOSED" => refusal(400, "ORDER_CLOSED", "the order is closed"),
        "REVOKED" => refusal(400, "ORDER_REVERSED", "the order is reversed"),
        "SUCCESS" | "REFUND" => refusal(400, "ORDER_PAID", "the order is paid"),
        _ => None,
    }
}

/// What the page does not say about the fields of an order.
fn check(context: &Context<'_>) -> Result<i64, Refusal> {
    let body = &context.checked.body;
    for name in ["appid", "sp_appid"] {
        forms::appid(context, name, &body[name])?;
    }
    forms::out_trade_no(context, "/out_trade_no", &body["out_trade_no"])?;
    forms::length(context, "/description", &body["description"], (1, 127))?;
    forms::length(context, "/attach", &body["attach"], (0, 128))?;
    forms::notify_url(context, "/notify_url", &body["notify_url"])?;
    forms::currency(context, "/amount/currency", &body["amount"]["currency"])?;
    forms::amount(context, "/amount/total", &body["amount"]["total"])
}

fn place(context: &Context<'_>, trade_type: &str) -> Outcome {
    context.merchant()?;
    let body = &context.checked.body;
    let (number, owner) = (context.checked.text("out_trade_no"), context.owner());
    let total = check(context)?;
    let digest = context.digest();
    let key = order::key(context.mchid(), owner, number);
    let mut store = lock(&context.inner.store);
    if let Some(row) = store.get(order::TABLE, &key) {
        // The repetition of a code payment tells what has become of it.
        let paid = trade_type == "MICROPAY" && row["digest"] == digest;
        if let Some(refusal) = conflict(context, &row, &digest).filter(|_| !paid) {
            return Err(context.at(refusal, "out_trade_no"));
        }
        drop(store);
        return match trade_type {
            "MICROPAY" => code_paid(context, &row),
            _ => Ok(context.facts(&order::handles(&row, context.writer.base))),
        };
    }
    let row = order::New {
        number,
        owner,
        total,
        trade_type,
        digest: &digest,
        now: context.now(),
        expires: forms::time_expire(context)?,
        facts: body.clone(),
    }
    .row();
    order::keep(&mut store, &key, &row);
    drop(store);
    match trade_type {
        "MICROPAY" => code_paid(context, &payment::by_code(context.inner, &key)?),
        _ => Ok(context.facts(&order::handles(&row, context.writer.base))),
    }
}

/// The outcome of a code payment: paid, or an error that says what is awaited.
fn code_paid(context: &Context<'_>, row: &Value) -> Outcome {
    match order::state(row, context.now()) {
        "USERPAYING" => Err(context.refused(
            400,
            "USERPAYING",
            "the user has to enter the password: query the order",
            "out_trade_no",
        )),
        "PAYERROR" => Err(context.refused(400, "TRADE_ERROR", "the payment failed", "out_trade_no")),
        "REVOKED" => Err(context.refused(400, "ORDER_REVERSED", "the order is reversed", "out_trade_no")),
        "CLOSED" => Err(context.refused(400, "ORDER_CLOSED", "the order is closed", "out_trade_no")),
        "NOTPAY" => Err(context.refused(
            500,
            "SYSTEM_ERROR",
            "the payment is under way: query the order",
            "out_trade_no",
        )),
        _ => Ok(context.facts(&order::facts(row, context.now()))),
    }
}

/// The order that the path names, if it belongs to the merchant of the request.
fn find(context: &Context<'_>, by: &str) -> Result<(String, Value), Refusal> {
    context.merchant()?;
    let wanted = context.checked.path[by].as_str().unwrap_or_default();
    let store = lock(&context.inner.store);
    let found = match by {
        "transaction_id" => order::by_transaction(&store, wanted),
        _ => {
            let key = order::key(context.mchid(), context.owner(), wanted);
            store.get(order::TABLE, &key).map(|row| (key, row))
        }
    };
    found
        .filter(|(_, row)| row["owner"] == context.owner() && row.get("combine").is_none())
        .ok_or_else(|| context.at(Refusal::new(404, "ORDER_NOT_EXIST", "there is no such order"), by))
}

fn query(context: &Context<'_>, by: &str) -> Outcome {
    let (_, row) = find(context, by)?;
    Ok(context.facts(&order::facts(&row, context.now())))
}

fn close(context: &Context<'_>) -> Outcome {
    let (key, _) = find(context, "out_trade_no")?;
    payment::close(context.inner, &key).map_err(|refusal| context.at(refusal, "out_trade_no"))?;
    Ok(context.writer.generic(context.checked))
}

fn reverse(context: &Context<'_>) -> Outcome {
    let (key, _) = find(context, "out_trade_no")?;
    let row = payment::reverse(context.inner, &key).map_err(|refusal| context.at(refusal, "out_trade_no"))?;
    let mut facts = context.checked.body.clone();
    facts["out_trade_no"] = row["number"].clone();
    Ok(context.facts(&facts))
}
