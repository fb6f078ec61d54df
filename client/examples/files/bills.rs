//! The bill of a day: downloaded, its hash checked, written as plain CSV.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use wechatpay_client::v3::bill::tradebill;
use wechatpay_client::v3::pay::transactions::native;
use wechatpay_client::v3::pay::transactions::out_trade_no::by_out_trade_no;

use crate::shop::{Result, Shop};

pub async fn run(shop: &Shop) -> Result {
    let client = &shop.client;
    let date = trade(shop).await?;

    // Bills of a day are there from 10 o'clock of the next one.
    let request = tradebill::get::Request::new(date).tar_type("GZIP");
    let bill = tradebill::get(client, &request).await?;

    // The size is not known beforehand: a spinner with the bytes so far, after gunzip.
    let bar = ProgressBar::new_spinner().with_style(ProgressStyle::with_template(
        "{spinner} {bytes} at {bytes_per_sec}, {elapsed}",
    )?);
    bar.enable_steady_tick(Duration::from_millis(100));
    let path = std::env::temp_dir().join(format!("bill-{}.csv", client.mchid()));
    let mut file = bar.wrap_async_write(tokio::fs::File::create(&path).await?);
    let downloaded = client.download(&bill)?.to_writer(&mut file).await?;
    bar.finish();
    println!(
        "{} bytes, hash checked: {}",
        downloaded.bytes, downloaded.hash_checked
    );

    // Every cell is preceded by a backtick, which keeps spreadsheets from rounding long numbers.
    let text = std::fs::read_to_string(&path)?;
    let csv = text.trim_start_matches('\u{feff}').replace('`', "");
    std::fs::write(&path, &csv)?;
    println!("{} lines in {}", csv.lines().count(), path.display());
    Ok(())
}

/// Two paid orders, so that there is something in the bill; returns their day.
async fn trade(shop: &Shop) -> Result<String> {
    for (number, fen) in [("BILL-0001", 1280), ("BILL-0002", 640)] {
        let order = native::post::Request::from(native::post::RequestInit {
            appid: shop.appid.clone(),
            description: "A pair of socks".into(),
            out_trade_no: number.into(),
            notify_url: "https://shop.example/notify".into(),
            amount: native::post::Amount::new(fen),
        });
        native::post(&shop.client, &order).await?;
        shop.sandbox.control().pay(number)?;
    }
    let query = by_out_trade_no::get::Request::new("BILL-0001");
    let order = by_out_trade_no::get(&shop.client, &query).await?;
    let day = order
        .success_time
        .as_ref()
        .and_then(|time| time.as_str().get(..10));
    Ok(day.ok_or("the orders are not paid")?.to_owned())
}
