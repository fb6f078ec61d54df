//! The crates wechat-pay-rust-sdk, which verifies notifications only, and rswxpay, which downloads the
//! platform's certificates when it is made.

use serde_json::{Value, json};

use super::{OPENID, Shop, header, number, step, wrong};

pub async fn wechat_pay_rust_sdk(shop: &Shop) {
    use wechat_pay_rust_sdk::model::{JsapiParams, NativeParams, RefundsParams};
    use wechat_pay_rust_sdk::pay::{PayNotifyTrait as _, WechatPay};
    let mut client = WechatPay::new(
        shop.text("appid"),
        shop.text("mchid"),
        shop.file("private_key"),
        shop.text("serial_no"),
        shop.text("api_v3_key"),
        format!("{}/pay-3", shop.hook),
    );
    client.base_url = shop.url.clone();
    let order = number("C");
    let placed = client.jsapi_pay(JsapiParams::new("a thing", &order, 100.into(), OPENID.into())).await;
    let placed = placed.map_err(|error| error.to_string());
    let placed = placed.and_then(|placed| placed.prepay_id.clone().ok_or_else(|| format!("{placed:?}")));
    step("wechat-pay-rust-sdk: place", placed);
    let native = client.native_pay(NativeParams::new("a thing", &number("D"), 1.into())).await;
    let native = native.map_err(|error| error.to_string());
    let native = native.and_then(|placed| placed.code_url.clone().ok_or_else(|| format!("{placed:?}")));
    step("wechat-pay-rust-sdk: native", native);
    step(
        "wechat-pay-rust-sdk: the payer pays",
        shop.control(&format!("orders/{order}/pay"), json!({})).await.map(drop),
    );
    let name = if shop.certificate { "platform_certificate" } else { "public_key" };
    match shop.wait("/pay-3").await {
        Err(problem) => drop(step::<(), _>("wechat-pay-rust-sdk: notification", Err(problem))),
        Ok((headers, body)) => {
            let part = |name: &str| header(&headers, name).to_owned();
            // It takes a public key; a certificate is not one.
            if !shop.certificate {
                let verified = client.verify_signature(
                    &shop.file(name),
                    &part("wechatpay-timestamp"),
                    &part("wechatpay-nonce"),
                    &part("wechatpay-signature"),
                    &body,
                );
                step("wechat-pay-rust-sdk: notification verified", verified);
            }
            let body: Value = serde_json::from_str(&body).unwrap();
            let of = |name: &str| body["resource"][name].as_str().unwrap_or_default().to_owned();
            let clear = client.decrypt_paydata(of("ciphertext"), of("nonce"), of("associated_data"));
            step("wechat-pay-rust-sdk: notification decrypted", clear.map(drop));
        }
    }
    let refund = RefundsParams::new(&number("S"), 100, 10, None, Some(&order));
    let refunded = client.refunds(refund).await.map_err(|error| error.to_string());
    step("wechat-pay-rust-sdk: refund", refunded.and_then(|refund| match refund.is_success() {
        true => Ok(()),
        false => Err(format!("{:?}", refund.err())),
    }));
}

pub async fn rswxpay(shop: &Shop) {
    use rswxpay::{client::WxPayClient, config::ClientConfig};
    let config = ClientConfig::builder()
        .mch_id(shop.text("mchid"))
        .serial_no(shop.text("serial_no"))
        .api_v3_key(shop.text("api_v3_key"))
        .private_key_pem(shop.file("private_key"))
        .base_url(&shop.url)
        .build();
    match WxPayClient::new(config.unwrap()).await {
        Err(error) => drop(step::<(), _>("rswxpay: certificates", Err(error))),
        Ok(client) => {
            step("rswxpay: certificates", Ok::<_, String>(()));
            wrong("rswxpay: error: no such order", client.query_order_by_out_trade_no("NOSUCHORDER").await.map(drop));
        }
    }
}
