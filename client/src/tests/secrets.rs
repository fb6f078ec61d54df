//! What is logged, and what never is.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::gateway::{API_V3_KEY, Gateway, MERCHANT, Reply};
use super::ops::{order, post_order};

/// Writes everything that is traced into one text.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

impl Visit for Everything {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        writeln!(self.0.lock().unwrap(), "{}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn spans_say_what_happened_and_no_secret() {
    let gateway = Gateway::start(|_, count| match count {
        0 => Reply::new(500, "").unsigned(),
        _ => Reply::ok(r#"{"prepay_id":"wx-secret-prepay"}"#),
    })
    .await;
    let client = gateway.client();
    let log = Everything::default();
    {
        let _guard = tracing::subscriber::set_default(log.clone());
        post_order(&client, &order().payer_name("张三丰")).await.unwrap();
    }
    let log = log.0.lock().unwrap().clone();
    for part in [
        "otel.name=POST /v3/pay/transactions/jsapi",
        "otel.kind=\"client\"",
        "http.request.method=POST",
        "url.template=\"/v3/pay/transactions/jsapi\"",
        "server.address=\"127.0.0.1:",
        "http.response.status_code=200",
        "http.request.resend_count=1",
        "wechatpay.request_id=\"08F0-TEST\"",
        "wechatpay.elapsed_ms=",
    ] {
        assert!(log.contains(part), "{part} is not in: {log}");
    }
    let seen = gateway.seen();
    let signature = seen[1].authorization("signature").to_owned();
    let key = MERCHANT.to_pem().unwrap();
    for secret in [
        "张三丰",
        "wx-secret-prepay",
        API_V3_KEY,
        &signature,
        key.lines().nth(1).unwrap(),
        "mchid=\"",
    ] {
        assert!(!log.contains(secret), "{secret} is in: {log}");
    }
}

#[tokio::test]
async fn authorization_is_marked_sensitive() {
    use crate::transport::{Body, BoxFuture, Connection, Failure, Transport};
    struct Looking;
    impl Transport for Looking {
        fn send(
            &self,
            request: http::Request<Body>,
            _: Connection,
        ) -> BoxFuture<'_, Result<http::Response<Body>, Failure>> {
            assert!(request.headers()["authorization"].is_sensitive());
            assert!(!format!("{request:?}").contains("WECHATPAY2"));
            Box::pin(std::future::ready(Err(Failure::other("seen"))))
        }
    }
    let client = super::gateway::builder()
        .transport(Looking)
        .max_attempts(1)
        .build()
        .unwrap();
    let error = post_order(&client, &order()).await.map(drop).unwrap_err();
    assert!(
        error.to_string().contains("seen") && error.is_outcome_unknown(),
        "{error}"
    );
}
