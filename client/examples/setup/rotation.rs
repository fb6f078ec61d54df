//! Certificate rotation: a merchant without a WeChat Pay public key verifies with platform
//! certificates, which WeChat Pay replaces now and then.

use wechatpay_client::Client;
use wechatpay_client::v3::pay::transactions::native;

use crate::shop::{Result, Shop};

pub async fn run(shop: &Shop) -> Result {
    let merchant = shop.sandbox.identity();
    // Without a public key the client downloads the certificates when it needs one, renews them in the
    // background, and fetches a new one when a response names a serial that it does not know.
    let client = Client::builder()
        .mchid(&merchant.mchid)
        .certificate_serial(&merchant.serial)
        .private_key_pem(&merchant.key_pem)
        .api_v3_key(&merchant.api_v3_key)
        .base_url(shop.sandbox.url())
        .build()?;
    order(&client, &shop.appid, "ROTATION-0001").await?;
    status(&client);

    let serial = shop.sandbox.control().rotate_certificate()?;
    println!("WeChat Pay signs with {serial} from now on");
    // A running shop needs no call for this: a response with an unknown serial starts a download. At most
    // one a minute, though, and the first one was a moment ago.
    client.refresh_certificates().await?;
    order(&client, &shop.appid, "ROTATION-0002").await?;
    status(&client);
    Ok(())
}

async fn order(client: &Client, appid: &str, number: &str) -> Result {
    let order = native::post::Request::from(native::post::RequestInit {
        appid: appid.into(),
        description: "A pair of socks".into(),
        out_trade_no: number.into(),
        notify_url: "https://shop.example/notify".into(),
        amount: native::post::Amount::new(1280), // fen
    });
    native::post(client, &order).await?;
    println!("{number}: verified");
    Ok(())
}

/// For health checks: which keys are trusted, and until when.
fn status(client: &Client) {
    let status = client.trust_status();
    println!("{} of {} keys valid", status.valid, status.keys.len());
    for key in &status.keys {
        println!("  {} until {:?}", key.id(), key.expires());
    }
}
