//! A gateway on loopback in the place of WeChat Pay: it records requests and responds as the test says,
//! signed or not.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::crypto::PrivateKey;
use crate::{Builder, Client};
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;

pub const MCHID: &str = "1900000001";
pub const SERIAL: &str = "0A1B2C3D4E5F60718293A4B5C6D7E8F901234567";
pub const KEY_ID: &str = "PUB_KEY_ID_0119000000012024000000000000000001";
pub const API_V3_KEY: &str = "0123456789abcdef0123456789ABCDEF";

/// The merchant's key, and the platform's.
pub static MERCHANT: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());
pub static PLATFORM: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());
/// Somebody else's.
pub static STRANGER: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());

/// A request as received.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub path_and_query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// One of the parts of `Authorization`.
    pub fn authorization(&self, part: &str) -> &str {
        let header = self
            .header("authorization")
            .strip_prefix("WECHATPAY2-SHA256-RSA2048 ")
            .unwrap();
        let mut parts = header.split(',');
        let value = parts.find_map(|pair| pair.strip_prefix(part)?.strip_prefix("=\""));
        value.unwrap().strip_suffix('"').unwrap()
    }

    /// Whether the merchant signed this, `body` being what is signed.
    pub fn is_signed_over(&self, body: &[u8]) -> bool {
        let head = format!(
            "{}\n{}\n{}\n{}\n",
            self.method,
            self.path_and_query,
            self.authorization("timestamp"),
            self.authorization("nonce_str")
        );
        let message = [head.as_bytes(), body, b"\n"].concat();
        let signature = STANDARD.decode(self.authorization("signature")).unwrap();
        MERCHANT.public_key().unwrap().verifies(&message, &signature)
    }
}

/// The response to send.
#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
    pub headers: Vec<(String, String)>,
    pub signer: Option<&'static PrivateKey>,
    pub key_id: String,
    pub timestamp: u64,
    /// What is signed instead of the body.
    pub signed: Option<Vec<u8>>,
    pub delay_ms: u64,
}

impl Reply {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            body: body.into(),
            headers: vec![("Request-ID".into(), "08F0-TEST".into())],
            signer: Some(&PLATFORM),
            key_id: KEY_ID.into(),
            timestamp: now(),
            signed: None,
            delay_ms: 0,
        }
    }

    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, body)
    }

    pub fn unsigned(mut self) -> Self {
        self.signer = None;
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The headers of a signature over what is to be signed.
    pub fn signature_headers(&self) -> Vec<(String, String)> {
        let Some(signer) = self.signer else {
            return Vec::new();
        };
        let nonce = "593BEC0C930BF1AFEB40B4A08C8FB242";
        let body = self.signed.as_ref().unwrap_or(&self.body);
        let message = [format!("{}\n{nonce}\n", self.timestamp).as_bytes(), body, b"\n"].concat();
        let signature = STANDARD.encode(signer.sign(&message).unwrap());
        vec![
            ("Wechatpay-Timestamp".into(), self.timestamp.to_string()),
            ("Wechatpay-Nonce".into(), nonce.into()),
            ("Wechatpay-Signature".into(), signature),
            ("Wechatpay-Serial".into(), self.key_id.clone()),
        ]
    }

    fn response(&self) -> Response {
        let mut response = Response::builder().status(self.status);
        for (name, value) in self.headers.iter().chain(&self.signature_headers()) {
            response = response.header(name, value);
        }
        response.body(Body::from(self.body.clone())).unwrap()
    }
}

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A running gateway.
pub struct Gateway {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Gateway {
    /// Answers every request as `response` says; its second argument counts requests from 0.
    pub async fn start(response: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (log, response) = (seen.clone(), Arc::new(response));
        let serve = move |request: Request| {
            let (log, response) = (log.clone(), response.clone());
            async move {
                let (parts, body) = request.into_parts();
                let seen = Seen {
                    method: parts.method.to_string(),
                    path_and_query: parts.uri.path_and_query().unwrap().to_string(),
                    headers: parts.headers,
                    body: axum::body::to_bytes(body, 64 << 20).await.unwrap(),
                };
                let count = {
                    let mut log = log.lock().unwrap();
                    log.push(seen.clone());
                    log.len() - 1
                };
                let reply = response(&seen, count);
                tokio::time::sleep(std::time::Duration::from_millis(reply.delay_ms)).await;
                reply.response()
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = axum::Router::new().fallback(serve);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, seen }
    }

    /// Answers everything with the same.
    pub async fn always(reply: Reply) -> Self {
        Self::start(move |_, _| reply.clone()).await
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub fn builder(&self) -> Builder {
        builder().base_url(&self.url)
    }
}

/// A client's settings but for where it sends to.
pub fn builder() -> Builder {
    Client::builder()
        .mchid(MCHID)
        .certificate_serial(SERIAL)
        .private_key_pem(MERCHANT.to_pem().unwrap().to_string())
        .api_v3_key(API_V3_KEY)
        .public_key_pem(KEY_ID, PLATFORM.public_key().unwrap().to_pem())
}
