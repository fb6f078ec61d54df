//! What goes out.

use super::gateway::{Gateway, KEY_ID, MCHID, MERCHANT, PLATFORM, Reply, SERIAL, Seen, builder};
use super::ops::{Receiver, get_order, order, post_close, post_order, query};
use crate::crypto::from_base64;
use crate::{ErrorKind, Json, PlatformKey};

const PREPAY: &str = r#"{"prepay_id":"wx0"}"#;

async fn gateway() -> Gateway {
    Gateway::always(Reply::ok(PREPAY)).await
}

fn only(gateway: &Gateway) -> Seen {
    let mut seen = gateway.seen();
    assert_eq!(seen.len(), 1);
    seen.remove(0)
}

#[tokio::test]
async fn a_call_is_signed_over_the_bytes_sent() {
    let gateway = gateway().await;
    let response = post_order(&gateway.client(), &order()).await.unwrap();
    assert_eq!(response.prepay_id, "wx0");
    let seen = only(&gateway);
    assert_eq!(
        (&*seen.method, &*seen.path_and_query),
        ("POST", "/v3/pay/transactions/jsapi")
    );
    assert!(seen.is_signed_over(&seen.body));
    assert!(!seen.is_signed_over(b""));
    assert_eq!(seen.authorization("mchid"), MCHID);
    assert_eq!(seen.authorization("serial_no"), SERIAL);
    let nonce = seen.authorization("nonce_str");
    assert!(nonce.len() <= 32 && nonce.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(seen.header("wechatpay-serial"), KEY_ID);
    assert_eq!(seen.header("accept"), "application/json");
    assert_eq!(seen.header("content-type"), "application/json");
    assert!(seen.header("user-agent").starts_with("wechatpay-client/"));
    assert_eq!(seen.header("accept-language"), "");
    let body: Json = serde_json::from_slice(&seen.body).unwrap();
    assert_eq!(body["amount"]["total"], 100);
}

#[tokio::test]
async fn requests_without_a_body_are_signed_over_none() {
    let gateway = gateway().await;
    get_order(&gateway.client(), &query("1")).await.unwrap();
    let seen = only(&gateway);
    assert!(seen.body.is_empty() && seen.is_signed_over(b""));
    assert_eq!(seen.header("content-type"), "");
}

#[tokio::test]
async fn path_prefix_query_and_headers_come_from_the_fields() {
    let gateway = gateway().await;
    let request = query("a/b?c#d %中")
        .mchid("1 &=+")
        .tags(["x", "y"].map(String::from))
        .key("k-1");
    let client = gateway
        .builder()
        .accept_language("en")
        .user_agent("shop/1.0")
        .build()
        .unwrap();
    get_order(&client, &request)
        .accept_language("zh-HK")
        .await
        .unwrap();
    let seen = only(&gateway);
    assert_eq!(
        seen.path_and_query,
        "/hk/v3/pay/transactions/out-trade-no/a%2Fb%3Fc%23d%20%25%E4%B8%AD?mchid=1%20%26%3D%2B&tags=x&tags=y"
    );
    assert!(
        seen.is_signed_over(b""),
        "prefix and query are part of what is signed"
    );
    assert_eq!(seen.header("idempotency-key"), "k-1");
    assert_eq!(seen.header("accept-language"), "zh-HK");
    assert!(
        seen.header("user-agent")
            .starts_with("shop/1.0 wechatpay-client/")
    );
}

#[tokio::test]
async fn no_path_parameter_leaves_its_segment() {
    let gateway = gateway().await;
    let client = gateway.client();
    for bad in ["", ".", ".."] {
        let error = get_order(&client, &query(bad)).await.map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request, "{bad}");
        assert!(!error.is_outcome_unknown());
    }
    assert!(gateway.seen().is_empty(), "nothing was sent");
    post_close(&client, &query("../../refund/1?x=1")).await.unwrap();
    assert_eq!(
        only(&gateway).path_and_query,
        "/v3/pay/transactions/out-trade-no/..%2F..%2Frefund%2F1%3Fx%3D1/close"
    );
}

#[tokio::test]
async fn no_header_can_be_smuggled_in() {
    let gateway = gateway().await;
    let request = query("1").key("a\r\nX-Evil: 1");
    let error = get_order(&gateway.client(), &request)
        .await
        .map(drop)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    let error = get_order(&gateway.client(), &query("1"))
        .accept_language("en\r\n")
        .await
        .map(drop);
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Request);
    assert!(gateway.seen().is_empty());
}

