//! A server for notifications, ready to be deployed behind a TLS proxy.
//!
//! In: the merchant's settings from the environment (below). Out: each genuine notification is worked
//! on once and acknowledged; everything else is refused.
//!
//! ```text
//! WECHATPAY_MCHID, WECHATPAY_SERIAL, WECHATPAY_KEY_FILE, WECHATPAY_API_V3_KEY,
//! WECHATPAY_PUBLIC_KEY_ID, WECHATPAY_PUBLIC_KEY_FILE, LISTEN (127.0.0.1:8080)
//! ```

use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::post;
use wechatpay_client::webhook::v3::transaction_success;
use wechatpay_client::webhook::{
    Acknowledgement, Expectation, FromEvent, Lease, MemoryReplayGuard, Notification, Webhook,
};
use wechatpay_client::{Client, Decoded, Error, Mismatch};

/// What this shop listens for.
enum Event {
    Paid(Box<transaction_success::Resource>),
    Other,
}

impl FromEvent for Event {
    fn from_event(event_type: &str, resource: &[u8]) -> Result<Decoded<Self>, Mismatch> {
        match event_type {
            transaction_success::EVENT_TYPE => {
                let paid = transaction_success::Resource::from_event(event_type, resource)?;
                Ok(paid.map(|paid| Self::Paid(Box::new(paid))))
            }
            _ => Ok(Decoded::new(Self::Other, Vec::new())),
        }
    }
}

/// What the handlers share.
#[derive(Clone)]
struct App {
    client: Client,
    /// With several servers, use a shared one: a table, or Redis.
    guard: MemoryReplayGuard,
}

impl FromRef<App> for Client {
    fn from_ref(app: &App) -> Self {
        app.client.clone()
    }
}

async fn notify(State(app): State<App>, Webhook(notification): Webhook<Event>) -> Acknowledgement {
    // A lease that is not completed is given back, so that the notification is resent and handled again.
    let lease = match Lease::claim(&app.guard, &notification.id).await {
        Ok(lease) => lease,
        Err(error) => return Acknowledgement::from(&error),
    };
    if let Err(error) = work(&app, &notification) {
        eprintln!("{}: {error}", notification.id);
        return Acknowledgement::failure("to be resent");
    }
    match lease.complete().await {
        Ok(()) => Acknowledgement::success(),
        Err(error) => Acknowledgement::from(&error),
    }
}

/// The shop's own work: is it about what was sold? Then deliver.
fn work(app: &App, notification: &Notification<Event>) -> Result<(), Error> {
    match &notification.resource {
        Event::Paid(paid) => {
            let number = paid.out_trade_no.as_deref().unwrap_or_default();
            // Look the order up by `number`; this shop sells one thing.
            Expectation::new()
                .mchid(app.client.mchid())
                .out_trade_no(number)
                .trade_state("SUCCESS")
                .total(100)
                .currency("CNY")
                .deviations(&notification.deviations)
                .check(&**paid)?;
            println!("paid: {number}");
            Ok(())
        }
        Event::Other => {
            println!("not listened for: {}", notification.event_type);
            Ok(())
        }
    }
}

fn setting(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("set {name} in the environment"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .mchid(setting("WECHATPAY_MCHID")?)
        .certificate_serial(setting("WECHATPAY_SERIAL")?)
        .private_key_file(setting("WECHATPAY_KEY_FILE")?)
        .api_v3_key(setting("WECHATPAY_API_V3_KEY")?)
        .public_key_file(
            setting("WECHATPAY_PUBLIC_KEY_ID")?,
            setting("WECHATPAY_PUBLIC_KEY_FILE")?,
        )
        .build()?;
    let app = Router::new().route("/notify", post(notify)).with_state(App {
        client,
        guard: MemoryReplayGuard::default(),
    });
    let address = setting("LISTEN").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("listening on http://{}/notify", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
