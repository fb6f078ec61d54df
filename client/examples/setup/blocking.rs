//! Blocking: `.wait()` wherever async code has `.await`.

use wechatpay_client::v3::pay::transactions::jsapi;

use crate::shop::{Result, Shop};

pub fn run(shop: &Shop) -> Result {
    let client = &shop.client;
    let order = jsapi::post::Request::from(jsapi::post::RequestInit {
        appid: shop.appid.clone(),
        description: "A pair of socks".into(),
        out_trade_no: "BLOCKING-0001".into(),
        notify_url: "https://shop.example/notify".into(),
        amount: jsapi::post::Amount::new(1280), // fen
        payer: jsapi::post::Payer::new("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
    });
    let prepay_id = jsapi::post(client, &order).wait()?.prepay_id;
    let parameters = client.jsapi_payment(&shop.appid, &prepay_id).wait()?;
    println!("{}", parameters.package);
    Ok(())
}
