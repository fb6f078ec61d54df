//! Parameters for the payer's side, against signatures that openssl makes from the documented text.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, UNIX_EPOCH};

use wechatpay_client::Client;
use wechatpay_client::apiv2::{CouponPage, CouponToSend, PayScorePage, SignType};

use crate::gateway::{KEY, MCHID, builder};

fn client() -> Client {
    let clock = || UNIX_EPOCH + Duration::from_secs(1_414_561_699);
    builder().clock(clock).build().unwrap()
}

fn openssl(arguments: &[&str], text: &str) -> String {
    let mut child = Command::new("openssl")
        .arg("dgst")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("these tests need the openssl command");
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    output.trim().rsplit(' ').next().unwrap().to_uppercase()
}

fn md5(text: &str) -> String {
    openssl(&["-md5"], &format!("{text}&key={KEY}"))
}

fn hmac(text: &str) -> String {
    openssl(&["-sha256", "-hmac", KEY], &format!("{text}&key={KEY}"))
}

#[test]
fn jsapi() {
    let client = client();
    let params = client
        .apiv2()
        .unwrap()
        .jsapi("wx1", "wx2014", SignType::Md5)
        .unwrap();
    let nonce = &params.nonce_str;
    assert_eq!(nonce.len(), 32);
    assert_eq!(
        params.pay_sign,
        md5(&format!(
            "appId=wx1&nonceStr={nonce}&package=prepay_id=wx2014&signType=MD5&timeStamp=1414561699"
        ))
    );
    let json = serde_json::to_value(&params).unwrap();
    for name in ["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"] {
        assert!(json[name].is_string(), "{name}");
    }
}

#[test]
fn app() {
    let client = client();
    let params = client
        .apiv2()
        .unwrap()
        .app("wx1", "wx2014", SignType::HmacSha256)
        .unwrap();
    let nonce = &params.noncestr;
    assert_eq!(
        params.sign,
        hmac(&format!(
            "appid=wx1&noncestr={nonce}&package=Sign=WXPay&partnerid={MCHID}&prepayid=wx2014&timestamp=1414561699"
        ))
    );
}

#[test]
fn mini_program_red_packet() {
    let client = client();
    let params = client
        .apiv2()
        .unwrap()
        .red_packet("wx1", "sendid=a&ver=8 +")
        .unwrap();
    assert_eq!(params.package, "sendid%3Da%26ver%3D8%20%2B");
    let nonce = &params.nonce_str;
    assert_eq!(
        params.pay_sign,
        md5(&format!(
            "appId=wx1&nonceStr={nonce}&package=sendid%3Da%26ver%3D8%20%2B&timeStamp=1414561699"
        ))
    );
    assert_eq!(params.sign_type, "MD5");
}

#[test]
fn payscore() {
    let client = client();
    let apiv2 = client.apiv2().unwrap();
    let params = apiv2.payscore(PayScorePage::Confirm { package: "p" }).unwrap();
    let nonce = &params.nonce_str;
    let rest = "timestamp=1414561699";
    assert_eq!(
        params.sign,
        hmac(&format!(
            "mch_id={MCHID}&nonce_str={nonce}&package=p&sign_type=HMAC-SHA256&{rest}"
        ))
    );
    let page = PayScorePage::Detail {
        service_id: "s",
        out_order_no: "o",
    };
    let params = apiv2.payscore(page).unwrap();
    let nonce = &params.nonce_str;
    assert_eq!(
        params.sign,
        hmac(&format!(
            "mch_id={MCHID}&nonce_str={nonce}&out_order_no=o&service_id=s&sign_type=HMAC-SHA256&{rest}"
        ))
    );
    assert!(serde_json::to_value(&params).unwrap().get("package").is_none());
}

#[test]
fn coupons() {
    let client = client();
    let apiv2 = client.apiv2().unwrap();
    let coupon = |n: u32| CouponToSend {
        stock_id: format!("s{n}"),
        out_request_no: format!("r{n}"),
        ..CouponToSend::default()
    };
    let params = apiv2.coupons(vec![coupon(0), coupon(1).coupon_code("c")], "1900000111");
    assert_eq!(
        params.sign,
        hmac(
            "coupon_code1=c&out_request_no0=r0&out_request_no1=r1&send_coupon_merchant=1900000111&stock_id0=s0&stock_id1=s1"
        )
    );
    let page = CouponPage {
        stock_id: "s",
        out_request_no: "r",
        send_coupon_merchant: "1900000111",
        open_id: "o&o",
        coupon_code: None,
    };
    let sign = hmac("open_id=o&o&out_request_no=r&send_coupon_merchant=1900000111&stock_id=s");
    assert_eq!(
        apiv2.coupon_page(&page).unwrap(),
        format!(
            "https://action.weixin.qq.com/busifavor/getcouponinfo?stock_id=s&out_request_no=r\
             &send_coupon_merchant=1900000111&open_id=o%26o&sign={sign}#wechat_pay&wechat_redirect"
        )
    );
    assert!(apiv2.coupon_page(&CouponPage::default()).is_err());
}
