//! Transfer: money to a user's balance. The user confirms it in WeChat, then it arrives.

use wechatpay_client::v3::fund_app::mch_transfer::transfer_bills;
use wechatpay_client::v3::fund_app::mch_transfer::transfer_bills::out_bill_no::by_out_bill_no;

use crate::shop::{Result, Shop};

pub async fn run(shop: &Shop) -> Result {
    let client = &shop.client;
    // Each scene demands its own reports; 1000 is a cash promotion.
    let report = |info_type: &str, info_content: &str| {
        transfer_bills::post::TransferSceneReportInfo::from(
            transfer_bills::post::TransferSceneReportInfoInit {
                info_type: info_type.into(),
                info_content: info_content.into(),
            },
        )
    };
    let request = transfer_bills::post::Request::from(transfer_bills::post::RequestInit {
        appid: shop.appid.clone(),
        out_bill_no: "TRANSFER0001".into(),
        openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".into(),
        transfer_amount: 500, // fen
        transfer_remark: "a prize".into(),
    })
    .transfer_scene_id("1000")
    .transfer_scene_report_infos(vec![
        report("活动名称", "新会员有礼"),
        report("奖励说明", "注册会员抽奖一等奖"),
    ])
    .user_name("张三"); // encrypted before it is sent; needed from 2,000 yuan
    let transfer = transfer_bills::post(client, &request).await?;
    println!("{}: {:?}", transfer.out_bill_no, transfer.state);
    // The page calls `wx.requestMerchantTransfer` with it, and the user confirms there.
    println!("package: {}", transfer.package_info.unwrap_or_default());

    shop.sandbox.control().settle_transfer("TRANSFER0001", true)?;
    let query = by_out_bill_no::get::Request::new("TRANSFER0001");
    let transfer = by_out_bill_no::get(client, &query).await?;
    println!("{}: {:?}", transfer.out_bill_no, transfer.state);
    Ok(())
}
