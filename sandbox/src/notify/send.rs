//! Sends notifications, and sends them again until the merchant has understood.
//!
//! In: the key of a notification in the store. Out: a POST request to the merchant's address, a line in
//! the log for each attempt, and the next attempt in the schedule.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Request;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::{SCHEDULE, TABLE};
use crate::log::{Call, shown};
use crate::response::signature;
use crate::schedule::Job;
use crate::{Inner, crypto, lock, text};

/// A notification as it is sent.
struct Message {
    name: String,
    url: String,
    body: Vec<u8>,
    clear: Value,
    v3: bool,
}

/// Sends a notification once, in the background, and sees to the next attempt.
pub(crate) fn deliver(inner: &Arc<Inner>, key: String) {
    let weak = Arc::downgrade(inner);
    inner.runtime.spawn(async move {
        let Some(inner) = weak.upgrade() else {
            return;
        };
        let Some(row) = lock(&inner.store).get(TABLE, &key) else {
            return;
        };
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let message = Message {
            name: text("name"),
            url: text("url"),
            body: text("body").into_bytes(),
            clear: row["clear"].clone(),
            v3: row["v3"] == true,
        };
        let probe = text("fault") == "notification-probe";
        let understood = attempt(&inner, &message, probe).await;
        finish(&inner, &key, understood);
    });
}

/// Keeps the outcome of an attempt.
fn finish(inner: &Inner, key: &str, understood: bool) {
    let mut store = lock(&inner.store);
    let Some(mut row) = store.get(TABLE, key) else {
        return;
    };
    let attempts = row["attempts"].as_u64().unwrap_or(0);
    let twice = row["fault"] == "notification-twice";
    row["attempts"] = (attempts + 1).into();
    // A fault is injected once.
    row["fault"] = Value::Null;
    let pause = usize::try_from(attempts).ok().and_then(|at| SCHEDULE.get(at));
    let again = match pause {
        _ if understood && !twice => {
            row["state"] = "understood".into();
            None
        }
        None => {
            row["state"] = "given up".into();
            None
        }
        pause => pause,
    };
    store.put(TABLE, key, &row);
    drop(store);
    if let Some(pause) = again {
        let pause = pause * 1000 / u64::from(inner.settings.speed.max(1));
        inner.add_job(inner.clock.now_millis() + pause, Job::Notify(key.to_owned()));
    }
}

/// Whether a host of an address is this machine.
pub(crate) fn is_local(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    let loopback = host
        .parse()
        .is_ok_and(|address: std::net::IpAddr| address.is_loopback());
    loopback || host == "localhost" || host.ends_with(".localhost")
}

async fn attempt(inner: &Inner, message: &Message, probe: bool) -> bool {
    let id = format!("SANDBOX-{}", crypto::random(24));
    let mut headers: Vec<(String, String)> = vec![("Request-ID".into(), id)];
    if message.v3 {
        let key = inner.identity.platform.notifying();
        headers.push(("Content-Type".into(), "application/json".into()));
        for (name, value) in signature(&key, &message.body, text::now()) {
            let value = match name {
                "Wechatpay-Signature" if probe => format!("WECHATPAY/SIGNTEST/{value}"),
                _ => value,
            };
            headers.push((name.to_owned(), value));
        }
    } else {
        headers.push(("Content-Type".into(), "text/xml".into()));
    }
    let outcome = tokio::time::timeout(Duration::from_secs(5), post(inner, message, &headers)).await;
    let outcome = outcome.unwrap_or_else(|_| Err("no response within five seconds".into()));
    let (status, response, understood) = match &outcome {
        Ok((status, response)) => {
            let right = matches!(status, 200 | 204);
            let says_so = message.v3 || String::from_utf8_lossy(response).contains("SUCCESS");
            (*status, shown(response), right && says_so)
        }
        Err(problem) => (0, problem.clone(), false),
    };
    let verdict = match understood {
        true => "understood",
        false => "not understood: it comes again",
    };
    lock(&inner.log).push(Call {
        number: 0,
        time: text::rfc3339(text::now()),
        what: format!("→ {} {}", message.name, message.url),
        headers,
        body: shown(&message.body),
        status,
        verdict: verdict.into(),
        response_headers: Vec::new(),
        response,
        clear: message.clear.clone(),
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
        .map_err(|_| "notify_url is not a URL".to_owned())?;
    if uri.scheme_str() != Some("http") {
        return Err("the sandbox sends to http:// addresses only: see --notify-to".into());
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
