//! Where to sign when many orders are placed at once: on the thread that runs the call, as a `PrivateKey`
//! given as `Signer` does, or on a bounded number of blocking threads, as the client does with its own key.
//!
//! ```text
//! cargo run --release --example signing --features pay
//! ```
//!
//! It prints the latency of 64 concurrent orders over a transport that takes 20 ms, for both, in turns.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wechatpay_client::Client;
use wechatpay_client::crypto::PrivateKey;
use wechatpay_client::transport::{Body, BoxFuture, Connection, Failure, Transport};
use wechatpay_client::v3::pay::transactions::jsapi;

type AnyError = Box<dyn std::error::Error + Send + Sync>;

const CONCURRENT: usize = 64;
const ORDERS: usize = 40;
const KEY_ID: &str = "PUB_KEY_ID_0119000000012024000000000000000001";

/// Takes 20 ms and responds with the same signed response every time.
struct Wire(Vec<(&'static str, String)>);

const BODY: &[u8] = br#"{"prepay_id":"wx0"}"#;

impl Wire {
    fn new(key: &PrivateKey) -> Result<Self, AnyError> {
        let now = std::time::UNIX_EPOCH.elapsed()?.as_secs().to_string();
        let message = [now.as_bytes(), b"\nN\n", BODY, b"\n"].concat();
        let signature = {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.encode(key.sign(&message)?)
        };
        Ok(Self(vec![
            ("wechatpay-timestamp", now),
            ("wechatpay-nonce", "N".to_owned()),
            ("wechatpay-signature", signature),
            ("wechatpay-serial", KEY_ID.to_owned()),
        ]))
    }
}

impl Transport for Wire {
    fn send(
        &self,
        _: http::Request<Body>,
        _: Connection,
    ) -> BoxFuture<'_, Result<http::Response<Body>, Failure>> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let mut response = http::Response::builder();
            for (name, value) in &self.0 {
                response = response.header(*name, value);
            }
            response.body(Body::from(BODY.to_vec())).map_err(Failure::other)
        })
    }
}

/// Median and 99th percentile of all orders.
async fn measure(client: &Client) -> Result<(Duration, Duration), AnyError> {
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..CONCURRENT {
        let client = client.clone();
        workers.spawn(async move {
            let mut durations = Vec::with_capacity(ORDERS);
            for number in 0..ORDERS {
                let request = jsapi::post::Request::from(jsapi::post::RequestInit {
                    appid: "wx0000000000000001".into(),
                    description: "signing".into(),
                    out_trade_no: format!("SIGN{number:06}"),
                    notify_url: "https://shop.example/notify".into(),
                    amount: jsapi::post::Amount::new(1),
                    payer: jsapi::post::Payer::new("o1"),
                });
                let start = Instant::now();
                jsapi::post(&client, &request).await?;
                durations.push(start.elapsed());
            }
            Ok::<_, wechatpay_client::Error>(durations)
        });
    }
    let mut all = Vec::new();
    while let Some(worker) = workers.join_next().await {
        all.extend(worker??);
    }
    all.sort_unstable();
    Ok((all[all.len() / 2], all[all.len() * 99 / 100]))
}

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let (own, platform) = (PrivateKey::generate()?, PrivateKey::generate()?);
    let wire = Arc::new(Wire::new(&platform)?);
    let builder = || -> Result<_, AnyError> {
        Ok(Client::builder()
            .mchid("1900000001")
            .certificate_serial("0A1B2C3D4E5F60718293A4B5C6D7E8F901234567")
            .public_key_pem(KEY_ID, platform.public_key()?.to_pem())
            .transport(wire.clone()))
    };
    let pool = builder()?.private_key_pem(own.to_pem()?.to_string()).build()?;
    let inline = builder()?.signer(own).build()?;
    for round in 1..=5 {
        for (name, client) in [("inline", &inline), ("pool", &pool)] {
            let (median, p99) = measure(client).await?;
            println!("round {round}, {name:>6}: median {median:?}, p99 {p99:?}");
        }
    }
    Ok(())
}
