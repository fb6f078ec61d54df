//! What a tester needs: the clock, snapshots, notifications again, faults, queries.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wechatpay_sandbox::{Sandbox, Settings};

use super::http::Connection;
use super::rules::{order, paid};
use super::{headers, refused, well, with};

const NATIVE: &str = "/v3/pay/transactions/native";

/// The control API: status and JSON.
fn control(sandbox: &Sandbox, method: &str, target: &str, body: &Value) -> (u16, Value) {
    let headers = [("Content-Type".to_owned(), "application/json".to_owned())];
    let body = body.to_string();
    let response = Connection::new(sandbox.url()).send(method, target, &headers, body.as_bytes());
    (
        response.status,
        serde_json::from_slice(&response.body).unwrap_or_default(),
    )
}

/// Bodies with their `Wechatpay-Serial`.
type Received = Arc<Mutex<Vec<(String, String)>>>;

/// An address that understands every notification, and what it received.
pub fn receiver() -> (String, Received) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/notify", listener.local_addr().unwrap());
    let received = Received::default();
    let got = received.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut length, mut serial, mut line) = (0, String::new(), String::new());
            while stream.read_line(&mut line).unwrap() > 2 {
                if let Some((name, value)) = line.trim_end().split_once(": ") {
                    match name.to_ascii_lowercase().as_str() {
                        "content-length" => length = value.parse().unwrap(),
                        "wechatpay-serial" => serial = value.to_owned(),
                        _ => {}
                    }
                }
                line.clear();
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            got.lock()
                .unwrap()
                .push((String::from_utf8(body).unwrap(), serial));
            stream.get_mut().write_all(b"HTTP/1.1 204 OK\r\n\r\n").unwrap();
        }
    });
    (url, received)
}

