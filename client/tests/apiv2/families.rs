//! One operation of each family, over loopback.

use wechatpay_client::apiv2::{ApiV2Key, SignType, verify};
use wechatpay_client::v2::{appauth, papay, pay};
use wechatpay_client::{Builder, ErrorCode, ErrorKind};

use crate::gateway::{Gateway, KEY, MCHID, document, signed};
use crate::mutual_tls::MERCHANT;

pub fn with_certificate(builder: Builder) -> Builder {
    builder
        .certificate_pem(&MERCHANT.certificate)
        .private_key_pem(&MERCHANT.key)
}

fn order() -> pay::unifiedorder::post::Request {
    pay::unifiedorder::post::RequestInit {
        appid: "wx2421b1c4370ec43b".into(),
        body: "<JSAPI & 支付测试>".into(),
        out_trade_no: "1415659990".into(),
        total_fee: 1,
        spbill_create_ip: "14.23.150.211".into(),
        notify_url: "https://wxpay.wxutil.com/pub_v2/pay/notify.v2.php".into(),
        trade_type: "JSAPI".into(),
    }
    .into()
}

pub const ORDERED: [(&str, &str); 8] = [
    ("return_code", "SUCCESS"),
    ("return_msg", "OK"),
    ("appid", "wx2421b1c4370ec43b"),
    ("mch_id", MCHID),
    ("nonce_str", "IITRi8Iabbblz1Jc"),
    ("result_code", "SUCCESS"),
    ("prepay_id", "wx201411101639507cbf6ffd8b0779950874"),
    ("trade_type", "JSAPI"),
];

