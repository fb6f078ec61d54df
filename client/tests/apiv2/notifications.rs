//! Notifications of APIv2, from raw bytes to typed content.

use wechatpay_client::Client;
use wechatpay_client::ErrorKind;
use wechatpay_client::apiv2::{Acknowledgement, Authenticity};
use wechatpay_client::crypto::{ApiV3Key, Digest, aes_256_ecb_encrypt};
use wechatpay_client::webhook::Expectation;
use wechatpay_client::webhook::v2::{
    combined_transactions_success, event_check_success, pap_contract_state_changed, refund_processed,
    transaction_success, transactions_risk_occurred, vehicle_state_changed_for_parking,
};

use crate::gateway::{KEY, MCHID, builder, document, signed};

fn client() -> Client {
    builder().build().unwrap()
}

fn to_base64(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes)
}

const PAID: [(&str, &str); 14] = [
    ("appid", "wx2421b1c4370ec43b"),
    ("attach", "支付测试 & more"),
    ("bank_type", "CFT"),
    ("is_subscribe", "Y"),
    ("mch_id", MCHID),
    ("nonce_str", "5d2b6c2a8db53831f7eda20af46e531c"),
    ("openid", "oUpF8uMEb4qRXf22hE3X68TekukE"),
    ("out_trade_no", "1409811653"),
    ("result_code", "SUCCESS"),
    ("return_code", "SUCCESS"),
    ("total_fee", "1"),
    ("trade_type", "JSAPI"),
    ("transaction_id", "1004400740201409030005092168"),
    ("coupon_id_0", "10000"),
];

#[test]
fn a_payment() {
    let client = client();
    let apiv2 = client.apiv2().unwrap();
    let xml = signed(&PAID);
    let paid = apiv2
        .notification::<transaction_success::Notification>(xml.as_bytes())
        .unwrap();
    assert_eq!(paid.authenticity(), Authenticity::Signed);
    assert_eq!(paid.out_trade_no, "1409811653");
    assert_eq!(paid.coupon_id, [Some("10000".to_owned())]);
    assert!(format!("{paid:?}").contains("Signed"));

    let open = |xml: &str| {
        apiv2
            .notification::<transaction_success::Notification>(xml.as_bytes())
            .unwrap_err()
    };
    assert!(open(&xml.replace("1409811653", "1409811654")).is_verification());
    // A stripped signature is not an excuse.
    assert!(open(&document(PAID)).is_verification());
    let mut other = PAID;
    other[4].1 = "1900000110";
    assert!(open(&signed(&other)).is_verification());
    assert!(open("not xml").is_decode());
    let failed = open("<xml><return_code>FAIL</return_code><return_msg>no</return_msg></xml>");
    assert!(!failed.api().unwrap().authenticated);
    let mut short = PAID.to_vec();
    short.retain(|(name, _)| *name != "openid");
    let short = apiv2.notification::<transaction_success::Notification>(signed(&short).as_bytes());
    let short = short.unwrap();
    assert_eq!(short.deviations()[0].path, "openid");
    assert!(short.failure().is_none());
    assert_eq!(short.field("coupon_id_0"), Some("10000"));
}

#[test]
fn a_failed_payment_is_a_failure_with_its_number() {
    let client = client();
    let mut fields = PAID.to_vec();
    fields.retain(|(name, _)| !["bank_type", "transaction_id"].contains(name));
    for field in &mut fields {
        if field.0 == "result_code" {
            field.1 = "FAIL";
        }
    }
    fields.extend([("err_code", "NOTENOUGH"), ("err_code_des", "余额不足")]);
    let apiv2 = client.apiv2().unwrap();
    let failed = apiv2
        .notification::<transaction_success::Notification>(signed(&fields).as_bytes())
        .unwrap();
    let failure = failed.failure().unwrap();
    assert!(failure.authenticated);
    assert_eq!(failure.code, wechatpay_client::ErrorCode::NotEnough);
    assert_eq!(failure.message, "余额不足");
    assert_eq!(failed.out_trade_no, "1409811653");
    let expected = Expectation::new().out_trade_no("1409811653");
    assert_eq!(
        expected.check(&*failed).unwrap_err().kind(),
        ErrorKind::Unexpected
    );
}

