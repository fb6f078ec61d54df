//! A payment and its refund, with both notifications on an axum server.
//!
//! `cargo run --example refund_webhook --features axum`
//!
//! No account is needed: it runs against a sandbox on loopback.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::post;
use tokio::sync::mpsc::{Sender, channel};
use wechatpay_client::v3::pay::transactions::native;
use wechatpay_client::v3::refund::domestic::refunds;
use wechatpay_client::v3::refund::domestic::refunds::by_out_refund_no;
use wechatpay_client::webhook::v3::Event;
use wechatpay_client::webhook::{Acknowledgement, Webhook};
use wechatpay_client::{Client, convert};

#[path = "support/shop.rs"]
#[allow(dead_code)]
mod shop;

/// The handler needs the client, and passes on what happened: here as a line of text.
#[derive(Clone)]
struct App {
    client: Client,
    events: Sender<String>,
}

impl FromRef<App> for Client {
    fn from_ref(app: &App) -> Self {
        app.client.clone()
    }
}

/// The extractor verifies and decrypts a notification, and responds to everything else with an error.
/// `webhook_server.rs` also handles each notification only once, and checks it against the order.
async fn notified(State(app): State<App>, Webhook(notification): Webhook<Event>) -> Acknowledgement {
    let line = match notification.resource {
        Event::TransactionSuccess(paid) => format!("paid: {}", paid.out_trade_no.unwrap_or_default()),
        Event::RefundSuccess(refund) => format!("refunded: {}", refund.out_refund_no),
        other => format!("not handled: {}", other.event_type()),
    };
    match app.events.send(line).await {
        Ok(()) => Acknowledgement::success(),
        // WeChat Pay sends it again.
        Err(_) => Acknowledgement::failure("shutting down"),
    }
}

/// One function for a refund that was made and one that was queried.
fn show(refund: &by_out_refund_no::get::Response) {
    println!(
        "{}: {}, {} fen",
        refund.out_refund_no,
        refund.status.as_str(),
        refund.amount.refund
    );
}

#[tokio::main]
async fn main() -> shop::Result {
    let shop = shop::Shop::open().await?;
    let client = &shop.client;
    let (events, mut received) = channel(8);
    let app = Router::new().route("/notify", post(notified)).with_state(App {
        client: client.clone(),
        events,
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    // A real notify_url is https, public, and without a query string.
    let notify_url = format!("http://{}/notify", listener.local_addr()?);
    let server = tokio::spawn(axum::serve(listener, app).into_future());

    let order = native::post::Request::from(native::post::RequestInit {
        appid: shop.appid.clone(),
        description: "A pair of socks".into(),
        out_trade_no: "REFUND-0001".into(),
        notify_url: notify_url.clone(),
        amount: native::post::Amount::new(1280), // fen
    });
    native::post(client, &order).await?;
    shop.sandbox.control().pay("REFUND-0001")?;
    println!("{}", received.recv().await.ok_or("the server stopped")?);

    // Store `out_refund_no` before sending: the same number again is the same refund, never a second one.
    let amount = refunds::post::AmountInit {
        refund: 500,
        total: 1280,
        currency: "CNY".into(),
    };
    let request = refunds::post::Request::new("REFUND-0001-R1", amount.into())
        .out_trade_no("REFUND-0001")
        .reason("one sock is missing")
        .notify_url(notify_url);
    show(&convert(&refunds::post(client, &request).await?)?);

    shop.sandbox
        .control()
        .settle_refund("REFUND-0001-R1", "SUCCESS")?;
    println!("{}", received.recv().await.ok_or("the server stopped")?);
    let query = by_out_refund_no::get::Request::new("REFUND-0001-R1");
    show(&by_out_refund_no::get(client, &query).await?);
    server.abort();
    Ok(())
}
