//! Applications of new merchants, from the draft to the finished sub-merchant: those of a service provider
//! (`applyment4sub`) and of an ecommerce platform; and those of brands.
//!
//! In: requests to submit, to query and to revoke, and the states that a test brings an application to.
//! Out: facts. The rules are those of <https://pay.weixin.qq.com/doc/v3/partner/4012697052>,
//! <https://pay.weixin.qq.com/doc/v3/partner/4012691469> and
//! <https://pay.weixin.qq.com/doc/v3/partner/4016257694>: what was rejected is submitted again under the
//! same number; anything else is not changed by a second request.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Context, Outcome};
use crate::refusal::Refusal;
use crate::store::Store;
use crate::{Inner, lock, text};

pub const TABLE: &str = "applyments";
/// The key of an application by its `applyment_id`.
const IDS: &str = "applyment-ids";

/// What the kinds of applications differ in.
struct Kind {
    /// In the store.
    name: &'static str,
    /// Where it is submitted.
    path: &'static str,
    /// The merchant's number.
    number: &'static str,
    /// In front of a state.
    prefix: &'static str,
    /// The states with what can follow each, the usual one first.
    states: &'static [(&'static str, &'static [&'static str])],
}

const SERVICE_PROVIDER: Kind = Kind {
    name: "applyment4sub",
    path: "/v3/applyment4sub/applyment",
    number: "business_code",
    prefix: "APPLYMENT_STATE_",
    states: &[
        (
            "AUDITING",
            &[
                "TO_BE_CONFIRMED",
                "TO_BE_SIGNED",
                "REJECTED",
                "EDITTING",
                "CANCELED",
            ],
        ),
        ("TO_BE_CONFIRMED", &["TO_BE_SIGNED", "REJECTED", "CANCELED"]),
        ("TO_BE_SIGNED", &["SIGNING", "CANCELED"]),
        ("SIGNING", &["FINISHED"]),
        ("EDITTING", &["CANCELED"]),
        ("REJECTED", &["CANCELED"]),
        ("FINISHED", &[]),
        ("CANCELED", &[]),
    ],
};

const ECOMMERCE: Kind = Kind {
    name: "ecommerce",
    path: "/v3/ecommerce/applyments",
    number: "out_request_no",
    prefix: "",
    states: &[
        (
            "CHECKING",
            &["ACCOUNT_NEED_VERIFY", "AUDITING", "REJECTED", "CANCELED"],
        ),
        ("ACCOUNT_NEED_VERIFY", &["AUDITING", "REJECTED", "CANCELED"]),
        ("AUDITING", &["NEED_SIGN", "REJECTED", "FROZEN", "CANCELED"]),
        ("NEED_SIGN", &["FINISH", "FROZEN", "CANCELED"]),
        ("REJECTED", &["CANCELED"]),
        ("FINISH", &[]),
        ("FROZEN", &[]),
        ("CANCELED", &[]),
    ],
};

const BRAND: Kind = Kind {
    name: "brand",
    path: "/v3/brand/applyments",
    number: "business_code",
    prefix: "APPLYMENT_STATE_",
    states: &[
        ("WAITING_AUDIT", &["WAITING_AUTH", "AUDIT_REJECTED", "CANCELED"]),
        ("WAITING_AUTH", &["OPEN_ACCOUNT", "CANCELED"]),
        ("OPEN_ACCOUNT", &["FINISH"]),
        ("AUDIT_REJECTED", &["CANCELED"]),
        ("FINISH", &[]),
        ("CANCELED", &[]),
    ],
};

const KINDS: [&Kind; 3] = [&SERVICE_PROVIDER, &ECOMMERCE, &BRAND];

impl Kind {
    fn of(row: &Value) -> &'static Self {
        KINDS
            .into_iter()
            .find(|kind| row["kind"] == kind.name)
            .unwrap_or(&SERVICE_PROVIDER)
    }

    /// What can follow a state.
    fn next(&self, state: &str) -> &'static [&'static str] {
        let found = self.states.iter().find(|(name, _)| *name == state);
        found.map_or(&[], |(_, next)| next)
    }

    fn key(&self, number: &str) -> String {
        format!("{} {number}", self.name)
    }
}

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    let operation = context.operation();
    let found = KINDS
        .into_iter()
        .find_map(|kind| Some((kind, operation.path.strip_prefix(kind.path)?)));
    let (kind, rest) = found?;
    let id = "applyment_id";
    Some(match (operation.method.as_str(), rest.trim_start_matches('/')) {
        ("POST", "") => submit(context, kind),
        (
            "GET",
            "business_code/{business_code}"
            | "business-code/{business_code}"
            | "out-request-no/{out_request_no}",
        ) => query(context, kind, kind.number),
        ("GET", "applyment_id/{applyment_id}" | "applyment-id/{applyment_id}" | "{applyment_id}") => {
            query(context, kind, id)
        }
        ("POST", "out-request-no/{out_request_no}/revoke") => revoke(context, kind, kind.number),
        ("POST", "{applyment_id}/revoke") => revoke(context, kind, id),
        ("POST", "cancel-applyment") => match context.checked.get(id) {
            Some(_) => revoke(context, kind, id),
            None => revoke(context, kind, kind.number),
        },
        _ => return None,
    })
}

