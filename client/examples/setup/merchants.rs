//! Several merchants in one process: a client each, found by its merchant id.

use std::collections::HashMap;

use wechatpay_client::Client;
use wechatpay_client::v3::pay::transactions::native;

use crate::shop::{Result, Shop};

/// A client is cheap to clone; its clones share connections and keys.
struct Merchants(HashMap<String, Client>);

impl Merchants {
    fn new(clients: impl IntoIterator<Item = Client>) -> Self {
        Self(
            clients
                .into_iter()
                .map(|client| (client.mchid().to_owned(), client))
                .collect(),
        )
    }

    fn get(&self, mchid: &str) -> Result<&Client> {
        self.0
            .get(mchid)
            .ok_or_else(|| format!("merchant {mchid} is not set up").into())
    }
}

pub async fn run(shop: &Shop) -> Result {
    let other = Shop::open().await?;
    let merchants = Merchants::new([shop.client.clone(), other.client.clone()]);
    for (mchid, appid) in [
        (shop.client.mchid(), &shop.appid),
        (other.client.mchid(), &other.appid),
    ] {
        let client = merchants.get(mchid)?;
        let order = native::post::Request::from(native::post::RequestInit {
            appid: appid.clone(),
            description: "A pair of socks".into(),
            out_trade_no: "MERCHANTS-0001".into(), // numbers are unique per merchant
            notify_url: format!("https://shop.example/notify/{mchid}"),
            amount: native::post::Amount::new(1280), // fen
        });
        let link = native::post(client, &order).await?.code_url;
        println!("{mchid}: {link}");
    }
    Ok(())
}
