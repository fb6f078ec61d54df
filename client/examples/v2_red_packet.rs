//! A red packet over APIv2, with the merchant's certificate on the connection; then what became of it.
//!
//! ```text
//! WECHATPAY_MCHID=1900000109 WECHATPAY_API_V2_KEY=… WECHATPAY_P12=apiclient_cert.p12 \
//!     cargo run --example v2_red_packet --features p12,v2-mmpaymkttransfers -- wx8888888888888888 OPENID 100
//! ```
//!
//! The arguments: appid, the receiver's openid, the amount in fen. `WECHATPAY_BASE_URL` sends to a
//! gateway of your own.

use std::time::{SystemTime, UNIX_EPOCH};

use wechatpay_client::Client;
use wechatpay_client::v2::mmpaymkttransfers::{gethbinfo, sendredpack};

fn env(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("set {name}"))
}

fn client() -> Result<Client, Box<dyn std::error::Error>> {
    let mut builder = Client::builder()
        .mchid(env("WECHATPAY_MCHID")?)
        .api_v2_key(env("WECHATPAY_API_V2_KEY")?)
        .certificate_p12_file(env("WECHATPAY_P12")?, None);
    if let Ok(url) = env("WECHATPAY_BASE_URL") {
        builder = builder.base_url(url);
    }
    Ok(builder.build()?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [appid, openid, amount] = arguments.as_slice() else {
        return Err("arguments: APPID OPENID AMOUNT_IN_FEN".into());
    };
    let client = client()?;
    // Store the number before you send: with it a repetition is the same red packet, not a second one.
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let number = format!("{}{now}", client.mchid());
    let request = sendredpack::post::Request::from(sendredpack::post::RequestInit {
        mch_billno: number.clone(),
        wxappid: appid.clone(),
        re_openid: openid.clone(),
        total_amount: amount.parse()?,
        total_num: 1,
        client_ip: "127.0.0.1".into(),
    })
    .scene_id("PRODUCT_2")
    .send_name("示例商户")
    .wishing("恭喜发财")
    .act_name("新年活动")
    .remark("每人一个");
    match sendredpack::post(&client, &request).await {
        Ok(sent) => println!("sent: {}", sent.send_listid),
        // Responses of this operation are not signed, so that a refusal decides nothing: look it up.
        Err(error) => println!("{error}"),
    }
    let request = gethbinfo::post::RequestInit {
        mch_billno: number,
        appid: appid.clone(),
    };
    let found = gethbinfo::post(&client, &request.into()).await?;
    println!(
        "{}: {}, {} fen",
        found.mch_billno,
        found.status.as_str(),
        found.total_amount
    );
    for record in found.hblist.and_then(|list| list.hbinfo).unwrap_or_default() {
        println!("  {:?} fen, taken at {:?}", record.amount, record.rcv_time);
    }
    Ok(())
}
