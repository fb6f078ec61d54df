//! Notifications: what is accepted, what is opened, and the acknowledgement.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::gateway::{API_V3_KEY, PLATFORM, Reply, STRANGER, builder, now};
use super::ops::Order;
use crate::crypto::ApiV3Key;
use crate::webhook::{Acknowledgement, FromEvent, Notification};
use crate::{Client, Decoded, Error, ErrorKind, Json, Mismatch};

/// What the generator writes over all event types.
#[derive(Debug)]
pub enum Event {
    Ordered(Box<Order>),
    Unknown(String, Json),
}

impl FromEvent for Event {
    fn from_event(event_type: &str, resource: &[u8]) -> Result<Decoded<Self>, Mismatch> {
        match event_type {
            "TRANSACTION.SUCCESS" => Order::from_event(event_type, resource)
                .map(|order| order.map(|order| Self::Ordered(Box::new(order)))),
            other => Json::from_event(event_type, resource)
                .map(|json| json.map(|json| Self::Unknown(other.into(), json))),
        }
    }
}

impl FromEvent for Order {
    fn from_event(event_type: &str, resource: &[u8]) -> Result<Decoded<Self>, Mismatch> {
        crate::webhook::event::expect("TRANSACTION.SUCCESS", event_type)?;
        crate::wire::decode_json(resource)
    }
}

/// The resource of an order.
pub const ORDER: &str = r#"{"appid":"wx1","out_trade_no":"n-1","amount":{"total":100,"currency":"CNY"}}"#;

/// The body of a notification.
pub fn body(event_type: &str, resource: &str) -> Json {
    let key = ApiV3Key::new(API_V3_KEY).unwrap();
    serde_json::json!({
        "id": "EV-1",
        "create_time": "2024-01-01T00:00:00+08:00",
        "resource_type": "encrypt-resource",
        "event_type": event_type,
        "summary": "支付成功",
        "resource": {
            "original_type": "transaction",
            "algorithm": "AEAD_AES_256_GCM",
            "associated_data": "transaction",
            "nonce": "aB3dE6gH9kLm",
            "ciphertext": key.seal("aB3dE6gH9kLm", "transaction", resource.as_bytes()).unwrap(),
        },
    })
}

/// Headers of a signature over `body`.
pub fn headers(reply: &Reply) -> HeaderMap {
    let pairs = reply.signature_headers();
    let pair = |(name, value): &(String, String)| {
        (
            name.parse::<HeaderName>().unwrap(),
            HeaderValue::from_str(value).unwrap(),
        )
    };
    pairs.iter().map(pair).collect()
}

fn client() -> Client {
    builder().build().unwrap()
}

/// Verifies and opens a notification with this body.
pub async fn take(body: &Json) -> Result<Notification<Event>, Error> {
    let body = body.to_string();
    client()
        .webhook(&headers(&Reply::ok(body.clone())), body.as_bytes())
        .await
}

