//! Notifications: made in the page's shape, sealed, signed, sent to the merchant, and sent again until
//! it says that it has understood.
//!
//! In: an event and what is known of it. Out: POST requests to the merchant's address, a line in the
//! log for each attempt. Only loopback addresses are sent to unless the settings say otherwise.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Request;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::answer::{flat, shape::Maker, signature};
use crate::check::Checked;
use crate::faults::NotificationFault;
use crate::log::{Call, shown};
use crate::model::{Field, Operation, Wrapped};
use crate::{Inner, keys, lock, text, xml};

/// WeChat Pay's pauses, in seconds.
pub const SCHEDULE: [u64; 15] = [
    15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600,
];

/// A notification as it is sent.
struct Message {
    name: String,
    url: String,
    body: Vec<u8>,
    v3: bool,
}

/// Sends an APIv3 event, its resource telling these facts, in the background.
pub(crate) fn later(inner: &Arc<Inner>, url: &str, event: &str, facts: Value) {
    if let Some(operation) = inner.pages.webhook(event).filter(|_| !url.is_empty()) {
        let body = write_v3(inner, &operation, event, &facts);
        spawn(
            inner,
            Message {
                name: event.into(),
                url: url.into(),
                body,
                v3: true,
            },
        );
    }
}

/// Sends APIv2's notification of a payment.
pub(crate) fn later_v2(inner: &Arc<Inner>, url: &str, facts: Value) {
    if let Some(operation) = inner
        .pages
        .webhook("v2/transaction-success")
        .filter(|_| !url.is_empty())
    {
        let body = write_v2(inner, &operation, &facts, true);
        spawn(
            inner,
            Message {
                name: operation.name(),
                url: url.into(),
                body,
                v3: false,
            },
        );
    }
}

/// Sends APIv2's notification of a refund.
pub(crate) fn later_v2_refund(inner: &Arc<Inner>, url: &str, facts: Value) {
    if let Some(operation) = inner
        .pages
        .webhook("v2/refund-processed")
        .filter(|_| !url.is_empty())
    {
        let body = write_v2(inner, &operation, &facts, true);
        spawn(
            inner,
            Message {
                name: operation.name(),
                url: url.into(),
                body,
                v3: false,
            },
        );
    }
}

/// Sends any of the documented notifications by hand; what `facts` do not tell is made up.
///
/// # Errors
/// When no page documents it.
pub(crate) fn by_hand(inner: &Arc<Inner>, url: &str, name: &str, facts: &Value) -> Result<(), String> {
    let operation = inner
        .pages
        .webhook(name)
        .ok_or_else(|| format!("no page documents the notification {name}"))?;
    let body = match operation.v3 {
        true => write_by_hand(inner, &operation, name, facts),
        false => write_v2(inner, &operation, facts, false),
    };
    spawn(
        inner,
        Message {
            name: name.into(),
            url: url.into(),
            body,
            v3: operation.v3,
        },
    );
    Ok(())
}

fn resource_rows(operation: &Operation) -> &[Field] {
    let resource = operation.fields.iter().find(|field| field.name == "resource");
    let ciphertext = resource.and_then(|field| field.fields.iter().find(|field| field.name == "ciphertext"));
    ciphertext.map_or(&[], |field| &field.fields)
}

fn write_v3(inner: &Inner, operation: &Operation, event: &str, facts: &Value) -> Vec<u8> {
    // Rows that are marked as required for another business of the same page stay out.
    let rows = resource_rows(operation);
    let known = facts.as_object();
    let mut resource = serde_json::Map::new();
    let checked = Checked {
        body: facts.clone(),
        ..Checked::default()
    };
    let maker = Maker::new(&inner.identity, operation, &checked, &inner.base).sparse();
    if let Value::Object(made) = maker.object(rows, Some(facts), true) {
        resource.extend(
            made.into_iter()
                .filter(|(name, _)| known.is_some_and(|known| known.contains_key(name))),
        );
    }
    for (name, value) in known
        .into_iter()
        .flatten()
        .filter(|(name, _)| ["mchid", "trade_type", "refund_status"].contains(&name.as_str()))
    {
        resource.entry(name.clone()).or_insert_with(|| value.clone());
    }
    envelope(inner, operation, event, &Value::Object(resource))
}

