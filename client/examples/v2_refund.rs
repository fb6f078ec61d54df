//! An order and its refund over APIv2, the refund with the merchant's certificate on the connection.
//!
//! `cargo run --example v2_refund --features v2-pay,v2-secapi`
//!
//! No account is needed: it runs against a sandbox on loopback.

use wechatpay_client::ErrorCode;
use wechatpay_client::v2::pay::unifiedorder;
use wechatpay_client::v2::secapi::pay::refund;

#[path = "support/shop.rs"]
#[allow(dead_code)]
mod shop;

#[tokio::main]
async fn main() -> shop::Result {
    let shop = shop::Shop::open().await?;
    let client = &shop.client;
    let order = unifiedorder::post::Request::from(unifiedorder::post::RequestInit {
        appid: shop.appid.clone(),
        body: "A pair of socks".into(),
        out_trade_no: "V2-0001".into(),
        total_fee: 1280, // fen
        spbill_create_ip: "127.0.0.1".into(),
        notify_url: "https://shop.example/paid".into(),
        trade_type: "NATIVE".into(),
    });
    let order = unifiedorder::post(client, &order).await?;
    println!("QR code: {}", order.code_url.unwrap_or_default());
    shop.sandbox.control().pay("V2-0001")?;

    let request = refund::post::Request::from(refund::post::RequestInit {
        appid: shop.appid.clone(),
        out_refund_no: "V2-0001-R1".into(),
        total_fee: 1280,
        refund_fee: 500,
    })
    // One of the two numbers of the order is enough.
    .out_trade_no("V2-0001");
    match refund::post(client, &request).await {
        Ok(refund) => println!("accepted: {} of {} fen", refund.out_refund_no, refund.refund_fee),
        // The same number with the same parameters is the same refund, so a repeated call is harmless.
        Err(error) if error.is_outcome_unknown() => println!("not decided yet, query or repeat it: {error}"),
        Err(error) if error.api().is_some_and(|api| api.code == ErrorCode::NotEnough) => {
            println!("the merchant's balance is too low: {error}");
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
