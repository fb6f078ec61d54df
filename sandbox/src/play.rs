//! A request from its bytes to its response: found, checked, carried out, written, and spoiled.
//!
//! In: a request. Out: the response, the verdict on the request, and the fault that was injected.

use std::sync::Arc;

use serde_json::Value;

use crate::check::{self, Checked, Incoming};
use crate::faults::{Fault, Spoiler};
use crate::model::Operation;
use crate::refusal::Refusal;
use crate::response::{Reply, Writer};
use crate::settings::Answers;
use crate::{Inner, business, crypto, lock, text};

/// What became of a request.
pub(crate) struct Played {
    pub reply: Reply,
    pub fault: Option<Fault>,
    pub verdict: String,
    /// The encrypted fields of the request, in clear: the whole body, where it has such.
    pub clear: Value,
}

/// The header with which a request chooses its response: `fault=hang`, `fault=delay:500`,
/// `error=NOT_ENOUGH:403`, `answers=sparse`, separated by commas. In a response it says what the
/// response rests on: `state`, `number` or `shape`.
pub(crate) const HEADER: &str = "Wechatpay-Sandbox";

/// What a request chose.
#[derive(Default)]
struct Chosen {
    fault: Option<Fault>,
    error: Option<(String, u16)>,
    answers: Option<Answers>,
}

impl Chosen {
    fn of(incoming: &Incoming) -> Result<Self, String> {
        let mut chosen = Self::default();
        let header = incoming.header(HEADER).unwrap_or_default();
        for part in header.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (value, parameter) = match value.split_once(':') {
                Some((value, parameter)) => (value, parameter.parse::<u64>().ok()),
                None => (value, None),
            };
            let wrong = || format!("{HEADER}: {part} is not understood");
            match name {
                "fault" => {
                    let fault = Fault::with_parameter(value, parameter);
                    chosen.fault = Some(fault.ok_or_else(wrong)?);
                }
                "error" => {
                    let status = parameter.and_then(|status| u16::try_from(status).ok());
                    chosen.error = Some((value.to_owned(), status.unwrap_or(400)));
                }
                "answers" => chosen.answers = Some(value.parse().map_err(|_| wrong())?),
                _ => return Err(wrong()),
            }
        }
        Ok(chosen)
    }
}

/// The base of addresses in responses: the one that the request was sent to.
fn base(inner: &Inner, incoming: &Incoming) -> String {
    let plain = |host: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
        !host.is_empty() && host.bytes().all(allowed)
    };
    match incoming.header("host").filter(|host| plain(host)) {
        Some(host) if inner.settings.public_url.is_none() => {
            let scheme = if inner.settings.tls { "https" } else { "http" };
            format!("{scheme}://{host}")
        }
        _ => inner.base.clone(),
    }
}

/// Finds the operation, checks, carries out, responds, spoils.
pub(crate) fn play(inner: &Arc<Inner>, incoming: &Incoming) -> Played {
    let chosen = match Chosen::of(incoming) {
        Ok(chosen) => chosen,
        Err(problem) => return refused(inner, incoming, &Refusal::new(400, "PARAM_ERROR", problem)),
    };
    // APIv2's own sandbox has every operation below this path.
    let path = incoming.path();
    let mut candidates = inner.pages.find(&incoming.method, path);
    if let Some(rest) = path.strip_prefix("/sandboxnew").filter(|_| candidates.is_empty()) {
        candidates = inner.pages.find(&incoming.method, rest);
        candidates.retain(|(operation, _)| !operation.v3);
    }
    let Some((first, _)) = candidates.first() else {
        return undocumented(inner, incoming);
    };
    let fault = chosen.fault.or_else(|| lock(&inner.faults).pick(&first.name()));
    // Of pages that share a path, the first whose rules the request keeps.
    let mut judged = None;
    for (operation, path) in &candidates {
        let checked = check_one(inner, operation, path, incoming);
        let right = checked.is_ok();
        if right || judged.is_none() {
            judged = Some((operation.clone(), checked));
        }
        if right {
            break;
        }
    }
    let (operation, checked) = judged.unwrap_or_else(|| (first.clone(), Ok(Checked::default())));
    let base = base(inner, incoming);
    let writer = Writer {
        identity: &inner.identity,
        operation: &operation,
        incoming,
        base: &base,
        answers: chosen.answers.unwrap_or(inner.settings.answers),
    };
    let clear = checked
        .as_ref()
        .map_or(Value::Null, |checked| clear(&operation, checked));
    let hmac = checked.as_ref().is_ok_and(|checked| checked.hmac);
    let (reply, verdict) = match checked {
        Err(refusal) => (writer.refusal(&refusal, None), worded(&refusal)),
        Ok(checked) => match (&chosen.error, fault) {
            (Some((code, status)), _) => {
                let refusal = Refusal::named(*status, code, "chosen by the request (SANDBOX)");
                (writer.refusal(&refusal, Some(&checked)), "right".to_owned())
            }
            (None, Some(fault)) if fault.is_before() => (Reply::new(500, "", ""), "right".to_owned()),
            _ => match carry_out(inner, &writer, &checked) {
                Ok(reply) => (reply, "right".to_owned()),
                Err(refusal) => {
                    let refusal = refusal.at(operation.row(operation.line));
                    (writer.refusal(&refusal, Some(&checked)), worded(&refusal))
                }
            },
        },
    };
    let reply = match fault {
        Some(fault) => Spoiler {
            identity: &inner.identity,
            operation: &operation,
            incoming,
            hmac,
        }
        .spoil(fault, reply),
        None => reply,
    };
    Played {
        reply: reply.header(
            "Request-ID",
            format!("SANDBOX-{}", crypto::random(24).to_uppercase()),
        ),
        fault,
        verdict,
        clear,
    }
}

