//! Refunds of an ecommerce platform for its sub-merchants, in the table of all refunds.
//!
//! In: requests to refund, to query, to name an account for money that came back, and to return what the
//! platform advanced. Out: facts. The rules are those of
//! <https://pay.weixin.qq.com/doc/v3/partner/4012476892> and
//! <https://pay.weixin.qq.com/doc/v3/partner/4012476916>.

use serde_json::{Value, json};

use super::{Context, Outcome, forms, refunds};
use crate::refusal::Refusal;
use crate::store::Store;
use crate::{lock, text};

const BASE: &str = "/v3/ecommerce/refunds/";
/// The platform pays for a refund and gets the money back from the sub-merchant later.
const ADVANCE: &str = "REFUND_SOURCE_PARTNER_ADVANCE";

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    let operation = context.operation();
    let rest = operation.path.strip_prefix(BASE)?;
    Some(match (operation.method.as_str(), rest) {
        ("POST", "apply") => apply(context),
        ("GET", "id/{refund_id}") => query(context, "refund_id"),
        ("GET", "out-refund-no/{out_refund_no}") => query(context, "out_refund_no"),
        ("POST", "{refund_id}/apply-abnormal-refund") => refunds::apply_abnormal(context),
        ("POST", "{refund_id}/return-advance") => return_advance(context),
        ("GET", "{refund_id}/return-advance") => query_advance(context),
        _ => return None,
    })
}

fn apply(context: &Context<'_>) -> Outcome {
    let body = &context.checked.body;
    forms::appid(context, "sp_appid", &body["sp_appid"])?;
    let mut asked = refunds::Asked::of(context)?;
    let advance = body["refund_account"] == ADVANCE;
    asked.facts["amount"]["advance"] = if advance { asked.refund } else { 0 }.into();
    let row = refunds::new(context, asked).map_err(|(refusal, field)| context.at(refusal, field))?;
    Ok(context.facts(&row["facts"]))
}

/// The refund that a request names, if it is the sub-merchant's.
fn find(context: &Context<'_>, store: &Store, by: &str) -> Result<(String, Value), Refusal> {
    let wanted = context.checked.path[by].as_str().unwrap_or_default();
    let found = match by {
        "refund_id" => refunds::by_id(store, wanted),
        _ => refunds::by_number(store, context.mchid(), context.owner(), wanted),
    };
    let found = found.filter(|(_, row)| row["owner"] == context.owner());
    found.ok_or_else(|| {
        let problem = "there is no such refund of this sub-merchant";
        context.refused(404, "RESOURCE_NOT_EXISTS", problem, by)
    })
}

fn query(context: &Context<'_>, by: &str) -> Outcome {
    let (_, row) = find(context, &lock(&context.inner.store), by)?;
    Ok(context.facts(&row["facts"]))
}

/// The sub-merchant gives the platform back what it advanced.
fn return_advance(context: &Context<'_>) -> Outcome {
    let mut store = lock(&context.inner.store);
    let (key, mut row) = find(context, &store, "refund_id")?;
    if row["advance"].is_object() {
        return Ok(context.facts(&row["advance"]));
    }
    let advance = row["facts"]["amount"]["advance"].as_i64().unwrap_or(0);
    if advance == 0 || row["state"] != "SUCCESS" {
        let problem = "only what the platform advanced for a refund that arrived can be returned";
        return Err(context.refused(400, "INVALID_REQUEST", problem, "refund_id"));
    }
    row["advance"] = json!({
        "refund_id": row["facts"]["refund_id"],
        "advance_return_id": format!("5031{}", text::digits(24)),
        "return_amount": advance,
        "payer_mchid": row["owner"],
        "payer_account": "BASIC",
        "payee_mchid": context.mchid(),
        "payee_account": "OPERATION",
        "result": "SUCCESS",
        "success_time": text::rfc3339(context.now()),
    });
    store.put(refunds::TABLE, &key, &row);
    Ok(context.facts(&row["advance"]))
}

fn query_advance(context: &Context<'_>) -> Outcome {
    let (_, row) = find(context, &lock(&context.inner.store), "refund_id")?;
    match row["advance"].is_object() {
        true => Ok(context.facts(&row["advance"])),
        false => {
            let problem = "nothing was returned for this refund";
            Err(context.refused(404, "RESOURCE_NOT_EXISTS", problem, "refund_id"))
        }
    }
}