#[tokio::test]
async fn an_order_with_nothing_but_the_key() {
    let gateway = Gateway::plain(|_| signed(&ORDERED));
    let client = gateway.client();
    let mut request = order();
    let mut detail = pay::unifiedorder::post::Detail::new();
    detail.cost_price = Some(608_800);
    request.detail = Some(detail.into());
    let response = pay::unifiedorder::post(&client, &request).await.unwrap();
    assert_eq!(response.prepay_id, "wx201411101639507cbf6ffd8b0779950874");

    let seen = gateway.only();
    assert!(seen.line.starts_with("POST /pay/unifiedorder HTTP"));
    assert!(seen.is_signed(KEY));
    assert_eq!(seen.field("mch_id").as_deref(), Some(MCHID));
    assert_eq!(seen.field("sign_type").as_deref(), Some("HMAC-SHA256"));
    assert_eq!(seen.field("body").as_deref(), Some("<JSAPI & 支付测试>"));
    assert_eq!(seen.field("detail").as_deref(), Some(r#"{"cost_price":608800}"#));
    assert_eq!(seen.field("nonce_str").map(|nonce| nonce.len()), Some(32));
    assert!(seen.headers.iter().all(|(name, _)| name != "authorization"));
}

#[tokio::test]
async fn the_kind_of_signature_is_chosen_per_client_and_per_request() {
    let gateway = Gateway::plain(|_| signed(&ORDERED));
    let client = gateway.builder().api_v2_sign_type(SignType::Md5).build().unwrap();
    pay::unifiedorder::post(&client, &order()).await.unwrap();
    let request = order().sign_type("HMAC-SHA256");
    pay::unifiedorder::post(&client, &request).await.unwrap();
    // This page knows HMAC-SHA256 only.
    let request = pay::querycombinedorder::post::RequestInit {
        combine_appid: "wx1".into(),
        combine_out_trade_no: "1".into(),
    };
    drop(pay::querycombinedorder::post(&client, &request.into()).await);
    let lengths: Vec<_> = gateway
        .seen()
        .iter()
        .map(|seen| seen.field("sign").unwrap().len())
        .collect();
    assert_eq!(lengths, [32, 64, 64]);
    assert!(gateway.seen().iter().all(|seen| seen.is_signed(KEY)));
}

#[tokio::test]
async fn a_refusal_is_an_error_before_fields_are_missed() {
    let gateway = Gateway::plain(|_| {
        signed(&[
            ("return_code", "SUCCESS"),
            ("return_msg", "OK"),
            ("result_code", "FAIL"),
            ("err_code", "ORDERPAID"),
            ("err_code_des", "该订单已支付"),
        ])
    });
    let error = pay::unifiedorder::post(&gateway.client(), &order())
        .await
        .unwrap_err();
    let api = error.api().unwrap();
    assert_eq!(
        (&api.code, api.message.as_str(), api.authenticated),
        (&ErrorCode::OrderPaid, "该订单已支付", true)
    );
    assert_eq!(error.request_id(), Some("V2-TEST"));
    assert!(error.to_string().starts_with("POST /pay/unifiedorder: "));
}

#[tokio::test]
async fn altered_and_unsigned_responses_are_not_taken() {
    for response in [signed(&ORDERED).replace("wx2014", "wx2015"), document(ORDERED)] {
        let gateway = Gateway::plain(move |_| response.clone());
        let error = pay::unifiedorder::post(&gateway.client(), &order())
            .await
            .unwrap_err();
        assert!(error.is_verification(), "{error}");
        assert!(error.is_outcome_unknown());
    }
}

#[tokio::test]
async fn numbered_names_become_lists() {
    let gateway = Gateway::plain(|_| {
        signed(&[
            ("return_code", "SUCCESS"),
            ("result_code", "SUCCESS"),
            ("appid", "wx1"),
            ("mch_id", MCHID),
            ("nonce_str", "n"),
            ("transaction_id", "4008450740201411110005820873"),
            ("out_trade_no", "1415757673"),
            ("total_fee", "600"),
            ("cash_fee", "600"),
            ("refund_count", "2"),
            ("out_refund_no_1", "B"),
            ("out_refund_no_0", "A"),
            ("refund_fee_0", "100"),
            ("refund_fee_1", "200"),
            ("coupon_refund_id_0_0", "a"),
            ("coupon_refund_id_0_1", "b"),
            ("coupon_refund_id_1_0", "c"),
            ("coupon_refund_fee_1_0", "7"),
            ("coupon_refund_fee_1", "8"),
            ("tomorrow", "a new field"),
        ])
    });
    let request = pay::refundquery::post::Request::new("wx1").out_trade_no("1415757673");
    let response = pay::refundquery::post(&gateway.client(), &request).await.unwrap();
    assert_eq!(
        response.out_refund_no,
        [Some("A".to_owned()), Some("B".to_owned())]
    );
    assert_eq!(response.refund_fee, [Some(100), Some(200)]);
    assert_eq!(response.coupon_refund_id[0].len(), 2);
    assert_eq!(response.coupon_refund_id[1], [Some("c".to_owned())]);
    assert_eq!(response.coupon_refund_fee, [None, Some(8)]);
    assert_eq!(response.coupon_refund_fee_[1], [Some(7)]);
    assert_eq!(gateway.only().field("refund_id"), None);
}

#[tokio::test]
async fn pages_for_the_browser_are_signed_links() {
    let client = crate::gateway::builder().build().unwrap();
    let request = papay::entrustweb::get::RequestInit {
        appid: "wx426a3015555a46be".into(),
        plan_id: 12535,
        contract_code: "100000".into(),
        request_serial: 1000,
        contract_display_account: "微信代扣".into(),
        notify_url: "https://weixin.qq.com/?a=1&b=2".into(),
    };
    let request = request.into();
    let link = |name| papay::entrustweb::get(&client, &request).field(name, "1");
    for taken in ["notify_url", "sign", "mch_id.x"] {
        assert_eq!(
            link(taken).url().unwrap_err().kind(),
            ErrorKind::Request,
            "{taken}"
        );
    }
    let url = link("return_web").url().unwrap();
    let query = url
        .strip_prefix("https://api.mch.weixin.qq.com/papay/entrustweb?")
        .and_then(|rest| rest.strip_suffix("#wechat_redirect"))
        .unwrap();
    assert!(
        query.contains("notify_url=https%3A%2F%2Fweixin.qq.com%2F%3Fa%3D1%26b%3D2&"),
        "{query}"
    );
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let value = |name: &str| {
        pairs
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.clone())
    };
    assert_eq!(value("mch_id").as_deref(), Some(MCHID));
    assert_eq!(value("return_web").as_deref(), Some("1"));
    assert!(value("timestamp").unwrap().parse::<u64>().unwrap() > 1_700_000_000);
    assert_eq!(value("nonce_str"), None);
    let fields = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    assert!(verify(
        &ApiV2Key::new(KEY).unwrap(),
        fields,
        &value("sign").unwrap()
    ));
}

#[tokio::test]
async fn a_bill_is_a_file_or_a_refusal() {
    let gateway = Gateway::plain(|seen| match seen.field("bill_date").as_deref() {
        Some("20140603") => "\u{feff}交易时间,公众账号ID\r\n`2014-06-03 10:00:00,`wx1\r\n".to_owned(),
        _ => document([
            ("return_code", "FAIL"),
            ("return_msg", "No Bill Exist"),
            ("error_code", "20002"),
        ]),
    });
    let client = gateway.client();
    let request = |date: &str| {
        pay::downloadbill::post::Request::from(pay::downloadbill::post::RequestInit {
            appid: "wx1".into(),
            bill_date: date.into(),
        })
    };
    let bill = pay::downloadbill::post(&client, &request("20140603"))
        .to_bytes()
        .await
        .unwrap();
    assert!(bill.starts_with("\u{feff}交易时间".as_bytes()));
    let error = pay::downloadbill::post(&client, &request("20140604"))
        .to_bytes()
        .await
        .unwrap_err();
    assert_eq!(
        (
            error.api().unwrap().code.as_str(),
            error.api().unwrap().message.as_str()
        ),
        ("20002", "No Bill Exist")
    );
    assert!(gateway.seen()[0].is_signed(KEY));
}

#[tokio::test]
async fn the_one_page_that_may_answer_in_json() {
    let gateway = Gateway::plain(|seen| {
        assert!(seen.path().contains("sign_type=HMAC-SHA256&sign="));
        match seen.path().contains("code=good") {
            true => {
                r#"{"retcode":0,"retmsg":"ok","access_token":"a","access_token_expire_in":7200,"refresh_token":"r","refresh_token_expire_in":86400}"#
            }
            false => r#"{"retcode":-1,"retmsg":"invalid code"}"#,
        }
    });
    let client = gateway.client();
    let request = |code: &str| {
        appauth::getaccesstoken::get::Request::from(appauth::getaccesstoken::get::RequestInit {
            appid: "wx1".into(),
            openid: "o".into(),
            code: code.into(),
            grant_type: "authorization_code".into(),
            scope: "pay_identity".into(),
        })
    };
    let response = appauth::getaccesstoken::get(&client, &request("good"))
        .await
        .unwrap();
    assert_eq!(response.access_token_expire_in, 7200);
    let error = appauth::getaccesstoken::get(&client, &request("bad"))
        .await
        .unwrap_err();
    assert_eq!(error.api().unwrap().message, "invalid code");
}

#[tokio::test]
async fn attacks_end_in_a_clear_error() {
    let bomb =
        "<!DOCTYPE x [<!ENTITY a \"&b;&b;\"><!ENTITY b \"ha\">]><xml><return_code>&a;</return_code></xml>"
            .to_owned();
    let deep = format!("<xml>{}</xml>", "<a>".repeat(200_000));
    let attributes: String = (0..90_000).map(|n| format!(" a{n}=\"\"")).collect();
    let attacks = [
        (bomb, "document type definition"),
        (deep, "more than 16 levels"),
        (format!("<xml{attributes}></xml>"), "tag of more than 1024 bytes"),
        (
            "<html><body>502 Bad Gateway</body></html>".to_owned(),
            "HTML instead of XML",
        ),
        (
            "<xml><return_code>SUCCESS</return_code><return_code>FAIL</return_code></xml>".to_owned(),
            "there twice",
        ),
    ];
    for (attack, problem) in attacks {
        let gateway = Gateway::plain(move |_| attack.clone());
        let started = std::time::Instant::now();
        let error = pay::unifiedorder::post(&gateway.client(), &order())
            .await
            .unwrap_err();
        assert!(
            error.is_decode() && error.to_string().contains(problem),
            "{error}"
        );
        assert!(started.elapsed() < std::time::Duration::from_secs(5));
    }
}
