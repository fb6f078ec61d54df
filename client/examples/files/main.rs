//! Files: `cargo run --example files --features applyment4sub,merchant -- TOPIC`, or all topics without
//! one.
//!
//! | topic | shows |
//! | --- | --- |
//! | `application` | an image uploaded, and a merchant's application with encrypted fields |
//! | `bills` | the bill of a day, downloaded with a progress bar and written as plain CSV |
//!
//! No account is needed: each topic runs against a sandbox on loopback.

mod application;
mod bills;
#[path = "../support/shop.rs"]
mod shop;

#[tokio::main]
async fn main() -> shop::Result {
    for topic in shop::topics(&["application", "bills"])? {
        println!("== {topic}");
        let shop = shop::Shop::open().await?;
        match topic {
            "application" => application::run(&shop).await?,
            _ => bills::run(&shop).await?,
        }
    }
    Ok(())
}
