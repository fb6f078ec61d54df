//! Passing money on: `cargo run --example payout --features profitsharing,fund-app -- TOPIC`, or all
//! topics without one.
//!
//! | topic | shows |
//! | --- | --- |
//! | `profit_sharing` | an order that is shared with another merchant, and its rest released |
//! | `transfer` | a transfer to a user's balance, which the user confirms |
//!
//! No account is needed: each topic runs against a sandbox on loopback.

mod profit_sharing;
#[path = "../support/shop.rs"]
mod shop;
mod transfer;

#[tokio::main]
async fn main() -> shop::Result {
    for topic in shop::topics(&["profit_sharing", "transfer"])? {
        println!("== {topic}");
        let shop = shop::Shop::open().await?;
        match topic {
            "profit_sharing" => profit_sharing::run(&shop).await?,
            _ => transfer::run(&shop).await?,
        }
    }
    Ok(())
}