fn write_by_hand(inner: &Inner, operation: &Operation, event: &str, facts: &Value) -> Vec<u8> {
    let checked = Checked {
        body: facts.clone(),
        ..Checked::default()
    };
    let resource = Maker::new(&inner.identity, operation, &checked, &inner.base).object(
        resource_rows(operation),
        Some(facts),
        true,
    );
    envelope(inner, operation, event, &resource)
}

fn envelope(inner: &Inner, operation: &Operation, event: &str, resource: &Value) -> Vec<u8> {
    let row = |name: &str| {
        let resource = operation.fields.iter().find(|field| field.name == "resource");
        resource
            .into_iter()
            .flat_map(|field| &field.fields)
            .find(|field| field.name == name)
    };
    let original =
        row("original_type").map(|field| field.constant.clone().or_else(|| field.values.first().cloned()));
    let original = original.flatten().unwrap_or_else(|| "sandbox".into());
    let nonce = keys::random(12);
    let ciphertext = keys::seal(
        &inner.identity.api_v3_key,
        &nonce,
        &original,
        resource.to_string().as_bytes(),
    );
    let kind = operation
        .fields
        .iter()
        .find(|field| field.name == "resource_type");
    let kind = kind.and_then(|field| field.constant.clone().or_else(|| field.values.first().cloned()));
    let body = json!({
        "id": format!("SANDBOX-{}", keys::random(24)),
        "create_time": text::rfc3339(text::now()),
        "resource_type": kind.unwrap_or_else(|| "encrypt-resource".into()),
        "event_type": event,
        "summary": format!("SANDBOX {}", operation.title),
        "resource": {
            "original_type": original,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": ciphertext.unwrap_or_default(),
            "associated_data": original,
            "nonce": nonce,
        },
    });
    body.to_string().into_bytes()
}

fn write_v2(inner: &Inner, operation: &Operation, facts: &Value, sparse: bool) -> Vec<u8> {
    let identity = &inner.identity;
    let checked = Checked {
        body: facts.clone(),
        ..Checked::default()
    };
    let maker = Maker::new(identity, operation, &checked, &inner.base);
    let maker = if sparse { maker.sparse() } else { maker };
    let mut fields = Vec::new();
    let mut signed = false;
    for field in &operation.fields {
        match field.wrapped {
            Some(Wrapped::AesEcb) => {
                let inside = flat(&maker.object(&field.fields, Some(facts), true));
                let sealed = keys::seal_v2(&identity.api_v2_key, xml::write("root", &inside).as_bytes());
                fields.push((field.name.clone(), sealed.unwrap_or_default()));
            }
            _ if field.name == "sign" => signed = true,
            _ => fields.extend(flat(&maker.object(
                std::slice::from_ref(field),
                Some(facts),
                true,
            ))),
        }
    }
    if signed {
        let hmac = fields
            .iter()
            .any(|(name, value)| name == "sign_type" && value == "HMAC-SHA256");
        let sign = keys::sign_v2(
            &identity.api_v2_key,
            hmac,
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())),
        );
        fields.push(("sign".into(), sign));
    }
    xml::write("xml", &fields).into_bytes()
}

