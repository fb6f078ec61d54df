//! What a call costs beyond its cryptography: `cargo bench --bench call`.
//!
//! In one run: signing and verifying with the bare library, a whole call (encode, sign, verify,
//! decode) over a transport without a network, a notification; then both as ratios to their bare
//! cryptography, measured in turns so that a busy machine disturbs both alike.

use std::hint::black_box;
use std::time::{Duration, Instant, UNIX_EPOCH};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use criterion::Criterion;
use http::{HeaderMap, HeaderName, HeaderValue};
use wechatpay_client::crypto::{ApiV3Key, PrivateKey};
use wechatpay_client::transport::{Body, BoxFuture, Connection, Failure, Transport};
use wechatpay_client::v3::pay::transactions::jsapi;
use wechatpay_client::{Client, Json};

const TIME: u64 = 1_700_000_000;
const NONCE: &str = "593BEC0C930BF1AFEB40B4A08C8FB242";
const KEY_ID: &str = "PUB_KEY_ID_0119000000012024000000000000000001";
const API_V3_KEY: &str = "0123456789abcdef0123456789ABCDEF";
const RESPONSE: &str = r#"{"prepay_id":"wx201410272009395522657a690389285100"}"#;
const RESOURCE: &str = r#"{"mchid":"1900000001","appid":"wx0000000000000001","out_trade_no":"20240101-0001","transaction_id":"1008450740201411110005820873","trade_type":"JSAPI","trade_state":"SUCCESS","bank_type":"CMC","success_time":"2024-01-01T10:34:56+08:00","payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},"amount":{"total":100,"payer_total":100,"currency":"CNY","payer_currency":"CNY"}}"#;

/// Gives the same response to everything.
struct Canned(HeaderMap);

impl Transport for Canned {
    fn send(
        &self,
        _request: http::Request<Body>,
        _connection: Connection,
    ) -> BoxFuture<'_, Result<http::Response<Body>, Failure>> {
        let mut response = http::Response::new(Body::from(bytes::Bytes::from_static(RESPONSE.as_bytes())));
        *response.headers_mut() = self.0.clone();
        Box::pin(std::future::ready(Ok(response)))
    }
}

/// Everything that is measured.
struct Bench {
    client: Client,
    request: jsapi::post::Request,
    runtime: tokio::runtime::Runtime,
    pair: KeyPair,
    public: ParsedPublicKey,
    /// What the call signs, in its length, and what it verifies.
    signed: Vec<u8>,
    response: Vec<u8>,
    response_signature: Vec<u8>,
    notification: String,
    notification_headers: HeaderMap,
    notification_signature: Vec<u8>,
    sealed: Vec<u8>,
}

fn signature_headers(platform: &PrivateKey, body: &str) -> (HeaderMap, Vec<u8>, Vec<u8>) {
    let message = format!("{TIME}\n{NONCE}\n{body}\n").into_bytes();
    let signature = platform.sign(&message).expect("a signature");
    let pairs = [
        ("wechatpay-timestamp", TIME.to_string()),
        ("wechatpay-nonce", NONCE.to_owned()),
        ("wechatpay-signature", STANDARD.encode(&signature)),
        ("wechatpay-serial", KEY_ID.to_owned()),
    ];
    let headers = pairs
        .into_iter()
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::try_from(value).expect("a header"),
            )
        })
        .collect();
    (headers, message, signature)
}

