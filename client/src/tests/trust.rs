//! Which keys are trusted, and how they are obtained.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::gateway::{API_V3_KEY, Gateway, KEY_ID, MCHID, MERCHANT, PLATFORM, Reply, SERIAL, STRANGER, now};
use super::openssl::certificate;
use super::ops::{order, post_order};
use crate::crypto::{ApiV3Key, PrivateKey};
use crate::{Builder, Client, Error, Json};

pub const PREPAY: &str = r#"{"prepay_id":"wx0"}"#;
pub const ONE: &str = "440024045C4A427599D09BB4E3DE0279F2E813FD";
pub const TWO: &str = "5DEA10EF55877E3CF6C33255C2E7DEFFF7E427EC";

/// A client that knows no key yet.
pub fn newcomer(gateway: &Gateway) -> Builder {
    Client::builder()
        .mchid(MCHID)
        .certificate_serial(SERIAL)
        .private_key_pem(MERCHANT.to_pem().unwrap().to_string())
        .api_v3_key(API_V3_KEY)
        .base_url(&gateway.url)
}

/// One entry of `GET /v3/certificates`.
pub fn entry(pem: &str, serial: &str) -> Json {
    let sealed = ApiV3Key::new(API_V3_KEY)
        .unwrap()
        .seal("aB3dE6gH9kLm", "certificate", pem.as_bytes());
    serde_json::json!({
        "serial_no": serial,
        "effective_time": "2024-01-01T00:00:00+08:00",
        "expire_time": "2034-01-01T00:00:00+08:00",
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": "aB3dE6gH9kLm",
            "associated_data": "certificate",
            "ciphertext": sealed.unwrap(),
        },
    })
}

pub fn list(entries: &[Json]) -> String {
    serde_json::json!({ "data": entries }).to_string()
}

pub fn signed(body: impl Into<Vec<u8>>, key: &'static PrivateKey, serial: &str) -> Reply {
    Reply {
        signer: Some(key),
        key_id: serial.into(),
        ..Reply::ok(body)
    }
}

/// Gives `certificates` for certificates and an order for everything else, all signed as `serial`.
async fn platform(certificates: Reply, order: Reply) -> Gateway {
    Gateway::start(move |seen, _| match seen.path_and_query.as_str() {
        "/v3/certificates" => certificates.clone(),
        _ => order.clone(),
    })
    .await
}

#[tokio::test]
async fn certificates_are_downloaded_before_the_first_call() {
    let body = list(&[entry(&certificate(&PLATFORM, ONE), ONE)]);
    let gateway = platform(signed(body, &PLATFORM, ONE), signed(PREPAY, &PLATFORM, ONE)).await;
    let client = newcomer(&gateway).build().unwrap();
    post_order(&client, &order().payer_name("张三")).await.unwrap();
    post_order(&client, &order()).await.unwrap();
    let seen = gateway.seen();
    let paths: Vec<_> = seen.iter().map(|seen| seen.path_and_query.as_str()).collect();
    assert_eq!(
        paths,
        [
            "/v3/certificates",
            "/v3/pay/transactions/jsapi",
            "/v3/pay/transactions/jsapi"
        ]
    );
    assert!(seen[0].is_signed_over(b""));
    assert_eq!(seen[1].header("wechatpay-serial"), ONE);
    let status = client.trust_status();
    assert_eq!((status.valid, status.last_problem), (1, None));
    assert!(status.last_download.is_some());
}

/// The bootstrap with something wrong: no call may go out.
async fn refused(certificates: Reply) -> Error {
    let gateway = platform(certificates, signed(PREPAY, &PLATFORM, ONE)).await;
    let client = newcomer(&gateway).build().unwrap();
    let error = post_order(&client, &order()).await.map(drop).unwrap_err();
    assert!(
        gateway
            .seen()
            .iter()
            .all(|seen| seen.path_and_query == "/v3/certificates"),
        "an order was sent"
    );
    assert!(error.is_configuration() && !error.is_outcome_unknown(), "{error}");
    assert_eq!(client.trust_status().valid, 0, "a bad certificate was installed");
    error
}