fn submit(context: &Context<'_>, kind: &Kind) -> Outcome {
    let (number, digest) = (context.checked.text(kind.number), context.digest());
    let key = kind.key(number);
    let mut store = lock(&context.inner.store);
    let before = store.get(TABLE, &key);
    match &before {
        // A draft and what was rejected are written anew.
        Some(row)
            if matches!(
                row["state"].as_str(),
                Some("REJECTED" | "AUDIT_REJECTED" | "EDITTING")
            ) => {}
        Some(row) if row["digest"] == digest => return Ok(context.facts(&row["facts"])),
        Some(row) => {
            let state = row["state"].as_str().unwrap_or_default();
            let problem = format!("the application under this {} is {state}", kind.number);
            return Err(context.refused(400, "INVALID_REQUEST", problem, kind.number));
        }
        None => {}
    }
    let id = match &before {
        Some(row) => row["facts"]["applyment_id"].as_u64(),
        None => format!("2000{}", text::digits(12)).parse().ok(),
    };
    let id = id.unwrap_or_default();
    let state = kind.states[0].0;
    let mut row = json!({
        "number": number,
        "kind": kind.name,
        "state": state,
        "digest": digest,
        "created": context.now(),
        "facts": { kind.number: number, "applyment_id": id },
    });
    describe(&context.inner.base, kind, &mut row, state, "");
    store.put_all(&[(TABLE, &key, &row), (IDS, &id.to_string(), &key.as_str().into())]);
    context.inner.settle_later("applyment", &key);
    Ok(context.facts(&row["facts"]))
}

/// Writes a state into a row, with what a merchant is told in it.
fn describe(base: &str, kind: &Kind, row: &mut Value, state: &str, reason: &str) {
    row["state"] = state.into();
    let full = format!("{}{state}", kind.prefix);
    let facts = &mut row["facts"];
    for (name, value) in [
        ("applyment_state", full.as_str()),
        ("applyment_state_msg", described(state)),
        ("applyment_state_desc", described(state)),
    ] {
        facts[name] = value.into();
    }
    let id = facts["applyment_id"].to_string();
    let when = |is: bool, value: Value| if is { value } else { Value::Null };
    let to_sign = matches!(state, "TO_BE_SIGNED" | "SIGNING" | "NEED_SIGN");
    let confirmed = matches!(state, "TO_BE_CONFIRMED" | "ACCOUNT_NEED_VERIFY") || to_sign;
    let finished = matches!(state, "FINISHED" | "FINISH");
    let url = format!("{base}/sandbox/sign?applyment_id={id}");
    facts["sign_url"] = when(confirmed, url.as_str().into());
    facts["authorization_confirmation_qr_code"] = when(state == "WAITING_AUTH", url.as_str().into());
    facts["legal_validation_url"] = when(state == "ACCOUNT_NEED_VERIFY", url.into());
    let sub_mchid = format!("19{}", text::digits(8));
    facts["sub_mchid"] = when(finished || state == "SIGNING", sub_mchid.into());
    facts["sign_state"] = match state {
        _ if finished => "SIGNED",
        _ if to_sign => "UNSIGNED",
        _ => "NOT_SIGNABLE",
    }
    .into();
    let rejection = json!([{
        "field": "contact_info", "field_name": "contact_info", "param_name": "contact_info",
        "reject_reason": reason,
    }]);
    let rejected = matches!(state, "REJECTED" | "AUDIT_REJECTED");
    facts["audit_detail"] = when(rejected, rejection);
    facts["reject_reason"] = when(rejected, reason.into());
    facts["brand_id"] = when(finished, text::digits(8).into());
    facts["account_validation"] = when(state == "ACCOUNT_NEED_VERIFY", transfer());
}

