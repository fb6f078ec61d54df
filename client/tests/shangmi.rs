//! The Chinese national algorithms, end to end: a client of the feature `shangmi` against a sandbox that
//! signs and encrypts with SM2, SM3 and SM4.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use tokio::sync::mpsc;
use wechatpay_client::v3::pay::transactions::native;
use wechatpay_client::v3::security::echo;
use wechatpay_client::{Client, ErrorKind, Json};
use wechatpay_sandbox::faults::Fault;
use wechatpay_sandbox::key::Algorithm;
use wechatpay_sandbox::{Sandbox, Settings};

type Message = (HeaderMap, Bytes);

/// A server that hands on what is sent to it; its address.
async fn receiver() -> (String, mpsc::UnboundedReceiver<Message>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let take =
        async |State(sender): State<mpsc::UnboundedSender<Message>>, headers: HeaderMap, body: Bytes| {
            let _ = sender.send((headers, body));
        };
    let app = axum::Router::new()
        .route("/notify", axum::routing::post(take))
        .with_state(sender);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/notify", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, receiver)
}

async fn sandbox() -> Sandbox {
    let settings = Settings {
        algorithm: Algorithm::Sm,
        ..Settings::default()
    };
    Sandbox::with(settings).await.unwrap()
}

/// A client that downloads the platform's certificate.
fn client(sandbox: &Sandbox) -> Client {
    let merchant = sandbox.identity();
    Client::builder()
        .mchid(&merchant.mchid)
        .certificate_pem(&merchant.certificate_pem)
        .private_key_pem(&merchant.key_pem)
        .api_v3_key(&merchant.api_v3_key)
        .base_url(sandbox.url())
        .build()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_made_paid_and_notified() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let (url, mut received) = receiver().await;
    let order = native::post::Request::from(native::post::RequestInit {
        appid: sandbox.identity().appid.clone(),
        description: "图书".into(),
        out_trade_no: "sm-0001".into(),
        notify_url: url,
        amount: native::post::Amount::new(100),
    });
    let response = native::post(&client, &order).await.unwrap();
    assert!(response.code_url.starts_with("weixin://"));
    sandbox.control().pay("sm-0001").unwrap();

    let (headers, body) = received.recv().await.unwrap();
    assert_eq!(headers["wechatpay-signature-type"], "WECHATPAY2-SM2-WITH-SM3");
    let envelope: Json = serde_json::from_slice(&body).unwrap();
    assert_eq!(envelope["resource"]["algorithm"], "AEAD_SM4_GCM");
    let notification = client.webhook::<Json>(&headers, &body).await.unwrap();
    assert_eq!(notification.event_type, "TRANSACTION.SUCCESS");
    assert_eq!(notification.resource["out_trade_no"], "sm-0001");

    let calls = sandbox.control().calls();
    assert!(calls[0].what.contains("algorithm_type=SM2"), "{}", calls[0].what);
    let headers = calls.iter().flat_map(|call| &call.headers);
    let schemes: Vec<_> = headers
        .filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        .map(|(_, value)| value.split(' ').next().unwrap_or_default())
        .collect();
    assert_eq!(schemes, ["WECHATPAY2-SM2-WITH-SM3"; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_encrypted_both_ways() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let (url, mut received) = receiver().await;
    let request = echo::post::Request::new("clear")
        .encrypted_echo_message("张三")
        .notify_url(url);
    let response = echo::post(&client, &request).await.unwrap();
    let field = response.encrypted_echo_message.unwrap();
    assert_eq!(*client.decrypt(&field).unwrap(), "张三");
    let (headers, body) = received.recv().await.unwrap();
    let notification = client.webhook::<Json>(&headers, &body).await.unwrap();
    assert_eq!(notification.event_type, "SECURITY_ECHO.SUCCESS");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_response_is_refused() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let request = echo::post::Request::new("clear");
    echo::post(&client, &request).await.unwrap();
    sandbox.control().fault(None, Fault::WrongSignature, 1);
    let error = echo::post(&client, &request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Verification);
}
