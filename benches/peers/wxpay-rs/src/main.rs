//! A JSAPI order, a refund and a payment notification.

use wxpay_rs::notify::NotifyHeaders;
use wxpay_rs::services::payments::jsapi::{Amount, JsapiRequest, Payer};
use wxpay_rs::services::refund::{RefundAmount, RefundRequest};
use wxpay_rs::{WxPayClient, WxPayConfig};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = WxPayConfig::builder()
        .app_id("wxd678efh567hg6787")
        .merchant_id("1900000001")
        .api_v3_key(std::env::var("API_V3_KEY")?)
        .private_key_from_file("apiclient_key.pem")
        .cert_serial_number("5157F09EFDC096DE15EBE81A47057A7232F1B8E1")
        .platform_public_key(
            "PUB_KEY_ID_0119000000012026112200000000000001",
            std::fs::read("pub_key.pem")?,
        )
        .build()?;
    let client = WxPayClient::new(config).await?;
    let order = JsapiRequest {
        appid: "wxd678efh567hg6787".into(),
        mchid: "1900000001".into(),
        description: "Image形象店-深圳腾大-QQ公仔".into(),
        out_trade_no: "1217752501201407033233368018".into(),
        amount: Some(Amount {
            total: 100,
            currency: Some("CNY".into()),
        }),
        payer: Some(Payer {
            openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".into(),
        }),
        notify_url: Some("https://merchant.example/notify".into()),
    };
    println!("{}", client.jsapi().create_order(&order).await?.prepay_id);
    let refund = RefundRequest {
        transaction_id: None,
        out_trade_no: Some("1217752501201407033233368018".into()),
        out_refund_no: "1217752501201407033233368018".into(),
        reason: None,
        amount: RefundAmount {
            refund: 100,
            total: 100,
            currency: "CNY".into(),
        },
        notify_url: None,
    };
    println!("{}", client.refund().create_refund(&refund).await?.out_refund_no);
    let handler = client.notify_handler()?;
    let headers = NotifyHeaders {
        timestamp: "",
        nonce: "",
        serial: "",
        signature: "",
    };
    let verified = handler.verify_and_parse(headers, b"").await?;
    let payment = handler.handle_verified_payment_notify(&verified).await?;
    println!("{}", payment.out_trade_no);
    Ok(())
}
