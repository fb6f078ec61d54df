//! The business over real HTTP, without faults: partners, combined orders, APIv2, profit sharing,
//! transfers, payscore, ecommerce platforms, applications of merchants, invoices, whatever has a
//! merchant's number, webhooks of every kind, the files on disk, HTTPS.

mod applyments;
mod code_payments;
mod control;
mod ecommerce;
mod fapiao;
#[path = "../surface/http.rs"]
#[allow(dead_code)]
mod http;
mod marketing;
mod merchants;
mod payscore;
mod profitsharing;
#[path = "../surface/request.rs"]
#[allow(dead_code)]
mod request;
mod rules;
mod safety;
mod tester;
mod transfers;

use http::Connection;
use serde_json::{Value, json};
use wechatpay_sandbox::identity::Identity;
use wechatpay_sandbox::{Sandbox, Settings, crypto, text, xml};

fn headers(identity: &Identity, method: &str, target: &str, body: &str) -> Vec<(String, String)> {
    let (timestamp, nonce) = (text::now(), crypto::random(32));
    let signature = identity
        .key
        .sign(format!("{method}\n{target}\n{timestamp}\n{nonce}\n{body}\n").as_bytes());
    let authorization = format!(
        "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",serial_no=\"{}\",nonce_str=\"{nonce}\",timestamp=\"{timestamp}\",signature=\"{signature}\"",
        identity.mchid, identity.serial
    );
    [
        ("Accept", "application/json"),
        ("User-Agent", "business"),
        ("Content-Type", "application/json"),
        ("Wechatpay-Serial", &identity.platform.notifying().id),
        ("Authorization", &authorization),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// An APIv3 call: status and body.
fn v3(sandbox: &Sandbox, method: &str, target: &str, body: &Value) -> (u16, Value) {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let headers = headers(sandbox.identity(), method, target, &body);
    let response = Connection::new(sandbox.url()).send(method, target, &headers, body.as_bytes());
    (
        response.status,
        serde_json::from_slice(&response.body).unwrap_or_default(),
    )
}

/// An APIv2 call, signed with HMAC-SHA256: the response's fields, whose signature is right.
fn v2(sandbox: &Sandbox, path: &str, fields: &[(&str, &str)]) -> Value {
    let identity = sandbox.identity();
    let mut fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    for (name, value) in [
        ("mch_id", &*identity.mchid),
        ("nonce_str", "1"),
        ("sign_type", "HMAC-SHA256"),
        ("appid", "wx1"),
    ] {
        fields.push((name.to_owned(), value.to_owned()));
    }
    let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let sign = crypto::sign_v2(&identity.api_v2_key, true, pairs);
    fields.push(("sign".to_owned(), sign));
    let body = xml::write("xml", &fields);
    let response = Connection::new(sandbox.url()).send("POST", path, &[], body.as_bytes());
    let fields = xml::parse(&response.body).unwrap();
    let pairs = || fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    if let Some((_, sign)) = fields.iter().find(|(name, _)| name == "sign") {
        assert_eq!(crypto::sign_v2(&identity.api_v2_key, true, pairs()), *sign);
    }
    pairs()
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// A correct request of an operation, made from its page's example.
fn example(sandbox: &Sandbox, method: &str, path: &str) -> Value {
    let found = sandbox.pages().find(method, path);
    let (operation, _) = found.first().unwrap();
    request::Request::from_example(operation, sandbox.identity())
        .body
        .into()
}

/// Refused with this status and code.
fn refused(sandbox: &Sandbox, method: &str, target: &str, body: &Value, status: u16, code: &str) {
    let (got, response) = v3(sandbox, method, target, body);
    assert_eq!((got, &response["code"]), (status, &json!(code)), "{response}");
}

/// Answered with 200.
fn well(sandbox: &Sandbox, method: &str, target: &str, body: &Value) -> Value {
    let (status, response) = v3(sandbox, method, target, body);
    assert_eq!(status, 200, "{response}");
    response
}

/// The notification of this kind is sent.
fn is_notified(sandbox: &Sandbox, event: &str) {
    let start = std::time::Instant::now();
    let sent = |sandbox: &Sandbox| {
        let calls = sandbox.control().calls();
        calls
            .iter()
            .any(|call| call.what.starts_with(&format!("→ {event} ")))
    };
    while !sent(sandbox) {
        assert!(start.elapsed().as_secs() < 20, "{event} was never sent");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

async fn with(mut settings: Settings, test: impl FnOnce(&Sandbox) + Send + 'static) {
    settings.appids.push("wx1".into());
    let sandbox = Sandbox::with(settings).await.unwrap();
    let runtime = tokio::runtime::Handle::current();
    let run = move || {
        let _guard = runtime.enter();
        test(&sandbox);
    };
    tokio::task::spawn_blocking(run).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn partners_and_combined_orders() {
    with(Settings::default(), |sandbox| {
        let mchid = sandbox.identity().mchid.as_str();
        let order = json!({
            "sp_appid": "wx1", "sp_mchid": mchid, "sub_mchid": "1900000001", "description": "a thing",
            "out_trade_no": "PARTNER1", "notify_url": "http://127.0.0.1:9/n", "amount": { "total": 5 },
        });
        let (status, placed) = v3(sandbox, "POST", "/v3/pay/partner/transactions/native", &order);
        assert_eq!(status, 200, "{placed}");
        assert!(placed["code_url"].as_str().unwrap().starts_with("weixin://"));
        let target = format!(
            "/v3/pay/partner/transactions/out-trade-no/PARTNER1?sp_mchid={mchid}&sub_mchid=1900000001"
        );
        assert_eq!(
            v3(sandbox, "GET", &target, &Value::Null).1["trade_state"],
            "NOTPAY"
        );
        let mut other = order.clone();
        other["amount"]["total"] = 6.into();
        let (status, refused) = v3(sandbox, "POST", "/v3/pay/partner/transactions/native", &other);
        assert_eq!((status, &refused["code"]), (403, &json!("OUT_TRADE_NO_USED")));
        let close = json!({ "sp_mchid": mchid, "sub_mchid": "1900000001" });
        assert_eq!(
            v3(
                sandbox,
                "POST",
                "/v3/pay/partner/transactions/out-trade-no/PARTNER1/close",
                &close
            )
            .0,
            204
        );
        assert_eq!(
            v3(sandbox, "GET", &target, &Value::Null).1["trade_state"],
            "CLOSED"
        );

        let part = |number: &str| {
            json!({
                "mchid": mchid, "attach": "a", "amount": { "total_amount": 10, "currency": "CNY" },
                "out_trade_no": number, "sub_mchid": "1900000001", "description": "a thing",
            })
        };
        let combined = json!({
            "combine_appid": "wx1", "combine_mchid": mchid, "combine_out_trade_no": "COMBINED1",
            "sub_orders": [part("COMBINED1a"), part("COMBINED1b")], "combine_payer_info": { "openid": "o1" },
            "notify_url": "http://127.0.0.1:9/n",
        });
        let (status, placed) = v3(sandbox, "POST", "/v3/combine-transactions/jsapi", &combined);
        assert_eq!(status, 200, "{placed}");
        sandbox.control().pay("COMBINED1a").unwrap_err();
        sandbox.control().pay("COMBINED1").unwrap();
        let (_, found) = v3(
            sandbox,
            "GET",
            "/v3/combine-transactions/out-trade-no/COMBINED1",
            &Value::Null,
        );
        let states: Vec<_> = found["sub_orders"]
            .as_array()
            .unwrap()
            .iter()
            .map(|order| &order["trade_state"])
            .collect();
        assert_eq!(states, ["SUCCESS", "SUCCESS"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_a_number_is_made_once_and_found_again() {
    with(Settings::default(), |sandbox| {
        const PATH: &str = "/v3/fund-app/mch-transfer/transfer-to-qq-wallet-bills";
        let bill = json!({
            "appid": "102022609", "out_bill_no": "Q1", "openid": "oSB0user", "transfer_amount": 3,
            "transfer_remark": "part", "transfer_scene_id": "1401",
            "transfer_scene_report_infos": [{ "info_type": "a", "info_content": "b" }],
        });
        let (status, first) = v3(sandbox, "POST", PATH, &bill);
        assert_eq!(status, 200, "{first}");
        assert_eq!(v3(sandbox, "POST", PATH, &bill).1, first);
        let mut other = bill.clone();
        other["transfer_amount"] = 4.into();
        assert_eq!(v3(sandbox, "POST", PATH, &other).0, 400);
        let (status, found) = v3(sandbox, "GET", &format!("{PATH}/Q1"), &Value::Null);
        assert_eq!((status, &found["transfer_amount"]), (200, &json!(3)), "{found}");
        assert_eq!(found["transfer_bill_no"], first["transfer_bill_no"]);
        let (_, unknown) = v3(sandbox, "GET", &format!("{PATH}/Q2"), &Value::Null);
        assert_eq!(unknown["code"], "RESOURCE_NOT_EXISTS");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_version_of_the_api() {
    with(Settings::default(), |sandbox| {
        let order = [
            ("body", "a thing"),
            ("out_trade_no", "VERSION2"),
            ("total_fee", "88"),
            ("spbill_create_ip", "127.0.0.1"),
            ("notify_url", "http://127.0.0.1:9/n"),
            ("trade_type", "NATIVE"),
        ];
        let placed = v2(sandbox, "/pay/unifiedorder", &order);
        assert_eq!(placed["result_code"], "SUCCESS", "{placed}");
        assert!(
            placed["prepay_id"].as_str().unwrap().starts_with("wx"),
            "{placed}"
        );
        sandbox.control().pay("VERSION2").unwrap();
        let found = v2(sandbox, "/pay/orderquery", &[("out_trade_no", "VERSION2")]);
        assert_eq!(
            (&found["trade_state"], &found["total_fee"]),
            (&json!("SUCCESS"), &json!("88")),
            "{found}"
        );
        let refund = [
            ("out_trade_no", "VERSION2"),
            ("out_refund_no", "R1"),
            ("total_fee", "88"),
            ("refund_fee", "8"),
        ];
        assert_eq!(v2(sandbox, "/secapi/pay/refund", &refund)["refund_fee"], "8");
        let found = v2(sandbox, "/pay/refundquery", &[("out_trade_no", "VERSION2")]);
        assert_eq!(
            (&found["refund_count"], &found["out_refund_no_0"]),
            (&json!("1"), &json!("R1")),
            "{found}"
        );
        let missing = v2(sandbox, "/pay/orderquery", &[("out_trade_no", "UNKNOWN2")]);
        assert_eq!(missing["err_code"], "ORDERNOTEXIST", "{missing}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_webhook_can_be_sent_by_hand() {
    with(Settings::default(), |sandbox| {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        // Closed at once: what counts here is that each is written and tried.
        drop(listener);
        let names: Vec<_> = sandbox.pages().webhooks().map(str::to_owned).collect();
        assert_eq!(names.len(), 112);
        for name in &names {
            sandbox.control().webhook(&url, name, &json!({})).unwrap();
        }
        let start = std::time::Instant::now();
        loop {
            let calls = sandbox.control().calls();
            if names.iter().all(|name| {
                calls
                    .iter()
                    .any(|call| call.what.starts_with(&format!("→ {name} ")))
            }) {
                let bodies = calls.iter().filter(|call| !call.body.is_empty());
                assert!(bodies.count() >= 112);
                break;
            }
            assert!(start.elapsed().as_secs() < 20, "some were never sent");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert!(sandbox.control().webhook(&url, "NO.SUCH", &json!({})).is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_folder_brings_merchant_and_orders_back() {
    let folder = std::env::temp_dir().join(format!("wechatpay-sandbox-test-{}", crypto::random(8)));
    let settings = Settings {
        state: Some(folder.clone()),
        ..Settings::default()
    };
    let names = [
        "apiclient_key.pem",
        "apiclient_cert.pem",
        "apiclient_cert.p12",
        "pub_key.pem",
        "platform_cert.pem",
        "config.json",
    ];
    let (kept, files) = (folder.clone(), folder.clone());
    with(settings.clone(), move |sandbox| {
        assert!(names.iter().all(|name| files.join(name).is_file()));
        let identity = sandbox.identity();
        let order = json!({
            "appid": "wx1", "mchid": identity.mchid, "description": "a thing", "out_trade_no": "DURABLE1",
            "notify_url": "http://127.0.0.1:9/n", "amount": { "total": 5 },
        });
        assert_eq!(v3(sandbox, "POST", "/v3/pay/transactions/native", &order).0, 200);
        std::fs::write(files.join("mchid"), &identity.mchid).unwrap();
    })
    .await;
    with(settings, move |sandbox| {
        assert_eq!(
            std::fs::read_to_string(kept.join("mchid")).unwrap(),
            sandbox.identity().mchid
        );
        assert_eq!(sandbox.control().orders().len(), 1);
    })
    .await;
    std::fs::remove_dir_all(folder).unwrap();
}
