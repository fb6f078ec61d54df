//! The crates wechat-pay, wxpay-rs, wechat-pay-rust-sdk and rswxpay: APIv3 with the public key, or with a
//! certificate.

mod others;

use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{HeaderMap, Uri};
use serde_json::{Value, json};

const OPENID: &str = "oSB0sandboxpayer00000000000000";

type Got = Arc<Mutex<HashMap<String, (HeaderMap, String)>>>;

struct Shop {
    conf: Value,
    url: String,
    hook: String,
    certificate: bool,
    http: reqwest::Client,
    got: Got,
}

impl Shop {
    fn text(&self, name: &str) -> String {
        self.conf[name].as_str().unwrap_or_default().to_owned()
    }

    fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.conf["files"][name].as_str().unwrap()).unwrap()
    }

    async fn control(&self, path: &str, body: Value) -> Result<String, String> {
        let request = self.http.post(format!("{}/control/{path}", self.url));
        let request = request.header("Content-Type", "application/json").body(body.to_string());
        let response = request.send().await.map_err(|error| error.to_string())?;
        let (right, text) = (response.status().is_success(), response.text().await.unwrap_or_default());
        if right { Ok(text) } else { Err(text) }
    }

    async fn wait(&self, path: &str) -> Result<(HeaderMap, String), String> {
        for _ in 0..100 {
            if let Some(found) = self.got.lock().unwrap().get(path) {
                return Ok(found.clone());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err("no notification came within 5 s".into())
    }
}

fn number(prefix: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    format!("{prefix}{}{}", since.as_micros(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn step<T: Debug, E: Display>(what: &str, outcome: Result<T, E>) -> Option<T> {
    let (state, text) = match &outcome {
        Ok(value) => ("ok", format!("{value:?}")),
        Err(error) => ("failed", error.to_string()),
    };
    let text: String = text.replace(['\t', '\n'], " ").chars().take(300).collect();
    println!("{state}\t{what}\t{text}");
    outcome.ok()
}

fn wrong<T: Debug, E: Display>(what: &str, outcome: Result<T, E>) {
    step(what, match outcome {
        Ok(value) => Err(format!("accepted: {value:?}")),
        Err(error) => Ok(error.to_string()),
    });
}

#[tokio::main]
async fn main() {
    let conf = std::fs::read_to_string(std::env::var("CONF").unwrap()).unwrap();
    let conf: Value = serde_json::from_str(&conf).unwrap();
    let got = Got::default();
    let receive = got.clone();
    let app = axum::Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: String| {
        receive.lock().unwrap().insert(uri.path().to_owned(), (headers, body));
        async { "{}" }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let shop = Shop {
        url: conf["url"].as_str().unwrap().to_owned(),
        hook: format!("http://{}", listener.local_addr().unwrap()),
        certificate: std::env::var("MODE").is_ok_and(|mode| mode == "certificate"),
        http: reqwest::Client::new(),
        conf,
        got,
    };
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    wechat_pay(&shop).await;
    wxpay_rs(&shop).await;
    others::wechat_pay_rust_sdk(&shop).await;
    if shop.certificate {
        others::rswxpay(&shop).await;
    }
}

async fn wechat_pay(shop: &Shop) {
    use wechat_pay::{client::WechatPayClient, config::Config, models::*, notify::*};
    let config = Config::new(
        shop.text("appid"),
        shop.text("mchid"),
        shop.text("api_v3_key"),
        shop.text("serial_no"),
        &shop.file("private_key"),
    );
    let mut config = config.unwrap().with_base_url(&shop.url);
    if shop.certificate {
        let first = WechatPayClient::new(config.clone()).unwrap();
        if let Some((id, pem)) = step("wechat-pay: certificates", first.latest_platform_public_key().await) {
            config = config.with_platform_public_key(id, pem);
        }
    } else {
        config = config.with_platform_public_key(shop.text("public_key_id"), shop.file("public_key"));
    }
    let client = WechatPayClient::new(config.clone()).unwrap();
    let (order, refund) = (number("A"), number("R"));
    let request = JsapiOrderRequest {
        appid: shop.text("appid"),
        mchid: shop.text("mchid"),
        description: "a thing".into(),
        out_trade_no: order.clone(),
        notify_url: format!("{}/pay", shop.hook),
        amount: Amount::cny(100),
        payer: Payer { openid: Some(OPENID.into()) },
        time_expire: None,
        attach: None,
        goods_tag: None,
        support_fapiao: None,
        scene_info: None,
    };
    step("wechat-pay: place", client.jsapi_prepay(&request).await);
    step("wechat-pay: the payer pays", shop.control(&format!("orders/{order}/pay"), json!({})).await.map(drop));
    step("wechat-pay: query", client.query_by_out_trade_no(&order).await.map(|found| found.trade_state));
    let handler = NotifyHandler::new(&config);
    let parts = |headers: &HeaderMap| {
        NotifyHeaders::new(
            header(headers, "wechatpay-timestamp"),
            header(headers, "wechatpay-nonce"),
            header(headers, "wechatpay-signature"),
            header(headers, "wechatpay-serial"),
        )
    };
    let told = shop.wait("/pay").await;
    step("wechat-pay: notification of the payment", told.and_then(|(headers, body)| {
        let read = handler.parse_transaction(&parts(&headers), &body);
        read.map(|read| read.out_trade_no).map_err(|error| error.to_string())
    }));
    let request = RefundRequest {
        transaction_id: None,
        out_trade_no: Some(order.clone()),
        out_refund_no: refund.clone(),
        reason: None,
        notify_url: Some(format!("{}/refund", shop.hook)),
        funds_account: None,
        amount: RefundAmount::cny(10, 100),
    };
    step("wechat-pay: refund", client.refund(&request).await.map(|refund| refund.status));
    step("wechat-pay: the refund arrives", shop.control(&format!("refunds/{refund}/success"), json!({})).await.map(drop));
    let told = shop.wait("/refund").await;
    step("wechat-pay: notification of the refund", told.and_then(|(headers, body)| {
        handler.decrypt_raw(&parts(&headers), &body).map(|_| ()).map_err(|error| error.to_string())
    }));
    wrong("wechat-pay: error: no such order", client.query_by_out_trade_no("NOSUCHORDER").await.map(drop));
}

/// The client's hook for an own HTTP client; the host that it has built in is mapped.
struct Mapped(wxpay_rs::http::ReqwestHttpClient, String);

type Headers = Vec<(String, String)>;
type Outcome = wxpay_rs::WxPayResult<wxpay_rs::http::client::HttpResponse>;

impl Mapped {
    fn url(&self, url: &str) -> String {
        url.replace("https://api.mch.weixin.qq.com", &self.1)
    }
}

#[async_trait::async_trait]
impl wxpay_rs::http::HttpClient for Mapped {
    async fn get(&self, url: &str, headers: Headers) -> Outcome {
        self.0.get(&self.url(url), headers).await
    }
    async fn post(&self, url: &str, headers: Headers, body: &str) -> Outcome {
        self.0.post(&self.url(url), headers, body).await
    }
    async fn put(&self, url: &str, headers: Headers, body: &str) -> Outcome {
        self.0.put(&self.url(url), headers, body).await
    }
    async fn delete(&self, url: &str, headers: Headers) -> Outcome {
        self.0.delete(&self.url(url), headers).await
    }
    async fn patch(&self, url: &str, headers: Headers, body: &str) -> Outcome {
        self.0.patch(&self.url(url), headers, body).await
    }
}

async fn wxpay_rs(shop: &Shop) {
    use wxpay_rs::notify::NotifyHeaders;
    use wxpay_rs::services::payments::jsapi::{Amount, JsapiRequest, Payer};
    use wxpay_rs::services::refund::{RefundAmount, RefundRequest};
    use wxpay_rs::{WxPayClient, WxPayConfig};
    let config = WxPayConfig::builder()
        .app_id(shop.text("appid"))
        .merchant_id(shop.text("mchid"))
        .api_v3_key(shop.text("api_v3_key"))
        .private_key(shop.file("private_key").into_bytes())
        .cert_serial_number(shop.text("serial_no"));
    let config = match shop.certificate {
        true => config.platform_certificate(shop.file("platform_certificate").into_bytes()),
        false => config.platform_public_key(shop.text("public_key_id"), shop.file("public_key").into_bytes()),
    };
    let http = wxpay_rs::http::ReqwestHttpClient::builder().build().unwrap();
    let client = WxPayClient::builder().config(config.build().unwrap());
    let client = client.http_client(Mapped(http, shop.url.clone())).build().await.unwrap();
    let (order, refund) = (number("B"), number("Q"));
    let jsapi = client.jsapi();
    let request = JsapiRequest {
        appid: shop.text("appid"),
        mchid: shop.text("mchid"),
        description: "a thing".into(),
        out_trade_no: order.clone(),
        amount: Some(Amount { total: 100, currency: Some("CNY".into()) }),
        payer: Some(Payer { openid: OPENID.into() }),
        notify_url: Some(format!("{}/pay-2", shop.hook)),
    };
    step("wxpay-rs: place", jsapi.create_order(&request).await.map(|placed| placed.prepay_id));
    step("wxpay-rs: the payer pays", shop.control(&format!("orders/{order}/pay"), json!({})).await.map(drop));
    step("wxpay-rs: query", client.query().by_out_trade_no(&order).await.map(|found| found.trade_state));
    let handler = client.notify_handler().unwrap();
    match shop.wait("/pay-2").await {
        Err(problem) => drop(step::<(), _>("wxpay-rs: notification of the payment", Err(problem))),
        Ok((headers, body)) => {
            let headers = NotifyHeaders {
                timestamp: header(&headers, "wechatpay-timestamp"),
                nonce: header(&headers, "wechatpay-nonce"),
                serial: header(&headers, "wechatpay-serial"),
                signature: header(&headers, "wechatpay-signature"),
            };
            let read = handler.verify_and_parse(headers, body.as_bytes()).await;
            step("wxpay-rs: notification of the payment", read.map(drop));
        }
    }
    let refunds = client.refund();
    let request = RefundRequest {
        transaction_id: None,
        out_trade_no: Some(order.clone()),
        out_refund_no: refund,
        reason: None,
        amount: RefundAmount { refund: 10, total: 100, currency: "CNY".into() },
        notify_url: None,
    };
    step("wxpay-rs: refund", refunds.create_refund(&request).await.map(|refund| refund.status));
    wrong("wxpay-rs: error: no such order", client.query().by_out_trade_no("NOSUCHORDER").await.map(drop));
}
