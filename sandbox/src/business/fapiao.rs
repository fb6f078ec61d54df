//! Electronic invoices: the buyer's title, invoices that are issued and reversed, and those that go into
//! the user's card wallet.
//!
//! In: requests below `/v3/new-tax-control-fapiao`, and what the user and the tax office do. Out: facts.
//! One row per application under its `fapiao_apply_id`; notifications go to the `callback_url` of the
//! merchant's options. The rules are those of <https://pay.weixin.qq.com/doc/v3/merchant/4012538301>.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Context, Outcome};
use crate::refusal::Refusal;
use crate::store::Store;
use crate::{Inner, crypto, lock, notify, text};

pub const TABLE: &str = "fapiao";
/// What users typed in as the buyer, by `fapiao_apply_id`.
const TITLES: &str = "fapiao-titles";
/// The merchant's options, under this one key.
const OPTIONS: &str = "fapiao-options";

const BASE: &str = "/v3/new-tax-control-fapiao/";
/// The state of an application of which something is under way.
const UNDER_WAY: &str = "ACCEPTED";

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    let operation = context.operation();
    let rest = operation.path.strip_prefix(BASE)?;
    Some(match (operation.method.as_str(), rest) {
        (
            "POST",
            "fapiao-applications"
            | "fapiao-applications/issue-general"
            | "fapiao-applications/issue-passenger-transport"
            | "fapiao-applications/issue-refined-oil"
            | "fapiao-applications/real-estate-leasing",
        ) => issue(context),
        ("GET", "fapiao-applications/{fapiao_apply_id}") => query(context),
        ("POST", "fapiao-applications/{fapiao_apply_id}/reverse") => reverse(context),
        ("GET", "fapiao-applications/{fapiao_apply_id}/fapiao-files") => files(context),
        ("POST", "fapiao-applications/{fapiao_apply_id}/insert-cards") => insert(context),
        ("GET", "user-title") => title(context),
        ("PATCH", "merchant/development-config") => set_options(context),
        ("GET", "merchant/development-config") => Ok(context.facts(&options(&lock(&context.inner.store)))),
        _ => return None,
    })
}