pub fn refund(req_info: &str) -> String {
    document([
        ("return_code", "SUCCESS"),
        ("appid", "wx2421b1c4370ec43b"),
        ("mch_id", MCHID),
        ("nonce_str", "TeqClE3i0mvn3DrK"),
        ("req_info", req_info),
    ])
}

pub fn seal(clear: &str) -> String {
    let key = Digest::Md5.of(KEY.as_bytes());
    to_base64(&aes_256_ecb_encrypt(key.as_bytes(), clear.as_bytes()).unwrap())
}

const REFUND: &str = "<root><out_refund_no><![CDATA[131811191610442717309]]></out_refund_no>
    <out_trade_no>71106718111915575302817</out_trade_no><refund_account>REFUND_SOURCE_RECHARGE_FUNDS</refund_account>
    <refund_fee>3960</refund_fee><refund_id>50000408942018111907145868882</refund_id>
    <refund_recv_accout>支付用户零钱</refund_recv_accout><refund_request_source>API</refund_request_source>
    <refund_status>SUCCESS</refund_status><success_time>2018-11-19 16:24:13</success_time>
    <total_fee>3960</total_fee><cash_refund_fee>3960</cash_refund_fee>
    <transaction_id>4200000215201811190261405420</transaction_id></root>";

#[test]
fn a_refund_is_opened_and_marked_as_unsigned() {
    let client = client();
    let apiv2 = client.apiv2().unwrap();
    let open = |xml: String| apiv2.notification::<refund_processed::Notification>(xml.as_bytes());
    let refunded = open(refund(&seal(REFUND))).unwrap();
    assert_eq!(refunded.authenticity(), Authenticity::Unsigned);
    let content = refunded.req_info.content().unwrap();
    assert_eq!(
        (content.refund_fee.as_str(), content.refund_status.as_str()),
        ("3960", "SUCCESS")
    );
    assert_eq!(refunded.field("req_info.cash_refund_fee"), Some("3960"));
    assert_eq!(refunded.field("req_info.refund_source"), None);
    let checked = Expectation::new()
        .out_refund_no("131811191610442717309")
        .refund(3960);
    checked.check(&*refunded).unwrap();
    assert!(checked.refund(1).check(&*refunded).is_err());
    let unknown = REFUND.replace("<root>", "<root><new_fee>7</new_fee>");
    let refunded = open(refund(&seal(&unknown))).unwrap();
    assert_eq!(refunded.field("req_info.new_fee"), Some("7"));

    let wrong = aes_256_ecb_encrypt(&[7; 32], REFUND.as_bytes()).unwrap();
    for req_info in [to_base64(&wrong), "???".to_owned(), String::new()] {
        let error = open(refund(&req_info)).unwrap_err();
        assert!(!format!("{error:?}").contains(KEY));
    }
    // What is missing does not hide the rest.
    let sparse = open(refund(&seal("<root><refund_id>1</refund_id></root>"))).unwrap();
    assert_eq!(sparse.req_info.content().unwrap().refund_id, "1");
    let missing = |path: &str| sparse.deviations().iter().any(|found| found.path == path);
    assert!(missing("req_info.out_refund_no") && !missing("req_info.refund_id"));
    let bomb = "<!DOCTYPE r [<!ENTITY a \"b\">]><root><refund_id>&a;</refund_id></root>";
    assert!(
        open(refund(&seal(bomb)))
            .unwrap_err()
            .to_string()
            .contains("document type definition")
    );
    assert!(
        open(refund(&seal(REFUND)).replace(MCHID, "1900000110"))
            .unwrap_err()
            .is_verification()
    );
}

