//! Profit sharing: parts of a paid order go to receivers, and never more than the order still holds.
//!
//! In: requests to share, to release the rest, to give back, to query, of ordinary merchants
//! (`/v3/profitsharing`), of ecommerce platforms and of brands. Out: facts. One row per sharing under its
//! `out_order_no`. A receiver that was not added gets nothing. The rules are those of
//! <https://pay.weixin.qq.com/doc/v3/partner/4012691594> and
//! <https://pay.weixin.qq.com/doc/v3/partner/4012467002>.

use serde_json::{Value, json};

use super::{Context, Outcome, order as orders};
use crate::refusal::Refusal;
use crate::store::Store;
use crate::{lock, text};

const TABLE: &str = "sharings";
const RETURNS: &str = "sharing-returns";
const RECEIVERS: &str = "sharing-receivers";

/// The largest part of an order that may be shared, in ten thousandths.
const MAX_RATIO: i64 = 3000;
/// The number of receivers in one request.
const MOST: usize = 50;

/// Whose profit is shared. The products differ in the names of fields and in who has receivers.
const BASES: [&str; 3] = [
    "/v3/profitsharing/",
    "/v3/ecommerce/profitsharing/",
    "/v3/brand/profitsharing/",
];

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    let operation = context.operation();
    let rest = BASES.iter().find_map(|base| operation.path.strip_prefix(base))?;
    Some(match (operation.method.as_str(), rest) {
        ("POST", "orders") => share(context),
        ("GET", "orders" | "orders/{out_order_no}") => query(context),
        ("POST", "orders/unfreeze" | "finish-order") => release(context),
        ("GET", "transactions/{transaction_id}/amounts" | "orders/{transaction_id}/amounts") => {
            amounts(context)
        }
        ("GET", "merchant-configs/{sub_mchid}" | "brand-configs/{brand_mchid}") => {
            Ok(context.facts(&json!({ "max_ratio": MAX_RATIO })))
        }
        ("POST", "return-orders" | "returnorders") => give_back(context),
        ("GET", "return-orders/{out_return_no}" | "returnorders") => query_return(context),
        ("POST", "receivers/add") => receiver(context, true),
        ("POST", "receivers/delete") => receiver(context, false),
        _ => return None,
    })
}

/// An order that can be shared, by its `transaction_id`.
struct Order {
    total: i64,
    /// What it still holds.
    held: i64,
    /// What was shared of it.
    shared: i64,
}

fn order(context: &Context<'_>, store: &Store) -> Result<Order, Refusal> {
    let id = context.checked.text("transaction_id");
    let refused = |status, code, problem| Err(context.refused(status, code, problem, "transaction_id"));
    // A query of the amounts names the order alone.
    let named = context.operation().method != "GET";
    let found = orders::by_transaction(store, id);
    let Some((_, row)) = found.filter(|(_, row)| !named || row["owner"] == context.owner()) else {
        return refused(
            404,
            "RESOURCE_NOT_EXISTS",
            "there is no such paid order of this merchant",
        );
    };
    let facts = &row["facts"];
    if facts["settle_info"]["profit_sharing"] != true && facts["profit_sharing"] != "Y" {
        return refused(
            400,
            "INVALID_REQUEST",
            "the order was placed without `profit_sharing`",
        );
    }
    let number = |name: &str| row[name].as_i64().unwrap_or(0);
    let sharings = || {
        store
            .all(TABLE)
            .map(|(_, row)| row)
            .filter(|row| row["transaction_id"] == id)
    };
    let shared: i64 = sharings().filter_map(|row| row["amount"].as_i64()).sum();
    let held = match sharings().any(|row| row["release"] == true) {
        true => 0,
        false => (number("total") - number("refunded") - shared).max(0),
    };
    Ok(Order {
        total: number("total"),
        held,
        shared,
    })
}