/// Carries a request out. It fails where the state could not be written: what is acknowledged is kept.
fn carry_out(inner: &Arc<Inner>, writer: &Writer<'_>, checked: &Checked) -> Result<Reply, Refusal> {
    if writer.operation.v3
        && let Some(id) = writer
            .incoming
            .header("wechatpay-serial")
            .filter(|id| !id.is_empty())
    {
        let public = id.eq_ignore_ascii_case(&inner.identity.public_key.id);
        inner.identity.platform.prefer(!public);
    }
    let before = lock(&inner.store).failures();
    let outcome = business::carry_out(inner, writer, checked);
    if lock(&inner.store).failures() > before {
        let problem = "the sandbox can't write its state: is the disk full?";
        return Err(Refusal::new(500, "SYSTEM_ERROR", problem));
    }
    outcome
}

/// The body of a request with encrypted fields, in clear.
fn clear(operation: &Operation, checked: &Checked) -> Value {
    fn has_encrypted(fields: &[crate::model::Field]) -> bool {
        fields
            .iter()
            .any(|field| field.wrapped == Some(crate::model::Wrapped::Rsa) || has_encrypted(&field.fields))
    }
    match has_encrypted(&operation.fields) {
        true => checked.body.clone(),
        false => Value::Null,
    }
}

fn check_one(
    inner: &Inner,
    operation: &Operation,
    path: &[(String, String)],
    incoming: &Incoming,
) -> Result<Checked, Refusal> {
    match operation.v3 {
        true => check::v3(&inner.identity, operation, path, incoming, text::now()),
        false => check::v2::check(&inner.identity, operation, incoming),
    }
}

fn worded(refusal: &Refusal) -> String {
    let row = refusal
        .row
        .as_deref()
        .map(|row| format!(" ({row})"))
        .unwrap_or_default();
    format!("{}: {}{row}", refusal.code, refusal.message)
}

fn undocumented(inner: &Inner, incoming: &Incoming) -> Played {
    let refusal = match inner.pages.has_path(incoming.path()) {
        true => Refusal::new(
            405,
            "METHOD_NOT_ALLOWED",
            "no page documents this method for this path",
        ),
        false => Refusal::new(404, "RESOURCE_NOT_EXISTS", "no page documents this path"),
    };
    refused(inner, incoming, &refusal)
}

/// The response to a request that is for no operation.
fn refused(inner: &Inner, incoming: &Incoming, refusal: &Refusal) -> Played {
    let body = refusal.json().to_string().into_bytes();
    let key = check::signing_key(&inner.identity, incoming);
    Played {
        reply: Reply::new(refusal.status, "application/json", body.clone()).signed_over(&key, &body),
        fault: None,
        verdict: refusal.message.clone(),
        clear: Value::Null,
    }
}
