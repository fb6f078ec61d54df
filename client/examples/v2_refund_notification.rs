//! Refund notifications of APIv2: a server that opens and acknowledges them, or one body on standard input.
//!
//! ```text
//! export WECHATPAY_MCHID=1900000109 WECHATPAY_API_V2_KEY=…
//! cargo run --example v2_refund_notification --features v2-webhook -- 127.0.0.1:8080
//! cargo run --example v2_refund_notification --features v2-webhook < body.xml
//! ```

use std::io::Read as _;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use wechatpay_client::apiv2::Acknowledgement;
use wechatpay_client::webhook::v2::refund_processed::Notification;
use wechatpay_client::{Client, Error};

/// Opens a notification. It is not signed (`authenticity()` says so): what shows that it is
/// genuine is that `req_info` opens with the merchant's key. Query the refund before you act on it.
fn open(client: &Client, body: &[u8]) -> Result<(), Error> {
    let notified = client.apiv2()?.notification::<Notification>(body)?;
    println!("{:?}", notified.authenticity());
    if let Some(refund) = notified.req_info.content() {
        println!(
            "{}: {}, {} fen",
            refund.out_refund_no,
            refund.refund_status.as_str(),
            refund.refund_fee
        );
    }
    Ok(())
}

/// Takes the raw body: nothing may parse or re-encode it before it is verified.
async fn notified(State(client): State<Client>, body: Bytes) -> impl IntoResponse {
    let response = match open(&client, &body) {
        Ok(()) => Acknowledgement::Success,
        Err(error) => {
            eprintln!("{error}");
            Acknowledgement::Failure("not accepted".into())
        }
    };
    ([(CONTENT_TYPE, Acknowledgement::CONTENT_TYPE)], response.to_xml())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let env = |name: &str| std::env::var(name).map_err(|_| format!("set {name}"));
    let client = Client::builder()
        .mchid(env("WECHATPAY_MCHID")?)
        .api_v2_key(env("WECHATPAY_API_V2_KEY")?)
        .build()?;
    match std::env::args().nth(1) {
        Some(address) => {
            let listener = tokio::net::TcpListener::bind(address).await?;
            println!("http://{}", listener.local_addr()?);
            let app = axum::Router::new().fallback(notified).with_state(client);
            axum::serve(listener, app).await?;
        }
        None => {
            let mut body = Vec::new();
            std::io::stdin().read_to_end(&mut body)?;
            open(&client, &body)?;
        }
    }
    Ok(())
}