fn share(context: &Context<'_>) -> Outcome {
    let body = &context.checked.body;
    let mut store = lock(&context.inner.store);
    if let Some(row) = context.made(&store, TABLE, "out_order_no")? {
        return Ok(context.facts(&begun(&row)));
    }
    let (order, splitter) = (order(context, &store)?, splitter(context));
    let mut receivers = body["receivers"].as_array().cloned().unwrap_or_default();
    if receivers.is_empty() {
        let refusal = Refusal::parameter("body", "/receivers", &body["receivers"], "nobody is to receive");
        return Err(context.at(refusal, "receivers"));
    }
    if receivers.len() > MOST {
        let issue = format!("at most {MOST} receivers");
        let refusal = Refusal::parameter("body", "/receivers", &Value::Null, issue);
        return Err(context.at(refusal, "receivers"));
    }
    let (mut asked, mut amount) = (0_i64, 0);
    for (index, receiver) in receivers.iter_mut().enumerate() {
        let part = receiver["amount"].as_i64().unwrap_or(0);
        if part < 1 {
            let field = format!("/receivers/{index}/amount");
            let refusal = Refusal::parameter("body", &field, &receiver["amount"], "must be at least 1");
            return Err(context.at(refusal, "receivers"));
        }
        asked = asked.saturating_add(part);
        let known = store
            .get(RECEIVERS, &key(&splitter, receiver))
            .is_some_and(|row| row["added"] == true);
        amount += if known { part } else { 0 };
        finish(receiver, known, context.now());
    }
    if asked > order.held {
        let problem = format!("the order holds {}, not {asked}", order.held);
        return Err(context.refused(403, "NOT_ENOUGH", problem, "receivers"));
    }
    let most = order.total.saturating_mul(MAX_RATIO) / 10_000;
    if asked > most - order.shared {
        let problem = format!("at most {most} of the order may be shared, {} were", order.shared);
        return Err(context.refused(400, "INVALID_REQUEST", problem, "receivers"));
    }
    let release = body["unfreeze_unsplit"] == true || body["finish"] == true;
    let row = new(context, amount, release, receivers);
    store.put(TABLE, context.checked.text("out_order_no"), &row);
    Ok(context.facts(&begun(&row)))
}

/// What becomes of a receiver's part.
fn finish(receiver: &mut Value, known: bool, now: u64) {
    let now = text::rfc3339(now);
    receiver["result"] = if known { "SUCCESS" } else { "CLOSED" }.into();
    if !known {
        receiver["fail_reason"] = "NO_RELATION".into();
    }
    receiver["detail_id"] = format!("3601{}", text::digits(24)).into();
    receiver["create_time"] = now.clone().into();
    receiver["finish_time"] = now.into();
}

fn new(context: &Context<'_>, amount: i64, release: bool, receivers: Vec<Value>) -> Value {
    let mut facts = context.checked.body.clone();
    facts["order_id"] = format!("3008{}", text::digits(24)).into();
    facts["receivers"] = receivers.into();
    set_state(&mut facts, "FINISHED");
    json!({
        "digest": context.digest(),
        "owner": context.owner(),
        "transaction_id": context.checked.text("transaction_id"),
        "amount": amount,
        "release": release,
        "facts": facts,
    })
}

/// The products name it differently.
fn set_state(facts: &mut Value, state: &str) {
    for name in ["state", "status"] {
        facts[name] = state.into();
    }
}

/// The first response: it is under way.
fn begun(row: &Value) -> Value {
    let mut facts = row["facts"].clone();
    set_state(&mut facts, "PROCESSING");
    for receiver in facts["receivers"].as_array_mut().into_iter().flatten() {
        receiver["result"] = "PENDING".into();
        if let Some(receiver) = receiver.as_object_mut() {
            receiver.remove("fail_reason");
        }
    }
    facts
}

fn query(context: &Context<'_>) -> Outcome {
    let row = context.found(&lock(&context.inner.store), TABLE, "out_order_no")?;
    if row["transaction_id"] != context.checked.text("transaction_id") {
        let problem = "this is not the order that was shared";
        return Err(context.refused(404, "RESOURCE_NOT_EXISTS", problem, "transaction_id"));
    }
    Ok(context.facts(&row["facts"]))
}

fn release(context: &Context<'_>) -> Outcome {
    let mut store = lock(&context.inner.store);
    if let Some(row) = context.made(&store, TABLE, "out_order_no")? {
        return Ok(context.facts(&begun(&row)));
    }
    let order = order(context, &store)?;
    let mut row = new(context, 0, true, Vec::new());
    row["facts"]["finish_amount"] = order.held.into();
    row["facts"]["finish_description"] = context.checked.body["description"].clone();
    store.put(TABLE, context.checked.text("out_order_no"), &row);
    Ok(context.facts(&begun(&row)))
}

