//! Calls, notifications and files of a merchant with SM2 keys.

use super::super::downloads::{CSV, bill, gzip};
use super::super::gateway::{API_V3_KEY, Gateway, MCHID, Reply, SERIAL, Seen, builder as rsa_builder};
use super::super::notifications::headers;
use super::super::openssl::certificate;
use super::super::ops::{Bill, Order, order, post_order};
use super::{MERCHANT, PLATFORM, STRANGER};
use crate::crypto::{ApiV3Key, Digest, PrivateKey, from_base64, to_base64};
use crate::{Brand, Builder, Client, Encrypted, Error, Json};

const TYPE: &str = "WECHATPAY2-SM2-WITH-SM3";
const PLATFORM_SERIAL: &str = "5DEA10EF55877E3CF6C33255C2E7DEFFF7E427EC";
const NONCE: &str = "aB3dE6gH9kLm";

fn api_v3_key() -> ApiV3Key {
    ApiV3Key::new(API_V3_KEY).unwrap()
}

/// A client that knows no key of WeChat Pay yet.
fn builder(gateway: &Gateway) -> Builder {
    Client::builder()
        .mchid(MCHID)
        .certificate_serial(SERIAL)
        .private_key_pem(MERCHANT.to_pem().unwrap().to_string())
        .api_v3_key(API_V3_KEY)
        .base_url(&gateway.url)
}

fn signed_by(key: &'static PrivateKey, body: impl Into<Vec<u8>>) -> Reply {
    Reply {
        signer: Some(key),
        key_id: PLATFORM_SERIAL.into(),
        ..Reply::ok(body).header("Wechatpay-Signature-Type", TYPE)
    }
}

fn certificates(pem: &str) -> String {
    serde_json::json!({ "data": [{
        "serial_no": PLATFORM_SERIAL,
        "effective_time": "2024-01-01T00:00:00+08:00",
        "expire_time": "2034-01-01T00:00:00+08:00",
        "encrypt_certificate": {
            "algorithm": "AEAD_SM4_GCM",
            "nonce": NONCE,
            "associated_data": "certificate",
            "ciphertext": api_v3_key().seal_sm4(NONCE, "certificate", pem.as_bytes()).unwrap(),
        },
    }] })
    .to_string()
}

/// WeChat Pay with SM2 keys: hands out its certificate, and `order` for everything else.
async fn platform(order: Reply) -> Gateway {
    let list = certificates(&certificate(&PLATFORM, PLATFORM_SERIAL));
    Gateway::start(move |seen, _| match seen.path_and_query.as_str() {
        "/v3/certificates?algorithm_type=SM2" => signed_by(&PLATFORM, list.clone()),
        _ => order.clone(),
    })
    .await
}

fn is_signed_by_the_merchant(seen: &Seen) -> bool {
    let header = seen.header("authorization");
    let parameters = header
        .strip_prefix(TYPE)
        .and_then(|rest| rest.strip_prefix(' '))
        .unwrap();
    let part = |name: &str| {
        let mut parts = parameters.split(',');
        let value = parts.find_map(|pair| pair.strip_prefix(name)?.strip_prefix("=\""));
        value.unwrap().strip_suffix('"').unwrap().to_owned()
    };
    let (timestamp, nonce) = (part("timestamp"), part("nonce_str"));
    let head = format!("{}\n{}\n{timestamp}\n{nonce}\n", seen.method, seen.path_and_query);
    let message = [head.as_bytes(), &seen.body, b"\n"].concat();
    let signature = from_base64(&part("signature")).unwrap();
    MERCHANT.public_key().unwrap().verifies(&message, &signature)
}

#[tokio::test]
async fn an_order_with_encrypted_fields() {
    let name = to_base64(&MERCHANT.public_key().unwrap().encrypt("李四".as_bytes()).unwrap());
    let body = serde_json::json!({ "prepay_id": "wx0", "payer_name": name }).to_string();
    let gateway = platform(signed_by(&PLATFORM, body)).await;
    let client = builder(&gateway).build().unwrap();
    let prepay = post_order(&client, &order().payer_name("张三")).await.unwrap();
    let field: &Encrypted = prepay.payer_name.as_ref().unwrap();
    assert_eq!(*client.decrypt(field).unwrap(), "李四");

    let seen = gateway.seen();
    assert_eq!(seen.len(), 2, "one download, one order");
    assert!(seen.iter().all(is_signed_by_the_merchant));
    assert_eq!(seen[1].header("wechatpay-serial"), PLATFORM_SERIAL);
    let sent: Json = serde_json::from_slice(&seen[1].body).unwrap();
    let ciphertext = from_base64(sent["payer_name"].as_str().unwrap()).unwrap();
    assert_eq!(*PLATFORM.decrypt(&ciphertext).unwrap(), *"张三".as_bytes());
}

async fn refused(order_reply: Reply) -> Error {
    let gateway = platform(order_reply).await;
    let client = builder(&gateway).build().unwrap();
    post_order(&client, &order()).await.map(drop).unwrap_err()
}

#[tokio::test]
async fn a_response_must_be_signed_with_the_named_key() {
    let body = r#"{"prepay_id":"wx0"}"#;
    let error = refused(signed_by(&STRANGER, body)).await;
    assert!(error.is_verification(), "{error}");
    // The header names RSA, the key is SM2.
    let mut reply = signed_by(&PLATFORM, body);
    reply
        .headers
        .retain(|(name, _)| name != "Wechatpay-Signature-Type");
    let error = refused(
        reply
            .clone()
            .header("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"),
    )
    .await;
    assert!(error.to_string().contains("does not fit the key"), "{error}");
    // Without the header, the key decides.
    let gateway = platform(reply).await;
    post_order(&builder(&gateway).build().unwrap(), &order())
        .await
        .unwrap();
}

