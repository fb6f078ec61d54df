//! Two signed calls against a gateway on loopback, and a forged answer that is refused.
//!
//! `cargo run --example quickstart`

mod gateway;

use wechatpay_client::Client;
use wechatpay_client::crypto::PrivateKey;
use wechatpay_client::v3::pay::transactions::jsapi;
use wechatpay_client::v3::payscore::permissions::authorization_code::by_authorization_code;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // What a merchant gets from WeChat Pay; here both sides are made on the spot.
    let merchant = PrivateKey::generate()?;
    let platform = PrivateKey::generate()?;
    let platform_public = platform.public_key()?.to_pem();
    let key_id = "PUB_KEY_ID_0119000000012026112200000000000001";
    let address = gateway::start(gateway::Gateway {
        merchant: merchant.public_key()?,
        platform,
        key_id,
    })
    .await?;

    let client = Client::builder()
        .mchid("1900000001")
        .certificate_serial("5157F09EFDC096DE15EBE81A47057A7232F1B8E1")
        .private_key_pem(merchant.to_pem()?.as_str())
        .api_v3_key("an APIv3 key is 32 bytes of text")
        .public_key_pem(key_id, platform_public)
        .base_url(format!("http://{address}/"))
        .build()?;

    println!("查询与用户授权记录（授权协议号）");
    let request = by_authorization_code::get::Request::from(by_authorization_code::get::RequestInit {
        authorization_code: "1234323JKHDFE1243252".into(),
        service_id: "500001".into(),
    });
    let answer = by_authorization_code::get(&client, &request).await?;
    println!("{answer:#?}\n");

    println!("JSAPI下单");
    let order = jsapi::post::Request::from(jsapi::post::RequestInit {
        appid: "wxd678efh567hg6787".into(),
        mchid: client.mchid().into(),
        description: "Image形象店-深圳腾大-QQ公仔".into(),
        out_trade_no: "1217752501201407033233368018".into(),
        notify_url: "https://merchant.example/notify".into(),
        amount: jsapi::post::Amount::new(100), // fen
        payer: jsapi::post::Payer::new("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
    });
    let answer = jsapi::post(&client, &order).await?;
    println!("{answer:#?}\n");

    println!("An answer that the platform did not sign");
    let mut order = order;
    order.description = "forged".into();
    match jsapi::post(&client, &order).await {
        Ok(answer) => Err(format!("a forged answer was believed: {answer:?}").into()),
        Err(error) if error.is_verification() => {
            println!("refused: {error}");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}
