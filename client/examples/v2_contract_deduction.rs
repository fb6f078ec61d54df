//! A deduction by contract over APIv2: the link on which the payer signs the contract, or the
//! deduction itself. Only the APIv2 key is needed.
//!
//! ```text
//! export WECHATPAY_MCHID=1900000109 WECHATPAY_API_V2_KEY=…
//! cargo run --example v2_contract_deduction --features v2-papay,v2-pay -- sign wx1 12535 100001256
//! cargo run --example v2_contract_deduction --features v2-papay,v2-pay -- deduct wx1 CONTRACT_ID 217752501 888
//! ```
//!
//! The arguments of `sign`: appid, plan, the merchant's number of the contract. Of `deduct`: appid,
//! the contract's id from the notification, the merchant's number of the order, the amount in fen.
//! `WECHATPAY_BASE_URL` sends to a gateway of your own.

use wechatpay_client::Client;
use wechatpay_client::v2::papay::entrustweb;
use wechatpay_client::v2::pay::{paporderquery, pappayapply};

fn env(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("set {name}"))
}

fn client() -> Result<Client, Box<dyn std::error::Error>> {
    let mut builder = Client::builder()
        .mchid(env("WECHATPAY_MCHID")?)
        .api_v2_key(env("WECHATPAY_API_V2_KEY")?);
    if let Ok(url) = env("WECHATPAY_BASE_URL") {
        builder = builder.base_url(url);
    }
    Ok(builder.build()?)
}

fn sign(client: &Client, appid: &str, plan: &str, code: &str) -> Result<(), Box<dyn std::error::Error>> {
    let request = entrustweb::get::Request::from(entrustweb::get::RequestInit {
        appid: appid.into(),
        plan_id: plan.parse()?,
        contract_code: code.into(),
        request_serial: 1,
        contract_display_account: "示例账户".into(),
        notify_url: "https://example.com/contract".into(),
    });
    println!("send the payer to {}", entrustweb::get(client, &request).url()?);
    Ok(())
}

async fn deduct(client: &Client, order: &[String; 4]) -> Result<(), Box<dyn std::error::Error>> {
    let [appid, contract_id, out_trade_no, amount] = order;
    let request = pappayapply::post::Request::from(pappayapply::post::RequestInit {
        appid: appid.clone(),
        body: "会员月费".into(),
        out_trade_no: out_trade_no.clone(),
        total_fee: amount.parse()?,
        notify_url: "https://example.com/paid".into(),
        trade_type: "PAP".into(),
        contract_id: contract_id.clone(),
    })
    .spbill_create_ip("127.0.0.1");
    pappayapply::post(client, &request).await?;
    // The response says only that the deduction was taken on: the notification, or a query, has its end.
    let request = paporderquery::post::Request::new(appid.clone()).out_trade_no(out_trade_no.clone());
    let order = paporderquery::post(client, &request).await?;
    println!("{}: {}", order.out_trade_no, order.trade_state.as_str());
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["sign", appid, plan, code] => sign(&client()?, appid, plan, code),
        ["deduct", order @ ..] if order.len() == 4 => {
            deduct(&client()?, &std::array::from_fn(|index| order[index].to_owned())).await
        }
        _ => Err(
            "arguments: sign APPID PLAN CODE | deduct APPID CONTRACT_ID OUT_TRADE_NO AMOUNT_IN_FEN".into(),
        ),
    }
}
