//! A brand signs its own operations, and nobody signs for another.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::gateway::{Gateway, KEY_ID, MERCHANT, PLATFORM, Reply, STRANGER, Seen, builder};
use super::ops::{Prepay, get_order, order, post_order, query};
use crate::crypto::{self, ApiV3Key};
use crate::operation::{BodyFormat, Identity, Operation};
use crate::{Brand, Builder, Call, Client, Encrypted, ErrorKind, Json};

const BRAND_ID: &str = "123456789";
const SERIAL: &str = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
const BRAND_KEY_ID: &str = "PUB_KEY_ID_0199999999992024000000000000000002";

static COUPON: Operation = Operation {
    identity: Identity::Brand,
    path: "/brand/marketing/product-coupon/product-coupons",
    body: BodyFormat::Json,
    idempotent_by: Some("out_trade_no"),
    ..Operation::V3
};

fn brand() -> Brand {
    Brand::new(BRAND_ID)
        .certificate_serial(SERIAL)
        .private_key_pem(STRANGER.to_pem().unwrap().to_string())
}

fn alone() -> Builder {
    Client::builder().brand(brand().public_key_pem(KEY_ID, PLATFORM.public_key().unwrap().to_pem()))
}

async fn gateway() -> Gateway {
    Gateway::always(
        Reply::ok(r#"{"prepay_id":"wx0"}"#)
            .header("Wechatpay-Signature-Type", "WECHATPAY-BRAND-SHA256-RSA2048"),
    )
    .await
}

async fn call(client: &Client) -> Result<Prepay, crate::Error> {
    Call::new(client, &COUPON, &order()).await
}

fn parts(seen: &Seen) -> (String, Vec<(String, String)>) {
    let (scheme, rest) = seen.header("authorization").split_once(' ').unwrap();
    let pairs = rest.split(',').map(|pair| {
        let (name, value) = pair.split_once('=').unwrap();
        (name.to_owned(), value.trim_matches('"').to_owned())
    });
    (scheme.to_owned(), pairs.collect())
}

#[tokio::test]
async fn the_brand_signs_with_its_own_key_and_scheme() {
    let gateway = gateway().await;
    for client in [
        alone().base_url(&gateway.url).build().unwrap(),
        gateway.builder().brand(brand()).build().unwrap(),
    ] {
        assert_eq!(client.brand_id(), Some(BRAND_ID));
        assert_eq!(call(&client).await.unwrap().prepay_id, "wx0");
    }
    for seen in gateway.seen() {
        let (scheme, parts) = parts(&seen);
        let part = |name: &str| &parts.iter().find(|(other, _)| other == name).unwrap().1;
        assert_eq!(scheme, "WECHATPAY-BRAND-SHA256-RSA2048");
        assert_eq!(parts.len(), 5);
        assert_eq!(
            (part("brand_id").as_str(), part("serial_no").as_str()),
            (BRAND_ID, SERIAL)
        );
        let head = format!(
            "POST\n{}\n{}\n{}\n",
            COUPON.path,
            part("timestamp"),
            part("nonce_str")
        );
        let message = [head.as_bytes(), &seen.body, b"\n"].concat();
        let signature = STANDARD.decode(part("signature")).unwrap();
        assert!(STRANGER.public_key().unwrap().verifies(&message, &signature));
        assert!(!MERCHANT.public_key().unwrap().verifies(&message, &signature));
        assert_eq!(seen.header("wechatpay-serial"), KEY_ID);
    }
}

#[tokio::test]
async fn nobody_signs_for_another() {
    let gateway = gateway().await;
    let error = call(&gateway.client()).await.unwrap_err();
    assert!(
        error.is_configuration() && error.to_string().contains("`Builder::brand`"),
        "{error}"
    );
    let alone = alone().base_url(&gateway.url).build().unwrap();
    let error = post_order(&alone, &order()).await.unwrap_err();
    assert!(
        error.is_configuration() && error.to_string().contains("signed by the merchant"),
        "{error}"
    );
    let error = get_order(&alone, &query("1")).await.unwrap_err();
    assert!(error.is_configuration() && !error.is_outcome_unknown());
    let url = format!("{}/v3/billdownload/file?token=x", gateway.url);
    let error = alone.download_url(&url).unwrap().to_bytes().await.unwrap_err();
    assert!(error.is_configuration());
    let error = alone.jsapi_payment("wx", "prepay").await.unwrap_err();
    assert!(error.is_configuration());
    assert!(gateway.seen().is_empty());
}

/// The merchant's operations go on as before beside a brand.
#[tokio::test]
async fn the_merchant_signs_its_own_operations_beside_a_brand() {
    let gateway = gateway().await;
    let client = gateway.builder().brand(brand()).build().unwrap();
    post_order(&client, &order()).await.unwrap();
    let seen = gateway.seen().remove(0);
    assert!(seen.is_signed_over(&seen.body));
}

#[tokio::test]
async fn a_brand_encrypts_for_its_own_key_and_decrypts_with_its_own() {
    let gateway = gateway().await;
    let key = PLATFORM.public_key().unwrap();
    let client = gateway
        .builder()
        .brand(brand().public_key_pem(BRAND_KEY_ID, key.to_pem()));
    let client = client.build().unwrap();
    let request = order().payer_name("张三");
    let _: Prepay = Call::new(&client, &COUPON, &request).await.unwrap();
    post_order(&client, &request).await.unwrap();
    let seen = gateway.seen();
    let serials: Vec<_> = seen.iter().map(|seen| seen.header("wechatpay-serial")).collect();
    assert_eq!(serials, [BRAND_KEY_ID, KEY_ID]);
    let body: Json = serde_json::from_slice(&seen[0].body).unwrap();
    let ciphertext = crypto::from_base64(body["payer_name"].as_str().unwrap()).unwrap();
    assert_eq!(
        PLATFORM.decrypt(&ciphertext).unwrap().as_slice(),
        "张三".as_bytes()
    );
    let for_brand = STRANGER.public_key().unwrap().encrypt("张三".as_bytes()).unwrap();
    let for_brand = Encrypted::from_ciphertext(crypto::to_base64(&for_brand));
    assert_eq!(client.decrypt(&for_brand).unwrap().as_str(), "张三");
}

#[tokio::test]
async fn a_merchant_without_a_key_of_its_own_sends_nothing() {
    let gateway = gateway().await;
    let client = Client::builder()
        .mchid("1900000001")
        .certificate_serial("0A1B2C3D4E5F60718293A4B5C6D7E8F901234567")
        .private_key_pem(MERCHANT.to_pem().unwrap().to_string())
        .brand(brand().public_key_pem(BRAND_KEY_ID, PLATFORM.public_key().unwrap().to_pem()))
        .base_url(&gateway.url)
        .build()
        .unwrap();
    assert!(
        post_order(&client, &order())
            .await
            .unwrap_err()
            .is_configuration()
    );
    assert!(gateway.seen().is_empty());
}

/// Notifications to a brand name its own algorithm and are sealed with its own APIv3 key.
#[tokio::test]
async fn notifications_open_with_the_brands_key() {
    let key = "abcdefABCDEF0123456789abcdefABCD";
    let nonce = "0123456789ab";
    let ciphertext = ApiV3Key::new(key)
        .unwrap()
        .seal(nonce, "coupon", br#"{"coupon_code":"1"}"#)
        .unwrap();
    let body = serde_json::json!({
        "id": "1", "event_type": "COUPON.SEND",
        "resource": { "algorithm": "AEAD_AES_256_GCM", "nonce": nonce, "associated_data": "coupon",
            "ciphertext": ciphertext },
    });
    let reply =
        Reply::ok(body.to_string()).header("Wechatpay-Signature-Type", "WECHATPAY-BRAND-SHA256-RSA2048");
    let mut headers = http::HeaderMap::new();
    for (name, value) in reply.headers.iter().chain(&reply.signature_headers()) {
        let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.insert(name, value.parse().unwrap());
    }
    let client = builder().brand(brand().api_v3_key(key)).build().unwrap();
    let notification = client
        .webhook::<Json>(&headers, body.to_string().as_bytes())
        .await
        .unwrap();
    assert_eq!(notification.resource["coupon_code"], "1");
    let without = builder().brand(brand()).build().unwrap();
    let error = without
        .webhook::<Json>(&headers, body.to_string().as_bytes())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encryption);
}

#[test]
fn settings_of_a_brand_are_checked() {
    let problem = |builder: Builder| builder.build().unwrap_err().to_string();
    let id = brand();
    assert!(problem(builder().brand(Brand::new("")).brand(Brand::new("a b"))).contains("the brand id"));
    assert!(problem(builder().brand(Brand::new(BRAND_ID))).contains("the brand's certificate"));
    let keyless = Brand::new(BRAND_ID).certificate_serial(SERIAL);
    assert!(problem(builder().brand(keyless)).contains("the brand's private key is missing"));
    assert!(problem(Client::builder().brand(id)).contains("no key of WeChat Pay"));
    assert!(
        problem(
            alone()
                .api_v3_key("0123456789abcdef0123456789ABCDEF")
                .download_certificates(true)
        )
        .contains("merchant's private key")
    );
    assert!(
        problem(alone().private_key_pem(MERCHANT.to_pem().unwrap().to_string())).contains("the merchant id")
    );
}
