//! Lengths and forms of fields that the official documents have and the pages lack.
//!
//! In: a checked request. Out: nothing, or 400 `PARAM_ERROR` with the field. The rules are those of
//! <https://pay.weixin.qq.com/doc/v3/merchant/4012791856> (orders) and
//! <https://pay.weixin.qq.com/doc/v3/merchant/4012791862> (refunds).

use serde_json::Value;

use super::Context;
use crate::refusal::Refusal;

/// The most that one order may cost: ten million yuan, in fen.
const MOST: i64 = 1_000_000_000;

/// Refuses a value of the body. `path` is like `/amount/total`.
pub fn refuse(context: &Context<'_>, path: &str, value: &Value, issue: &str) -> Refusal {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    context.at(Refusal::parameter("body", path, value, issue), first)
}

/// A merchant's own number: letters, digits and `_-|*@`.
pub fn number(
    context: &Context<'_>,
    path: &str,
    value: &Value,
    lengths: (usize, usize),
) -> Result<(), Refusal> {
    let text = value.as_str().unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-|*@".contains(&byte);
    if !(lengths.0..=lengths.1).contains(&text.len()) || !text.bytes().all(plain) {
        let issue = format!("must be {} to {} of 0-9, a-z, A-Z, _-|*@", lengths.0, lengths.1);
        return Err(refuse(context, path, value, &issue));
    }
    Ok(())
}

/// The number of an order.
pub fn out_trade_no(context: &Context<'_>, path: &str, value: &Value) -> Result<(), Refusal> {
    number(context, path, value, (6, 32))
}

/// A text of so many characters, when it is there.
pub fn length(
    context: &Context<'_>,
    path: &str,
    value: &Value,
    lengths: (usize, usize),
) -> Result<(), Refusal> {
    let Some(text) = value.as_str() else {
        return Ok(());
    };
    if !(lengths.0..=lengths.1).contains(&text.chars().count()) {
        let issue = format!("must have {} to {} characters", lengths.0, lengths.1);
        return Err(refuse(context, path, value, &issue));
    }
    Ok(())
}

/// An amount in fen.
pub fn amount(context: &Context<'_>, path: &str, value: &Value) -> Result<i64, Refusal> {
    let fen = value.as_i64().or_else(|| value.as_str()?.parse().ok());
    match fen {
        Some(fen @ 1..=MOST) => Ok(fen),
        Some(1..) => Err(refuse(context, path, value, "must be at most 10,000,000 yuan")),
        _ => Err(refuse(context, path, value, "must be at least 1")),
    }
}

/// The only currency of a domestic merchant.
pub fn currency(context: &Context<'_>, path: &str, value: &Value) -> Result<(), Refusal> {
    match value.as_str() {
        None | Some("" | "CNY") => Ok(()),
        Some(_) => Err(refuse(context, path, value, "must be CNY")),
    }
}

/// Where notifications go: `https` without a query. Plain `http` is accepted where the sandbox sends to:
/// on loopback, and everywhere with `--notify-anywhere`.
pub fn notify_url(context: &Context<'_>, path: &str, value: &Value) -> Result<(), Refusal> {
    let Some(text) = value.as_str().filter(|text| !text.is_empty()) else {
        return Ok(());
    };
    let wrong = |issue: &str| Err(refuse(context, path, value, issue));
    if text.len() > 255 {
        return wrong("must have at most 255 characters");
    }
    if text.contains(['?', '#']) {
        return wrong("must not have a query");
    }
    let Ok(uri) = text.parse::<hyper::Uri>() else {
        return wrong("not a URL");
    };
    let host = uri.host().unwrap_or_default();
    match uri.scheme_str() {
        Some("https" | "http") if host.is_empty() => wrong("not a URL"),
        Some("https") => Ok(()),
        Some("http") if context.inner.settings.notify_anywhere || crate::notify::is_local(host) => Ok(()),
        Some("http") => wrong("must be https; http only on loopback, or with --notify-anywhere"),
        _ => wrong("must be an https URL"),
    }
}

/// The application must be bound to the merchant.
pub fn appid(context: &Context<'_>, field: &str, value: &Value) -> Result<(), Refusal> {
    let bound = |appid: &str| {
        let settings = &context.inner.settings;
        appid == context.inner.identity.appid
            || settings.appids.iter().any(|other| other == appid || other == "*")
    };
    match value.as_str() {
        Some(appid) if !bound(appid) => {
            let problem = format!("{field} {appid} is not bound to this merchant");
            Err(context.refused(400, "APPID_MCHID_NOT_MATCH", problem, field))
        }
        _ => Ok(()),
    }
}

/// The moment after which an order can't be paid any more.
pub fn time_expire(context: &Context<'_>) -> Result<Option<u64>, Refusal> {
    let value = &context.checked.body["time_expire"];
    let Some(text) = value.as_str().filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let read = match context.operation().v3 {
        true => crate::text::from_rfc3339(text),
        false => crate::text::from_compact(text),
    };
    match read {
        Some(at) if at > context.now() => Ok(Some(at)),
        Some(_) => Err(refuse(context, "/time_expire", value, "is in the past")),
        None if context.operation().v3 => {
            Err(refuse(context, "/time_expire", value, "not a time of RFC 3339"))
        }
        None => Err(refuse(context, "/time_expire", value, "not yyyyMMddHHmmss")),
    }
}
