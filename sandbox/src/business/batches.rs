//! Transfers to users in batches, which need no confirmation.
//!
//! In: a batch, whose amounts must add up, and queries. Out: facts. One row per batch under its
//! `out_batch_no`; all of it arrives at once.

use serde_json::{Value, json};

use super::{Context, Outcome, forms};
use crate::refusal::Refusal;
use crate::{lock, notify, text};

const TABLE: &str = "transfer-batches";

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    let operation = context.operation();
    let rest = operation.path.strip_prefix("/v3/transfer/batches")?;
    Some(match (operation.method.as_str(), rest) {
        ("POST", "") => batch(context),
        ("GET", "/out-batch-no/{out_batch_no}" | "/batch-id/{batch_id}") => query(context),
        (
            "GET",
            "/out-batch-no/{out_batch_no}/details/out-detail-no/{out_detail_no}"
            | "/batch-id/{batch_id}/details/detail-id/{detail_id}",
        ) => query_detail(context),
        _ => return None,
    })
}

fn batch(context: &Context<'_>) -> Outcome {
    let body = &context.checked.body;
    let mut store = lock(&context.inner.store);
    if let Some(row) = context.made(&store, TABLE, "out_batch_no")? {
        return Ok(context.facts(&row["accepted"]));
    }
    let mut details = body["transfer_detail_list"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut numbers = std::collections::BTreeSet::new();
    for (index, detail) in details.iter().enumerate() {
        let at = |name: &str| format!("/transfer_detail_list/{index}/{name}");
        if detail["transfer_amount"].as_i64().is_none_or(|amount| amount < 1) {
            let issue = "must be at least 1";
            return Err(forms::refuse(
                context,
                &at("transfer_amount"),
                &detail["transfer_amount"],
                issue,
            ));
        }
        if !numbers.insert(detail["out_detail_no"].as_str().unwrap_or_default().to_owned()) {
            let issue = "is there twice";
            return Err(forms::refuse(
                context,
                &at("out_detail_no"),
                &detail["out_detail_no"],
                issue,
            ));
        }
    }
    let sum: i64 = details
        .iter()
        .filter_map(|detail| detail["transfer_amount"].as_i64())
        .fold(0, i64::saturating_add);
    let wrong = |field: &str, issue: String| {
        context.at(
            Refusal::parameter("body", &format!("/{field}"), &body[field], issue),
            field,
        )
    };
    if body["total_amount"] != sum {
        return Err(wrong("total_amount", format!("the details add up to {sum}")));
    }
    if body["total_num"] != details.len() {
        return Err(wrong("total_num", format!("there are {} details", details.len())));
    }
    let now = text::rfc3339(context.now());
    for detail in &mut details {
        detail["detail_id"] = format!("1040{}", text::digits(28)).into();
        detail["detail_status"] = "SUCCESS".into();
        detail["initiate_time"] = now.clone().into();
        detail["update_time"] = now.clone().into();
    }
    let mut facts = body.clone();
    for (name, value) in [
        ("mchid", json!(context.inner.identity.mchid)),
        ("batch_id", json!(format!("1030{}", text::digits(28)))),
        ("batch_status", json!("FINISHED")),
        ("batch_type", json!("API")),
        ("create_time", json!(now)),
        ("update_time", json!(now)),
        ("success_amount", json!(sum)),
        ("success_num", json!(details.len())),
        ("fail_amount", json!(0)),
        ("fail_num", json!(0)),
        ("transfer_detail_list", details.into()),
    ] {
        facts[name] = value;
    }
    let mut accepted = facts.clone();
    accepted["batch_status"] = "ACCEPTED".into();
    let row = json!({ "digest": context.digest(), "facts": facts, "accepted": accepted });
    store.put(TABLE, context.checked.text("out_batch_no"), &row);
    drop(store);
    if let Some(url) = body["notify_url"].as_str().filter(|url| !url.is_empty()) {
        notify::later(context.inner, url, "MCHTRANSFER.BATCH.FINISHED", facts);
    }
    Ok(context.facts(&accepted))
}

fn find(context: &Context<'_>) -> Result<Value, Refusal> {
    let store = lock(&context.inner.store);
    let id = context.checked.text("batch_id");
    if id.is_empty() {
        return context.found(&store, TABLE, "out_batch_no");
    }
    let row = store.all(TABLE).find(|(_, row)| row["facts"]["batch_id"] == id);
    row.map(|(_, row)| row)
        .ok_or_else(|| context.refused(404, "RESOURCE_NOT_EXISTS", "there is no such batch", "batch_id"))
}

fn query(context: &Context<'_>) -> Outcome {
    let facts = &find(context)?["facts"];
    let asked = context.checked.get("need_query_detail");
    let number = |name: &str, usual: usize| {
        let value = context.checked.get(name);
        let value = value.and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok()));
        value
            .and_then(|value| usize::try_from(value).ok())
            .unwrap_or(usual)
    };
    let (offset, limit) = (number("offset", 0), number("limit", 20));
    let status = context.checked.text("detail_status");
    let wanted = |detail: &&Value| matches!(status, "" | "ALL") || detail["detail_status"] == status;
    let details: Value = match asked.is_some_and(|asked| *asked == true || *asked == "true") {
        true => {
            let all = facts["transfer_detail_list"].as_array().into_iter().flatten();
            all.filter(wanted).skip(offset).take(limit).cloned().collect()
        }
        false => json!([]),
    };
    Ok(context.facts(&json!({
        "transfer_batch": facts,
        "transfer_detail_list": details,
        "offset": offset,
        "limit": limit,
    })))
}

fn query_detail(context: &Context<'_>) -> Outcome {
    let batch = find(context)?;
    let (number, id) = (
        context.checked.text("out_detail_no"),
        context.checked.text("detail_id"),
    );
    let mut details = batch["facts"]["transfer_detail_list"]
        .as_array()
        .into_iter()
        .flatten();
    let detail = details.find(|detail| detail["out_detail_no"] == number || detail["detail_id"] == id);
    let Some(detail) = detail else {
        let problem = "the batch has no such detail";
        return Err(context.refused(404, "RESOURCE_NOT_EXISTS", problem, "out_detail_no"));
    };
    let mut facts = detail.clone();
    for name in ["mchid", "appid", "out_batch_no", "batch_id"] {
        facts[name] = batch["facts"][name].clone();
    }
    Ok(context.facts(&facts))
}