fn amounts(context: &Context<'_>) -> Outcome {
    let order = order(context, &lock(&context.inner.store))?;
    let id = context.checked.text("transaction_id");
    Ok(context.facts(&json!({ "transaction_id": id, "unsplit_amount": order.held })))
}

fn give_back(context: &Context<'_>) -> Outcome {
    let body = &context.checked.body;
    let mut store = lock(&context.inner.store);
    if let Some(row) = context.made(&store, RETURNS, "out_return_no")? {
        return Ok(context.facts(&row["facts"]));
    }
    let (number, id) = (
        context.checked.text("out_order_no"),
        context.checked.text("order_id"),
    );
    let sharing = store
        .all(TABLE)
        .find(|(key, row)| key == number || (!id.is_empty() && row["facts"]["order_id"] == id));
    let sharing = sharing.filter(|(_, row)| row["owner"] == context.owner());
    let Some((sharing_number, sharing)) = sharing else {
        let problem = "nothing was shared under this number";
        return Err(context.refused(404, "RESOURCE_NOT_EXISTS", problem, "out_order_no"));
    };
    let receivers = sharing["facts"]["receivers"].as_array().into_iter().flatten();
    let received: i64 = receivers
        .filter(|receiver| account(receiver) == body["return_mchid"] && receiver["result"] == "SUCCESS")
        .filter_map(|receiver| receiver["amount"].as_i64())
        .sum();
    let returned: i64 = store
        .all(RETURNS)
        .map(|(_, row)| row["facts"].clone())
        .filter(|facts| {
            facts["out_order_no"] == *sharing_number && facts["return_mchid"] == body["return_mchid"]
        })
        .filter_map(|facts| facts["amount"].as_i64())
        .sum();
    let amount = body["amount"].as_i64().unwrap_or(0);
    if amount < 1 || amount > received - returned {
        let problem = format!("of what it received it can give {} back", received - returned);
        return Err(context.refused(403, "NOT_ENOUGH", problem, "amount"));
    }
    let now = text::rfc3339(context.now());
    let mut facts = body.clone();
    facts["out_order_no"] = sharing_number.into();
    facts["order_id"] = sharing["facts"]["order_id"].clone();
    for name in ["return_id", "return_no"] {
        facts[name] = format!("3008{}", text::digits(24)).into();
    }
    facts["result"] = "SUCCESS".into();
    facts["create_time"] = now.clone().into();
    facts["finish_time"] = now.into();
    let row = json!({ "digest": context.digest(), "facts": facts });
    store.put(RETURNS, context.checked.text("out_return_no"), &row);
    Ok(context.facts(&facts))
}

fn query_return(context: &Context<'_>) -> Outcome {
    let row = context.found(&lock(&context.inner.store), RETURNS, "out_return_no")?;
    let facts = &row["facts"];
    let number = context.checked.text("out_order_no");
    if !number.is_empty() && facts["out_order_no"] != number {
        let problem = "nothing of this sharing was returned under this number";
        return Err(context.refused(404, "RESOURCE_NOT_EXISTS", problem, "out_order_no"));
    }
    Ok(context.facts(facts))
}

fn receiver(context: &Context<'_>, added: bool) -> Outcome {
    let body = &context.checked.body;
    let key = key(&splitter(context), body);
    lock(&context.inner.store).put(RECEIVERS, &key, &json!({ "added": added }));
    Ok(context.facts(body))
}

/// Who has receivers: the brand, the ecommerce platform, the merchant or the sub-merchant.
fn splitter(context: &Context<'_>) -> String {
    let of = match context.operation().path.starts_with("/v3/ecommerce/") {
        true => context.mchid(),
        false => context.owner(),
    };
    match context.checked.text("brand_mchid") {
        "" => of.to_owned(),
        brand => brand.to_owned(),
    }
}

/// A receiver's account.
fn account(receiver: &Value) -> &str {
    let text = |name: &str| receiver[name].as_str();
    text("account")
        .or_else(|| text("receiver_account"))
        .unwrap_or_default()
}

/// What a receiver is known by.
fn key(splitter: &str, receiver: &Value) -> String {
    let kind = receiver["type"].as_str().unwrap_or_default();
    format!("{splitter} {kind} {}", account(receiver))
}
