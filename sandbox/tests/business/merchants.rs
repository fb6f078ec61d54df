//! Every SDK's merchant: the kinds of keys, addresses in responses, and APIv2 as clients use it.

use serde_json::Value;
use wechatpay_sandbox::identity::Platform;
use wechatpay_sandbox::{Settings, crypto};

use super::http::Connection;
use super::rules::{order, paid};
use super::tester::{receiver, wait};
use super::{headers, refused, v2, well, with};

const NATIVE: &str = "/v3/pay/transactions/native";

/// <https://pay.weixin.qq.com/doc/v3/merchant/4012153196>
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_merchant_is_signed_for_with_its_key() {
    for platform in [Platform::PublicKey, Platform::Certificate] {
        let (url, received) = receiver();
        let settings = Settings {
            platform,
            ..Settings::default()
        };
        with(settings, move |sandbox| {
            let identity = sandbox.identity();
            let certificate = identity.platform.active().id.clone();
            let key = match platform {
                Platform::Certificate => certificate.clone(),
                _ => identity.public_key.id.clone(),
            };
            let send = |serial: Option<&str>| {
                let target = "/v3/certificates";
                let mut headers = headers(identity, "GET", target, "");
                headers.retain(|(name, _)| name != "Wechatpay-Serial");
                headers.extend(serial.map(|serial| ("Wechatpay-Serial".to_owned(), serial.to_owned())));
                let response = Connection::new(sandbox.url()).send("GET", target, &headers, b"");
                (response.status, response.header("wechatpay-serial").to_owned())
            };
            let status = if platform == Platform::Certificate {
                200
            } else {
                404
            };
            assert_eq!(send(Some(&key.to_ascii_lowercase())), (status, key.clone()));
            assert_eq!(send(None).0, status);
            let mut order = order(sandbox, "PLATFORM1", 5);
            order["notify_url"] = url.into();
            well(sandbox, "POST", NATIVE, &order);
            sandbox.control().pay("PLATFORM1").unwrap();
            let serial = wait("the notification", || received.lock().unwrap().first().cloned()).1;
            assert_eq!(serial, key);
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_announced_before_it_signs() {
    let settings = Settings {
        platform: Platform::Certificate,
        ..Settings::default()
    };
    with(settings, |sandbox| {
        let identity = sandbox.identity();
        let old = identity.platform.active().id.clone();
        let signer = || {
            let target = "/v3/certificates";
            let mut headers = headers(identity, "GET", target, "");
            headers.retain(|(name, _)| name != "Wechatpay-Serial");
            let response = Connection::new(sandbox.url()).send("GET", target, &headers, b"");
            let body: Value = serde_json::from_slice(&response.body).unwrap();
            (
                response.header("wechatpay-serial").to_owned(),
                body["data"].as_array().unwrap().len(),
            )
        };
        let new = sandbox.control().rotate_certificate().unwrap();
        assert_eq!(signer(), (old, 2));
        assert_eq!(signer(), (new, 2));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_are_built_from_the_host_of_the_request() {
    with(Settings::default(), |sandbox| {
        paid(sandbox, "ADDRESS1", 5);
        let target = format!(
            "/v3/bill/tradebill?bill_date={}",
            wechatpay_sandbox::text::today()
        );
        let told = |host: &str| {
            let headers = headers(sandbox.identity(), "GET", &target, "");
            let mut connection = Connection::new(sandbox.url()).host(host);
            let response = connection.send("GET", &target, &headers, b"");
            let body: Value = serde_json::from_slice(&response.body).unwrap();
            body["download_url"].as_str().unwrap_or_default().to_owned()
        };
        let file = "/v3/billdownload/file?token=";
        for host in ["sandbox.example", "sandbox.example:8443", "[::1]:80"] {
            let url = told(host);
            assert!(url.starts_with(&format!("http://{host}{file}")), "{url}");
        }
        // What is not the name of a host does not get into an address.
        for host in ["\"><script>", "user@sandbox.example", "sandbox.example/path", ""] {
            let url = told(host);
            assert!(
                url.starts_with(&format!("{}{file}", sandbox.url())),
                "{host}: {url}"
            );
        }
        for (date, code) in [
            ("garbage", "PARAM_ERROR"),
            ("2019-01-01", "PARAM_ERROR"),
            ("2999-01-01", "PARAM_ERROR"),
        ] {
            refused(
                sandbox,
                "GET",
                &format!("/v3/bill/tradebill?bill_date={date}"),
                &Value::Null,
                400,
                code,
            );
        }
    })
    .await;
}

/// What the pages lack: unknown fields, `/sandboxnew`, the key of `getpublickey`, a bill's columns.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_operations_work_as_documented_elsewhere() {
    with(Settings::default(), |sandbox| {
        // Fields that no page has are signed, and ignored.
        let fields = [
            ("sign_type", "HMAC-SHA256"),
            ("op_user_id", "1"),
            ("out_trade_no", "UNKNOWN1"),
        ];
        assert_eq!(
            v2(sandbox, "/pay/orderquery", &fields[2..])["err_code"],
            "ORDERNOTEXIST"
        );
        assert_eq!(
            v2(sandbox, "/pay/orderquery", &fields[1..])["err_code"],
            "ORDERNOTEXIST"
        );
        assert_eq!(
            v2(sandbox, "/sandboxnew/pay/orderquery", &fields[2..])["err_code"],
            "ORDERNOTEXIST"
        );
        let key = v2(sandbox, "/risk/getpublickey", &[]);
        assert!(
            key["pub_key"]
                .as_str()
                .unwrap()
                .starts_with("-----BEGIN RSA PUBLIC KEY-----"),
            "{key}"
        );
        paid(sandbox, "OLDBILL1", 1234);
        let day = wechatpay_sandbox::text::today().replace('-', "");
        let identity = sandbox.identity();
        let mut fields: Vec<(String, String)> = [
            ("appid", "wx1"),
            ("mch_id", &identity.mchid),
            ("nonce_str", "1"),
            ("bill_date", &day),
            ("bill_type", "ALL"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let sign = crypto::sign_v2(&identity.api_v2_key, false, pairs);
        fields.push(("sign".into(), sign));
        let body = wechatpay_sandbox::xml::write("xml", &fields);
        let bill = Connection::new(sandbox.url()).send("POST", "/pay/downloadbill", &[], body.as_bytes());
        let bill = bill.text();
        assert!(
            bill.starts_with("\u{feff}交易时间,") && bill.contains(",`12.34,"),
            "{bill}"
        );
        let time = bill.lines().nth(1).unwrap().split(',').next().unwrap();
        assert_eq!(time.len(), "`2022-03-21 13:51:31".len(), "{time}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_response_says_what_it_rests_on() {
    with(Settings::default(), |sandbox| {
        let rests_on = |target: &str| {
            let headers = headers(sandbox.identity(), "GET", target, "");
            let response = Connection::new(sandbox.url()).send("GET", target, &headers, b"");
            assert_eq!(response.status, 200, "{}", response.text());
            response.header("wechatpay-sandbox").to_owned()
        };
        paid(sandbox, "RESTSON1", 5);
        let query = format!(
            "/v3/pay/transactions/out-trade-no/RESTSON1?mchid={}",
            sandbox.identity().mchid
        );
        assert_eq!(rests_on(&query), "state");
        assert_eq!(rests_on("/v3/capital/capitallhh/areas/provinces"), "shape");
    })
    .await;
}
