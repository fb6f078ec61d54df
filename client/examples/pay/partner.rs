//! Partner: a service provider places an order for one of its merchants.

use wechatpay_client::v3::pay::partner::transactions::jsapi;
use wechatpay_client::v3::pay::partner::transactions::out_trade_no::by_out_trade_no;

use crate::shop::{Result, Shop};

pub async fn run(shop: &Shop) -> Result {
    // The client signs as the service provider (`sp_…`); the money goes to the merchant (`sub_…`).
    let client = &shop.client;
    let sub_mchid = "1900000109";
    let order = jsapi::post::Request::from(jsapi::post::RequestInit {
        sp_appid: shop.appid.clone(),
        sub_mchid: sub_mchid.into(),
        description: "A pair of socks".into(),
        out_trade_no: "PARTNER-0001".into(),
        notify_url: "https://provider.example/notify".into(),
        amount: jsapi::post::Amount::new(1280), // fen
        payer: jsapi::post::Payer::new().sp_openid("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
    });
    let prepay_id = jsapi::post(client, &order).await?.prepay_id;
    // With `sub_appid` in the order, sign for that appid instead.
    let parameters = client.jsapi_payment(&shop.appid, &prepay_id).await?;
    println!("{}", serde_json::to_string_pretty(&parameters)?);

    let query = by_out_trade_no::get::Request::from(by_out_trade_no::get::RequestInit {
        out_trade_no: "PARTNER-0001".into(),
        sub_mchid: sub_mchid.into(),
    });
    let order = by_out_trade_no::get(client, &query).await?;
    println!(
        "{} of {}: {:?}",
        order.out_trade_no, order.sub_mchid, order.trade_state
    );
    Ok(())
}
