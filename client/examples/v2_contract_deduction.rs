//! A deduction by contract over APIv2: the link on which the payer signs the contract, and a deduction under it.
//!
//! `cargo run --example v2_contract_deduction --features v2-papay,v2-pay`
//!
//! No account is needed: it runs against a sandbox on loopback. Only the APIv2 key is used.

use wechatpay_client::v2::papay::entrustweb;
use wechatpay_client::v2::pay::{paporderquery, pappayapply};

#[path = "support/shop.rs"]
#[allow(dead_code)]
mod shop;

fn sign(shop: &shop::Shop) -> shop::Result {
    let request = entrustweb::get::Request::from(entrustweb::get::RequestInit {
        appid: shop.appid.clone(),
        plan_id: "12535".parse()?, // the template of the contract, from the merchant platform
        contract_code: "CONTRACT-0001".into(),
        request_serial: 1,
        contract_display_account: "示例账户".into(),
        notify_url: "https://shop.example/contract".into(),
    });
    let link = entrustweb::get(&shop.client, &request).url()?;
    println!("the payer signs at {link}");
    Ok(())
}

/// `contract_id` comes with the notification about the contract.
async fn deduct(shop: &shop::Shop, contract_id: &str) -> shop::Result {
    let request = pappayapply::post::Request::from(pappayapply::post::RequestInit {
        appid: shop.appid.clone(),
        body: "会员月费".into(),
        out_trade_no: "DEDUCT-0001".into(),
        total_fee: 888, // fen
        notify_url: "https://shop.example/paid".into(),
        trade_type: "PAP".into(),
        contract_id: contract_id.into(),
    })
    .spbill_create_ip("127.0.0.1");
    pappayapply::post(&shop.client, &request).await?;
    // The response says only that the deduction is accepted; a notification or a query has the result.
    let request = paporderquery::post::Request::new(&shop.appid).out_trade_no("DEDUCT-0001");
    let order = paporderquery::post(&shop.client, &request).await?;
    println!("{}: {}", order.out_trade_no, order.trade_state.as_str());
    Ok(())
}

#[tokio::main]
async fn main() -> shop::Result {
    let shop = shop::Shop::open().await?;
    sign(&shop)?;
    deduct(&shop, "Wx15463511252015071056489715").await
}
