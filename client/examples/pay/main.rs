//! Taking payments: `cargo run --example pay -- TOPIC`, or all topics without one.
//!
//! | topic | shows |
//! | --- | --- |
//! | `jsapi` | an order and the signed parameters for a page in WeChat or a mini program |
//! | `native` | an order whose link is drawn as a QR code in the terminal |
//! | `app` | an order and the signed parameters for an app |
//! | `h5` | an order whose link opens WeChat from a mobile browser |
//! | `partner` | an order that a service provider places for a merchant |
//! | `combined` | one payment for the orders of several merchants |
//!
//! No account is needed: each topic runs against a sandbox on loopback.

mod app;
mod combined;
mod h5;
mod jsapi;
mod native;
mod partner;
#[path = "../support/shop.rs"]
mod shop;

#[tokio::main]
async fn main() -> shop::Result {
    let topics = ["jsapi", "native", "app", "h5", "partner", "combined"];
    for topic in shop::topics(&topics)? {
        println!("== {topic}");
        let shop = shop::Shop::open().await?;
        match topic {
            "jsapi" => jsapi::run(&shop).await?,
            "native" => native::run(&shop).await?,
            "app" => app::run(&shop).await?,
            "h5" => h5::run(&shop).await?,
            "partner" => partner::run(&shop).await?,
            _ => combined::run(&shop).await?,
        }
    }
    Ok(())
}
