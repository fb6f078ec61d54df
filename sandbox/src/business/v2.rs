//! APIv2's orders, refunds and bills, in the same tables as APIv3's.
//!
//! In: `unifiedorder`, `micropay`, `pappayapply`, their queries, `closeorder`, `reverse`, `refund`,
//! `refundquery`, `downloadbill`, `downloadfundflow`. Out: fields, or a bill.

use serde_json::Value;

use super::v2_fields::{closed, failed, ordered, paid, queried, refunded, refunds_of};
use super::{Context, Outcome, bills, forms, order, orders, payment, refunds};
use crate::lock;
use crate::refusal::Refusal;

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    Some(match context.operation().bare_path.as_str() {
        "/pay/unifiedorder" => place(context, context.checked.text("trade_type")),
        "/pay/micropay" => place(context, "MICROPAY"),
        "/pay/pappayapply" => place(context, "PAP"),
        "/pay/orderquery" | "/pay/paporderquery" => query(context),
        "/pay/closeorder" => close(context),
        "/secapi/pay/reverse" => reverse(context),
        "/secapi/pay/refund" => refund(context),
        "/pay/refundquery" => refund_query(context),
        "/pay/downloadbill" => bills::download_v2(context, bills::Kind::Trades),
        "/pay/downloadfundflow" => bills::download_v2(context, bills::Kind::Funds),
        _ => return None,
    })
}

fn amount(context: &Context<'_>, name: &str) -> i64 {
    let value = context.checked.get(name);
    value
        .and_then(|value| value.as_i64().or_else(|| value.as_str()?.parse().ok()))
        .unwrap_or(0)
}

/// The fields without those that differ in a repetition although what they ask for is the same.
fn asked(context: &Context<'_>) -> Value {
    let mut facts = context.checked.body.clone();
    for name in ["nonce_str", "sign", "sign_type"] {
        facts.as_object_mut().and_then(|facts| facts.shift_remove(name));
    }
    facts
}

/// What the page does not say about the fields of an order.
fn check(context: &Context<'_>) -> Result<i64, Refusal> {
    let body = &context.checked.body;
    forms::appid(context, "appid", &body["appid"])?;
    forms::out_trade_no(context, "/out_trade_no", &body["out_trade_no"])?;
    forms::length(context, "/body", &body["body"], (1, 127))?;
    forms::length(context, "/attach", &body["attach"], (0, 127))?;
    forms::notify_url(context, "/notify_url", &body["notify_url"])?;
    forms::currency(context, "/fee_type", &body["fee_type"])?;
    if body["trade_type"] == "JSAPI" && body["openid"].is_null() && body["sub_openid"].is_null() {
        return Err(forms::refuse(
            context,
            "/openid",
            &Value::Null,
            "required for JSAPI",
        ));
    }
    forms::amount(context, "/total_fee", &body["total_fee"])
}

fn place(context: &Context<'_>, trade_type: &str) -> Outcome {
    let total = check(context)?;
    let facts = asked(context);
    let digest = super::digest_of(facts.clone());
    let (number, owner) = (context.checked.text("out_trade_no"), context.owner());
    let key = order::key(context.mchid(), owner, number);
    let mut store = lock(&context.inner.store);
    if let Some(row) = store.get(order::TABLE, &key) {
        let repeated = row["digest"] == digest && matches!(trade_type, "MICROPAY" | "PAP");
        if let Some(refusal) = orders::conflict(context, &row, &digest).filter(|_| !repeated) {
            return Err(context.at(refusal, "out_trade_no"));
        }
        drop(store);
        return placed(context, &row);
    }
    let mut row = order::New {
        number,
        owner,
        total,
        trade_type,
        digest: &digest,
        now: context.now(),
        expires: forms::time_expire(context)?,
        facts,
    }
    .row();
    row["v2"] = true.into();
    if trade_type == "PAP" {
        // The deduction is accepted; its result comes by notification.
        row["state"] = "ACCEPT".into();
    }
    order::keep(&mut store, &key, &row);
    drop(store);
    match trade_type {
        "MICROPAY" => placed(context, &payment::by_code(context.inner, &key)?),
        _ => {
            if trade_type == "PAP" {
                context.inner.settle_later("order", &key);
            }
            placed(context, &row)
        }
    }
}

/// What the merchant is told of a new order.
fn placed(context: &Context<'_>, row: &Value) -> Outcome {
    let refused = |code, problem| Err(context.refused(200, code, problem, "out_trade_no"));
    match (row["trade_type"].as_str(), order::state(row, context.now())) {
        (Some("MICROPAY"), "USERPAYING") => refused("USERPAYING", "the user has to enter the password"),
        (Some("MICROPAY"), "PAYERROR") => refused("TRADE_ERROR", "the payment failed"),
        (Some("MICROPAY"), "REVOKED") => refused("ORDER_REVERSED", "the order is reversed"),
        (Some("MICROPAY"), "CLOSED") => refused("ORDER_CLOSED", "the order is closed"),
        (Some("MICROPAY"), "NOTPAY") => refused("SYSTEM_ERROR", "the payment is under way: query the order"),
        (Some("MICROPAY"), _) => Ok(context.facts(&paid(row, context.now()))),
        (Some("PAP"), _) => Ok(context.facts(&queried(row, context.now()))),
        _ => Ok(context.facts(&ordered(order::handles(row, context.writer.base)))),
    }
}

