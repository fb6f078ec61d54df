//! JSAPI and mini program: an order, then the parameters that open the cashier.

use wechatpay_client::v3::pay::transactions::jsapi;
use wechatpay_client::v3::pay::transactions::out_trade_no::by_out_trade_no;

use crate::shop::{Result, Shop};

pub async fn run(shop: &Shop) -> Result {
    let client = &shop.client;
    let order = jsapi::post::Request::from(jsapi::post::RequestInit {
        appid: shop.appid.clone(),
        mchid: client.mchid().into(),
        description: "A pair of socks".into(),
        out_trade_no: "JSAPI-0001".into(),
        notify_url: "https://shop.example/notify".into(),
        amount: jsapi::post::Amount::new(1280), // fen
        payer: jsapi::post::Payer::new("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
    });
    let prepay_id = jsapi::post(client, &order).await?.prepay_id;

    // Send this JSON to the page: it is what `WeixinJSBridge`, `wx.chooseWXPay` and the mini program's
    // `wx.requestPayment` take. It is signed and valid for two hours.
    let parameters = client.jsapi_payment(&shop.appid, &prepay_id).await?;
    println!("{}", serde_json::to_string_pretty(&parameters)?);

    shop.sandbox.control().pay("JSAPI-0001")?;
    // What the page says after the payment proves nothing. Query the order, or wait for the notification.
    let query = by_out_trade_no::get::Request::from(by_out_trade_no::get::RequestInit {
        out_trade_no: "JSAPI-0001".into(),
        mchid: client.mchid().into(),
    });
    let order = by_out_trade_no::get(client, &query).await?;
    println!("{}: {:?}", order.out_trade_no, order.trade_state);
    // A closed order comes without its amount.
    if let Some(amount) = &order.amount {
        println!("{} fen", amount.total);
    }
    Ok(())
}