#[tokio::test]
async fn certificates_are_only_taken_if_they_are_genuine() {
    let pem = certificate(&PLATFORM, PLATFORM_SERIAL);
    let mut other: Json = serde_json::from_str(&certificates(&pem)).unwrap();
    other["data"][0]["encrypt_certificate"]["algorithm"] = "AEAD_AES_256_GCM".into();
    let lists = [
        signed_by(&STRANGER, certificates(&pem)),
        signed_by(&PLATFORM, other.to_string()),
        signed_by(&PLATFORM, certificates(&certificate(&PLATFORM, "01"))),
    ];
    for list in lists {
        let gateway = Gateway::always(list).await;
        let client = builder(&gateway).build().unwrap();
        assert!(post_order(&client, &order()).await.is_err());
        assert_eq!(client.trust_status().valid, 0);
    }
}

fn notification(algorithm: &str, ciphertext: String) -> String {
    serde_json::json!({
        "id": "EV-1",
        "create_time": "2024-01-01T00:00:00+08:00",
        "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS",
        "summary": "支付成功",
        "resource": {
            "original_type": "transaction",
            "algorithm": algorithm,
            "associated_data": "transaction",
            "nonce": NONCE,
            "ciphertext": ciphertext,
        },
    })
    .to_string()
}

#[tokio::test]
async fn a_notification_is_verified_and_opened() {
    let gateway = platform(Reply::ok("")).await;
    let client = builder(&gateway).build().unwrap();
    let clear = br#"{"appid":"wx1","out_trade_no":"n-1","amount":{"total":100}}"#;
    let sealed = api_v3_key().seal_sm4(NONCE, "transaction", clear).unwrap();
    let body = notification("AEAD_SM4_GCM", sealed.clone());
    let reply = signed_by(&PLATFORM, body.clone());
    let mut signed = headers(&reply);
    signed.insert("wechatpay-signature-type", TYPE.parse().unwrap());
    let order: crate::webhook::Notification<Order> = client.webhook(&signed, body.as_bytes()).await.unwrap();
    assert_eq!(order.resource.out_trade_no, "n-1");
    assert_eq!(gateway.seen().len(), 1, "the certificate was downloaded for it");

    let mut stranger = headers(&signed_by(&STRANGER, body.clone()));
    stranger.insert("wechatpay-signature-type", TYPE.parse().unwrap());
    let error = client
        .webhook::<Json>(&stranger, body.as_bytes())
        .await
        .unwrap_err();
    assert!(error.is_verification(), "{error}");
    // The name of one algorithm over the ciphertext of the other.
    let body = notification("AEAD_AES_256_GCM", sealed);
    let signed = headers(&signed_by(&PLATFORM, body.clone()));
    assert!(client.webhook::<Json>(&signed, body.as_bytes()).await.is_err());
}

#[tokio::test]
async fn a_bill_sealed_with_sm4_is_opened() {
    let key = b"0123456789abcdef";
    let sealed = seal(key, &gzip(CSV));
    let gateway = platform(Reply::ok(sealed).unsigned()).await;
    let client = builder(&gateway).build().unwrap();
    let encrypt_key = to_base64(&MERCHANT.public_key().unwrap().encrypt(key).unwrap());
    let mut part = Bill {
        encrypt_key: Some(encrypt_key),
        nonce: Some(NONCE.into()),
        ..bill(&gateway, &Digest::Sha1.of(CSV))
    };
    assert_eq!(client.download(&part).unwrap().to_bytes().await.unwrap(), CSV);
    part.nonce = Some("aB3dE6gH9kLX".into());
    assert!(client.download(&part).unwrap().to_bytes().await.is_err());
}

/// SM4-GCM under a key that is not an APIv3 key.
fn seal(key: &[u8; 16], clear: &[u8]) -> Vec<u8> {
    use aes_gcm::AesGcm;
    use aes_gcm::aead::consts::U12;
    use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
    let cipher = AesGcm::<sm4::Sm4, U12>::new_from_slice(key).unwrap();
    let nonce = aes_gcm::Nonce::try_from(NONCE.as_bytes()).unwrap();
    let mut sealed = clear.to_vec();
    let tag = cipher
        .encrypt_inout_detached(&nonce, b"", sealed.as_mut_slice().into())
        .unwrap();
    sealed.extend_from_slice(&tag);
    sealed
}

#[tokio::test]
async fn keys_of_the_other_algorithm_are_not_encrypted_for() {
    let gateway = platform(Reply::ok("")).await;
    let pem = certificate(&PLATFORM, PLATFORM_SERIAL);
    // An RSA merchant who only knows the SM2 certificate.
    let client = Client::builder()
        .mchid(MCHID)
        .certificate_serial(SERIAL)
        .private_key_pem(super::super::gateway::MERCHANT.to_pem().unwrap().to_string())
        .platform_certificate_pem(pem)
        .base_url(&gateway.url)
        .build()
        .unwrap();
    let error = post_order(&client, &order()).await.map(drop).unwrap_err();
    assert!(error.is_configuration(), "{error}");
    assert!(gateway.seen().is_empty());
}

#[tokio::test]
async fn what_only_rsa_can_is_refused() {
    let gateway = platform(Reply::ok("")).await;
    let client = builder(&gateway).build().unwrap();
    let error = client.jsapi_payment("wx1", "wx0").await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    let brand = Brand::new("123456789")
        .certificate_serial(SERIAL)
        .private_key_pem(MERCHANT.to_pem().unwrap().to_string());
    let error = rsa_builder().brand(brand).build().unwrap_err();
    assert!(error.to_string().contains("brands sign with RSA"), "{error}");
}
