//! Native: an order whose link the payer scans as a QR code.

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use wechatpay_client::v3::pay::transactions::native;

use crate::shop::{Result, Shop};

pub async fn run(shop: &Shop) -> Result {
    let client = &shop.client;
    let order = native::post::Request::from(native::post::RequestInit {
        appid: shop.appid.clone(),
        description: "A pair of socks".into(),
        out_trade_no: "NATIVE-0001".into(),
        notify_url: "https://shop.example/notify".into(),
        amount: native::post::Amount::new(1280), // fen
    });
    let code_url = native::post(client, &order).await?.code_url;

    println!("{code_url}");
    // Dark on light, as most terminals show light on dark and scanners expect the opposite.
    let picture = QrCode::new(&code_url)?
        .render::<Dense1x2>()
        .dark_color(Dense1x2::Light)
        .light_color(Dense1x2::Dark)
        .build();
    println!("{picture}");
    Ok(())
}
