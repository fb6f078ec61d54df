//! Payscore from beginning to end: the user authorizes the service and uses it, pays afterwards, and
//! gets part of it back.
//!
//! `cargo run --example payscore`
//!
//! No account is needed: it runs against a sandbox on loopback.

use wechatpay_client::v3::payscore::serviceorder::by_out_order_no::complete;
use wechatpay_client::v3::payscore::{permissions, serviceorder};
use wechatpay_client::v3::refund::domestic::refunds;

#[path = "support/shop.rs"]
#[allow(dead_code)]
mod shop;

const SERVICE: &str = "500001";
const OPENID: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";
const NUMBER: &str = "BIKE0001";

#[tokio::main]
async fn main() -> shop::Result {
    let shop = shop::Shop::open().await?;
    let client = &shop.client;

    // Once for each user: an authorization for the service. The page opens it with the token.
    let request = permissions::post::Request::from(permissions::post::RequestInit {
        service_id: SERVICE.into(),
        appid: shop.appid.clone(),
        authorization_code: "AUTH0001".into(),
    });
    let token = permissions::post(client, &request).await?.apply_permissions_token;
    println!("authorize with {token}");
    shop.sandbox.control().grant("AUTH0001", OPENID)?;

    // The user starts: at most the risk fund can be charged.
    let request = serviceorder::post::Request::from(serviceorder::post::RequestInit {
        out_order_no: NUMBER.into(),
        appid: shop.appid.clone(),
        service_id: SERVICE.into(),
        service_introduction: "Bicycle rental".into(),
        time_range: serviceorder::post::TimeRange::new().start_time("OnAccept"),
        risk_fund: serviceorder::post::RiskFund::new("ESTIMATE_ORDER_COST", 5000), // fen
        notify_url: "https://shop.example/notify".into(),
    })
    .openid(OPENID)
    .need_user_confirm(false);
    let order = serviceorder::post(client, &request).await?;
    println!("started: {:?}", order.state);

    // The user returns the bicycle: what is charged, and for what.
    let request = complete::post::Request::from(complete::post::RequestInit {
        out_order_no: NUMBER.into(),
        appid: shop.appid.clone(),
        service_id: SERVICE.into(),
        post_payments: vec![complete::post::PostPayment::new("2 hours").amount(600)],
        total_amount: 600,
    });
    let order = complete::post(client, &request).await?;
    println!("completed: {:?}, {:?} fen", order.state, order.total_amount);

    // WeChat Pay collects the money, and notifies PAYSCORE.USER_PAID. Query it as well.
    shop.sandbox.control().pay_service(NUMBER)?;
    let query = serviceorder::get::Request::from(serviceorder::get::RequestInit {
        service_id: SERVICE.into(),
        appid: shop.appid.clone(),
    })
    .out_order_no(NUMBER);
    let order = serviceorder::get(client, &query).await?;
    let collection = order.collection.ok_or("nothing was collected")?;
    println!("collected: {:?}", collection.state);

    // A paid service order is refunded like any other, by its transaction.
    let transaction = collection
        .details
        .unwrap_or_default()
        .into_iter()
        .find_map(|detail| detail.transaction_id);
    let amount = refunds::post::AmountInit {
        refund: 300,
        total: 600,
        currency: "CNY".into(),
    };
    let request = refunds::post::Request::new("BIKE0001R1", amount.into())
        .transaction_id(transaction.ok_or("no transaction")?);
    let refund = refunds::post(client, &request).await?;
    println!("refund: {} fen, {:?}", refund.amount.refund, refund.status);
    Ok(())
}
