//! Refund notifications of APIv2 on an axum server: decrypted, printed and acknowledged.
//!
//! `cargo run --example v2_refund_notification --features v2-pay,v2-secapi,v2-webhook`
//!
//! No account is needed: it runs against a sandbox on loopback.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use tokio::sync::mpsc::{Sender, channel};
use wechatpay_client::apiv2::Acknowledgement;
use wechatpay_client::v2::pay::unifiedorder;
use wechatpay_client::v2::secapi::pay::refund;
use wechatpay_client::webhook::v2::refund_processed::Notification;
use wechatpay_client::{Client, Error};

#[path = "support/shop.rs"]
#[allow(dead_code)]
mod shop;

/// The handler needs the client, and passes on what happened: here as a line of text.
#[derive(Clone)]
struct App {
    client: Client,
    events: Sender<String>,
}

/// Opens a notification. It is not signed (`authenticity()` says so): what shows that it is
/// genuine is that `req_info` opens with the merchant's key. Query the refund before you act on it.
fn open(client: &Client, body: &[u8]) -> Result<String, Error> {
    let notified = client.apiv2()?.notification::<Notification>(body)?;
    let authenticity = notified.authenticity();
    Ok(match notified.req_info.content() {
        Some(refund) => format!(
            "{}: {}, {} fen ({authenticity:?})",
            refund.out_refund_no,
            refund.refund_status.as_str(),
            refund.refund_fee
        ),
        None => "no refund in it".to_owned(),
    })
}

/// Takes the raw body: nothing may parse or re-encode it before it is verified.
async fn notified(State(app): State<App>, body: Bytes) -> impl IntoResponse {
    let response = match open(&app.client, &body) {
        Ok(line) => {
            println!("{line}");
            match app.events.send(line).await {
                Ok(()) => Acknowledgement::Success,
                // WeChat Pay sends it again.
                Err(_) => Acknowledgement::Failure("shutting down".into()),
            }
        }
        Err(error) => {
            eprintln!("{error}");
            Acknowledgement::Failure("not accepted".into())
        }
    };
    ([(CONTENT_TYPE, Acknowledgement::CONTENT_TYPE)], response.to_xml())
}

/// An order that is paid and refunded, with the notification of the refund to `notify_url`.
async fn refunded(shop: &shop::Shop, notify_url: &str) -> shop::Result {
    let order = unifiedorder::post::Request::from(unifiedorder::post::RequestInit {
        appid: shop.appid.clone(),
        body: "A pair of socks".into(),
        out_trade_no: "V2-0002".into(),
        total_fee: 1280, // fen
        spbill_create_ip: "127.0.0.1".into(),
        notify_url: "https://shop.example/paid".into(),
        trade_type: "NATIVE".into(),
    });
    unifiedorder::post(&shop.client, &order).await?;
    shop.sandbox.control().pay("V2-0002")?;
    let request = refund::post::Request::from(refund::post::RequestInit {
        appid: shop.appid.clone(),
        out_refund_no: "V2-0002-R1".into(),
        total_fee: 1280,
        refund_fee: 500,
    })
    .out_trade_no("V2-0002")
    .notify_url(notify_url);
    refund::post(&shop.client, &request).await?;
    shop.sandbox.control().settle_refund("V2-0002-R1", "SUCCESS")?;
    Ok(())
}

#[tokio::main]
async fn main() -> shop::Result {
    let shop = shop::Shop::open().await?;
    let (events, mut received) = channel(8);
    let app = Router::new().route("/notify", axum::routing::post(notified));
    let app = app.with_state(App {
        client: shop.client.clone(),
        events,
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    // A real notify_url is https, public, and without a query string.
    let notify_url = format!("http://{}/notify", listener.local_addr()?);
    let server = tokio::spawn(axum::serve(listener, app).into_future());
    refunded(&shop, &notify_url).await?;
    received.recv().await.ok_or("the server stopped")?;
    server.abort();
    Ok(())
}
