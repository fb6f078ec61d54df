//! The control API, for tests in any language, and the forms of the page.
//!
//! In: requests below `/control/`, JSON or a form. Out: JSON, or for a form the page again. The README
//! lists the requests.

use std::sync::Arc;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{Control, page, routes};
use crate::check::{self, Incoming};
use crate::faults::{self, Fault, Payer};
use crate::log::Call;
use crate::response::Reply;
use crate::{Inner, lock, text};

pub(crate) async fn respond(inner: &Arc<Inner>, incoming: &Incoming) -> Reply {
    let control = Control::new(inner.clone());
    let path = incoming.path();
    if incoming.method == "GET" && !path.starts_with("/control/") {
        return page::respond(inner, incoming);
    }
    // The page posts forms; curl says so of JSON, too, unless it is told otherwise.
    let is_form = incoming
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let form = is_form && !incoming.body.trim_ascii_start().starts_with(b"{");
    let body = match (form, incoming.body.trim_ascii().is_empty()) {
        (true, _) => check::pairs(form_urlencoded::parse(&incoming.body).into_owned()),
        (false, true) => json!({}),
        (false, false) => match serde_json::from_slice(&incoming.body) {
            Ok(body) => body,
            Err(error) => return wrong(400, &format!("the body is not JSON: {error}")),
        },
    };
    let before = lock(&inner.store).failures();
    let outcome = act(&control, incoming, &body);
    if lock(&inner.store).failures() > before {
        return wrong(
            500,
            "the sandbox can't read or write its state: is the disk full?",
        );
    }
    match outcome {
        Ok(_) if form => Reply::new(303, "", "").header("Location", "/"),
        Ok(value) => Reply::new(200, "application/json", value.to_string()),
        Err((status, problem)) => wrong(status, &problem),
    }
}

fn wrong(status: u16, problem: &str) -> Reply {
    Reply::new(
        status,
        "application/json",
        json!({ "error": problem }).to_string(),
    )
}

type Outcome = Result<Value, (u16, String)>;

const NONE: &str = "the control API has no such request: see /control/openapi.json";

fn act(control: &Control, incoming: &Incoming, body: &Value) -> Outcome {
    let path = percent_decode_str(incoming.path())
        .decode_utf8_lossy()
        .into_owned();
    let parts: Vec<&str> = path.trim_start_matches("/control/").split('/').collect();
    let query = check::pairs(form_urlencoded::parse(incoming.query().as_bytes()).into_owned());
    let method = incoming.method.as_str();
    match routes::known(method, &parts) {
        None => Err((404, NONE.into())),
        Some(false) => Err((
            405,
            "the path has another method: see /control/openapi.json".into(),
        )),
        Some(true) if method == "GET" => read(control, &parts, &query),
        Some(true) => change(control, &parts, body).map_err(|problem| match problem {
            Some(problem) => (400, problem),
            None => (404, NONE.into()),
        }),
    }
}

fn read(control: &Control, parts: &[&str], query: &Value) -> Outcome {
    let inner = &control.inner;
    let (name, count) = match parts {
        [name] => (*name, false),
        [name, "count"] => (*name, true),
        _ => return Err((404, NONE.into())),
    };
    let table = match name {
        "openapi.json" => return Ok(routes::openapi(&inner.base)),
        "time" => return Ok(text::rfc3339(inner.clock.now()).into()),
        "config" => return Ok(config(inner)),
        "faults" => return Ok(armed(inner)),
        "calls" => {
            let log = lock(&inner.log);
            return Ok(select(log.calls().map(Call::json), query, count));
        }
        "notifications" => {
            return Ok(select(control.notifications().into_iter(), query, count));
        }
        name => match routes::LISTS.iter().find(|(list, ..)| *list == name) {
            Some((_, table, _)) => table,
            None => return Err((404, NONE.into())),
        },
    };
    let store = lock(&inner.store);
    Ok(select(store.all(table).map(|(_, row)| row), query, count))
}

