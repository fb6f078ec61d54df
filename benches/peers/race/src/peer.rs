//! wxpay-rs.

use async_trait::async_trait;
use wxpay_rs::error::WxPayResult;
use wxpay_rs::http::HttpClient;
use wxpay_rs::http::client::{HttpResponse, ReqwestHttpClient};
use wxpay_rs::notify::{NotifyHandler, NotifyHeaders};
use wxpay_rs::services::payments::jsapi::{Amount, JsapiRequest, Payer};
use wxpay_rs::{WxPayClient, WxPayClientBuilder, WxPayConfig};

use crate::gateway::{API_V3_KEY, Gateway, KEY_ID, MCHID, Notification, SERIAL};

const HOST: &str = "https://api.mch.weixin.qq.com";

pub struct Peer {
    client: WxPayClient,
    handler: NotifyHandler,
}

/// Its own HTTP client, with the host replaced, which its configuration cannot do.
struct Redirected {
    inner: ReqwestHttpClient,
    url: String,
}

impl Redirected {
    fn to(&self, url: &str) -> String {
        url.replacen(HOST, &self.url, 1)
    }
}

#[async_trait]
impl HttpClient for Redirected {
    async fn get(&self, url: &str, headers: Vec<(String, String)>) -> WxPayResult<HttpResponse> {
        self.inner.get(&self.to(url), headers).await
    }
    async fn post(&self, url: &str, headers: Vec<(String, String)>, body: &str) -> WxPayResult<HttpResponse> {
        self.inner.post(&self.to(url), headers, body).await
    }
    async fn put(&self, url: &str, headers: Vec<(String, String)>, body: &str) -> WxPayResult<HttpResponse> {
        self.inner.put(&self.to(url), headers, body).await
    }
    async fn delete(&self, url: &str, headers: Vec<(String, String)>) -> WxPayResult<HttpResponse> {
        self.inner.delete(&self.to(url), headers).await
    }
    async fn patch(
        &self,
        url: &str,
        headers: Vec<(String, String)>,
        body: &str,
    ) -> WxPayResult<HttpResponse> {
        self.inner.patch(&self.to(url), headers, body).await
    }
}

impl Peer {
    pub async fn new(gateway: &Gateway) -> Self {
        let config = WxPayConfig::builder()
            .app_id("wxd678efh567hg6787")
            .merchant_id(MCHID)
            .api_v3_key(API_V3_KEY)
            .private_key(gateway.private_key.clone().into_bytes())
            .cert_serial_number(SERIAL)
            .platform_public_key(KEY_ID, gateway.public_key.clone().into_bytes())
            .build()
            .expect("a configuration");
        let inner = ReqwestHttpClient::builder().build().expect("an HTTP client");
        let url = gateway.url.clone();
        let client = WxPayClientBuilder::new()
            .config(config)
            .http_client(Redirected { inner, url })
            .build()
            .await
            .expect("a client");
        let handler = client.notify_handler().expect("a handler");
        Self { client, handler }
    }

    pub async fn order(&self) {
        let order = JsapiRequest {
            appid: "wxd678efh567hg6787".into(),
            mchid: MCHID.into(),
            description: "Image形象店-深圳腾大-QQ公仔".into(),
            out_trade_no: "1217752501201407033233368018".into(),
            amount: Some(Amount {
                total: 100,
                currency: None,
            }),
            payer: Some(Payer {
                openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".into(),
            }),
            notify_url: Some("https://merchant.example/notify".into()),
        };
        self.client.jsapi().create_order(&order).await.expect("an order");
    }

    pub async fn ordered(self: std::sync::Arc<Self>) {
        self.order().await;
    }

    pub fn notified(&self, notification: &Notification) {
        let headers = NotifyHeaders {
            timestamp: &notification.timestamp,
            nonce: notification.nonce(),
            serial: KEY_ID,
            signature: &notification.signature,
        };
        pollster::block_on(async {
            let verified = self
                .handler
                .verify_and_parse(headers, notification.body.as_bytes())
                .await;
            let verified = verified.expect("a notification");
            self.handler
                .handle_verified_payment_notify(&verified)
                .await
                .expect("a payment");
        });
    }
}
