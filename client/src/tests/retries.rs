//! What is sent again, and what never is.

use std::time::{Duration, Instant};

use super::gateway::{Gateway, Reply, builder};
use super::ops::{get_order, order, post_order, post_payment, query};
use crate::ErrorKind;

const PREPAY: &str = r#"{"prepay_id":"wx0"}"#;

/// Fails `times` times with this status, then succeeds.
async fn failing(status: u16, times: usize) -> Gateway {
    Gateway::start(move |_, count| match count < times {
        true => Reply::new(status, r#"{"code":"SYSTEM_ERROR"}"#).unsigned(),
        false => Reply::ok(PREPAY),
    })
    .await
}

#[tokio::test]
async fn a_payment_without_a_number_is_sent_once() {
    for status in [500, 502, 503, 429] {
        let gateway = failing(status, 1).await;
        let error = post_payment(&gateway.client(), &order())
            .await
            .map(drop)
            .unwrap_err();
        assert_eq!(error.api().unwrap().status.as_u16(), status);
        assert_eq!(gateway.seen().len(), 1, "a second payment after {status}");
    }
    let gateway = Gateway::start(|_, _| Reply {
        delay_ms: 600,
        ..Reply::ok(PREPAY)
    })
    .await;
    let client = gateway
        .builder()
        .attempt_timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    let request = order();
    let call = post_payment(&client, &request).timeout(Duration::from_millis(300));
    let error = call.await.map(drop).unwrap_err();
    assert!(error.is_timeout() && error.is_outcome_unknown(), "{error}");
    assert_eq!(gateway.seen().len(), 1, "a second payment after a timeout");
}

#[tokio::test]
async fn an_order_with_a_number_is_repeated_with_the_same_bytes() {
    for status in [500, 502, 503, 429] {
        let gateway = failing(status, 2).await;
        post_order(&gateway.client(), &order().payer_name("张三"))
            .await
            .unwrap();
        let seen = gateway.seen();
        assert_eq!(seen.len(), 3);
        assert!(
            seen.windows(2).all(|pair| pair[0].body == pair[1].body),
            "encrypted anew"
        );
        assert!(seen.iter().all(|seen| seen.is_signed_over(&seen.body)));
        assert_ne!(
            seen[0].authorization("nonce_str"),
            seen[1].authorization("nonce_str")
        );
    }
    let mut request = order();
    request.out_trade_no.clear();
    let gateway = failing(500, 1).await;
    assert!(post_order(&gateway.client(), &request).await.is_err());
    assert_eq!(gateway.seen().len(), 1, "its number is empty");
}

#[tokio::test]
async fn queries_are_repeated_but_refusals_are_not() {
    let gateway = failing(503, 2).await;
    get_order(&gateway.client(), &query("1")).await.unwrap();
    assert_eq!(gateway.seen().len(), 3);
    let gateway = failing(500, 9).await;
    assert!(get_order(&gateway.client(), &query("1")).await.is_err());
    assert_eq!(gateway.seen().len(), 3, "three attempts at most");
    let gateway = failing(500, 9).await;
    let client = gateway.builder().max_attempts(1).build().unwrap();
    assert!(get_order(&client, &query("1")).await.is_err());
    assert_eq!(gateway.seen().len(), 1);
    for status in [400, 401, 403, 404] {
        let gateway = failing(status, 1).await;
        assert!(get_order(&gateway.client(), &query("1")).await.is_err());
        assert_eq!(gateway.seen().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn retry_after_is_waited_for_within_the_deadline() {
    let slow = |seconds: &'static str| {
        Gateway::start(move |_, count| match count {
            0 => Reply::new(429, "").unsigned().header("Retry-After", seconds),
            _ => Reply::ok(PREPAY),
        })
    };
    let gateway = slow("1").await;
    let start = Instant::now();
    get_order(&gateway.client(), &query("1")).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));

    let gateway = slow("60").await;
    let start = Instant::now();
    let client = gateway.client();
    let error = get_order(&client, &query("1"))
        .timeout(Duration::from_secs(5))
        .await
        .map(drop)
        .unwrap_err();
    let api = error.api().unwrap();
    assert!(api.is_rate_limited());
    assert_eq!(api.retry_after, Some(Duration::from_secs(60)));
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "it waited for what can't come in time"
    );
}

#[test]
fn retry_after_may_be_a_date() {
    let after = |retry_after: &str, date: &str| {
        let mut headers = http::HeaderMap::new();
        headers.insert("retry-after", retry_after.parse().unwrap());
        headers.insert("date", date.parse().unwrap());
        crate::retry::retry_after(&headers)
    };
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    assert_eq!(
        after("Sun, 06 Nov 1994 08:50:07 GMT", date),
        Some(Duration::from_secs(30))
    );
    assert_eq!(after("Sun, 06 Nov 1994 08:49:00 GMT", date), None, "it is over");
    assert_eq!(after(" 7 ", date), Some(Duration::from_secs(7)));
    assert_eq!(after("soon", date), None);
    assert_eq!(after("-1", date), None);
}

#[tokio::test]
async fn the_deadline_holds_over_all_attempts() {
    let gateway = Gateway::start(|_, _| Reply {
        delay_ms: 5000,
        ..Reply::ok(PREPAY)
    })
    .await;
    let start = Instant::now();
    let client = gateway
        .builder()
        .attempt_timeout(Duration::from_millis(300))
        .build()
        .unwrap();
    let error = get_order(&client, &query("1"))
        .timeout(Duration::from_millis(700))
        .await
        .map(drop);
    assert!(error.unwrap_err().is_timeout());
    assert!(
        start.elapsed() < Duration::from_millis(1500),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn without_a_connection_the_second_host_is_tried() {
    let second = Gateway::always(Reply::ok(PREPAY)).await;
    // A port that nobody listens on.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = builder()
        .base_url(&dead)
        .fallback_base_url(&second.url)
        .build()
        .unwrap();
    // Even a payment: nothing was sent to the first one.
    post_payment(&client, &order()).await.unwrap();
    assert_eq!(second.seen().len(), 1);

    let client = builder().base_url(&dead).build().unwrap();
    let error = post_payment(&client, &order()).await.map(drop).unwrap_err();
    assert!(error.is_connect() && !error.is_outcome_unknown(), "{error}");
    assert_eq!(error.kind(), ErrorKind::Connect);
}
