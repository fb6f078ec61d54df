//! One operation of each family, over loopback.

use std::sync::LazyLock;

use wechatpay_client::apiv2::{ApiV2Key, SignType, sign_work_wechat, verify};
use wechatpay_client::crypto::PrivateKey;
use wechatpay_client::v2::{appauth, mmpaymkttransfers, mmpaysptrans, papay, pay, secapi, xdc};
use wechatpay_client::{Builder, ErrorCode, Upload};

use crate::gateway::{Gateway, KEY, MCHID, document, signed};
use crate::mutual_tls::MERCHANT;

fn with_certificate(builder: Builder) -> Builder {
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

const ORDERED: [(&str, &str); 8] = [
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
    let mut detail = pay::unifiedorder::post::Detail::new(vec![]);
    detail.cost_price = Some(608_800);
    request.detail = Some(detail.into());
    let answer = pay::unifiedorder::post(&client, &request).await.unwrap();
    assert_eq!(answer.prepay_id, "wx201411101639507cbf6ffd8b0779950874");

    let seen = gateway.only();
    assert!(seen.line.starts_with("POST /pay/unifiedorder HTTP"));
    assert!(seen.is_signed(KEY));
    assert_eq!(seen.field("mch_id").as_deref(), Some(MCHID));
    assert_eq!(seen.field("sign_type").as_deref(), Some("HMAC-SHA256"));
    assert_eq!(seen.field("body").as_deref(), Some("<JSAPI & 支付测试>"));
    assert_eq!(
        seen.field("detail").as_deref(),
        Some(r#"{"cost_price":608800,"goods_detail":[]}"#)
    );
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
    let lengths: Vec<_> = gateway
        .seen()
        .iter()
        .map(|seen| seen.field("sign").unwrap().len())
        .collect();
    assert_eq!(lengths, [32, 64]);
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
async fn altered_and_unsigned_answers_are_not_taken() {
    for answer in [signed(&ORDERED).replace("wx2014", "wx2015"), document(ORDERED)] {
        let gateway = Gateway::plain(move |_| answer.clone());
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
    let request = pay::refundquery::post::RequestInit {
        appid: "wx1".into(),
        transaction_id: String::new(),
        out_trade_no: "1415757673".into(),
        out_refund_no: String::new(),
        refund_id: String::new(),
    };
    let answer = pay::refundquery::post(&gateway.client(), &request.into())
        .await
        .unwrap();
    assert_eq!(answer.out_refund_no, [Some("A".to_owned()), Some("B".to_owned())]);
    assert_eq!(answer.refund_fee, [Some(100), Some(200)]);
    assert_eq!(answer.coupon_refund_id[0].len(), 2);
    assert_eq!(answer.coupon_refund_id[1], [Some("c".to_owned())]);
    assert_eq!(answer.coupon_refund_fee, [None, Some(8)]);
    assert_eq!(answer.coupon_refund_fee_[1], [Some(7)]);
    assert_eq!(gateway.only().field("refund_id"), None);
}

#[tokio::test]
async fn red_packets_and_their_nested_records() {
    let gateway = Gateway::plain(|seen| {
        if seen.path().ends_with("sendredpack") {
            return document([
                ("return_code", "SUCCESS"),
                ("result_code", "SUCCESS"),
                ("mch_billno", "0010010404201411170000046545"),
                ("mch_id", MCHID),
                ("wxappid", "wx8888888888888888"),
                ("re_openid", "onqOjjmM1tad-3ROpncN-yUfa6uI"),
                ("total_amount", "1"),
                ("send_listid", "100000000020150520314766074200"),
            ]);
        }
        let records = "<hbinfo><openid><![CDATA[ohO4GtzOAAYMp2yapORH3dQB3W18]]></openid><amount>1</amount></hbinfo>
                       <hbinfo><openid><![CDATA[ohO4GtzOAAYMp2yapORH3dQB3W17]]></openid><amount>2</amount></hbinfo>";
        let fields = document([
            ("return_code", "SUCCESS"),
            ("result_code", "SUCCESS"),
            ("mch_billno", "9010080799701411170000046603"),
            ("mch_id", MCHID),
            ("detail_id", "10000417012016080830956240040"),
            ("status", "RECEIVED"),
            ("send_type", "API"),
            ("hb_type", "GROUP"),
            ("total_num", "2"),
            ("total_amount", "3"),
            ("send_time", "2016-08-08 21:49:22"),
        ]);
        fields.replace("</xml>", &format!("<hblist>\n{records}\n</hblist></xml>"))
    });
    let client = with_certificate(gateway.builder()).build().unwrap();
    let mut request = mmpaymkttransfers::sendredpack::post::Request::from(
        mmpaymkttransfers::sendredpack::post::RequestInit {
            mch_billno: "0010010404201411170000046545".into(),
            wxappid: "wx8888888888888888".into(),
            send_name: "send_name".into(),
            re_openid: "onqOjjmM1tad-3ROpncN-yUfa6uI".into(),
            total_amount: 1,
            total_num: 1,
            wishing: "恭喜发财".into(),
            client_ip: "127.0.0.1".into(),
            act_name: "新年红包".into(),
            remark: "新年红包".into(),
        },
    );
    let mut risk = mmpaymkttransfers::sendredpack::post::RiskInfo::new();
    risk.posttime = Some(123_123_412);
    risk.deviceid = Some("MAC:aa bb".into());
    request.risk_info = Some(risk.into());
    let sent = mmpaymkttransfers::sendredpack::post(&client, &request)
        .await
        .unwrap();
    assert_eq!(sent.send_listid, "100000000020150520314766074200");
    let seen = gateway.only();
    assert!(seen.is_signed(KEY));
    assert_eq!(
        seen.field("risk_info").as_deref(),
        Some("posttime=123123412&deviceid=MAC%3Aaa+bb")
    );

    let request = mmpaymkttransfers::gethbinfo::post::RequestInit {
        mch_billno: "9010080799701411170000046603".into(),
        appid: "wx8888888888888888".into(),
    };
    let found = mmpaymkttransfers::gethbinfo::post(&client, &request.into())
        .await
        .unwrap();
    let records = found.hblist.unwrap().hbinfo.unwrap();
    assert_eq!(
        records.iter().map(|record| record.amount.unwrap()).sum::<i64>(),
        3
    );
}

#[tokio::test]
async fn wecom_signs_red_packets_a_second_time() {
    let gateway = Gateway::plain(|_| {
        signed(&[
            ("return_code", "SUCCESS"),
            ("result_code", "SUCCESS"),
            ("mch_billno", "123456"),
            ("mch_id", MCHID),
            ("wxappid", "wx8888888888888888"),
            ("re_openid", "oxTWIuGaIt6gTKsQRLau2M0yL16E"),
            ("total_amount", "1000"),
            ("send_listid", "1"),
        ])
    });
    let client = with_certificate(gateway.builder())
        .work_wechat_secret("wecom secret")
        .build()
        .unwrap();
    let request = mmpaymkttransfers::sendworkwxredpack::post::RequestInit {
        mch_billno: "123456".into(),
        wxappid: "wx8888888888888888".into(),
        sender_name: "XX活动".into(),
        re_openid: "oxTWIuGaIt6gTKsQRLau2M0yL16E".into(),
        total_amount: 1000,
        wishing: "感谢您".into(),
        act_name: "猜灯谜抢红包活动".into(),
        remark: "快来抢！".into(),
    };
    mmpaymkttransfers::sendworkwxredpack::post(&client, &request.into())
        .await
        .unwrap();
    let seen = gateway.only();
    let fields = seen.fields();
    let covered = [
        "act_name",
        "mch_billno",
        "mch_id",
        "nonce_str",
        "re_openid",
        "total_amount",
        "wxappid",
    ];
    let covered = fields.iter().filter(|(name, _)| covered.contains(&name.as_str()));
    let expected = sign_work_wechat(
        "wecom secret",
        covered.map(|(name, value)| (name.as_str(), value.as_str())),
    );
    assert_eq!(seen.field("workwx_sign"), Some(expected));
    assert!(seen.is_signed(KEY));
}

#[tokio::test]
async fn a_deduction_by_contract() {
    let gateway = Gateway::plain(|_| signed(&ORDERED[..6]));
    let request = pay::pappayapply::post::RequestInit {
        appid: "wxcbda96de0b165486".into(),
        body: "水电代扣".into(),
        out_trade_no: "217752501201407033233368018".into(),
        total_fee: 888,
        spbill_create_ip: "8.8.8.8".into(),
        notify_url: "https://yoursite.com/wxpay.html".into(),
        trade_type: "PAP".into(),
        contract_id: "Wx15463511252015071056489715".into(),
    };
    let answer = pay::pappayapply::post(&gateway.client(), &request.into())
        .await
        .unwrap();
    assert_eq!(answer.mch_id, MCHID);
    let seen = gateway.only();
    // The page has no `sign_type`: MD5, and none is sent.
    assert_eq!(
        (seen.field("sign_type"), seen.field("sign").unwrap().len()),
        (None, 32)
    );
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
    let url = papay::entrustweb::get(&client, &request.into()).url().unwrap();
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
async fn a_picture_goes_up_with_its_digest() {
    let gateway = Gateway::plain(|_| {
        let mut fields = ORDERED[..6].to_vec();
        fields.push(("media_id", "H1ihR9JUtVj"));
        signed(&fields)
    });
    let client = with_certificate(gateway.builder()).build().unwrap();
    let request = secapi::mch::uploadmedia::post::Request::new(Upload::from_bytes("a.png", *b"a"));
    let answer = secapi::mch::uploadmedia::post(&client, &request).await.unwrap();
    assert_eq!(answer.media_id, "H1ihR9JUtVj");
    let text = gateway.only().text();
    let part = |name: &str| {
        let (_, rest) = text.split_once(&format!("name=\"{name}\"\r\n\r\n")).unwrap();
        rest.split_once("\r\n").unwrap().0.to_owned()
    };
    assert_eq!(part("media_hash"), "0cc175b9c0f1b6a831c399e269772661");
    let signed = ["mch_id", "media_hash", "sign_type"].map(|name| (name, part(name)));
    let fields = signed.iter().map(|(name, value)| (*name, value.as_str()));
    assert!(verify(&ApiV2Key::new(KEY).unwrap(), fields, &part("sign")));
    assert!(text.contains("name=\"media\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\na\r\n"));
    assert!(!text.contains("nonce_str"));
}

#[tokio::test]
async fn the_sandbox_has_its_own_key_asked_for_once() {
    const SANDBOX_KEY: &str = "sandboxsandboxsandboxsandbox1234";
    let gateway = Gateway::plain(|seen| {
        if seen.path().ends_with("getsignkey") {
            return document([
                ("return_code", "SUCCESS"),
                ("mch_id", MCHID),
                ("sandbox_signkey", SANDBOX_KEY),
            ]);
        }
        document([
            ("return_code", "SUCCESS"),
            ("result_code", "SUCCESS"),
            ("trade_type", "MICROPAY"),
            ("out_trade_no", "1"),
            ("transaction_id", "2"),
            ("total_fee", "1"),
            ("cash_fee", "1"),
        ])
    });
    let client = gateway.client();
    let request = xdc::apiv2sandbox::pay::orderquery::post::Request::from(
        xdc::apiv2sandbox::pay::orderquery::post::RequestInit {
            appid: "wx1".into(),
            out_trade_no: "1".into(),
        },
    )
    .wechatpay_negative_test("MICROPAY_TIMEOUT");
    for _ in 0..2 {
        xdc::apiv2sandbox::pay::orderquery::post(&client, &request)
            .await
            .unwrap();
    }
    let seen = gateway.seen();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0].path(), "/xdc/apiv2getsignkey/sign/getsignkey");
    assert!(seen[0].is_signed(KEY));
    assert!(seen[1].is_signed(SANDBOX_KEY) && seen[2].is_signed(SANDBOX_KEY));
    assert!(
        seen[1]
            .headers
            .contains(&("wechatpay-negative-test".into(), "MICROPAY_TIMEOUT".into()))
    );
}

#[tokio::test]
async fn bank_transfers_are_encrypted_with_a_key_asked_for_once() {
    static BANK: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());
    let gateway = Gateway::plain(|seen| {
        if seen.path() == "/risk/getpublickey" {
            let key = pkcs1(&BANK.public_key().unwrap().to_pem());
            return document([
                ("return_code", "SUCCESS"),
                ("result_code", "SUCCESS"),
                ("mch_id", MCHID),
                ("pub_key", &key),
            ]);
        }
        signed(&[
            ("return_code", "SUCCESS"),
            ("result_code", "SUCCESS"),
            ("mch_id", MCHID),
            ("partner_trade_no", "1"),
            ("amount", "500"),
            ("nonce_str", "n"),
            ("payment_no", "10000600500852017030900000020006012"),
            ("cmms_amt", "0"),
        ])
    });
    let client = with_certificate(gateway.builder()).build().unwrap();
    let request = mmpaysptrans::pay_bank::post::RequestInit {
        partner_trade_no: "1".into(),
        enc_bank_no: "6225888888888888".into(),
        enc_true_name: "张三".into(),
        bank_code: "1001".into(),
        amount: 500,
    }
    .into();
    for _ in 0..2 {
        mmpaysptrans::pay_bank::post(&client, &request).await.unwrap();
    }
    let seen = gateway.seen();
    assert_eq!(
        seen.iter()
            .filter(|seen| seen.path() == "/risk/getpublickey")
            .count(),
        1
    );
    let clear = |name: &str| {
        let sealed = seen[1].field(name).unwrap();
        let sealed = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, sealed).unwrap();
        String::from_utf8(BANK.decrypt(&sealed).unwrap().to_vec()).unwrap()
    };
    assert_eq!(
        (clear("enc_bank_no").as_str(), clear("enc_true_name").as_str()),
        ("6225888888888888", "张三")
    );
    assert!(seen[1].is_signed(KEY));
}

/// The form in which `/risk/getpublickey` answers, made by openssl.
fn pkcs1(spki: &str) -> String {
    let path = std::env::temp_dir().join(format!("wechatpay-pkcs1-{}.pem", std::process::id()));
    std::fs::write(&path, spki).unwrap();
    let output = std::process::Command::new("openssl")
        .args(["rsa", "-pubin", "-RSAPublicKey_out", "-in"])
        .arg(&path)
        .output()
        .expect("these tests need the openssl command");
    std::fs::remove_file(path).unwrap();
    let pem = String::from_utf8(output.stdout).unwrap();
    assert!(pem.starts_with("-----BEGIN RSA PUBLIC KEY-----"));
    pem
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
    let answer = appauth::getaccesstoken::get(&client, &request("good"))
        .await
        .unwrap();
    assert_eq!(answer.access_token_expire_in, 7200);
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
