//! APP: an order, then the parameters for WeChat's SDK on Android, iOS or HarmonyOS.

use wechatpay_client::v3::pay::transactions::app;

use crate::shop::{Result, Shop};

pub async fn run(shop: &Shop) -> Result {
    let client = &shop.client;
    let order = app::post::Request::from(app::post::RequestInit {
        appid: shop.appid.clone(),
        description: "A pair of socks".into(),
        out_trade_no: "APP-0001".into(),
        notify_url: "https://shop.example/notify".into(),
        amount: app::post::Amount::new(1280), // fen
    });
    let prepay_id = app::post(client, &order).await?.prepay_id;

    // Send this JSON to the app: its names are those of the SDK's `PayReq`.
    let parameters = client.app_payment(&shop.appid, &prepay_id).await?;
    println!("{}", serde_json::to_string_pretty(&parameters)?);
    Ok(())
}