/// The same text sealed by openssl.
#[test]
fn a_refund_sealed_by_openssl() {
    let key: String = Digest::Md5
        .of(KEY.as_bytes())
        .bytes()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let path = std::env::temp_dir().join(format!("wechatpay-refund-{}.xml", std::process::id()));
    std::fs::write(&path, REFUND).unwrap();
    let output = std::process::Command::new("openssl")
        .args(["enc", "-aes-256-ecb", "-base64", "-A", "-K", &key, "-in"])
        .arg(&path)
        .output()
        .expect("these tests need the openssl command");
    std::fs::remove_file(path).unwrap();
    let xml = refund(&String::from_utf8(output.stdout).unwrap());
    let client = client();
    let opened = client
        .apiv2()
        .unwrap()
        .notification::<refund_processed::Notification>(xml.as_bytes())
        .unwrap();
    assert_eq!(
        opened.req_info.content().unwrap().refund_id,
        "50000408942018111907145868882"
    );
}

#[test]
fn an_encrypted_event_opens_with_either_key() {
    const V3: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let event = |key: &str, clear: &str| {
        let sealed = ApiV3Key::new(key)
            .unwrap()
            .seal("0123456789ab", "event", clear.as_bytes())
            .unwrap();
        signed(&[
            ("mch_id", MCHID),
            ("appid", "wx1"),
            ("algorithm", "HMAC-SHA256"),
            ("nonce_str", "n"),
            ("event_id", "1"),
            ("event_create_time", "20190101000000"),
            ("event_type", "CHECK.SUCCESS"),
            ("event_algorithm", "AEAD_AES_256_GCM"),
            ("event_nonce", "0123456789ab"),
            ("event_associated_data", "event"),
            ("event_ciphertext", &sealed),
        ])
    };
    let json = r#"{"state":"USER_ACCEPTED","deposit_amount":"100","order_id":"15646546545165651651"}"#;
    let both = builder().api_v3_key(V3).build().unwrap();
    for (client, key, clear) in [
        (&both, V3, json),
        (&both, KEY, json),
        (
            &client(),
            KEY,
            "<xml><state>USER_ACCEPTED</state><deposit_amount>100</deposit_amount></xml>",
        ),
    ] {
        let xml = event(key, clear);
        let opened = client
            .apiv2()
            .unwrap()
            .notification::<event_check_success::Notification>(xml.as_bytes())
            .unwrap();
        let content = opened.event_ciphertext.content().unwrap();
        assert_eq!(content.deposit_amount.as_deref(), Some("100"));
        assert_eq!(opened.authenticity(), Authenticity::Signed);
    }
    let xml = event(V3, json);
    let client = client();
    let error = client
        .apiv2()
        .unwrap()
        .notification::<event_check_success::Notification>(xml.as_bytes());
    assert_eq!(error.unwrap_err().kind(), wechatpay_client::ErrorKind::Encryption);
}

