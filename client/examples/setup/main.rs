//! Setting up clients: `cargo run --example setup --features blocking -- TOPIC`, or all topics without
//! one.
//!
//! | topic | shows |
//! | --- | --- |
//! | `blocking` | calls in a program without an async runtime |
//! | `merchants` | one process for several merchants |
//! | `rotation` | platform certificates that are downloaded and replaced while calls go on |
//!
//! No account is needed: each topic runs against a sandbox on loopback.

mod blocking;
mod merchants;
mod rotation;
#[path = "../support/shop.rs"]
mod shop;

fn main() -> shop::Result {
    // The sandbox needs a runtime; a blocking program that calls WeChat Pay does not.
    let runtime = tokio::runtime::Runtime::new()?;
    for topic in shop::topics(&["blocking", "merchants", "rotation"])? {
        println!("== {topic}");
        let shop = runtime.block_on(shop::Shop::open())?;
        match topic {
            "blocking" => blocking::run(&shop)?,
            "merchants" => runtime.block_on(merchants::run(&shop))?,
            _ => runtime.block_on(rotation::run(&shop))?,
        }
    }
    Ok(())
}