impl Bench {
    fn new() -> Self {
        let platform = PrivateKey::generate().expect("a key");
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        let merchant = STANDARD.encode(pair.as_der().expect("PKCS#8").as_ref());
        let (headers, response, response_signature) = signature_headers(&platform, RESPONSE);
        let key = ApiV3Key::new(API_V3_KEY).expect("a key");
        let ciphertext = key
            .seal("aB3dE6gH9kLm", "transaction", RESOURCE.as_bytes())
            .expect("a ciphertext");
        let notification = serde_json::json!({
            "id": "EV-1", "create_time": "2024-01-01T00:00:00+08:00", "resource_type": "encrypt-resource",
            "event_type": "TRANSACTION.SUCCESS", "summary": "ok",
            "resource": {
                "original_type": "transaction", "algorithm": "AEAD_AES_256_GCM",
                "associated_data": "transaction", "nonce": "aB3dE6gH9kLm", "ciphertext": ciphertext,
            },
        })
        .to_string();
        let (notification_headers, _, notification_signature) = signature_headers(&platform, &notification);
        let public_pem = platform.public_key().expect("a key").to_pem();
        let der = public_pem
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect::<String>();
        let der = STANDARD.decode(der).expect("base64");
        let client = Client::builder()
            .mchid("1900000001")
            .certificate_serial("0A1B2C3D4E5F60718293A4B5C6D7E8F901234567")
            .private_key_pem(format!(
                "-----BEGIN PRIVATE KEY-----\n{merchant}\n-----END PRIVATE KEY-----\n"
            ))
            .api_v3_key(API_V3_KEY)
            .public_key_pem(KEY_ID, public_pem)
            .clock(|| UNIX_EPOCH + Duration::from_secs(TIME))
            .transport(Canned(headers))
            .build()
            .expect("a client");
        Self {
            client,
            request: request(),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime"),
            pair,
            public: ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).expect("a key"),
            signed: vec![b'x'; 400],
            response,
            response_signature,
            notification,
            notification_headers,
            notification_signature,
            sealed: STANDARD.decode(ciphertext).expect("base64"),
        }
    }

    fn sign(&self) {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                black_box(&self.signed),
                &mut signature,
            )
            .expect("a signature");
        black_box(signature);
    }

    fn verify(&self) {
        self.public
            .verify_sig(black_box(&self.response), &self.response_signature)
            .expect("a valid signature");
    }

    fn bare_call(&self) {
        self.sign();
        self.verify();
    }

    fn call(&self) {
        let response = self
            .runtime
            .block_on(async { jsapi::post(&self.client, &self.request).await });
        black_box(response.expect("a response"));
    }

    fn bare_webhook(&self) {
        let message = format!("{TIME}\n{NONCE}\n{}\n", self.notification);
        self.public
            .verify_sig(black_box(message.as_bytes()), &self.notification_signature)
            .expect("a valid signature");
        let key = UnboundKey::new(&AES_256_GCM, API_V3_KEY.as_bytes()).expect("a key");
        let nonce = Nonce::try_assume_unique_for_key(b"aB3dE6gH9kLm").expect("a nonce");
        let mut sealed = self.sealed.clone();
        let clear = LessSafeKey::new(key).open_in_place(nonce, Aad::from("transaction"), &mut sealed);
        black_box(clear.expect("clear bytes"));
    }

    fn webhook(&self) {
        let headers = &self.notification_headers;
        let body = self.notification.as_bytes();
        let opened = self
            .runtime
            .block_on(async { self.client.webhook::<Json>(headers, body).await });
        black_box(opened.expect("a notification"));
    }
}

fn request() -> jsapi::post::Request {
    jsapi::post::RequestInit {
        appid: "wx0000000000000001".into(),
        description: "Image形象店-深圳腾大-QQ公仔".into(),
        out_trade_no: "20240101-0001".into(),
        notify_url: "https://shop.example/notify".into(),
        amount: jsapi::post::Amount::new(100),
        payer: jsapi::post::Payer::new("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
    }
    .into()
}

/// The median time of one of `what`, and of one of `bare`, measured in turns.
fn in_turns(bare: impl Fn(), what: impl Fn()) -> (Duration, Duration) {
    const ROUNDS: usize = 300;
    const EACH: u32 = 10;
    let time = |run: &dyn Fn()| {
        let start = Instant::now();
        (0..EACH).for_each(|_| run());
        start.elapsed() / EACH
    };
    let (mut bares, mut whats): (Vec<_>, Vec<_>) = (0..ROUNDS).map(|_| (time(&bare), time(&what))).unzip();
    bares.sort();
    whats.sort();
    (bares[ROUNDS / 2], whats[ROUNDS / 2])
}

fn main() {
    let bench = Bench::new();
    let mut criterion = Criterion::default().configure_from_args();
    criterion.bench_function("bare: sign", |b| b.iter(|| bench.sign()));
    criterion.bench_function("bare: verify", |b| b.iter(|| bench.verify()));
    criterion.bench_function("whole call without a network", |b| b.iter(|| bench.call()));
    criterion.bench_function("notification", |b| b.iter(|| bench.webhook()));
    criterion.final_summary();
    for (name, (bare, whole)) in [
        ("call", in_turns(|| bench.bare_call(), || bench.call())),
        (
            "notification",
            in_turns(|| bench.bare_webhook(), || bench.webhook()),
        ),
    ] {
        let ratio = whole.as_secs_f64() / bare.as_secs_f64();
        println!("{name}: {whole:.1?} whole, {bare:.1?} bare cryptography: {ratio:.3} times");
    }
}