/// The order that a request names, if it belongs to the merchant of the request. The parts of a combined
/// order are queried, closed and reversed by its own requests.
fn find(context: &Context<'_>) -> Result<(String, Value), Refusal> {
    match find_any(context)? {
        (_, row) if row.get("combine").is_some() => Err(missing(context)),
        found => Ok(found),
    }
}

fn missing(context: &Context<'_>) -> Refusal {
    context.refused(200, "ORDER_NOT_EXIST", "there is no such order", "out_trade_no")
}

fn find_any(context: &Context<'_>) -> Result<(String, Value), Refusal> {
    let (id, number) = (
        context.checked.text("transaction_id"),
        context.checked.text("out_trade_no"),
    );
    let store = lock(&context.inner.store);
    let found = match id {
        "" => {
            let key = order::key(context.mchid(), context.owner(), number);
            store.get(order::TABLE, &key).map(|row| (key, row))
        }
        id => order::by_transaction(&store, id),
    };
    let found = found.filter(|(_, row)| row["owner"] == context.owner());
    found.ok_or_else(|| missing(context))
}

fn query(context: &Context<'_>) -> Outcome {
    let (_, row) = find(context)?;
    Ok(context.facts(&queried(&row, context.now())))
}

fn close(context: &Context<'_>) -> Outcome {
    let (key, row) = find(context)?;
    if order::state(&row, context.now()) == "CLOSED" {
        return Err(context.refused(200, "ORDER_CLOSED", "the order is closed", "out_trade_no"));
    }
    payment::close(context.inner, &key).map_err(|refusal| context.at(refusal, "out_trade_no"))?;
    Ok(context.facts(&closed()))
}

/// `recall` says whether to call again, which only a payment that is under way asks for.
fn reverse(context: &Context<'_>) -> Outcome {
    let outcome = find(context).and_then(|(key, _)| {
        payment::reverse(context.inner, &key).map_err(|refusal| context.at(refusal, "out_trade_no"))
    });
    match outcome {
        Ok(_) => {
            let mut facts = closed();
            facts["recall"] = "N".into();
            Ok(context.facts(&facts))
        }
        Err(refusal) => {
            let mut facts = failed(&refusal);
            facts["recall"] = if refusal.code == "USERPAYING" { "Y" } else { "N" }.into();
            Ok(context.facts(&facts))
        }
    }
}

fn refund(context: &Context<'_>) -> Outcome {
    let (checked, facts) = (context.checked, asked(context));
    forms::number(context, "/out_refund_no", &facts["out_refund_no"], (1, 64))?;
    forms::notify_url(context, "/notify_url", &facts["notify_url"])?;
    forms::currency(context, "/refund_fee_type", &facts["refund_fee_type"])?;
    let asked = refunds::Asked {
        number: checked.text("out_refund_no"),
        owner: context.owner(),
        transaction_id: checked.text("transaction_id"),
        out_trade_no: checked.text("out_trade_no"),
        total: amount(context, "total_fee"),
        refund: amount(context, "refund_fee"),
        digest: super::digest_of(facts.clone()),
        facts,
        v2: true,
    };
    let row = refunds::new(context, asked).map_err(|(refusal, field)| context.at(refusal, field))?;
    Ok(context.facts(&refunded(&row)))
}

fn refund_query(context: &Context<'_>) -> Outcome {
    let checked = context.checked;
    let missing = || {
        context.refused(
            200,
            "RESOURCE_NOT_EXISTS",
            "there is no such refund",
            "out_refund_no",
        )
    };
    let store = lock(&context.inner.store);
    let by_refund = match (checked.text("refund_id"), checked.text("out_refund_no")) {
        ("", "") => None,
        ("", number) => {
            let key = order::key(context.mchid(), context.owner(), number);
            Some(store.get(refunds::TABLE, &key).ok_or_else(missing)?)
        }
        (id, _) => Some(refunds::by_id(&store, id).ok_or_else(missing)?.1),
    };
    let found = match by_refund {
        Some(row) => vec![row],
        None => {
            drop(store);
            let (_, order) = find_any(context)?;
            let store = lock(&context.inner.store);
            refunds::of_order(&store, &order)
        }
    };
    if found.is_empty() || found.iter().any(|row| row["owner"] != context.owner()) {
        return Err(missing());
    }
    Ok(context.facts(&refunds_of(&found)))
}
