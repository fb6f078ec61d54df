//! Certificates that are kept between restarts.

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
use crate::{CertificateStore, Error};

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
    for unusable in ["down", "", "{}", r#"{"downloaded":1,"response":"{}"}"#] {
        *shelf.0.lock().unwrap() = Some(unusable.to_owned());
        post_order(&start(0), &order()).await.unwrap();
    }
    assert_eq!(downloads.load(Ordering::SeqCst), 7);
}

#[tokio::test]
async fn a_store_cannot_add_a_certificate() {
    let other_key = crate::crypto::ApiV3Key::new("another-key-another-key-another-").unwrap();
    let pem = certificate(&STRANGER, TWO);
    let mut forged = entry(&pem, TWO);
    forged["encrypt_certificate"]["ciphertext"] = other_key
        .seal("aB3dE6gH9kLm", "certificate", pem.as_bytes())
        .unwrap()
        .into();
    let saved = serde_json::json!({ "downloaded": now(), "response": list(&[forged]) });
    let shelf = Shelf(Arc::new(Mutex::new(Some(saved.to_string()))));
    let client = offline(|path, _| match path {
        PATH => Err(Failure::configuration("the network is down")),
        _ => Ok(signed(PREPAY, &STRANGER, TWO)),
    });
    let client = client.certificate_store(shelf).build().unwrap();
    let error: Error = post_order(&client, &order()).await.map(drop).unwrap_err();
    assert!(error.is_configuration(), "{error}");
    assert!(client.trust_status().keys.is_empty());
}
