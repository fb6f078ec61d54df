//! A red packet over APIv2, with the merchant's certificate on the connection; then what became of it.
//!
//! `cargo run --example v2_red_packet --features v2-mmpaymkttransfers`
//!
//! No account is needed: it runs against a sandbox on loopback.

use std::time::{SystemTime, UNIX_EPOCH};

use wechatpay_client::v2::mmpaymkttransfers::{gethbinfo, sendredpack};

#[path = "support/shop.rs"]
#[allow(dead_code)]
mod shop;

#[tokio::main]
async fn main() -> shop::Result {
    let shop = shop::Shop::open().await?;
    let client = &shop.client;
    // Store the number before you send: with it a repetition is the same red packet, not a second one.
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let number = format!("{}{now}", client.mchid());
    let request = sendredpack::post::Request::from(sendredpack::post::RequestInit {
        mch_billno: number.clone(),
        wxappid: shop.appid.clone(),
        re_openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".into(),
        total_amount: 100, // fen
        total_num: 1,
        client_ip: "127.0.0.1".into(),
    })
    .scene_id("PRODUCT_2")
    .send_name("示例商户")
    .wishing("恭喜发财")
    .act_name("新年活动")
    .remark("每人一个");
    match sendredpack::post(client, &request).await {
        Ok(sent) => println!("sent: {}", sent.send_listid),
        // Responses of this operation are not signed, so a refusal decides nothing: query it.
        Err(error) => println!("{error}"),
    }
    let request = gethbinfo::post::RequestInit {
        mch_billno: number,
        appid: shop.appid.clone(),
    };
    let found = gethbinfo::post(client, &request.into()).await?;
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