#[tokio::test]
async fn an_unproven_first_certificate_is_not_trusted() {
    let pem = certificate(&PLATFORM, ONE);
    let good = entry(&pem, ONE);
    let body = list(std::slice::from_ref(&good));

    // Signed by another key than the certificate's, or by nobody.
    refused(signed(body.clone(), &STRANGER, ONE)).await;
    refused(Reply::ok(body.clone()).unsigned()).await;
    // Signed as a certificate that is not among them.
    refused(signed(body.clone(), &PLATFORM, TWO)).await;
    // An old response.
    refused(Reply {
        timestamp: now() - 400,
        ..signed(body, &PLATFORM, ONE)
    })
    .await;
    // The announced serial is not the certificate's.
    refused(signed(list(&[entry(&pem, TWO)]), &PLATFORM, ONE)).await;
    // Sealed with another key, or another algorithm.
    let mut other = good.clone();
    let key = ApiV3Key::new("another key 0123456789abcdefghij").unwrap();
    other["encrypt_certificate"]["ciphertext"] = key
        .seal("aB3dE6gH9kLm", "certificate", pem.as_bytes())
        .unwrap()
        .into();
    refused(signed(list(&[other]), &PLATFORM, ONE)).await;
    let mut other = good.clone();
    other["encrypt_certificate"]["algorithm"] = "AEAD_SM4_GCM".into();
    refused(signed(list(&[other]), &PLATFORM, ONE)).await;
    // The merchant's own.
    let own = entry(&certificate(&PLATFORM, SERIAL), SERIAL);
    refused(signed(list(&[own]), &PLATFORM, SERIAL)).await;
    // No list at all.
    refused(signed("{}", &PLATFORM, ONE)).await;
    refused(signed("", &PLATFORM, ONE)).await;
    refused(signed(list(&[]), &PLATFORM, ONE)).await;
}

#[tokio::test]
async fn an_expired_certificate_is_not_installed_and_not_used() {
    let pem = certificate(&PLATFORM, ONE);
    let later = now() + 11 * 365 * 86_400;
    let clock = move || UNIX_EPOCH + Duration::from_secs(later);
    let response = |body: String| Reply {
        timestamp: later,
        ..signed(body, &PLATFORM, ONE)
    };
    let gateway = platform(response(list(&[entry(&pem, ONE)])), response(PREPAY.into())).await;
    let client = newcomer(&gateway).clock(clock).build().unwrap();
    assert!(post_order(&client, &order()).await.is_err());
    assert_eq!(client.trust_status().valid, 0);

    // A public key is there to send with; the response names the expired certificate.
    let client = newcomer(&gateway)
        .clock(clock)
        .public_key_pem(KEY_ID, PLATFORM.public_key().unwrap().to_pem())
        .platform_certificate_pem(pem.clone())
        .build()
        .unwrap();
    let error = post_order(&client, &order()).await.map(drop).unwrap_err();
    assert!(
        error.is_verification() && error.to_string().contains("has expired"),
        "{error}"
    );

    let client = newcomer(&gateway)
        .clock(clock)
        .download_certificates(false)
        .platform_certificate_pem(pem);
    let client = client.build().unwrap();
    let before = gateway.seen().len();
    let error = post_order(&client, &order()).await.map(drop).unwrap_err();
    assert!(error.is_configuration(), "{error}");
    assert_eq!(
        gateway.seen().len(),
        before,
        "sent, although no response could be verified"
    );
}

