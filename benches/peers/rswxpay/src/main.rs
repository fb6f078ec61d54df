//! A JSAPI order, a refund and a payment notification.

use rswxpay::model::common::{Amount, Payer};
use rswxpay::model::notify::NotifyHeaders;
use rswxpay::model::prepay::JsapiPrepayRequest;
use rswxpay::model::refund::{RefundAmount, RefundRequest};
use rswxpay::{ClientConfig, WxPayClient};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = ClientConfig::builder()
        .mch_id("1900000001")
        .serial_no("5157F09EFDC096DE15EBE81A47057A7232F1B8E1")
        .api_v3_key(std::env::var("API_V3_KEY")?)
        .private_key_pem(std::fs::read_to_string("apiclient_key.pem")?)
        .build()?;
    let client = WxPayClient::new(config).await?;
    let order = JsapiPrepayRequest {
        appid: "wxd678efh567hg6787".into(),
        mchid: "1900000001".into(),
        description: "Image形象店-深圳腾大-QQ公仔".into(),
        out_trade_no: "1217752501201407033233368018".into(),
        time_expire: None,
        notify_url: "https://merchant.example/notify".into(),
        amount: Amount {
            total: 100,
            currency: None,
        },
        payer: Payer {
            openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".into(),
        },
        detail: None,
        scene_info: None,
        settle_info: None,
        attach: None,
        goods_tag: None,
        support_fapiao: None,
    };
    println!("{}", client.jsapi_prepay(&order).await?.prepay_id);
    let refund = RefundRequest {
        transaction_id: None,
        out_trade_no: Some("1217752501201407033233368018".into()),
        out_refund_no: "1217752501201407033233368018".into(),
        reason: None,
        notify_url: None,
        amount: RefundAmount {
            refund: 100,
            total: 100,
            currency: "CNY".into(),
            from: None,
        },
        funds_account: None,
        goods_detail: None,
    };
    println!("{}", client.create_refund(&refund).await?.refund_id);
    let headers = NotifyHeaders {
        timestamp: String::new(),
        nonce: String::new(),
        signature: String::new(),
        serial: String::new(),
    };
    let payment = client.parse_transaction_notify(&headers, "").await?;
    println!("{}", payment.out_trade_no);
    Ok(())
}
