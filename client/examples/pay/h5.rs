//! H5: an order whose link opens WeChat from a browser on the payer's phone.

use wechatpay_client::pay::h5_url;
use wechatpay_client::v3::pay::transactions::h5;

use crate::shop::{Result, Shop};

pub async fn run(shop: &Shop) -> Result {
    let client = &shop.client;
    let order = h5::post::Request::from(h5::post::RequestInit {
        appid: shop.appid.clone(),
        description: "A pair of socks".into(),
        out_trade_no: "H5-0001".into(),
        notify_url: "https://shop.example/notify".into(),
        amount: h5::post::Amount::new(1280), // fen
    })
    .scene_info(
        h5::post::SceneInfo::new()
            .payer_client_ip("203.0.113.7") // as the server sees the payer's request
            .h5_info(h5::post::H5Info::new().r#type("Wap")),
    );
    let link = h5::post(client, &order).await?.h5_url;

    // Redirect the browser to it within five minutes; afterwards the payer returns to this page.
    println!("{}", h5_url(&link, "https://shop.example/orders/H5-0001"));
    Ok(())
}