#[tokio::test]
async fn the_host_is_one_of_the_page() {
    let gateway = gateway().await;
    let client = gateway.client();
    get_order(&client, &query("1"))
        .host("https://apihk.mch.weixin.qq.com")
        .await
        .unwrap();
    assert_eq!(
        only(&gateway).path_and_query,
        "/v3/pay/transactions/out-trade-no/1"
    );
    let error = get_order(&client, &query("1"))
        .host("https://evil.example")
        .await
        .map(drop);
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Request);
    assert_eq!(gateway.seen().len(), 1);
}

#[test]
fn documented_hosts_are_used_and_have_a_second_one() {
    let client = builder().build().unwrap();
    let main = "https://api.mch.weixin.qq.com";
    assert_eq!(
        client.route(main),
        (main.into(), Some("https://api2.wechatpay.cn".into()))
    );
    let hk = "https://apihk.mch.weixin.qq.com";
    assert_eq!(client.route(hk), (hk.into(), None));
    let client = builder().failover(false).build().unwrap();
    assert_eq!(client.route(main), (main.into(), None));
}

#[tokio::test]
async fn clear_fields_go_out_encrypted_for_the_key_that_is_named() {
    let gateway = gateway().await;
    let mut request = order().payer_name("张三");
    request.receivers = Some(vec![
        Receiver {
            name: "李四".into()
        },
        Receiver { name: "".into() },
    ]);
    assert!(!format!("{request:?}").contains("张三"), "Debug shows clear text");
    post_order(&gateway.client(), &request).await.unwrap();
    let seen = only(&gateway);
    assert!(!seen.text().contains("张三"));
    assert_eq!(seen.header("wechatpay-serial"), KEY_ID);
    let body: Json = serde_json::from_slice(&seen.body).unwrap();
    let open = |value: &Json| {
        PLATFORM
            .decrypt(&from_base64(value.as_str().unwrap()).unwrap())
            .unwrap()
    };
    assert_eq!(*open(&body["payer_name"]), *"张三".as_bytes());
    assert_eq!(*open(&body["receivers"][0]["name"]), *"李四".as_bytes());
    assert_eq!(body["receivers"][1]["name"], "", "an empty text stays as it is");
}

#[tokio::test]
async fn a_text_too_long_to_encrypt_is_an_error() {
    let gateway = gateway().await;
    let client = gateway.client();
    let error = post_order(&client, &order().payer_name("x".repeat(215)))
        .await
        .map(drop)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(
        error.to_string().contains("215") && !error.to_string().contains("xxx"),
        "{error}"
    );
    assert!(gateway.seen().is_empty());
    post_order(&client, &order().payer_name("x".repeat(214)))
        .await
        .unwrap();
}

#[test]
fn the_newest_valid_key_encrypts() {
    let key = PLATFORM.public_key().unwrap();
    let public = |id: &str| (id.to_owned(), key.to_pem());
    let (one, two) = (public("PUB_KEY_ID_1"), public("PUB_KEY_ID_2"));
    let client = builder()
        .public_key_pem(one.0, one.1)
        .public_key_pem(two.0, two.1)
        .build()
        .unwrap();
    let newest = client.trust().encrypting(crate::Identity::Merchant, client.now());
    assert_eq!(newest.as_deref().map(PlatformKey::id), Some("PUB_KEY_ID_2"));
}

#[tokio::test]
async fn a_client_may_be_shared_between_threads() {
    fn shared<T: Clone + Send + Sync + 'static>(_: &T) {}
    let gateway = gateway().await;
    let client = gateway.client();
    shared(&client);
    let calls = (0..8).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { post_order(&client, &order()).await.map(drop) })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    let nonces: std::collections::HashSet<_> = gateway
        .seen()
        .iter()
        .map(|seen| seen.authorization("nonce_str").to_owned())
        .collect();
    assert_eq!(nonces.len(), 8, "a nonce was used twice");
}

#[tokio::test]
async fn an_own_signer_and_decryptor_do_the_work() {
    use crate::transport::BoxFuture;
    struct Remote;
    impl crate::Signer for Remote {
        fn sign<'a>(
            &'a self,
            message: &'a [u8],
        ) -> BoxFuture<'a, Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>>> {
            Box::pin(async move {
                tokio::task::yield_now().await;
                Ok(MERCHANT.sign(message)?)
            })
        }
    }
    let gateway = gateway().await;
    let platform = PLATFORM.public_key().unwrap().to_pem();
    let client = crate::Client::builder()
        .mchid(MCHID)
        .certificate_serial(SERIAL)
        .signer(Remote)
        .public_key_pem(KEY_ID, platform)
        .base_url(&gateway.url)
        .build()
        .unwrap();
    post_order(&client, &order()).await.unwrap();
    let seen = only(&gateway);
    assert!(seen.is_signed_over(&seen.body));
    let error = client
        .decrypt(&crate::Encrypted::from_ciphertext("AAAA"))
        .unwrap_err();
    assert!(error.is_configuration(), "{error}");
}
