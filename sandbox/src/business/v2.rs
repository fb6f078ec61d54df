//! APIv2's orders and refunds, in the same tables as APIv3's.
//!
//! In: `unifiedorder`, `micropay`, `pappayapply`, their queries, `closeorder`, `refund`, `refundquery`.
//! Out: fields.

use serde_json::{Value, json};

use super::v2_fields::{paid_fields, refunded_fields, with_codes};
use super::{Context, Outcome, orders, refunds};
use crate::lock;
use crate::refusal::Refusal;

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    Some(match context.operation().bare_path.as_str() {
        "/pay/unifiedorder" => place(context, context.checked.text("trade_type")),
        "/pay/micropay" => place(context, "MICROPAY"),
        "/pay/pappayapply" => place(context, "PAP"),
        "/pay/orderquery" | "/pay/paporderquery" => query(context),
        "/pay/closeorder" => close(context),
        "/secapi/pay/refund" => refund(context),
        "/pay/refundquery" => refund_query(context),
        _ => return None,
    })
}

fn amount(context: &Context<'_>, name: &str) -> i64 {
    let value = context.checked.get(name);
    value
        .and_then(|value| value.as_i64().or_else(|| value.as_str()?.parse().ok()))
        .unwrap_or(0)
}

fn place(context: &Context<'_>, trade_type: &str) -> Outcome {
    let mut facts = context.checked.body.clone();
    // What is different in a repetition although the order is the same.
    for name in ["nonce_str", "sign", "sign_type"] {
        facts.as_object_mut().and_then(|facts| facts.shift_remove(name));
    }
    let digest = crate::crypto::sha256(facts.to_string().as_bytes());
    let number = context.checked.text("out_trade_no");
    // The payer is there, or has agreed by contract: nobody is waited for.
    let at_once = matches!(trade_type, "MICROPAY" | "PAP");
    let mut store = lock(&context.inner.store);
    let known = store.get(orders::TABLE, number).cloned();
    let row = match &known {
        Some(row) if row["digest"] != digest => {
            let refusal = Refusal::new(
                403,
                "OUT_TRADE_NO_USED",
                "the number has been used with other parameters",
            );
            return Err(context.at(refusal, "out_trade_no"));
        }
        Some(row) if row["state"] != "NOTPAY" && !at_once => {
            let code = if row["state"] == "CLOSED" {
                "ORDER_CLOSED"
            } else {
                "ORDER_PAID"
            };
            return Err(context.at(Refusal::new(400, code, "the order is not open"), "out_trade_no"));
        }
        Some(row) => row.clone(),
        None => {
            let mut row = orders::new_row(number, amount(context, "total_fee"), trade_type, &digest, facts);
            row["v2"] = true.into();
            store.put(orders::TABLE, number, row.clone());
            row
        }
    };
    drop(store);
    if !at_once {
        return Ok(context.facts(&with_codes(orders::handles(&row, context.writer.base))));
    }
    if known.is_none() {
        orders::pay(context.inner, number, true)?;
    }
    let row = lock(&context.inner.store)
        .get(orders::TABLE, number)
        .cloned()
        .unwrap_or_default();
    Ok(context.facts(&paid_fields(&row)))
}

fn find(context: &Context<'_>) -> Result<Value, Refusal> {
    let (id, number) = (
        context.checked.text("transaction_id"),
        context.checked.text("out_trade_no"),
    );
    let store = lock(&context.inner.store);
    let row = store
        .all(orders::TABLE)
        .map(|(_, row)| row)
        .find(|row| match number {
            "" => row["transaction_id"] == id,
            number => row["number"] == number,
        });
    let missing = || {
        context.at(
            Refusal::new(404, "ORDER_NOT_EXIST", "there is no such order"),
            "out_trade_no",
        )
    };
    row.cloned().ok_or_else(missing)
}

fn query(context: &Context<'_>) -> Outcome {
    Ok(context.facts(&paid_fields(&find(context)?)))
}

fn close(context: &Context<'_>) -> Outcome {
    orders::shut(context.inner, context.checked.text("out_trade_no"))
        .map_err(|refusal| context.at(refusal, "out_trade_no"))?;
    Ok(context.facts(&with_codes(json!({}))))
}

fn refund(context: &Context<'_>) -> Outcome {
    let checked = context.checked;
    let mut facts = checked.body.clone();
    for name in ["nonce_str", "sign", "sign_type"] {
        facts.as_object_mut().and_then(|facts| facts.shift_remove(name));
    }
    let asked = refunds::Asked {
        number: checked.text("out_refund_no").to_owned(),
        transaction_id: checked.text("transaction_id").to_owned(),
        out_trade_no: checked.text("out_trade_no").to_owned(),
        total: amount(context, "total_fee"),
        refund: amount(context, "refund_fee"),
        digest: crate::crypto::sha256(facts.to_string().as_bytes()),
        facts,
        v2: true,
    };
    match refunds::new(&mut lock(&context.inner.store), asked) {
        Ok(row) => Ok(context.facts(&refunded_fields(&row))),
        Err((refusal, field)) => Err(context.at(refusal, field)),
    }
}

fn refund_query(context: &Context<'_>) -> Outcome {
    let checked = context.checked;
    let wanted = |row: &Value| {
        let known = &row["facts"];
        ["transaction_id", "out_trade_no", "out_refund_no", "refund_id"]
            .iter()
            .all(|name| {
                let asked = checked.text(name);
                asked.is_empty() || known[*name] == asked
            })
    };
    let store = lock(&context.inner.store);
    let found: Vec<Value> = store
        .all(refunds::TABLE)
        .filter(|(_, row)| wanted(row))
        .map(|(_, row)| row.clone())
        .collect();
    drop(store);
    let Some(first) = found.first() else {
        return Err(context.at(
            Refusal::new(404, "RESOURCE_NOT_EXISTS", "there is no such refund"),
            "out_refund_no",
        ));
    };
    let mut facts = refunded_fields(first);
    facts["refund_count"] = found.len().into();
    // The shape of the page has one of each family; the others are written behind it.
    for (at, row) in found.iter().enumerate() {
        let fields = refunded_fields(row);
        for (name, from) in [
            ("out_refund_no", "out_refund_no"),
            ("refund_id", "refund_id"),
            ("refund_fee", "refund_fee"),
            ("settlement_refund_fee", "refund_fee"),
            ("refund_status", "refund_status"),
            ("refund_recv_accout", "refund_recv_accout"),
        ] {
            facts[format!("{name}_{at}")] = fields[from].clone();
        }
    }
    Ok(context.facts(&facts))
}