/// What the merchant has to transfer to prove that the account is its own.
fn transfer() -> Value {
    json!({
        "account_name": "SANDBOX",
        "pay_amount": 124,
        "destination_account_number": "7222223333322332",
        "destination_account_name": "SANDBOX",
        "destination_account_bank": "SANDBOX",
        "city": "深圳",
        "remark": "SANDBOX",
        "deadline": text::rfc3339(text::now() + 7 * 86_400),
    })
}

/// A state in WeChat Pay's words.
fn described(state: &str) -> &'static str {
    match state {
        "EDITTING" => "编辑中",
        "CHECKING" => "资料校验中",
        "ACCOUNT_NEED_VERIFY" | "TO_BE_CONFIRMED" => "待账户验证",
        "TO_BE_SIGNED" | "NEED_SIGN" => "待签约",
        "SIGNING" => "开通权限中",
        "WAITING_AUTH" => "待授权",
        "OPEN_ACCOUNT" => "开户中",
        "REJECTED" | "AUDIT_REJECTED" => "已驳回",
        "FINISHED" | "FINISH" => "已完成",
        "FROZEN" => "已冻结",
        "CANCELED" => "已作废",
        _ => "审核中",
    }
}

/// The application that a request names.
fn find(context: &Context<'_>, store: &Store, kind: &Kind, by: &str) -> Result<(String, Value), Refusal> {
    let wanted = context.checked.get(by).cloned().unwrap_or_default();
    let wanted = wanted.as_str().map_or_else(|| wanted.to_string(), str::to_owned);
    let key = match by {
        "applyment_id" => store
            .get(IDS, &wanted)
            .and_then(|key| Some(key.as_str()?.to_owned())),
        _ => Some(kind.key(&wanted)),
    };
    let row = key.and_then(|key| store.get(TABLE, &key).map(|row| (key, row)));
    row.filter(|(_, row)| row["kind"] == kind.name).ok_or_else(|| {
        let problem = format!("there is no application with this {by}");
        context.refused(404, "RESOURCE_NOT_EXISTS", problem, by)
    })
}

fn query(context: &Context<'_>, kind: &Kind, by: &str) -> Outcome {
    let (_, row) = find(context, &lock(&context.inner.store), kind, by)?;
    Ok(context.facts(&row["facts"]))
}

fn revoke(context: &Context<'_>, kind: &Kind, by: &str) -> Outcome {
    let key = find(context, &lock(&context.inner.store), kind, by)?.0;
    let row = set(context.inner, &key, "CANCELED", "").map_err(|refusal| context.at(refusal, by))?;
    Ok(context.facts(&row["facts"]))
}

/// An application by its key, the merchant's number or its `applyment_id`: its key.
pub(crate) fn locate(store: &Store, number: &str) -> Option<String> {
    let by_id = || {
        store
            .get(IDS, number)
            .and_then(|key| Some(key.as_str()?.to_owned()))
    };
    let named = KINDS.into_iter().map(|kind| kind.key(number));
    let named = named.chain([number.to_owned()]);
    let mut known = named.filter(|key| store.get(TABLE, key).is_some());
    known.next().or_else(by_id)
}

/// Brings an application to a state that can follow the one it is in; `NEXT` is the usual one.
///
/// # Errors
/// When there is no such application, or the state can't follow.
pub(crate) fn set(inner: &Arc<Inner>, key: &str, state: &str, reason: &str) -> Result<Value, Refusal> {
    let mut store = lock(&inner.store);
    let row = store.get(TABLE, key);
    let mut row =
        row.ok_or_else(|| Refusal::new(404, "RESOURCE_NOT_EXISTS", "there is no such application"))?;
    let kind = Kind::of(&row);
    let now = row["state"].as_str().unwrap_or_default();
    let next = kind.next(now);
    let wanted = match (state, next.first()) {
        ("NEXT", Some(usual)) if *usual != "CANCELED" => usual,
        _ => state,
    };
    if !next.contains(&wanted) {
        let problem = format!("the application is {now}; what can follow: {}", next.join(", "));
        return Err(Refusal::new(400, "INVALID_REQUEST", problem));
    }
    let sub_mchid = row["facts"]["sub_mchid"].clone();
    describe(&inner.base, kind, &mut row, wanted, reason);
    // The number that the sub-merchant got is not given twice.
    if sub_mchid.is_string() && row["facts"]["sub_mchid"].is_string() {
        row["facts"]["sub_mchid"] = sub_mchid;
    }
    store.put(TABLE, key, &row);
    drop(store);
    inner.settle_later("applyment", key);
    Ok(row)
}