/// The invoices of a request: a list, or the only one.
fn asked(body: &Value, name: &str) -> Vec<Value> {
    match &body[name] {
        Value::Array(all) => all.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

/// A new row.
fn row(context: &Context<'_>, invoices: Vec<Value>) -> Value {
    json!({
        "number": context.checked.text("fapiao_apply_id"),
        "owner": context.owner(),
        "digest": context.digest(),
        "created": context.now(),
        "facts": { "state": UNDER_WAY, "fapiao_information": invoices },
    })
}

fn issue(context: &Context<'_>) -> Outcome {
    let body = &context.checked.body;
    let mut store = lock(&context.inner.store);
    if context.made(&store, TABLE, "fapiao_apply_id")?.is_some() {
        return Ok(context.writer.generic(context.checked));
    }
    let mut invoices = asked(body, "fapiao_information");
    for (index, invoice) in invoices.iter_mut().enumerate() {
        let total = invoice["total_amount"].as_i64().unwrap_or(0);
        let items = invoice["items"].as_array().into_iter().flatten();
        let amounts = items.filter_map(|item| item["total_amount"].as_i64());
        if amounts.fold(0, i64::saturating_add) != total {
            let path = format!("/fapiao_information/{index}/total_amount");
            let issue = "not the sum of the items";
            return Err(super::forms::refuse(
                context,
                &path,
                &invoice["total_amount"],
                issue,
            ));
        }
        invoice["status"] = "ISSUE_ACCEPTED".into();
        invoice["buyer_information"] = body["buyer_information"].clone();
        // What the tax office works out; the sandbox takes no tax.
        invoice["tax_amount"] = 0.into();
        invoice["amount"] = total.into();
    }
    let row = row(context, invoices);
    store.put(TABLE, context.checked.text("fapiao_apply_id"), &row);
    context
        .inner
        .settle_later("fapiao", context.checked.text("fapiao_apply_id"));
    drop(store);
    Ok(context.writer.generic(context.checked))
}

/// The application that the path names, if it is the merchant's.
fn find(context: &Context<'_>, store: &Store) -> Result<Value, Refusal> {
    let row = context.found(store, TABLE, "fapiao_apply_id")?;
    match row["owner"] == context.owner() {
        true => Ok(row),
        false => {
            let problem = "the invoices are another merchant's";
            Err(context.refused(404, "RESOURCE_NOT_EXISTS", problem, "fapiao_apply_id"))
        }
    }
}

/// The invoices of an application, or the one that the query names.
fn wanted(context: &Context<'_>, row: &Value) -> Result<Vec<Value>, Refusal> {
    let id = context.checked.query["fapiao_id"].as_str().unwrap_or_default();
    let mut all = asked(&row["facts"], "fapiao_information");
    all.retain(|invoice| id.is_empty() || invoice["fapiao_id"] == id);
    match all.is_empty() {
        true => Err(context.refused(
            404,
            "RESOURCE_NOT_EXISTS",
            "there is no such invoice",
            "fapiao_id",
        )),
        false => Ok(all),
    }
}

fn query(context: &Context<'_>) -> Outcome {
    let row = find(context, &lock(&context.inner.store))?;
    let invoices = wanted(context, &row)?;
    Ok(context.facts(&json!({ "total_count": invoices.len(), "fapiao_information": invoices })))
}

fn files(context: &Context<'_>) -> Outcome {
    let row = find(context, &lock(&context.inner.store))?;
    let mut invoices = wanted(context, &row)?;
    for invoice in &mut invoices {
        let number = text_of(&invoice["blue_fapiao"]["fapiao_number"]);
        let id = text_of(&invoice["fapiao_id"]);
        invoice["download_url"] = match number.is_empty() {
            true => Value::Null,
            false => format!(
                "{}{BASE}download?token={}&mchid={}&openid=sandbox&invoice_code={}&invoice_no={number}&fapiao_id={id}",
                context.writer.base,
                crypto::random(16),
                context.mchid(),
                text_of(&invoice["blue_fapiao"]["fapiao_code"]),
            )
            .into(),
        };
    }
    Ok(context.facts(&json!({ "fapiao_download_info_list": invoices })))
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Invoices that were issued are reversed.
fn reverse(context: &Context<'_>) -> Outcome {
    let body = &context.checked.body;
    let mut store = lock(&context.inner.store);
    let mut row = find(context, &store)?;
    for asked in asked(body, "fapiao_information") {
        let known = row["facts"]["fapiao_information"]
            .as_array_mut()
            .into_iter()
            .flatten();
        let mut known = known.filter(|known| known["fapiao_id"] == asked["fapiao_id"]);
        let Some(invoice) = known.next() else {
            let problem = "there is no such invoice";
            return Err(context.refused(404, "RESOURCE_NOT_EXISTS", problem, "fapiao_information"));
        };
        let number = &invoice["blue_fapiao"]["fapiao_number"];
        if invoice["status"] != "ISSUED" || *number != asked["fapiao_number"] {
            let status = text_of(&invoice["status"]);
            let problem = format!("the invoice is {status}, or has another number");
            return Err(context.refused(400, "INVALID_REQUEST", problem, "fapiao_information"));
        }
        invoice["status"] = "REVERSE_ACCEPTED".into();
    }
    row["facts"]["state"] = UNDER_WAY.into();
    let key = context.checked.text("fapiao_apply_id");
    store.put(TABLE, key, &row);
    context.inner.settle_later("fapiao", key);
    drop(store);
    Ok(context.writer.generic(context.checked))
}

/// Invoices that the merchant issued elsewhere go into the user's card wallet.
fn insert(context: &Context<'_>) -> Outcome {
    let body = &context.checked.body;
    let mut store = lock(&context.inner.store);
    if context.made(&store, TABLE, "fapiao_apply_id")?.is_some() {
        return Ok(context.writer.generic(context.checked));
    }
    let mut cards = asked(body, "fapiao_card_information");
    for (index, card) in cards.iter_mut().enumerate() {
        let number = |name: &str| card[name].clone();
        card["blue_fapiao"] = json!({
            "fapiao_code": number("fapiao_code"), "fapiao_number": number("fapiao_number"),
            "check_code": number("check_code"), "password": number("password"),
            "fapiao_time": number("fapiao_time"),
        });
        card["fapiao_id"] = format!("{}-{index}", context.checked.text("fapiao_apply_id")).into();
        card["status"] = "ISSUED".into();
        card["buyer_information"] = body["buyer_information"].clone();
        card["card_information"] = wallet("INSERT_ACCEPTED");
    }
    let row = row(context, cards);
    store.put(TABLE, context.checked.text("fapiao_apply_id"), &row);
    context
        .inner
        .settle_later("fapiao", context.checked.text("fapiao_apply_id"));
    drop(store);
    Ok(context.writer.generic(context.checked))
}

fn wallet(status: &str) -> Value {
    json!({ "card_appid": "wxsandbox", "card_openid": "oSB0sandbox", "card_status": status })
}

/// What the user typed in as the buyer.
fn title(context: &Context<'_>) -> Outcome {
    let row = context.found(&lock(&context.inner.store), TITLES, "fapiao_apply_id")?;
    Ok(context.facts(&row))
}

fn options(store: &Store) -> Value {
    store
        .get(OPTIONS, OPTIONS)
        .unwrap_or_else(|| json!({ "callback_url": "" }))
}

fn set_options(context: &Context<'_>) -> Outcome {
    let body = &context.checked.body;
    super::forms::notify_url(context, "/callback_url", &body["callback_url"])?;
    let mut store = lock(&context.inner.store);
    let mut known = options(&store);
    for (name, value) in body.as_object().into_iter().flatten() {
        known[name] = value.clone();
    }
    store.put(OPTIONS, OPTIONS, &known);
    Ok(context.facts(&known))
}

/// The user types in the buyer of an invoice; the merchant is told of it.
pub(crate) fn fill_in(inner: &Arc<Inner>, number: &str, title: &Value) -> Value {
    let mut row = json!({ "type": "INDIVIDUAL", "name": "SANDBOX" });
    for (name, value) in title.as_object().into_iter().flatten() {
        row[name] = value.clone();
    }
    let mut store = lock(&inner.store);
    store.put(TITLES, number, &row);
    let url = text_of(&options(&store)["callback_url"]);
    drop(store);
    let told = json!({
        "mchid": inner.identity.mchid,
        "fapiao_apply_id": number,
        "apply_time": text::rfc3339(inner.clock.now()),
    });
    notify::later(inner, &url, "FAPIAO.USER_APPLIED", told);
    row
}

/// The tax office and the card wallet finish what is under way, or refuse it; the merchant is told of it.
///
/// # Errors
/// When there is no such application, or nothing of it is under way.
pub(crate) fn settle(inner: &Arc<Inner>, number: &str, success: bool) -> Result<Value, Refusal> {
    let now = text::rfc3339(inner.clock.now());
    let mut store = lock(&inner.store);
    let row = store.get(TABLE, number);
    let mut row =
        row.ok_or_else(|| Refusal::new(404, "RESOURCE_NOT_EXISTS", "there is no such application"))?;
    let mut event = None;
    for invoice in row["facts"]["fapiao_information"]
        .as_array_mut()
        .into_iter()
        .flatten()
    {
        event = step(invoice, success, &now).or(event);
    }
    let Some(event) = event else {
        let problem = "nothing of this application is under way";
        return Err(Refusal::new(400, "INVALID_REQUEST", problem));
    };
    row["facts"]["state"] = "FINISHED".into();
    store.put(TABLE, number, &row);
    let url = text_of(&options(&store)["callback_url"]);
    drop(store);
    if success {
        notify::later(inner, &url, event, told(inner, &row));
    }
    Ok(row)
}

/// What becomes of an invoice that is under way, and the event that tells of it.
fn step(invoice: &mut Value, success: bool, now: &str) -> Option<&'static str> {
    let number = || {
        json!({
            "fapiao_code": text::digits(12), "fapiao_number": text::digits(8),
            "check_code": text::digits(20), "password": crypto::random(16), "fapiao_time": now,
        })
    };
    let status = text_of(&invoice["status"]);
    match (
        status.as_str(),
        invoice["card_information"]["card_status"].as_str(),
    ) {
        ("ISSUE_ACCEPTED", _) if success => {
            invoice["status"] = "ISSUED".into();
            invoice["blue_fapiao"] = number();
            Some("FAPIAO.ISSUED")
        }
        ("REVERSE_ACCEPTED", _) if success => {
            invoice["status"] = "REVERSED".into();
            invoice["red_fapiao"] = number();
            Some("FAPIAO.REVERSED")
        }
        ("ISSUE_ACCEPTED" | "REVERSE_ACCEPTED", _) => {
            invoice["status"] = status.replace("ACCEPTED", "FAILED").into();
            invoice["fapiao_error_code"] = "SANDBOX".into();
            invoice["fapiao_error_message"] = "refused by the tester".into();
            Some("")
        }
        (_, Some("INSERT_ACCEPTED")) if success => {
            invoice["card_information"] = wallet("INSERTED");
            Some("FAPIAO.CARD_INSERTED")
        }
        _ => None,
    }
}

fn told(inner: &Inner, row: &Value) -> Value {
    let mut facts = json!({ "mchid": inner.identity.mchid, "fapiao_apply_id": row["number"] });
    if row["owner"] != inner.identity.mchid.as_str() {
        facts["sub_mchid"] = row["owner"].clone();
    }
    let brief = |invoice: Value| {
        json!({
            "fapiao_id": invoice["fapiao_id"],
            "fapiao_status": invoice["status"],
            "card_status": invoice["card_information"]["card_status"].as_str().unwrap_or("INSERT_ACCEPTED"),
        })
    };
    let invoices = asked(&row["facts"], "fapiao_information");
    facts["fapiao_information"] = invoices.into_iter().map(brief).collect();
    facts
}
