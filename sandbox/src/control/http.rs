//! The control API, for tests in any language, and the forms of the page.
//!
//! In: requests below `/control/`, JSON or a form. Out: JSON, or for a form the page again.
//!
//! | request | does |
//! | --- | --- |
//! | `GET /control/calls`, `…/orders`, `…/refunds`, `…/transfers`, `…/permissions`, `…/service-orders` | what happened |
//! | `POST /control/orders/{out_trade_no}/pay`, `…/fail` | the payer pays, or fails to |
//! | `POST /control/refunds/{out_refund_no}/success`, `…/closed`, `…/abnormal` | the refund arrives, or not |
//! | `POST /control/transfers/{out_bill_no}/confirm`, `…/fail` | the user confirms a transfer, or it fails |
//! | `POST /control/transfer-authorizations/{out_authorization_no}/confirm`, `…/close` | the user agrees to transfers, or no longer |
//! | `POST /control/permissions/{authorization_code}/grant` `{openid}`, `…/revoke` | the user authorizes a payscore service, or no longer |
//! | `POST /control/service-orders/{out_order_no}/confirm`, `…/pay` | the user confirms a service order, or pays it |
//! | `POST /control/webhooks` `{event_type, url, resource}` | sends any notification |
//! | `POST /control/rotate` | the platform certificate changes |
//! | `POST /control/faults` `{fault, operation, times}` or `{percent, kinds}` | makes calls go wrong |
//! | `POST /control/faults/clear` | ends that |

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{Control, page};
use crate::check::{self, Incoming};
use crate::faults::{self, Fault};
use crate::log::Call;
use crate::response::Reply;
use crate::{Inner, text};

pub(crate) async fn respond(inner: &Arc<Inner>, incoming: &Incoming) -> Reply {
    let control = Control::new(inner.clone());
    let path = incoming.path();
    if incoming.method == "GET" && !path.starts_with("/control/") {
        return Reply::new(200, "text/html; charset=utf-8", page::write(inner, path));
    }
    // Another site's page in the same browser must not press the buttons.
    let foreign = incoming
        .header("origin")
        .is_some_and(|origin| origin != inner.base && origin != "null");
    if foreign {
        return Reply::new(403, "text/plain", "this is not the sandbox's own page");
    }
    let json = incoming
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/json"));
    let body = match json {
        true => serde_json::from_slice(&incoming.body).unwrap_or_default(),
        false => check::pairs(form_urlencoded::parse(&incoming.body).into_owned()),
    };
    let form = !json && incoming.method == "POST" && incoming.header("content-type").is_some();
    match act(&control, incoming, &body) {
        Ok(_) if form => Reply::new(303, "", "").header("Location", "/"),
        Ok(value) => Reply::new(200, "application/json", value.to_string()),
        Err((status, problem)) => Reply::new(
            status,
            "application/json",
            json!({ "error": problem }).to_string(),
        ),
    }
}

type Outcome = Result<Value, (u16, String)>;

fn act(control: &Control, incoming: &Incoming, body: &Value) -> Outcome {
    let path = percent_decode_str(incoming.path())
        .decode_utf8_lossy()
        .into_owned();
    let parts: Vec<&str> = path.trim_start_matches("/control/").split('/').collect();
    let wrong = |problem: String| (400, problem);
    match (incoming.method.as_str(), &parts[..]) {
        ("GET", ["calls"]) => Ok(control.calls().iter().map(Call::json).collect()),
        ("GET", ["orders"]) => Ok(control.orders().into()),
        ("GET", ["refunds"]) => Ok(control.refunds().into()),
        ("GET", ["transfers"]) => Ok(control.transfers().into()),
        ("GET", ["permissions"]) => Ok(control.permissions().into()),
        ("GET", ["service-orders"]) => Ok(control.service_orders().into()),
        ("GET", ["time"]) => Ok(text::rfc3339(text::now()).into()),
        ("POST", ["orders", number, "pay"]) => control.pay(number).map_err(wrong),
        ("POST", ["orders", number, "fail"]) => control.fail(number).map_err(wrong),
        ("POST", ["refunds", number, state]) => control
            .settle_refund(number, &state.to_ascii_uppercase())
            .map_err(wrong),
        ("POST", ["transfers", number, "confirm"]) => control.settle_transfer(number, true).map_err(wrong),
        ("POST", ["transfers", number, "fail"]) => control.settle_transfer(number, false).map_err(wrong),
        ("POST", ["transfer-authorizations", number, "confirm"]) => {
            control.authorize_transfers(number, true).map_err(wrong)
        }
        ("POST", ["transfer-authorizations", number, "close"]) => {
            control.authorize_transfers(number, false).map_err(wrong)
        }
        ("POST", ["permissions", code, "grant"]) => {
            let openid = body["openid"].as_str().unwrap_or("oSB0sandbox");
            control.grant(code, openid).map_err(wrong)
        }
        ("POST", ["permissions", code, "revoke"]) => control.revoke(code).map_err(wrong),
        ("POST", ["service-orders", number, "confirm"]) => control.confirm_service(number).map_err(wrong),
        ("POST", ["service-orders", number, "pay"]) => control.pay_service(number).map_err(wrong),
        ("POST", ["rotate"]) => control
            .rotate_certificate()
            .map(Value::from)
            .map_err(|error| (500, error.to_string())),
        ("POST", ["webhooks"]) => webhook(control, body).map_err(wrong),
        ("POST", ["faults"]) => fault(control, body).map_err(wrong),
        ("POST", ["faults", "clear"]) => {
            control.clear_faults();
            Ok(Value::Null)
        }
        _ => Err((404, "the control API has no such thing".into())),
    }
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
    let number = |name: &str| body[name].as_u64().or_else(|| body[name].as_str()?.parse().ok());
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
    control.fault(operation, known(name)?, times);
    Ok(Value::Null)
}