#[test]
fn contracts_cars_combined_orders_and_risks() {
    let client = client();
    let apiv2 = client.apiv2().unwrap();
    let contract = signed(&[
        ("mch_id", MCHID),
        ("contract_code", "100001256"),
        ("plan_id", "123"),
        ("openid", "onqOjjmM1tad-3ROpncN-yUfa6ua"),
        ("change_type", "DELETE"),
        ("operate_time", "2015-07-01 10:00:00"),
        ("contract_id", "Wx15463511252015071056489715"),
        ("contract_termination_mode", "2"),
        ("request_serial", "1695"),
        ("contract_state", "1"),
    ]);
    let contract = apiv2
        .notification::<pap_contract_state_changed::Notification>(contract.as_bytes())
        .unwrap();
    assert_eq!(contract.change_type.as_str(), "DELETE");
    assert_eq!(contract.contract_state.as_ref().unwrap().get(), 1);

    let car = signed(&[
        ("mch_id", MCHID),
        ("appid", "wx1"),
        ("nonce_str", "n"),
        ("sign_type", "HMAC-SHA256"),
        ("plate_number", "粤B888888"),
        ("vehicle_event_type", "BLOCKED"),
        ("vehicle_event_createtime", "20180101000000"),
    ]);
    let car = apiv2
        .notification::<vehicle_state_changed_for_parking::Notification>(car.as_bytes())
        .unwrap();
    assert_eq!(car.plate_number, "粤B888888");

    let orders = r#"{"order_num":1,"order_list":[{"appid":"wx1","mch_id":"1900000111","openid":"o","total_fee":10,"cash_fee":9,"transaction_id":"t","out_trade_no":"n","time_end":"20180101000000"}]}"#;
    let combined = signed(&[
        ("return_code", "SUCCESS"),
        ("combine_appid", "wx1"),
        ("combine_mch_id", MCHID),
        ("nonce_str", "n"),
        ("combine_out_trade_no", "c"),
        ("trade_type", "JSAPI"),
        ("sign_type", "HMAC-SHA256"),
        ("result_code", "SUCCESS"),
        ("sub_order_list", orders),
    ]);
    let combined = apiv2
        .notification::<combined_transactions_success::Notification>(combined.as_bytes())
        .unwrap();
    assert_eq!(combined.sub_order_list.order_list[0].cash_fee, 9);

    let risk = |list: &str| {
        signed(&[
            ("return_code", "SUCCESS"),
            ("sign_type", "HMAC-SHA256"),
            ("nonce_str", "n"),
            ("event_code", "e"),
            ("risk_level", "HIGH"),
            ("risk_level_desc", "d"),
            ("mch_id", MCHID),
            ("sub_mch_id", "1900000111"),
            ("transaction_id_list", list),
        ])
    };
    let json = risk(r#"{"data":{"transaction_id":["a","b"]}}"#);
    let risky = apiv2
        .notification::<transactions_risk_occurred::Notification>(json.as_bytes())
        .unwrap();
    assert_eq!(risky.transaction_id_list.data.transaction_id, ["a", "b"]);
    // The page does not say in which form the list comes: as elements it is read, too, and signed
    // with its source as the value.
    let nested = "<data><transaction_id>a</transaction_id><transaction_id>b</transaction_id></data>";
    let xml = risk(nested).replace(&format!("<![CDATA[{nested}]]>"), nested);
    let risky = apiv2
        .notification::<transactions_risk_occurred::Notification>(xml.as_bytes())
        .unwrap();
    assert_eq!(risky.transaction_id_list.data.transaction_id, ["a", "b"]);
}

#[test]
fn acknowledgements_are_xml() {
    assert_eq!(
        Acknowledgement::Success.to_xml(),
        "<xml><return_code>SUCCESS</return_code><return_msg>OK</return_msg></xml>"
    );
    let failure = Acknowledgement::Failure("金额不符 <1>".into()).to_xml();
    assert_eq!(
        failure,
        "<xml><return_code>FAIL</return_code><return_msg><![CDATA[金额不符 <1>]]></return_msg></xml>"
    );
}

#[test]
fn a_client_without_the_key_says_so() {
    let key = wechatpay_client::crypto::PrivateKey::generate().unwrap();
    let platform = wechatpay_client::crypto::PrivateKey::generate().unwrap();
    let client = Client::builder()
        .mchid(MCHID)
        .certificate_serial("0A")
        .private_key_pem(key.to_pem().unwrap().to_string())
        .public_key_pem("PUB_KEY_ID_01", platform.public_key().unwrap().to_pem())
        .build()
        .unwrap();
    assert!(client.apiv2().err().unwrap().is_configuration());
    assert!(
        builder()
            .api_v2_key("short")
            .build()
            .unwrap_err()
            .is_configuration()
    );
}