pub fn wait<T>(what: &str, until: impl Fn() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = until() {
            return found;
        }
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{what} does not happen"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notifications_go_elsewhere_too_and_again() {
    let (url, received) = receiver();
    let settings = Settings {
        notify_to: Some(url),
        ..Settings::default()
    };
    with(settings, move |sandbox| {
        let mut order = order(sandbox, "FORWARD1", 5);
        order["notify_url"] = "https://shop.example/notify".into();
        well(sandbox, "POST", NATIVE, &order);
        sandbox.control().pay("FORWARD1").unwrap();
        let first = wait("the notification", || received.lock().unwrap().first().cloned());
        let sent = sandbox.control().notifications();
        let forwarded = sent
            .iter()
            .find(|row| row["url"].as_str().unwrap().starts_with("http://"));
        let key = forwarded.unwrap()["key"].as_str().unwrap();
        let (status, _) = control(
            sandbox,
            "POST",
            &format!("/control/notifications/{key}/resend"),
            &json!({}),
        );
        assert_eq!(status, 200);
        let again = wait("the repetition", || received.lock().unwrap().get(1).cloned());
        assert_eq!(first.0, again.0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_brings_retries_forward() {
    let settings = Settings {
        speed: 1,
        ..Settings::default()
    };
    with(settings, |sandbox| {
        paid(sandbox, "RETRIES1", 5);
        let attempts = || sandbox.control().notifications()[0]["attempts"].as_u64().unwrap();
        wait("the first attempt", || (attempts() == 1).then_some(()));
        let (status, time) = control(sandbox, "POST", "/control/clock", &json!({ "advance": 16 }));
        assert_eq!(status, 200, "{time}");
        wait("the second attempt", || (attempts() == 2).then_some(()));
        let set = json!({ "set": "2030-01-31T08:00:00+08:00" });
        let (_, time) = control(sandbox, "POST", "/control/clock", &set);
        assert!(time.as_str().unwrap().starts_with("2030-01-31T08:00:0"), "{time}");
        // Signatures go by the machine's clock.
        well(sandbox, "POST", NATIVE, &order(sandbox, "LATER001", 5));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn state_is_put_back_and_reset() {
    with(Settings::default(), |sandbox| {
        well(sandbox, "POST", NATIVE, &order(sandbox, "SNAPSHOT1", 5));
        assert_eq!(
            control(sandbox, "POST", "/control/snapshots/new", &json!({})).0,
            200
        );
        sandbox.control().pay("SNAPSHOT1").unwrap();
        well(sandbox, "POST", NATIVE, &order(sandbox, "SNAPSHOT2", 5));
        assert_eq!(
            control(sandbox, "POST", "/control/snapshots/new/restore", &json!({})).0,
            200
        );
        let orders = sandbox.control().orders();
        assert_eq!((orders.len(), &orders[0]["state"]), (1, &json!("NOTPAY")));
        assert_eq!(
            control(sandbox, "POST", "/control/snapshots/old/restore", &json!({})).0,
            400
        );
        assert_eq!(control(sandbox, "POST", "/control/reset", &json!({})).0, 200);
        assert!(sandbox.control().orders().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refunds_arrive_without_being_told_to() {
    let settings = Settings {
        automatic: true,
        ..Settings::default()
    };
    with(settings, |sandbox| {
        paid(sandbox, "PROGRESS1", 5);
        let refund = json!({
            "out_trade_no": "PROGRESS1", "out_refund_no": "R1",
            "amount": { "refund": 5, "total": 5, "currency": "CNY" },
        });
        let made = well(sandbox, "POST", "/v3/refund/domestic/refunds", &refund);
        assert_eq!(made["status"], "PROCESSING");
        sandbox.control().advance_clock(Duration::from_secs(2));
        wait("the refund", || {
            (sandbox.control().refunds()[0]["state"] == "SUCCESS").then_some(())
        });
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_chooses_its_response() {
    with(Settings::default(), |sandbox| {
        let target = format!(
            "/v3/pay/transactions/out-trade-no/CHOSEN01?mchid={}",
            sandbox.identity().mchid
        );
        let send = |chosen: &str| {
            let mut headers = headers(sandbox.identity(), "GET", &target, "");
            headers.push(("Wechatpay-Sandbox".into(), chosen.into()));
            let response = Connection::new(sandbox.url()).try_send("GET", &target, &headers, b"")?;
            let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
            Some((
                response.status,
                body["code"].as_str().unwrap_or_default().to_owned(),
            ))
        };
        assert_eq!(send("error=NOT_ENOUGH:403"), Some((403, "NOT_ENOUGH".into())));
        assert_eq!(send("fault=status:503"), Some((503, "SYSTEM_ERROR".into())));
        let start = Instant::now();
        assert_eq!(send("fault=delay:300"), Some((404, "ORDER_NOT_EXIST".into())));
        assert!(start.elapsed() >= Duration::from_millis(300));
        assert_eq!(send("fault=reset"), None);
        assert_eq!(send("nonsense"), Some((400, "PARAM_ERROR".into())));
        assert_eq!(send("answers=none"), Some((400, "PARAM_ERROR".into())));
    })
    .await;
}

/// The names of an object's fields.
fn names(value: &Value) -> Vec<&String> {
    value.as_object().unwrap().keys().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sparse_response_has_only_what_is_always_there() {
    with(Settings::default(), |sandbox| {
        let mut placed = order(sandbox, "SPARSE01", 5);
        placed["attach"] = "kept".into();
        well(sandbox, "POST", NATIVE, &placed);
        sandbox.control().pay("SPARSE01").unwrap();
        let target = format!(
            "/v3/pay/transactions/out-trade-no/SPARSE01?mchid={}",
            sandbox.identity().mchid
        );
        let query = |chosen: &str| -> Value {
            let mut headers = headers(sandbox.identity(), "GET", &target, "");
            headers.push(("Wechatpay-Sandbox".into(), chosen.into()));
            let response = Connection::new(sandbox.url()).send("GET", &target, &headers, b"");
            assert_eq!(response.status, 200, "{}", response.text());
            serde_json::from_slice(&response.body).unwrap()
        };
        let (documented, sparse) = (query("answers=documented"), query("answers=sparse"));
        assert_eq!(documented["attach"], "kept");
        paid(sandbox, "SPARSE03", 5);
        assert_eq!(super::rules::query(sandbox, "SPARSE03")["attach"], "");
        assert!(sparse["attach"].is_null(), "{sparse}");
        let required = |name: &str| sparse[name] == documented[name] && !sparse[name].is_null();
        assert!(required("trade_state") && required("out_trade_no"), "{sparse}");
        assert!(
            names(&sparse)
                .iter()
                .all(|name| names(&documented).contains(name))
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sparse_sandbox_sends_sparse_notifications() {
    let told = |answers| {
        let settings = Settings {
            answers,
            ..Settings::default()
        };
        let told = Arc::new(Mutex::new(Value::Null));
        let keep = told.clone();
        async move {
            with(settings, move |sandbox| {
                let mut placed = order(sandbox, "SPARSE02", 5);
                placed["attach"] = "kept".into();
                well(sandbox, "POST", NATIVE, &placed);
                sandbox.control().pay("SPARSE02").unwrap();
                *keep.lock().unwrap() = sandbox.control().notifications()[0]["clear"].clone();
            })
            .await;
            told.lock().unwrap().clone()
        }
    };
    let (documented, sparse) = (
        told(wechatpay_sandbox::Answers::Documented).await,
        told(wechatpay_sandbox::Answers::Sparse).await,
    );
    assert_eq!(documented["attach"], "kept", "{documented}");
    assert!(sparse["attach"].is_null(), "{sparse}");
    assert_eq!(sparse["trade_state"], "SUCCESS", "{sparse}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_control_api_describes_itself() {
    with(Settings::default(), |sandbox| {
        let (status, described) = control(sandbox, "GET", "/control/openapi.json", &Value::Null);
        assert_eq!((status, &described["openapi"]), (200, &json!("3.1.0")));
        let paths = described["paths"].as_object().unwrap();
        assert!(paths.len() > 50, "{}", paths.len());
        for (path, methods) in paths {
            for method in names(methods) {
                let target = path.replace(['{', '}'], "");
                let (status, body) = control(sandbox, &method.to_uppercase(), &target, &json!({}));
                assert!([200, 400].contains(&status), "{method} {path}: {status} {body}");
            }
        }
        let none = |method: &str, target: &str| control(sandbox, method, target, &json!({})).0;
        assert_eq!(none("GET", "/control/nothing"), 404);
        assert_eq!(none("POST", "/control/orders/1/burn"), 404);
        assert_eq!(none("GET", "/control/reset"), 405);
        assert_eq!(none("POST", "/control/orders"), 405);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_are_armed_by_operation_and_count() {
    with(Settings::default(), |sandbox| {
        let fault =
            json!({ "fault": "status", "status": 503, "operation": format!("POST {NATIVE}"), "times": 2 });
        assert_eq!(control(sandbox, "POST", "/control/faults", &fault).0, 200);
        let (_, armed) = control(sandbox, "GET", "/control/faults", &Value::Null);
        assert_eq!(armed[0]["times"], 2, "{armed}");
        for _ in 0..2 {
            refused(
                sandbox,
                "POST",
                NATIVE,
                &order(sandbox, "FAULTS01", 5),
                503,
                "SYSTEM_ERROR",
            );
        }
        well(sandbox, "POST", NATIVE, &order(sandbox, "FAULTS01", 5));
        let unknown = json!({ "fault": "no-such" });
        assert_eq!(control(sandbox, "POST", "/control/faults", &unknown).0, 400);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_are_counted_searched_and_filtered() {
    with(Settings::default(), |sandbox| {
        for number in ["ROWS0001", "ROWS0002", "ROWS0003"] {
            well(sandbox, "POST", NATIVE, &order(sandbox, number, 5));
        }
        sandbox.control().pay("ROWS0002").unwrap();
        let get = |target: &str| control(sandbox, "GET", target, &Value::Null).1;
        assert_eq!(get("/control/orders/count"), 3);
        assert_eq!(get("/control/orders/count?state=SUCCESS"), 1);
        assert_eq!(get("/control/orders?q=ROWS0003")[0]["number"], "ROWS0003");
        assert_eq!(get("/control/orders?offset=1&limit=1")[0]["number"], "ROWS0002");
        assert_eq!(get("/control/calls/count?status=200"), 3);
        assert_eq!(get("/control/config")["mchid"], json!(sandbox.identity().mchid));
    })
    .await;
}