/// The rows that a query wants: `q` is a text anywhere in them, any other name a field with this value
/// (`state`, `verdict`, `what`); `offset` and `limit` are a page of them. Or how many there are.
fn select(rows: impl Iterator<Item = Value>, query: &Value, count: bool) -> Value {
    let number = |name: &str| query[name].as_str().and_then(|text| text.parse::<usize>().ok());
    let wanted = |row: &Value| {
        query.as_object().into_iter().flatten().all(|(name, value)| {
            let value = value.as_str().unwrap_or_default();
            let same = |found: &Value| match found {
                Value::String(text) => text == value,
                found => {
                    let text = found.to_string();
                    text == value
                }
            };
            match name.as_str() {
                "offset" | "limit" => true,
                "q" => row.to_string().contains(value),
                name => same(&row[name]) || same(&row["facts"][name]),
            }
        })
    };
    let found = rows.filter(wanted);
    match count {
        true => found.count().into(),
        false => {
            let found = found.skip(number("offset").unwrap_or(0));
            found.take(number("limit").unwrap_or(usize::MAX)).collect()
        }
    }
}

/// What an SDK must be told.
fn config(inner: &Inner) -> Value {
    let folder = inner.settings.state.clone().unwrap_or_default();
    let mut config = inner.identity.config(&folder);
    if inner.settings.state.is_none() {
        config
            .as_object_mut()
            .and_then(|config| config.shift_remove("files"));
    }
    config["url"] = inner.base.as_str().into();
    config
}

fn armed(inner: &Inner) -> Value {
    let faults = lock(&inner.faults);
    let rule = |(operation, fault, left): (Option<&str>, Fault, u32)| json!({ "operation": operation, "fault": fault.name(), "times": left });
    faults.armed().map(rule).collect()
}

/// A change, or what is wrong with it; `None` is that there is no such request.
fn change(control: &Control, parts: &[&str], body: &Value) -> Result<Value, Option<String>> {
    let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty());
    let outcome = match parts {
        ["combined-orders", number, "pay"] => control.pay_combined(number),
        ["orders", number, "pay"] => control.pay(number),
        ["orders", number, "fail"] => control.fail(number),
        ["orders", number, "complain"] => {
            let (detail, url) = (
                text("detail").unwrap_or("sandbox"),
                text("url").unwrap_or_default(),
            );
            control.complain(number, detail, url)
        }
        ["applyments", number, state] => {
            control.set_applyment(number, state, text("reason").unwrap_or("rejected by the tester"))
        }
        ["fapiao", number, "title"] => Ok(control.fill_in_title(number, body)),
        ["fapiao", number, "finish"] => control.settle_fapiao(number, true),
        ["fapiao", number, "fail"] => control.settle_fapiao(number, false),
        ["coupons", id, "use"] => control.use_coupon(id, text("url").unwrap_or_default()),
        ["refunds", number, state] => control.settle_refund(number, &state.to_ascii_uppercase()),
        ["transfers", number, "confirm"] => control.settle_transfer(number, true),
        ["transfers", number, "fail"] => control.settle_transfer(number, false),
        ["transfers", number, state] => control.set_transfer(number, &state.to_ascii_uppercase()),
        ["transfer-authorizations", number, "confirm"] => control.authorize_transfers(number, true),
        ["transfer-authorizations", number, "close"] => control.authorize_transfers(number, false),
        ["permissions", code, "grant"] => control.grant(code, text("openid").unwrap_or("oSB0sandbox")),
        ["permissions", code, "revoke"] => control.revoke(code),
        ["service-orders", number, "confirm"] => control.confirm_service(number),
        ["service-orders", number, "pay"] => control.pay_service(number),
        ["code-payments"] => code_payments(control, body),
        ["notifications", key, "resend"] => control.resend(key),
        ["webhooks"] => webhook(control, body),
        ["rotate"] => control
            .rotate_certificate()
            .map(Value::from)
            .map_err(|error| error.to_string()),
        ["rotate", "activate"] => {
            control.activate_certificate();
            Ok(Value::Null)
        }
        ["clock"] => clock(control, body),
        ["reset"] => {
            control.reset();
            Ok(Value::Null)
        }
        ["snapshots", name] => {
            control.save(name);
            Ok(Value::Null)
        }
        ["snapshots", name, "restore"] => control.restore(name).map(|()| Value::Null),
        ["faults"] => fault(control, body),
        ["faults", "clear"] => {
            control.clear_faults();
            Ok(Value::Null)
        }
        _ => return Err(None),
    };
    outcome.map_err(Some)
}

