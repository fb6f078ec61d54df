//! This client.

use wechatpay_client::Client;
use wechatpay_client::v3::pay::transactions::jsapi;
use wechatpay_client::webhook::v3::Event;

use crate::gateway::{API_V3_KEY, Gateway, KEY_ID, MCHID, Notification, SERIAL};

pub struct Ours(Client);

impl Ours {
    pub fn new(gateway: &Gateway) -> Self {
        let client = Client::builder()
            .mchid(MCHID)
            .certificate_serial(SERIAL)
            .private_key_pem(&gateway.private_key)
            .api_v3_key(API_V3_KEY)
            .public_key_pem(KEY_ID, &gateway.public_key)
            .base_url(&gateway.url)
            .build()
            .expect("a client");
        Self(client)
    }

    pub async fn order(&self) {
        let order = jsapi::post::Request::from(jsapi::post::RequestInit {
            appid: "wxd678efh567hg6787".into(),
            description: "Image形象店-深圳腾大-QQ公仔".into(),
            out_trade_no: "1217752501201407033233368018".into(),
            notify_url: "https://merchant.example/notify".into(),
            amount: jsapi::post::Amount::new(100),
            payer: jsapi::post::Payer::new("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
        });
        jsapi::post(&self.0, &order).await.expect("an order");
    }

    pub async fn ordered(self: std::sync::Arc<Self>) {
        self.order().await;
    }

    pub fn notified(&self, notification: &Notification) {
        let headers = &notification.headers;
        let body = notification.body.as_bytes();
        let opened = pollster::block_on(async { self.0.webhook::<Event>(headers, body).await });
        opened.expect("a notification");
    }
}