#[tokio::test]
async fn a_genuine_notification_is_opened_and_typed() {
    let notification = take(&body("TRANSACTION.SUCCESS", ORDER)).await.unwrap();
    assert_eq!(
        (&*notification.id, &*notification.original_type),
        ("EV-1", "transaction")
    );
    assert_eq!(
        (&*notification.summary, &*notification.resource_type),
        ("支付成功", "encrypt-resource")
    );
    let Event::Ordered(order) = &notification.resource else {
        panic!("{notification:?}")
    };
    assert_eq!(order.amount.total, 100);
    assert!(
        !format!("{notification:?}").contains("n-1"),
        "Debug shows the resource"
    );

    let unknown = take(&body("SOMETHING.NEW", r#"{"a":1}"#)).await.unwrap();
    let Event::Unknown(event_type, json) = unknown.resource else {
        panic!()
    };
    assert_eq!((&*event_type, json["a"].as_i64()), ("SOMETHING.NEW", Some(1)));

    // One type that is expected.
    let body = body("TRANSACTION.SUCCESS", ORDER).to_string();
    let headers = headers(&Reply::ok(body.clone()));
    let order: Notification<Order> = client().webhook(&headers, body.as_bytes()).await.unwrap();
    assert_eq!(order.resource.out_trade_no, "n-1");
    let clear: Notification<Json> = client().webhook(&headers, body.as_bytes()).await.unwrap();
    assert_eq!(clear.resource["out_trade_no"], "n-1");
}

#[tokio::test]
async fn associated_data_may_be_missing() {
    let key = ApiV3Key::new(API_V3_KEY).unwrap();
    let mut json = body("TRANSACTION.SUCCESS", ORDER);
    json["resource"]
        .as_object_mut()
        .unwrap()
        .remove("associated_data");
    json["resource"]["ciphertext"] = key.seal("aB3dE6gH9kLm", "", ORDER.as_bytes()).unwrap().into();
    assert!(take(&json).await.is_ok());
}

#[tokio::test]
async fn what_is_not_verifiable_is_refused() {
    let text = body("TRANSACTION.SUCCESS", ORDER).to_string();
    let client = client();
    let refused = |headers: HeaderMap, body: String| {
        let client = client.clone();
        async move {
            client
                .webhook::<Json>(&headers, body.as_bytes())
                .await
                .map(drop)
                .unwrap_err()
        }
    };
    let good = Reply::ok(text.clone());
    assert!(
        refused(headers(&good), text.replace("EV-1", "EV-2"))
            .await
            .is_verification()
    );
    // The same JSON, written again.
    let rewritten = text.replace(':', ": ");
    assert!(refused(headers(&good), rewritten).await.is_verification());
    let forged = Reply {
        signer: Some(&STRANGER),
        ..good.clone()
    };
    assert!(refused(headers(&forged), text.clone()).await.is_verification());
    for timestamp in [now() - 300, now() + 301, 0] {
        let old = Reply {
            timestamp,
            ..good.clone()
        };
        assert!(
            refused(headers(&old), text.clone()).await.is_verification(),
            "{timestamp}"
        );
    }
    assert!(refused(HeaderMap::new(), text.clone()).await.is_verification());
    let mut twice = headers(&good);
    twice.append("wechatpay-nonce", HeaderValue::from_static("another"));
    assert!(refused(twice, text.clone()).await.is_verification());
    let mut probe = headers(&good);
    probe.insert(
        "wechatpay-signature",
        HeaderValue::from_static("WECHATPAY/SIGNTEST/x"),
    );
    let error = refused(probe, text.clone()).await;
    assert_eq!(error.kind(), ErrorKind::Probe);
    // Verified before parsed: broken JSON under a bad signature.
    let broken = Reply {
        signer: Some(&STRANGER),
        ..Reply::ok("{")
    };
    assert!(refused(headers(&broken), "{".into()).await.is_verification());
    let genuine = Reply::ok("{");
    assert!(refused(headers(&genuine), "{".into()).await.is_decode());
    assert!(!refused(headers(&forged), text).await.is_outcome_unknown());
}

#[tokio::test]
async fn the_envelope_of_the_encryption_is_checked() {
    let with = |field: &str, value: &str| {
        let mut json = body("TRANSACTION.SUCCESS", ORDER);
        json["resource"][field] = value.into();
        json
    };
    for (field, value) in [
        ("algorithm", "AEAD_SM4_GCM"),
        ("algorithm", "none"),
        ("nonce", ""),
        ("nonce", "aB3dE6gH9kLmX"),
        ("ciphertext", ""),
        ("ciphertext", "AAAA"),
        ("ciphertext", "no base64"),
        ("associated_data", "refund"),
    ] {
        let error = take(&with(field, value)).await.map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encryption, "{field}: {value}");
    }
    // What is opened but does not fit: the clear text stays out of the error.
    let error = take(&body("TRANSACTION.SUCCESS", r#"{"appid":"personal""#))
        .await
        .map(drop)
        .unwrap_err();
    assert!(error.is_decode());
    let raw = String::from_utf8(error.raw_body().unwrap().to_vec()).unwrap();
    assert!(!format!("{error:?}{raw}").contains("personal"));
}

#[test]
fn acknowledgements_are_what_is_documented() {
    let success = Acknowledgement::success().into_response();
    assert_eq!((success.status().as_u16(), success.body().len()), (204, 0));
    let failure = Acknowledgement::failure("数据库").into_response();
    assert_eq!(failure.status().as_u16(), 500);
    let json: Json = serde_json::from_slice(failure.body()).unwrap();
    assert_eq!(
        (&json["code"], &json["message"]),
        (&"FAIL".into(), &"数据库".into())
    );
    assert_eq!(failure.headers()["content-type"], "application/json");
    let _ = &*PLATFORM;
}

#[cfg(feature = "axum")]
#[tokio::test]
async fn axum_extracts_notifications() {
    use crate::webhook::Webhook;
    async fn notify(Webhook(notification): Webhook<Event>) -> Acknowledgement {
        assert!(matches!(notification.resource, Event::Ordered(_)));
        Acknowledgement::success()
    }
    let app = axum::Router::new()
        .route("/notify", axum::routing::post(notify))
        .with_state(client());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/notify", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let text = body("TRANSACTION.SUCCESS", ORDER).to_string();
    let good = headers(&Reply::ok(text.clone()));
    let send = |headers: HeaderMap, body: String| {
        let request = reqwest::Client::new().post(&url).headers(headers).body(body);
        async move { request.send().await.unwrap() }
    };
    assert_eq!(send(good.clone(), text.clone()).await.status().as_u16(), 204);
    let refused = send(good, text.replace("EV-1", "EV-2")).await;
    assert_eq!(refused.status().as_u16(), 401);
    let response = refused.text().await.unwrap();
    assert_eq!(
        response,
        r#"{"code":"FAIL","message":"the signature was not accepted"}"#
    );
    assert_eq!(
        send(HeaderMap::new(), "x".repeat(3 << 20))
            .await
            .status()
            .as_u16(),
        401
    );
}

#[cfg(feature = "webhook-refund")]
#[tokio::test]
async fn a_closed_refund_is_not_read_as_a_successful_one() {
    use crate::webhook::v3::{Event, refund_closed, refund_success};
    const REFUND: &str = r#"{"mchid":"1900000001","out_trade_no":"1","transaction_id":"1","out_refund_no":"1","refund_id":"1","refund_status":"STATUS","user_received_account":"x","amount":{"total":1,"refund":1,"payer_total":1,"payer_refund":1}}"#;
    async fn open<E: FromEvent>(event_type: &str, status: &str) -> Result<Notification<E>, Error> {
        let body = body(event_type, &REFUND.replace("STATUS", status)).to_string();
        let headers = headers(&Reply::ok(body.clone()));
        client().webhook(&headers, body.as_bytes()).await
    }
    use refund_closed::Resource as Closed;
    use refund_success::Resource as Success;
    open::<Success>("REFUND.SUCCESS", "SUCCESS").await.unwrap();
    open::<Closed>("REFUND.CLOSED", "CLOSED").await.unwrap();
    open::<Success>("REFUND.SUCCESS", "SOMETHING_NEW").await.unwrap();
    let error = open::<Success>("REFUND.CLOSED", "CLOSED").await.unwrap_err();
    assert_eq!(error.mismatch().unwrap().path, "event_type");
    assert!(
        error
            .to_string()
            .contains("expected `REFUND.SUCCESS`, found `REFUND.CLOSED`"),
        "{error}"
    );
    assert!(!Acknowledgement::from(&error).status().is_success());
    let error = open::<Success>("REFUND.SUCCESS", "CLOSED").await.unwrap_err();
    assert_eq!(error.mismatch().unwrap().path, "refund_status");
    assert!(open::<Event>("REFUND.SUCCESS", "CLOSED").await.is_err());
    open::<Event>("REFUND.CLOSED", "CLOSED").await.unwrap();
}

#[cfg(feature = "webhook-transaction")]
#[test]
fn a_state_inside_a_combined_order_is_compared_too() {
    use crate::webhook::v3::transaction_success::Resource;
    let read = |state: &str| {
        let json = format!(r#"{{"sub_orders":[{{"trade_state":"SUCCESS"}},{{"trade_state":"{state}"}}]}}"#);
        Resource::from_event("TRANSACTION.SUCCESS", json.as_bytes()).map(drop)
    };
    read("SUCCESS").unwrap();
    let path = read("NOTPAY").unwrap_err().path;
    assert_eq!(path, "sub_orders[1].trade_state");
}

/// As in a handler of another async runtime, or on a thread without one.
#[test]
fn opening_a_notification_with_a_known_key_needs_no_runtime() {
    use std::future::IntoFuture as _;
    use std::task::{Context, Poll, Waker};
    let client = client();
    let body = body("TRANSACTION.SUCCESS", ORDER).to_string();
    let headers = headers(&Reply::ok(body.clone()));
    let mut opened = client.webhook::<Event>(&headers, body.as_bytes()).into_future();
    let Poll::Ready(opened) = opened.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it waits for something");
    };
    assert_eq!(opened.unwrap().id, "EV-1");
    // Nor does a refusal.
    let mut stranger = headers.clone();
    stranger.insert("wechatpay-serial", HeaderValue::from_static("PUB_KEY_ID_0"));
    let mut opened = client.webhook::<Event>(&stranger, body.as_bytes()).into_future();
    let Poll::Ready(opened) = opened.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it waits for something");
    };
    assert_eq!(opened.unwrap_err().kind(), ErrorKind::Verification);
}
