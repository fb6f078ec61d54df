//! Payscore authorizations: a user lets a merchant's service charge them.
//!
//! In: requests to ask for one, to query and to end it, and what the user does. Out: facts. One row
//! under each `authorization_code`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Context, Outcome};
use crate::refusal::Refusal;
use crate::store::Store;
use crate::{Inner, crypto, lock, notify, text};

pub const TABLE: &str = "permissions";

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    let operation = context.operation();
    let path = operation.path.strip_prefix("/v3/payscore/")?;
    let path = ["partner/", "acquiringbank/"]
        .iter()
        .find_map(|side| path.strip_prefix(side))
        .unwrap_or(path);
    Some(match (operation.method.as_str(), path) {
        ("POST", "permissions") => ask(context),
        ("GET", "permissions/authorization-code/{authorization_code}") => query(context),
        ("POST", "permissions/authorization-code/{authorization_code}/terminate") => end(context),
        ("GET", "permissions/openid/{openid}" | "permissions/search" | "user-service-state") => {
            query_user(context)
        }
        (
            "POST",
            "permissions/openid/{openid}/terminate"
            | "permissions/terminate"
            | "users/{openid}/permissions/{service_id}/terminate",
        ) => end_of_user(context),
        _ => return None,
    })
}

fn ask(context: &Context<'_>) -> Outcome {
    let mut store = lock(&context.inner.store);
    let row = match context.made(&store, TABLE, "authorization_code")? {
        Some(row) => row,
        None => {
            let mut facts = context.checked.body.clone();
            facts["mchid"] = context.inner.identity.mchid.clone().into();
            facts["authorization_state"] = "UNBINDUSER".into();
            let token = crypto::random(64);
            let row = json!({ "digest": context.digest(), "token": token, "facts": facts });
            let code = context.checked.text("authorization_code");
            store.put(TABLE, code, &row);
            row
        }
    };
    Ok(context.facts(&json!({ "apply_permissions_token": row["token"] })))
}

/// The authorization of this code, for the service that asks.
fn by_code(context: &Context<'_>, store: &Store) -> Result<Value, Refusal> {
    let row = context.found(store, TABLE, "authorization_code")?;
    if row["facts"]["service_id"] != context.checked.text("service_id") {
        let problem = "the authorization is for another service";
        return Err(context.refused(400, "INVALID_REQUEST", problem, "service_id"));
    }
    Ok(row)
}

/// The user's authorization for a service, if there is one: the one in effect before older ones.
pub fn of_user(store: &Store, service: &str, openid: &str) -> Option<(String, Value)> {
    let of_user = store.all(TABLE).filter(|(_, row)| {
        let facts = &row["facts"];
        facts["service_id"] == service && (facts["openid"] == openid || facts["sub_openid"] == openid)
    });
    of_user.max_by_key(|(_, row)| is_available(row))
}

/// Whether an authorization is in effect.
pub fn is_available(row: &Value) -> bool {
    row["facts"]["authorization_state"] == "AVAILABLE"
}

fn query(context: &Context<'_>) -> Outcome {
    let row = by_code(context, &lock(&context.inner.store))?;
    Ok(context.facts(&row["facts"]))
}

/// The user that a request names.
fn user<'a>(context: &'a Context<'_>) -> &'a str {
    match context.checked.text("openid") {
        "" => context.checked.text("sub_openid"),
        openid => openid,
    }
}

fn query_user(context: &Context<'_>) -> Outcome {
    let service = context.checked.text("service_id");
    let store = lock(&context.inner.store);
    let known = of_user(&store, service, user(context));
    let mut facts = match &known {
        Some((_, row)) => row["facts"].clone(),
        None => json!({
            "mchid": context.inner.identity.mchid,
            "authorization_state": "UNAVAILABLE",
        }),
    };
    facts["use_service_state"] = match known.as_ref().is_some_and(|(_, row)| is_available(row)) {
        true => "AVAILABLE",
        false => "UNAVAILABLE",
    }
    .into();
    drop(store);
    Ok(context.facts(&facts))
}

fn end(context: &Context<'_>) -> Outcome {
    by_code(context, &lock(&context.inner.store))?;
    let code = context.checked.text("authorization_code");
    settle(context.inner, code, None).map_err(|refusal| context.at(refusal, "authorization_code"))?;
    Ok(context.writer.generic(context.checked))
}

fn end_of_user(context: &Context<'_>) -> Outcome {
    let store = lock(&context.inner.store);
    let code = of_user(&store, context.checked.text("service_id"), user(context)).map(|(code, _)| code);
    drop(store);
    let Some(code) = code else {
        let problem = "the user never authorized this service";
        return Err(context.refused(404, "RESOURCE_NOT_EXISTS", problem, "openid"));
    };
    settle(context.inner, &code, None).map_err(|refusal| context.at(refusal, "openid"))?;
    Ok(context.writer.generic(context.checked))
}

/// A user authorizes the service, or nobody does any longer; its notification is sent.
///
/// # Errors
/// When there is no such authorization, or it is so already.
pub(crate) fn settle(inner: &Arc<Inner>, code: &str, openid: Option<&str>) -> Result<Value, Refusal> {
    let mut store = lock(&inner.store);
    let mut row = store
        .get(TABLE, code)
        .ok_or_else(|| Refusal::new(404, "RESOURCE_NOT_EXISTS", "there is no such authorization"))?;
    if is_available(&row) == openid.is_some() {
        let state = row["facts"]["authorization_state"].as_str().unwrap_or_default();
        let problem = format!("the authorization is {state}");
        return Err(Refusal::new(400, "INVALID_REQUEST", problem));
    }
    let now = inner.clock.now();
    let facts = &mut row["facts"];
    let (state, time, event) = match openid {
        Some(openid) => {
            facts["openid"] = openid.into();
            ("AVAILABLE", "authorization_success_time", "USER_OPEN_SERVICE")
        }
        None => ("UNAVAILABLE", "cancel_authorization_time", "USER_CLOSE_SERVICE"),
    };
    facts["authorization_state"] = state.into();
    facts[time] = text::rfc3339(now).into();
    store.put(TABLE, code, &row);
    drop(store);
    let mut told = row["facts"].clone();
    told["user_service_status"] = event.into();
    told["openorclose_time"] = text::compact(now).into();
    let url = row["facts"]["notify_url"].as_str().unwrap_or_default();
    notify::later(inner, url, &format!("PAYSCORE.{event}"), told);
    Ok(row)
}