fn spawn(inner: &Arc<Inner>, message: Message) {
    // Without a runtime there is nobody to send: the control API is called from one.
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return;
    };
    let fault = lock(&inner.faults).pick_notification();
    let weak = Arc::downgrade(inner);
    runtime.spawn(async move {
        if fault == Some(NotificationFault::Late) {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let mut twice = fault == Some(NotificationFault::Twice);
        let mut probe = fault == Some(NotificationFault::Probe);
        for pause in SCHEDULE.into_iter().map(Some).chain([None]) {
            // The sandbox is gone: so are its notifications.
            let Some(inner) = weak.upgrade() else {
                return;
            };
            let understood = attempt(&inner, &message, probe).await;
            probe = false;
            if understood && !std::mem::take(&mut twice) {
                return;
            }
            let Some(pause) = pause else {
                return;
            };
            let speed = u64::from(inner.settings.speed.max(1));
            drop(inner);
            tokio::time::sleep(Duration::from_millis(pause * 1000 / speed)).await;
        }
    });
}

/// One attempt; whether the merchant has understood.
async fn attempt(inner: &Inner, message: &Message, probe: bool) -> bool {
    let mut headers: Vec<(String, String)> =
        vec![("Request-ID".into(), format!("SANDBOX-{}", keys::random(24)))];
    if message.v3 {
        let identity = &inner.identity;
        let signed = signature(&identity.public_key, &message.body, text::now());
        headers.push(("Content-Type".into(), "application/json".into()));
        headers.extend(signed.map(|(name, value)| (name.to_owned(), value)));
        if probe {
            for (_, value) in headers
                .iter_mut()
                .filter(|(name, _)| name == "Wechatpay-Signature")
            {
                *value = format!("WECHATPAY/SIGNTEST/{value}");
            }
        }
    } else {
        headers.push(("Content-Type".into(), "text/xml".into()));
    }
    let outcome = tokio::time::timeout(Duration::from_secs(5), post(inner, message, &headers)).await;
    let outcome = outcome.unwrap_or_else(|_| Err("no answer within five seconds".into()));
    let (status, answer, understood) = match &outcome {
        Ok((status, answer)) => {
            let success = matches!(status, 200 | 204);
            (
                *status,
                shown(answer),
                success && (message.v3 || String::from_utf8_lossy(answer).contains("SUCCESS")),
            )
        }
        Err(problem) => (0, problem.clone(), false),
    };
    lock(&inner.log).push(Call {
        number: 0,
        time: text::rfc3339(text::now()),
        what: format!("→ {} {}", message.name, message.url),
        headers,
        body: shown(&message.body),
        status,
        verdict: if understood {
            "understood".into()
        } else {
            "not understood: it comes again".into()
        },
        answer_headers: Vec::new(),
        answer,
    });
    understood
}

async fn post(
    inner: &Inner,
    message: &Message,
    headers: &[(String, String)],
) -> Result<(u16, Bytes), String> {
    let uri: hyper::Uri = message
        .url
        .parse()
        .map_err(|_| "notify_url is no URL".to_owned())?;
    if uri.scheme_str() != Some("http") {
        return Err("the sandbox sends notifications to http:// addresses only".into());
    }
    let authority = uri.authority().ok_or("notify_url has no host")?;
    let host = authority.host().trim_matches(['[', ']']);
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let addresses = tokio::net::lookup_host((host, authority.port_u16().unwrap_or(80)));
    let address = addresses
        .await
        .map_err(|error| text(&error))?
        .next()
        .ok_or("the host has no address")?;
    if !address.ip().is_loopback() && !inner.settings.notify_anywhere {
        return Err("not a loopback address: start the sandbox with --notify-anywhere".into());
    }
    let stream = TcpStream::connect(address).await.map_err(|error| text(&error))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| text(&error))?;
    let driver = tokio::spawn(connection);
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let mut request = Request::post(target)
        .header("Host", authority.as_str())
        .header("User-Agent", "Mozilla/4.0");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request
        .body(Full::new(Bytes::from(message.body.clone())))
        .map_err(|error| text(&error))?;
    let response = sender.send_request(request).await.map_err(|error| text(&error))?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), 64 << 10)
        .collect()
        .await
        .map_err(|error| text(&error))?
        .to_bytes();
    driver.abort();
    Ok((status, body))
}