/// `{"payer": "hesitates"}`, `{"payer": "fails", "times": 2}`.
fn code_payments(control: &Control, body: &Value) -> Result<Value, String> {
    let payer = match body["payer"].as_str() {
        Some("pays") => Payer::Pays,
        Some("fails") => Payer::Fails,
        Some("hesitates") => Payer::Hesitates,
        _ => return Err("payer is `pays`, `fails` or `hesitates`".into()),
    };
    let times = number(body, "times").unwrap_or(1).min(1000);
    (0..times).for_each(|_| control.next_code_payment(payer));
    Ok(Value::Null)
}

/// `{"advance": 3600}` in seconds, `{"set": "2026-01-31T08:00:00+08:00"}`, or `{}` for the real time.
fn clock(control: &Control, body: &Value) -> Result<Value, String> {
    if let Some(seconds) = number(body, "advance") {
        control.advance_clock(Duration::from_secs(seconds));
    } else if let Some(time) = body["set"].as_str() {
        let time = text::from_rfc3339(time).ok_or("set must be a time of RFC 3339")?;
        control.set_clock(time);
    } else {
        control.inner.clock.reset();
    }
    Ok(text::rfc3339(control.inner.clock.now()).into())
}

fn number(body: &Value, name: &str) -> Option<u64> {
    body[name].as_u64().or_else(|| body[name].as_str()?.parse().ok())
}

fn webhook(control: &Control, body: &Value) -> Result<Value, String> {
    let text = |name: &str| body[name].as_str().ok_or_else(|| format!("{name} is missing"));
    let resource = match &body["resource"] {
        Value::String(text) if text.trim().is_empty() => json!({}),
        Value::String(text) => serde_json::from_str(text).map_err(|error| format!("resource: {error}"))?,
        Value::Null => json!({}),
        value => value.clone(),
    };
    control.webhook(text("url")?, text("event_type")?, &resource)?;
    Ok(Value::Null)
}

fn fault(control: &Control, body: &Value) -> Result<Value, String> {
    let number = |name: &str| number(body, name);
    let known = |name: &str| Fault::from_name(name).ok_or_else(|| format!("there is no fault {name}"));
    if let Some(percent) = number("percent") {
        let kinds: Vec<&str> = body["kinds"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let kinds = match kinds.is_empty() {
            true => faults::ALL.iter().map(|(_, fault)| *fault).collect(),
            false => kinds.into_iter().map(known).collect::<Result<Vec<_>, _>>()?,
        };
        control.random_faults(u8::try_from(percent).unwrap_or(100), &kinds);
        return Ok(Value::Null);
    }
    let name = body["fault"].as_str().unwrap_or_default();
    if let Some((_, fault)) = faults::NOTIFICATIONS.iter().find(|(other, _)| *other == name) {
        control.notification_fault(*fault);
        return Ok(Value::Null);
    }
    let operation = body["operation"]
        .as_str()
        .filter(|operation| !operation.is_empty());
    let times = number("times")
        .and_then(|times| u32::try_from(times).ok())
        .unwrap_or(1);
    let parameter = number("millis").or_else(|| number("status"));
    let fault = Fault::with_parameter(name, parameter);
    control.fault(
        operation,
        fault.ok_or_else(|| format!("there is no fault {name}, or it needs `millis` or `status`"))?,
        times,
    );
    Ok(Value::Null)
}