#[tokio::test]
async fn merchants_without_certificates_just_work() {
    let none = r#"{"code":"RESOURCE_NOT_EXISTS","message":"无可用的平台证书"}"#;
    for status in [403, 404] {
        let gateway = platform(Reply::new(status, none).unsigned(), Reply::ok(PREPAY)).await;
        let with_key = newcomer(&gateway)
            .public_key_pem(KEY_ID, PLATFORM.public_key().unwrap().to_pem())
            .download_certificates(true)
            .build()
            .unwrap();
        assert_eq!(with_key.refresh_certificates().await.unwrap(), 0);
        post_order(&with_key, &order()).await.unwrap();

        let without = newcomer(&gateway).build().unwrap();
        let error = post_order(&without, &order()).await.map(drop).unwrap_err();
        assert!(
            error.is_configuration() && error.to_string().contains("public key"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn public_keys_and_certificates_live_side_by_side() {
    for serial in [KEY_ID, ONE, TWO, &TWO.to_lowercase()] {
        let gateway = Gateway::always(signed(PREPAY, &PLATFORM, serial)).await;
        let client = gateway
            .builder()
            .platform_certificate_pem(certificate(&PLATFORM, ONE))
            .platform_certificate_pem(certificate(&PLATFORM, TWO))
            .build()
            .unwrap();
        post_order(&client, &order()).await.unwrap();
        assert_eq!(gateway.seen()[0].header("wechatpay-serial"), KEY_ID);
    }
}

/// A clock that tests move.
fn movable() -> (Arc<AtomicU64>, impl Fn() -> SystemTime + Send + Sync + 'static) {
    let seconds = Arc::new(AtomicU64::new(now()));
    let shared = seconds.clone();
    (seconds, move || {
        UNIX_EPOCH + Duration::from_secs(shared.load(Ordering::Relaxed))
    })
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_but_not_all_the_time() {
    let (time, clock) = movable();
    let (one, two) = (certificate(&PLATFORM, ONE), certificate(&PLATFORM, TWO));
    let body = list(&[entry(&one, ONE), entry(&two, TWO)]);
    let gateway_time = time.clone();
    let gateway = Gateway::start(move |seen, _| {
        let timestamp = gateway_time.load(Ordering::Relaxed);
        match seen.path_and_query.as_str() {
            "/v3/certificates" => Reply {
                timestamp,
                ..signed(body.clone(), &PLATFORM, TWO)
            },
            "/v3/payments" => Reply {
                timestamp,
                ..signed(PREPAY, &PLATFORM, "DEADBEEF")
            },
            _ => Reply {
                timestamp,
                ..signed(PREPAY, &PLATFORM, TWO)
            },
        }
    })
    .await;
    let client = newcomer(&gateway)
        .platform_certificate_pem(one)
        .clock(clock)
        .build()
        .unwrap();
    let downloads = |gateway: &Gateway| {
        gateway
            .seen()
            .iter()
            .filter(|seen| seen.path_and_query == "/v3/certificates")
            .count()
    };
    // The response is signed with a certificate that is not known yet.
    post_order(&client, &order()).await.unwrap();
    let first = downloads(&gateway);
    assert!(first >= 1);
    // A key that does not exist is looked for every ten seconds at most.
    for _ in 0..5 {
        assert!(super::ops::post_payment(&client, &order()).await.is_err());
    }
    assert_eq!(downloads(&gateway), first);
    time.fetch_add(10, Ordering::Relaxed);
    for _ in 0..5 {
        assert!(super::ops::post_payment(&client, &order()).await.is_err());
    }
    assert_eq!(downloads(&gateway), first + 1);
}

#[tokio::test]
async fn a_first_download_that_fails_is_not_repeated_at_once() {
    let (time, clock) = movable();
    let gateway = platform(Reply::new(400, "broken").unsigned(), Reply::ok(PREPAY)).await;
    let client = newcomer(&gateway).clock(clock).build().unwrap();
    for _ in 0..5 {
        let error = post_order(&client, &order()).await.map(drop).unwrap_err();
        assert!(error.is_configuration() && !error.is_outcome_unknown(), "{error}");
    }
    assert_eq!(gateway.seen().len(), 1, "each call downloads");
    time.fetch_add(6, Ordering::Relaxed);
    assert!(post_order(&client, &order()).await.is_err());
    assert_eq!(gateway.seen().len(), 2);
}

#[tokio::test]
async fn a_slow_clock_refuses_nothing_that_was_signed() {
    let early = now() - 3600;
    let response = |body: String| Reply {
        timestamp: early,
        ..signed(body, &PLATFORM, ONE)
    };
    let gateway = Gateway::always(response(PREPAY.into())).await;
    let client = newcomer(&gateway)
        .clock(move || UNIX_EPOCH + Duration::from_secs(early))
        .public_key_pem(KEY_ID, PLATFORM.public_key().unwrap().to_pem())
        .platform_certificate_pem(certificate(&PLATFORM, ONE))
        .build()
        .unwrap();
    post_order(&client, &order()).await.unwrap();
    // To encrypt for, it has to be valid already.
    assert_eq!(client.trust_status().valid, 1);
}

#[tokio::test]
async fn certificates_are_refreshed_in_the_background_and_old_ones_kept_on_failure() {
    let body = list(&[entry(&certificate(&PLATFORM, ONE), ONE)]);
    let (time, clock) = movable();
    let gateway_time = time.clone();
    let gateway = Gateway::start(move |seen, count| {
        let timestamp = gateway_time.load(Ordering::Relaxed);
        match (seen.path_and_query.as_str(), count) {
            ("/v3/certificates", 0) => Reply {
                timestamp,
                ..signed(body.clone(), &PLATFORM, ONE)
            },
            ("/v3/certificates", _) => Reply::new(400, "broken").unsigned(),
            _ => Reply {
                timestamp,
                ..signed(PREPAY, &PLATFORM, ONE)
            },
        }
    })
    .await;
    let client = newcomer(&gateway).clock(clock).build().unwrap();
    post_order(&client, &order()).await.unwrap();
    assert_eq!(gateway.seen().len(), 2);
    time.fetch_add(11 * 3600, Ordering::Relaxed);
    post_order(&client, &order()).await.unwrap();
    for _ in 0..100 {
        if client.trust_status().last_problem.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let status = client.trust_status();
    assert!(
        status.last_problem.unwrap().contains("400"),
        "the failure is reported"
    );
    assert_eq!(status.valid, 1, "what was known stays");
    assert_eq!(gateway.seen().len(), 4);
    post_order(&client, &order()).await.unwrap();
}
