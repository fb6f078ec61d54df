//! The other side of both clients: keys, a server that gives one signed response, a notification.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub const API_V3_KEY: &str = "0123456789abcdef0123456789ABCDEF";
pub const KEY_ID: &str = "PUB_KEY_ID_0119000000012024000000000000000001";
pub const MCHID: &str = "1900000001";
pub const SERIAL: &str = "0A1B2C3D4E5F60718293A4B5C6D7E8F901234567";

const NONCE: &str = "593BEC0C930BF1AFEB40B4A08C8FB242";
const RESPONSE: &str = r#"{"prepay_id":"wx201410272009395522657a690389285100"}"#;
const PAYMENT: &str = r#"{"mchid":"1900000001","appid":"wxd678efh567hg6787","out_trade_no":"1217752501201407033233368018","transaction_id":"1217752501201407033233368018","trade_type":"JSAPI","trade_state":"SUCCESS","trade_state_desc":"支付成功","bank_type":"CMC","attach":"","success_time":"2026-11-25T10:34:56+08:00","payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},"amount":{"total":100,"payer_total":100,"currency":"CNY","payer_currency":"CNY"}}"#;

pub struct Gateway {
    platform: KeyPair,
    /// The merchant's key and the platform's, as PEM.
    pub private_key: String,
    pub public_key: String,
    /// `http://127.0.0.1:…`
    pub url: String,
}

pub struct Notification {
    pub timestamp: String,
    pub signature: String,
    pub body: String,
    pub headers: HeaderMap,
}

impl Notification {
    pub fn nonce(&self) -> &'static str {
        NONCE
    }
}

impl Gateway {
    pub fn start() -> Self {
        let platform = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        let merchant = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        let merchant = AsDer::<Pkcs8V1Der>::as_der(&merchant).expect("PKCS#8");
        let public =
            AsDer::<aws_lc_rs::encoding::PublicKeyX509Der>::as_der(platform.public_key()).expect("DER");
        let mut gateway = Self {
            private_key: pem("PRIVATE KEY", merchant.as_ref()),
            public_key: pem("PUBLIC KEY", public.as_ref()),
            platform,
            url: String::new(),
        };
        let timestamp = now();
        let signature = gateway.sign(&timestamp, RESPONSE);
        gateway.url = serve(headers(&timestamp, &signature));
        gateway
    }

    pub fn notification(&self) -> Notification {
        let mut sealed = PAYMENT.as_bytes().to_vec();
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, API_V3_KEY.as_bytes()).expect("a key"));
        let nonce = Nonce::try_assume_unique_for_key(b"aB3dE6gH9kLm").expect("a nonce");
        key.seal_in_place_append_tag(nonce, Aad::from("transaction"), &mut sealed)
            .expect("a ciphertext");
        let body = serde_json::json!({
            "id": "EV-2018022511223320873", "create_time": "2026-11-25T10:34:56+08:00",
            "resource_type": "encrypt-resource", "event_type": "TRANSACTION.SUCCESS", "summary": "支付成功",
            "resource": {
                "original_type": "transaction", "algorithm": "AEAD_AES_256_GCM", "associated_data": "transaction",
                "nonce": "aB3dE6gH9kLm", "ciphertext": STANDARD.encode(&sealed),
            },
        })
        .to_string();
        let timestamp = now();
        let signature = self.sign(&timestamp, &body);
        Notification {
            headers: headers(&timestamp, &signature),
            signature,
            timestamp,
            body,
        }
    }

    fn sign(&self, timestamp: &str, body: &str) -> String {
        let message = format!("{timestamp}\n{NONCE}\n{body}\n");
        let mut signature = vec![0; self.platform.public_modulus_len()];
        self.platform
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .expect("a signature");
        STANDARD.encode(signature)
    }
}

fn serve(headers: HeaderMap) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
            let respond = move || async move { (headers.clone(), RESPONSE) };
            axum::serve(listener, axum::Router::new().fallback(respond))
                .await
                .expect("a server");
        });
    });
    url
}

fn headers(timestamp: &str, signature: &str) -> HeaderMap {
    [
        ("wechatpay-timestamp", timestamp),
        ("wechatpay-nonce", NONCE),
        ("wechatpay-signature", signature),
        ("wechatpay-serial", KEY_ID),
        ("content-type", "application/json"),
    ]
    .into_iter()
    .map(|(name, value)| {
        (
            HeaderName::from_static(name),
            HeaderValue::try_from(value).expect("a value"),
        )
    })
    .collect()
}

fn now() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock after 1970");
    now.as_secs().to_string()
}

fn pem(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let lines: Vec<_> = base64
        .as_bytes()
        .chunks(64)
        .map(String::from_utf8_lossy)
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}
