//! Certificates that are kept between restarts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use super::gateway::{MCHID, PLATFORM, Reply, STRANGER, now};
use super::openssl::certificate;
use super::ops::{order, post_order};
use super::refresh::{PATH, offline};
use super::trust::{ONE, PREPAY, TWO, entry, list, signed};
use crate::error::BoxError;
use crate::transport::{BoxFuture, Failure};
use crate::{CertificateStore, Error, Json};

/// A store in memory.
#[derive(Clone, Default)]
struct Shelf(Arc<Mutex<Option<String>>>);

impl CertificateStore for Shelf {
    fn load<'a>(&'a self, mchid: &'a str) -> BoxFuture<'a, Result<Option<String>, BoxError>> {
        assert_eq!(mchid, MCHID);
        let list = self.0.lock().unwrap().clone();
        Box::pin(async move {
            match list.as_deref() {
                Some("down") => Err("the database is down".into()),
                Some("hangs") => std::future::pending().await,
                _ => Ok(list),
            }
        })
    }

    fn save<'a>(&'a self, mchid: &'a str, list: &'a str) -> BoxFuture<'a, Result<(), BoxError>> {
        assert_eq!(mchid, MCHID);
        *self.0.lock().unwrap() = Some(list.to_owned());
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test]
async fn a_restart_with_a_store_downloads_nothing() {
    let shelf = Shelf::default();
    let body = list(&[entry(&certificate(&PLATFORM, ONE), ONE)]);
    let downloads = Arc::new(AtomicUsize::new(0));
    let start = |seconds: u64| {
        let (body, count) = (body.clone(), downloads.clone());
        let client = offline(move |path, _| match path {
            PATH => {
                count.fetch_add(1, Ordering::SeqCst);
                Ok(Reply {
                    timestamp: now() + seconds,
                    ..signed(body.clone(), &PLATFORM, ONE)
                })
            }
            _ => Ok(Reply {
                timestamp: now() + seconds,
                ..signed(PREPAY, &PLATFORM, ONE)
            }),
        });
        let clock = move || SystemTime::now() + Duration::from_secs(seconds);
        client
            .certificate_store(shelf.clone())
            .clock(clock)
            .build()
            .unwrap()
    };
    for (after, expected) in [(0, 1), (60, 1), (9 * 3600, 1), (11 * 3600, 2), (0, 3)] {
        let client = start(after);
        post_order(&client, &order()).await.unwrap();
        assert_eq!(downloads.load(Ordering::SeqCst), expected, "after {after} s");
        assert_eq!(client.trust_status().valid, 1);
    }
    for unusable in ["down", "", "{}", r#"{"headers":{},"response":"{}"}"#] {
        *shelf.0.lock().unwrap() = Some(unusable.to_owned());
        post_order(&start(0), &order()).await.unwrap();
    }
    assert_eq!(downloads.load(Ordering::SeqCst), 7);
}

#[tokio::test]
async fn a_store_that_hangs_stops_no_call() {
    let body = list(&[entry(&certificate(&PLATFORM, ONE), ONE)]);
    let client = offline(move |path, _| match path {
        PATH => Ok(signed(body.clone(), &PLATFORM, ONE)),
        _ => Ok(signed(PREPAY, &PLATFORM, ONE)),
    });
    let shelf = Shelf(Arc::new(Mutex::new(Some("hangs".to_owned()))));
    let client = client.certificate_store(shelf).build().unwrap();
    post_order(&client, &order()).await.unwrap();
}

/// A client that can download nothing, with this text in its store; the serials that it trusts after a call.
async fn trusted(saved: &Json) -> Vec<String> {
    let shelf = Shelf(Arc::new(Mutex::new(Some(saved.to_string()))));
    let client = offline(|path, _| match path {
        PATH => Err(Failure::configuration("the network is down")),
        _ => Ok(signed(PREPAY, &PLATFORM, ONE)),
    });
    let client = client.certificate_store(shelf).build().unwrap();
    let result: Result<_, Error> = post_order(&client, &order()).await.map(drop);
    let keys = client.trust_status().keys;
    assert_eq!(result.is_ok(), !keys.is_empty());
    keys.iter().map(|key| key.id().to_owned()).collect()
}

fn saved(reply: &Reply) -> Json {
    let headers: BTreeMap<_, _> = reply.signature_headers().into_iter().collect();
    serde_json::json!({ "headers": headers, "response": String::from_utf8_lossy(&reply.body) })
}

#[tokio::test]
async fn whoever_writes_to_a_store_gains_nothing() {
    let genuine = signed(list(&[entry(&certificate(&PLATFORM, ONE), ONE)]), &PLATFORM, ONE);
    assert_eq!(trusted(&saved(&genuine)).await, [ONE]);

    let pem = certificate(&STRANGER, TWO);
    // Sealed with another key.
    let other_key = crate::crypto::ApiV3Key::new("another-key-another-key-another-").unwrap();
    let mut forged = entry(&pem, TWO);
    forged["encrypt_certificate"]["ciphertext"] = other_key
        .seal("aB3dE6gH9kLm", "certificate", pem.as_bytes())
        .unwrap()
        .into();
    let nothing: [&str; 0] = [];
    assert_eq!(
        trusted(&saved(&signed(list(&[forged]), &STRANGER, TWO))).await,
        nothing
    );
    // Genuine once, and said to be newer than it is.
    let old = Reply {
        timestamp: now() - 11 * 3600,
        ..genuine.clone()
    };
    let mut renewed = saved(&old);
    assert_eq!(trusted(&renewed).await, nothing);
    renewed["headers"]["Wechatpay-Timestamp"] = now().to_string().into();
    assert_eq!(trusted(&renewed).await, nothing);
    // From the future, and without its signature.
    let ahead = Reply {
        timestamp: now() + 3600,
        ..genuine.clone()
    };
    assert_eq!(trusted(&saved(&ahead)).await, nothing);
    let mut bare = saved(&genuine);
    bare["headers"]
        .as_object_mut()
        .unwrap()
        .remove("Wechatpay-Signature");
    assert_eq!(trusted(&bare).await, nothing);
}
