//! A JSAPI order, a refund and a payment notification.

use wechat_pay::models::{RefundAmount, RefundRequest};
use wechat_pay::{Config, NotifyHandler, NotifyHeaders, WechatPayClient};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut config = Config::from_private_key_file(
        "wxd678efh567hg6787",
        "1900000001",
        std::env::var("API_V3_KEY")?,
        "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
        "apiclient_key.pem",
    )?;
    config.platform_public_key_pem = Some(std::fs::read_to_string("pub_key.pem")?);
    let client = WechatPayClient::new(config)?;
    let order = client
        .jsapi_pay(
            "Image形象店-深圳腾大-QQ公仔",
            "1217752501201407033233368018",
            100,
            "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "https://merchant.example/notify",
        )
        .await?;
    println!("{order:?}");
    let refund = RefundRequest {
        transaction_id: None,
        out_trade_no: Some("1217752501201407033233368018".into()),
        out_refund_no: "1217752501201407033233368018".into(),
        reason: None,
        notify_url: None,
        funds_account: None,
        amount: RefundAmount::cny(100, 100),
    };
    println!("{}", client.refund(&refund).await?.refund_id);
    let handler = NotifyHandler::new(client.config());
    let payment = handler.parse_transaction(&NotifyHeaders::new("", "", "", ""), "")?;
    println!("{}", payment.out_trade_no);
    Ok(())
}
