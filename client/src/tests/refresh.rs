//! Downloads of platform certificates: one for everybody who waits, which nobody can cancel, stall or
//! starve.

use std::future::{Future as _, IntoFuture as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

use http::HeaderMap;

use super::fake::Fake;
use super::gateway::{API_V3_KEY, Gateway, KEY_ID, MCHID, MERCHANT, PLATFORM, Reply, SERIAL, STRANGER, now};
use super::notifications::headers;
use super::openssl::certificate;
use super::ops::{order, post_order, post_payment};
use super::trust::{ONE, PREPAY, TWO, entry, list, newcomer, signed};
use crate::transport::Failure;
use crate::{Builder, Client, Json};

pub const PATH: &str = "/v3/certificates";

/// A client without a key of WeChat Pay, over a transport that does what the closure says.
pub fn offline(respond: impl Fn(&str, usize) -> Result<Reply, Failure> + Send + Sync + 'static) -> Builder {
    Client::builder()
        .mchid(MCHID)
        .certificate_serial(SERIAL)
        .private_key_pem(MERCHANT.to_pem().unwrap().to_string())
        .api_v3_key(API_V3_KEY)
        .transport(Fake::new(respond))
}

/// Answers with both certificates after 300 ms, and signs orders with the second.
async fn rotated() -> (Gateway, Client) {
    let one = certificate(&PLATFORM, ONE);
    let both = list(&[entry(&one, ONE), entry(&certificate(&STRANGER, TWO), TWO)]);
    let gateway = Gateway::start(move |seen, _| match seen.path_and_query.as_str() {
        PATH => Reply {
            delay_ms: 300,
            ..signed(both.clone(), &PLATFORM, ONE)
        },
        _ => signed(PREPAY, &STRANGER, TWO),
    })
    .await;
    let client = newcomer(&gateway)
        .platform_certificate_pem(&one)
        .download_certificates(true);
    (gateway, client.build().unwrap())
}

/// Headers that name a key which nobody has.
fn unknown_key() -> HeaderMap {
    headers(&Reply {
        key_id: "ATTACKER".into(),
        ..Reply::ok("{}")
    })
}

#[tokio::test]
async fn a_sender_who_hangs_up_does_not_stop_a_rotation() {
    let (_gateway, client) = rotated().await;
    let headers = unknown_key();
    let webhook = client.webhook::<Json>(&headers, b"{}").into_future();
    let hung_up = tokio::time::timeout(Duration::from_millis(50), webhook).await;
    assert!(hung_up.is_err(), "it did not wait for the download");
    tokio::time::sleep(Duration::from_millis(400)).await;
    post_order(&client, &order()).await.unwrap();
}

/// The same over TCP, for which an attacker needs no key.
#[cfg(feature = "axum")]
#[tokio::test]
async fn a_connection_that_hangs_up_does_not_stop_a_rotation() {
    use crate::webhook::{Acknowledgement, Webhook};
    use tokio::io::AsyncWriteExt as _;
    async fn notify(Webhook(_): Webhook<Json>) -> Acknowledgement {
        Acknowledgement::success()
    }
    let (_gateway, client) = rotated().await;
    let app = axum::Router::new().route("/notify", axum::routing::post(notify));
    let app = app.with_state(client.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let mut attacker = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /notify HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nWechatpay-Timestamp: {}\r\n\
         Wechatpay-Nonce: x\r\nWechatpay-Signature: AAAA\r\nWechatpay-Serial: ATTACKER\r\n\r\n{{}}",
        now()
    );
    attacker.write_all(request.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(60)).await;
    drop(attacker);
    tokio::time::sleep(Duration::from_millis(500)).await;
    post_order(&client, &order()).await.unwrap();
}

#[tokio::test]
async fn a_cancelled_call_does_not_make_the_next_one_fail() {
    let body = list(&[entry(&certificate(&PLATFORM, ONE), ONE)]);
    let gateway = Gateway::start(move |seen, _| match seen.path_and_query.as_str() {
        PATH => Reply {
            delay_ms: 200,
            ..signed(body.clone(), &PLATFORM, ONE)
        },
        _ => signed(PREPAY, &PLATFORM, ONE),
    })
    .await;
    let client = newcomer(&gateway).build().unwrap();
    let request = order();
    let cancelled = tokio::time::timeout(
        Duration::from_millis(50),
        post_order(&client, &request).into_future(),
    );
    assert!(cancelled.await.is_err());
    post_order(&client, &request).await.unwrap();
    let downloads = gateway
        .seen()
        .iter()
        .filter(|seen| seen.path_and_query == PATH)
        .count();
    assert_eq!(downloads, 1);
}

/// A transport on which nothing ever comes back.
fn silent() -> Builder {
    offline(|_, _| {
        Ok(Reply {
            delay_ms: 60_000,
            ..Reply::ok("")
        })
    })
}

#[tokio::test]
async fn callers_wait_for_one_download_together() {
    let timeout = Duration::from_millis(1500);
    let client = silent()
        .timeout(timeout)
        .attempt_timeout(timeout)
        .build()
        .unwrap();
    let start = Instant::now();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let client = client.clone();
        calls.spawn(async move { post_order(&client, &order()).await.map(drop).unwrap_err() });
    }
    for error in calls.join_all().await {
        assert!(!error.is_outcome_unknown(), "{error}");
    }
    assert!(
        start.elapsed() < timeout * 2,
        "the last waited {:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn the_deadline_of_a_call_covers_the_download() {
    let client = silent().timeout(Duration::from_secs(4)).build().unwrap();
    let start = Instant::now();
    let request = order();
    let call = post_order(&client, &request).timeout(Duration::from_millis(300));
    let error = call.await.map(drop).unwrap_err();
    assert!(error.is_timeout() && !error.is_outcome_unknown(), "{error}");
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test]
async fn the_deadline_of_a_call_covers_a_download_for_an_unknown_key() {
    let one = certificate(&PLATFORM, ONE);
    let slow = |path: &str, _| match path {
        PATH => Ok(Reply {
            delay_ms: 60_000,
            ..Reply::ok("")
        }),
        _ => Ok(signed(PREPAY, &STRANGER, TWO)),
    };
    let client = offline(slow)
        .platform_certificate_pem(one)
        .download_certificates(true);
    let client = client.build().unwrap();
    let start = Instant::now();
    let request = order();
    let call = post_order(&client, &request).timeout(Duration::from_millis(300));
    let error = call.await.map(drop).unwrap_err();
    assert!(error.is_timeout() && error.is_outcome_unknown(), "{error}");
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_forbidden_download_is_an_error_where_certificates_are_in_use() {
    let refused = |_: &str, _| Ok(Reply::new(403, r#"{"code":"NO_AUTH"}"#).unsigned());
    let client = offline(refused)
        .platform_certificate_pem(certificate(&PLATFORM, ONE))
        .download_certificates(true)
        .build()
        .unwrap();
    let error = client.refresh_certificates().await.unwrap_err();
    assert_eq!(error.api().unwrap().status, 403);
    assert_eq!(error.operation().unwrap().path, PATH);

    let client = offline(refused)
        .public_key_pem(KEY_ID, PLATFORM.public_key().unwrap().to_pem())
        .download_certificates(true)
        .build()
        .unwrap();
    assert_eq!(client.refresh_certificates().await.unwrap(), 0);
}

#[tokio::test]
async fn a_failed_download_is_repeated_within_minutes() {
    let downloads = Arc::new(AtomicUsize::new(0));
    let count = downloads.clone();
    let later = Arc::new(AtomicU64::new(0));
    let offset = later.clone();
    let client = offline(move |path, _| match path {
        PATH => {
            count.fetch_add(1, Ordering::SeqCst);
            Err(Failure::configuration("the network is down"))
        }
        _ => Ok(signed(PREPAY, &PLATFORM, ONE)),
    });
    let client = client
        .platform_certificate_pem(certificate(&PLATFORM, ONE))
        .download_certificates(true)
        .clock(move || SystemTime::now() + Duration::from_secs(offset.load(Ordering::SeqCst)))
        .build()
        .unwrap();
    for (seconds, expected) in [(0, 1), (60, 1), (299, 1), (301, 2)] {
        later.store(seconds, Ordering::SeqCst);
        // Its own signature may be too old by now; only the download matters.
        let _ = post_order(&client, &order()).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(downloads.load(Ordering::SeqCst), expected, "after {seconds} s");
    }
}

#[tokio::test]
async fn concurrent_calls_start_one_download() {
    let failing = |_: &str, _| {
        Ok(Reply {
            delay_ms: 300,
            ..Reply::new(500, "").unsigned()
        })
    };
    let client = offline(failing)
        .platform_certificate_pem(certificate(&PLATFORM, ONE))
        .download_certificates(true)
        .max_attempts(1)
        .build()
        .unwrap();
    let request = order();
    let mut calls: Vec<_> = (0..500)
        .map(|_| Box::pin(post_payment(&client, &request).into_future()))
        .collect();
    std::future::poll_fn(|context| {
        for call in &mut calls {
            let _ = call.as_mut().poll(context);
        }
        Poll::Ready(())
    })
    .await;
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    assert!(
        tasks <= 2,
        "{tasks} tasks: one downloads, one waits to do it again"
    );
}

#[tokio::test]
async fn a_certificate_past_its_announced_end_is_not_used() {
    // The certificate itself is valid for longer.
    let mut retired = entry(&certificate(&STRANGER, TWO), TWO);
    retired["expire_time"] = "2020-01-01T00:00:00+08:00".into();
    let one = entry(&certificate(&PLATFORM, ONE), ONE);
    let lists = [
        list(&[one.clone(), retired.clone()]),
        // An older list says nothing about its end: what is retired stays retired.
        list(&[one, entry(&certificate(&STRANGER, TWO), TWO)]),
    ];
    let count = AtomicUsize::new(0);
    let gateway = Gateway::start(move |seen, _| match seen.path_and_query.as_str() {
        PATH => signed(
            lists[count.fetch_add(1, Ordering::SeqCst).min(1)].clone(),
            &PLATFORM,
            ONE,
        ),
        _ => signed(PREPAY, &STRANGER, TWO),
    })
    .await;
    let client = newcomer(&gateway).build().unwrap();
    let error = post_order(&client, &order()).await.map(drop).unwrap_err();
    assert!(error.is_verification(), "{error}");
    client.refresh_certificates().await.unwrap();
    let error = post_order(&client, &order()).await.map(drop).unwrap_err();
    assert!(
        error.is_verification() && error.to_string().contains("expired"),
        "{error}"
    );
}

#[tokio::test]
async fn an_end_that_is_not_a_time_is_refused() {
    let mut odd = entry(&certificate(&PLATFORM, ONE), ONE);
    odd["expire_time"] = "soon".into();
    let body = list(&[odd]);
    let client = offline(move |_, _| Ok(signed(body.clone(), &PLATFORM, ONE)))
        .build()
        .unwrap();
    let error = client.refresh_certificates().await.unwrap_err();
    assert_eq!(error.mismatch().unwrap().path, "data.expire_time");
}

#[tokio::test]
async fn a_download_survives_the_runtime_that_it_was_started_on() {
    let body = list(&[entry(&certificate(&PLATFORM, ONE), ONE)]);
    let client = offline(move |path, count| match path {
        PATH => Ok(Reply {
            delay_ms: if count == 0 { 60_000 } else { 0 },
            ..signed(body.clone(), &PLATFORM, ONE)
        }),
        _ => Ok(signed(PREPAY, &PLATFORM, ONE)),
    });
    let later = Arc::new(AtomicU64::new(0));
    let offset = later.clone();
    let client = client
        .clock(move || SystemTime::now() + Duration::from_secs(offset.load(Ordering::SeqCst)))
        .build()
        .unwrap();
    let first = client.clone();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let request = order();
        let call = post_order(&first, &request).timeout(Duration::from_millis(50));
        runtime.block_on(call.into_future()).map(drop).unwrap_err()
    });
    assert!(thread.join().unwrap().is_timeout());
    // The task went down with its runtime; the next caller starts another one.
    later.store(6, Ordering::SeqCst);
    post_order(&client, &order()).await.unwrap();
}

#[tokio::test]
async fn a_first_certificate_signs_only_while_it_is_valid() {
    // It becomes valid now; on the client's clock that is tomorrow.
    let body = list(&[entry(&certificate(&PLATFORM, ONE), ONE)]);
    let yesterday = Duration::from_secs(24 * 3600);
    let client = offline(move |_, _| {
        Ok(Reply {
            timestamp: now() - yesterday.as_secs(),
            ..signed(body.clone(), &PLATFORM, ONE)
        })
    });
    let client = client
        .clock(move || SystemTime::now() - yesterday)
        .build()
        .unwrap();
    let error = client.refresh_certificates().await.unwrap_err();
    assert!(error.is_verification(), "{error}");
    assert!(client.trust_status().keys.is_empty());
}
