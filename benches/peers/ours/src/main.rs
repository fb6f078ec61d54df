//! A JSAPI order, a refund and a payment notification.

use wechatpay_client::Client;
use wechatpay_client::v3::pay::transactions::jsapi;
use wechatpay_client::v3::refund::domestic::refunds;
use wechatpay_client::webhook::v3::Event;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .mchid("1900000001")
        .certificate_serial("5157F09EFDC096DE15EBE81A47057A7232F1B8E1")
        .private_key_file("apiclient_key.pem")
        .api_v3_key(std::env::var("API_V3_KEY")?)
        .public_key_file("PUB_KEY_ID_0119000000012026112200000000000001", "pub_key.pem")
        .build()?;
    let order = jsapi::post::Request::from(jsapi::post::RequestInit {
        appid: "wxd678efh567hg6787".into(),
        description: "Image形象店-深圳腾大-QQ公仔".into(),
        out_trade_no: "1217752501201407033233368018".into(),
        notify_url: "https://merchant.example/notify".into(),
        amount: jsapi::post::Amount::new(100),
        payer: jsapi::post::Payer::new("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
    });
    println!("{}", jsapi::post(&client, &order).await?.prepay_id);
    let amount = refunds::post::Amount::from(refunds::post::AmountInit {
        refund: 100,
        total: 100,
        currency: "CNY".into(),
    });
    let number = "1217752501201407033233368018";
    let refund = refunds::post::Request::new(number, amount).out_trade_no(number);
    println!("{}", refunds::post(&client, &refund).await?.refund_id);
    let notification = client.webhook::<Event>(&http::HeaderMap::new(), b"").await?;
    println!("{}", notification.resource.event_type());
    Ok(())
}
