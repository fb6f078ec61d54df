//! Profit sharing: part of a paid order goes to another merchant, the rest is released.

use wechatpay_client::v3::pay::transactions::native;
use wechatpay_client::v3::pay::transactions::out_trade_no::by_out_trade_no;
use wechatpay_client::v3::profitsharing::orders;
use wechatpay_client::v3::profitsharing::orders::by_out_order_no;
use wechatpay_client::v3::profitsharing::receivers::add;

use crate::shop::{Result, Shop};

pub async fn run(shop: &Shop) -> Result {
    let client = &shop.client;
    let receiver = "1900000110";

    // Only an order placed for it can be shared: its money is frozen until it is.
    let order = native::post::Request::from(native::post::RequestInit {
        appid: shop.appid.clone(),
        description: "A pair of socks".into(),
        out_trade_no: "SHARED-0001".into(),
        notify_url: "https://shop.example/notify".into(),
        amount: native::post::Amount::new(1000), // fen
    })
    .settle_info(native::post::SettleInfo::new().profit_sharing(true));
    native::post(client, &order).await?;
    shop.sandbox.control().pay("SHARED-0001")?;
    let query = by_out_trade_no::get::Request::new("SHARED-0001");
    let paid = by_out_trade_no::get(client, &query).await?;
    let transaction_id = paid.transaction_id.ok_or("the order is not paid")?;

    // Once for each receiver.
    let request = add::post::Request::from(add::post::RequestInit {
        appid: shop.appid.clone(),
        r#type: "MERCHANT_ID".into(),
        account: receiver.into(),
        relation_type: "SUPPLIER".into(),
    })
    .name("示例供应商"); // encrypted before it is sent
    add::post(client, &request).await?;

    let share = orders::post::Receiver::from(orders::post::ReceiverInit {
        r#type: "MERCHANT_ID".into(),
        account: receiver.into(),
        amount: 200, // fen; at most 30 % of the order unless agreed otherwise
        description: "the supplier's share".into(),
    });
    let request = orders::post::Request::from(orders::post::RequestInit {
        transaction_id: transaction_id.clone(),
        out_order_no: "SHARED-0001-S1".into(),
        unfreeze_unsplit: true, // releases what is left to this merchant
    })
    .appid(shop.appid.clone())
    .receivers(vec![share]);
    orders::post(client, &request).await?;

    let query = by_out_order_no::get::Request::from(by_out_order_no::get::RequestInit {
        out_order_no: "SHARED-0001-S1".into(),
        transaction_id,
    });
    let shared = by_out_order_no::get(client, &query).await?;
    println!("{}: {:?}", shared.out_order_no, shared.state);
    for receiver in shared.receivers.unwrap_or_default() {
        println!(
            "  {} fen to {}: {:?}",
            receiver.amount, receiver.account, receiver.result
        );
    }
    Ok(())
}
