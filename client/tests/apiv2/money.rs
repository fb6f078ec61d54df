//! Money that leaves, and what else needs keys or files: over loopback.

use std::sync::LazyLock;

use wechatpay_client::Upload;
use wechatpay_client::apiv2::{ApiV2Key, sign_work_wechat, verify};
use wechatpay_client::crypto::PrivateKey;
use wechatpay_client::v2::{mmpaymkttransfers, mmpaysptrans, pay, secapi, xdc};

use crate::families::{ORDERED, with_certificate};
use crate::gateway::{Gateway, KEY, MCHID, document, signed};

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
            re_openid: "onqOjjmM1tad-3ROpncN-yUfa6uI".into(),
            total_amount: 1,
            total_num: 1,
            client_ip: "127.0.0.1".into(),
        },
    )
    .send_name("send_name")
    .wishing("恭喜发财")
    .act_name("新年红包")
    .remark("新年红包");
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
    let request = mmpaymkttransfers::sendworkwxredpack::post::Request::from(
        mmpaymkttransfers::sendworkwxredpack::post::RequestInit {
            mch_billno: "123456".into(),
            wxappid: "wx8888888888888888".into(),
            re_openid: "oxTWIuGaIt6gTKsQRLau2M0yL16E".into(),
            total_amount: 1000,
        },
    )
    .sender_name("XX活动")
    .wishing("感谢您")
    .act_name("猜灯谜抢红包活动")
    .remark("快来抢！");
    mmpaymkttransfers::sendworkwxredpack::post(&client, &request)
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
        notify_url: "https://yoursite.com/wxpay.html".into(),
        trade_type: "PAP".into(),
        contract_id: "Wx15463511252015071056489715".into(),
    };
    let request = pay::pappayapply::post::Request::from(request).spbill_create_ip("8.8.8.8");
    let response = pay::pappayapply::post(&gateway.client(), &request).await.unwrap();
    assert_eq!(response.mch_id, MCHID);
    let seen = gateway.only();
    // The page has no `sign_type`: MD5, and none is sent.
    assert_eq!(
        (seen.field("sign_type"), seen.field("sign").unwrap().len()),
        (None, 32)
    );
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
    let response = secapi::mch::uploadmedia::post(&client, &request).await.unwrap();
    assert_eq!(response.media_id, "H1ihR9JUtVj");
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
