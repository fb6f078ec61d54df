//! Sends notifications, and sends them again until the merchant has understood.
//!
//! In: a message. Out: POST requests to the merchant's address, a line in the log for each attempt.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Request;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::faults::NotificationFault;
use crate::log::{Call, shown};
use crate::response::signature;
use crate::{Inner, crypto, lock, text};

/// WeChat Pay's pauses, in seconds.
pub const SCHEDULE: [u64; 15] = [
    15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600,
];

/// A notification as it is sent.
pub(super) struct Message {
    pub name: String,
    pub url: String,
    pub body: Vec<u8>,
    pub v3: bool,
}

pub(super) fn spawn(inner: &Arc<Inner>, message: Message) {
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
        vec![("Request-ID".into(), format!("SANDBOX-{}", crypto::random(24)))];
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
    let outcome = outcome.unwrap_or_else(|_| Err("no response within five seconds".into()));
    let (status, response, understood) = match &outcome {
        Ok((status, response)) => {
            let success = matches!(status, 200 | 204);
            (
                *status,
                shown(response),
                success && (message.v3 || String::from_utf8_lossy(response).contains("SUCCESS")),
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
        response_headers: Vec::new(),
        response,
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
