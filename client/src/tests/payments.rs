//! What the payer's device gets.

use super::gateway::{MCHID, MERCHANT, builder};
use crate::Json;
use crate::crypto::from_base64;
use crate::pay::h5_url;

fn is_signed(text: &str, signature: &Json) -> bool {
    let signature = from_base64(signature.as_str().unwrap()).unwrap();
    MERCHANT
        .public_key()
        .unwrap()
        .verifies(text.as_bytes(), &signature)
}

fn text<'a>(json: &'a Json, name: &str) -> &'a str {
    json[name].as_str().unwrap()
}

#[tokio::test]
async fn jsapi_parameters_are_signed_with_their_package() {
    let client = builder().build().unwrap();
    for subsidised in [false, true] {
        let payment = client.jsapi_payment("wx1", "wx2014");
        let payment = if subsidised {
            payment.subsidy("CFT_MONTH", 6)
        } else {
            payment
        };
        let json = serde_json::to_value(payment.await.unwrap()).unwrap();
        let package = match subsidised {
            true => "prepay_id=wx2014&subsidy_period_type=CFT_MONTH&selected_installment_number=6",
            false => "prepay_id=wx2014",
        };
        assert_eq!(text(&json, "package"), package);
        assert_eq!((text(&json, "appId"), text(&json, "signType")), ("wx1", "RSA"));
        let (time, nonce) = (text(&json, "timeStamp"), text(&json, "nonceStr"));
        assert!(nonce.len() <= 32);
        assert!(is_signed(
            &format!("wx1\n{time}\n{nonce}\n{package}\n"),
            &json["paySign"]
        ));
        assert_eq!(json.as_object().unwrap().len(), 6);
    }
}

#[tokio::test]
async fn app_parameters_are_signed_over_the_bare_id() {
    let client = builder().build().unwrap();
    let json =
        serde_json::to_value(client.app_payment("wx1", "wx2014").subsidy("D", 3).await.unwrap()).unwrap();
    let (time, nonce) = (text(&json, "timestamp"), text(&json, "noncestr"));
    assert!(is_signed(
        &format!("wx1\n{time}\n{nonce}\nwx2014\n"),
        &json["sign"]
    ));
    assert_eq!(
        text(&json, "package"),
        "Sign=WXPay&subsidy_period_type=D&selected_installment_number=3"
    );
    assert_eq!(
        (
            text(&json, "partnerid"),
            text(&json, "prepayid"),
            text(&json, "appid")
        ),
        (MCHID, "wx2014", "wx1")
    );
    assert_eq!(json.as_object().unwrap().len(), 7);
    let partner = client
        .app_payment("wx1", "wx2014")
        .partnerid("1900000002")
        .await
        .unwrap();
    assert_eq!(
        (&*partner.partnerid, &*partner.package),
        ("1900000002", "Sign=WXPay")
    );
    assert!(!format!("{partner:?}").contains(&partner.sign));
}

#[tokio::test]
async fn no_line_can_be_smuggled_in() {
    let client = builder().build().unwrap();
    assert!(client.jsapi_payment("wx1\n2", "wx2014").await.is_err());
    assert!(client.jsapi_payment("wx1", "").await.is_err());
    assert!(client.app_payment("wx1", "a\nb").await.is_err());
}

#[test]
fn the_page_to_come_back_to_is_encoded() {
    let url = h5_url(
        "https://wx.tenpay.com/x?prepay_id=1&package=2",
        "https://shop.example/a?b=c&d",
    );
    assert_eq!(
        url,
        "https://wx.tenpay.com/x?prepay_id=1&package=2&redirect_url=https%3A%2F%2Fshop.example%2Fa%3Fb%3Dc%26d"
    );
}
