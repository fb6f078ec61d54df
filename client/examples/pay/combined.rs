//! Combined: the payer pays once for the orders of several merchants.

use wechatpay_client::v3::combine_transactions::native;
use wechatpay_client::v3::combine_transactions::out_trade_no::by_combine_out_trade_no;

use crate::shop::{Result, Shop};

pub async fn run(shop: &Shop) -> Result {
    let client = &shop.client;
    let order = |number: &str, sub_mchid: &str, fen: i64| {
        native::post::SubOrder::from(native::post::SubOrderInit {
            mchid: client.mchid().into(),
            out_trade_no: number.into(),
            description: "A pair of socks".into(),
            amount: native::post::Amount::new(fen, "CNY"),
        })
        .sub_mchid(sub_mchid)
    };
    let combined = native::post::Request::from(native::post::RequestInit {
        combine_appid: shop.appid.clone(),
        combine_out_trade_no: "COMBINED-0001".into(),
        sub_orders: vec![
            order("COMBINED-0001-A", "1900000109", 1280),
            order("COMBINED-0001-B", "1900000110", 640),
        ],
        notify_url: "https://mall.example/notify".into(),
    });
    println!("scan {}", native::post(client, &combined).await?.code_url);

    shop.sandbox.control().pay("COMBINED-0001")?;
    let query = by_combine_out_trade_no::get::Request::new("COMBINED-0001");
    let found = by_combine_out_trade_no::get(client, &query).await?;
    for order in found.sub_orders.unwrap_or_default() {
        println!("{}: {:?}", order.out_trade_no, order.trade_state);
    }
    Ok(())
}
