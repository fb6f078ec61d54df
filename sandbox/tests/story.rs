//! A day of a shop, over real HTTP and under random faults: order, payment, notification, the same one
//! again, partial refund, its notification, the bill with its hash, a certificate rotation in the
//! middle. Nothing is lost, nothing is doubled.

#[path = "surface/http.rs"]
#[allow(dead_code)]
mod http;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::{Connection, Response};
use serde_json::{Value, json};
use wechatpay_sandbox::faults::{Fault, NotificationFault};
use wechatpay_sandbox::{Sandbox, Settings, crypto, text};

/// A merchant who trusts certificates that were downloaded.
struct Merchant {
    sandbox: Arc<Sandbox>,
    connection: Connection,
    /// Serial of the certificate that responses are asked to be signed with.
    serial: String,
    /// Attempts that could not be believed, or failed.
    faults: usize,
}

impl Merchant {
    fn attempt(&mut self, method: &str, target: &str, body: &str) -> Option<Response> {
        let identity = self.sandbox.identity();
        let (timestamp, nonce) = (text::now(), crypto::random(32));
        let signature = identity
            .key
            .sign(format!("{method}\n{target}\n{timestamp}\n{nonce}\n{body}\n").as_bytes());
        let authorization = format!(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",serial_no=\"{}\",nonce_str=\"{nonce}\",timestamp=\"{timestamp}\",signature=\"{signature}\"",
            identity.mchid, identity.serial
        );
        let headers = [
            ("Accept", "application/json"),
            ("User-Agent", "story"),
            ("Content-Type", "application/json"),
            ("Wechatpay-Serial", &self.serial),
            ("Authorization", &authorization),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.connection
            .try_send(method, target, &headers, body.as_bytes())
    }

    /// Whether a response can be trusted; a key that is new is asked for.
    fn verifies(&mut self, response: &Response) -> bool {
        let serial = response.header("wechatpay-serial").to_owned();
        let timestamp: u64 = response.header("wechatpay-timestamp").parse().unwrap_or(0);
        let known = self.sandbox.identity().certificates();
        let Some(key) = known.iter().find(|certificate| certificate.id == serial) else {
            return false;
        };
        let message = format!(
            "{timestamp}\n{}\n{}\n",
            response.header("wechatpay-nonce"),
            response.text()
        );
        let right = key
            .key
            .verifies(message.as_bytes(), response.header("wechatpay-signature"));
        if right && serial != self.serial {
            self.serial = serial;
        }
        right && text::now().abs_diff(timestamp) < 300
    }

    /// Calls until there is a response that can be trusted and is not a server's trouble.
    fn call(&mut self, method: &str, target: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        for _ in 0..40 {
            if let Some(response) = self.attempt(method, target, &body)
                && response.status < 500
                && response.status != 429
                && self.verifies(&response)
            {
                return (
                    response.status,
                    serde_json::from_slice(&response.body).unwrap_or_default(),
                );
            }
            self.faults += 1;
        }
        panic!("{method} {target} never succeeds");
    }
}

/// Notifications by their id, each opened, and how many came in all.
#[derive(Default)]
struct Inbox {
    opened: Vec<(String, Value)>,
    deliveries: usize,
    refused: usize,
}

/// A merchant's notification address: verifies, opens, remembers each id once.
fn receiver(sandbox: Arc<Sandbox>) -> (String, Arc<Mutex<Inbox>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/notify", listener.local_addr().unwrap());
    let inbox: Arc<Mutex<Inbox>> = Arc::default();
    let received = inbox.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut headers = Vec::new();
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                match line.trim_end() {
                    "" => break,
                    line => headers.extend(
                        line.split_once(": ")
                            .map(|(a, b)| (a.to_ascii_lowercase(), b.to_owned())),
                    ),
                }
            }
            let header = |name: &str| {
                headers
                    .iter()
                    .find(|(other, _)| other == name)
                    .map_or("", |(_, value)| value)
            };
            let mut body = vec![0; header("content-length").parse().unwrap()];
            stream.read_exact(&mut body).unwrap();
            let head = format!(
                "{}\n{}\n",
                header("wechatpay-timestamp"),
                header("wechatpay-nonce")
            );
            let message = [head.as_bytes(), &body, b"\n"].concat();
            let identity = sandbox.identity();
            let mut inbox = received.lock().unwrap();
            inbox.deliveries += 1;
            let right = identity
                .platform
                .notifying()
                .key
                .verifies(&message, header("wechatpay-signature"));
            if !right {
                inbox.refused += 1;
                stream
                    .get_mut()
                    .write_all(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")
                    .unwrap();
                continue;
            }
            let envelope: Value = serde_json::from_slice(&body).unwrap();
            let sealed = &envelope["resource"];
            let part = |name: &str| sealed[name].as_str().unwrap();
            let clear = crypto::open(
                &identity.api_v3_key,
                part("nonce"),
                part("associated_data"),
                part("ciphertext"),
            )
            .unwrap();
            let id = envelope["id"].as_str().unwrap().to_owned();
            if !inbox.opened.iter().any(|(known, _)| *known == id) {
                let resource = serde_json::from_slice(&clear).unwrap();
                inbox.opened.push((
                    id,
                    json!({ "event": envelope["event_type"], "resource": Value::clone(&resource) }),
                ));
            }
            stream.get_mut().write_all(b"HTTP/1.1 204 OK\r\n\r\n").unwrap();
        }
    });
    (url, inbox)
}

fn wait(inbox: &Mutex<Inbox>, until: impl Fn(&Inbox) -> bool) {
    let start = Instant::now();
    while !until(&inbox.lock().unwrap()) {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "the notification does not come"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_and_nothing_doubled() {
    let sandbox = Sandbox::with(Settings {
        seed: 7,
        speed: 1000,
        ..Settings::default()
    })
    .await
    .unwrap();
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        // What the control API starts in the background needs the runtime.
        let _guard = runtime.enter();
        story(Arc::new(sandbox));
    })
    .await
    .unwrap();
}

fn story(sandbox: Arc<Sandbox>) {
    let control = sandbox.control();
    let (notify_url, inbox) = receiver(sandbox.clone());
    let serial = sandbox.identity().certificates()[0].id.clone();
    let mut shop = Merchant {
        connection: Connection::new(sandbox.url()),
        sandbox: sandbox.clone(),
        serial,
        faults: 0,
    };
    let kinds = [
        Fault::CutOff,
        Fault::TooMany,
        Fault::ServerError,
        Fault::BadGateway,
        Fault::WrongSignature,
        Fault::UnknownSerial,
        Fault::OldTimestamp,
        Fault::MissingHeader,
        Fault::NewValue,
        Fault::ExtraField,
        Fault::ProbeSignature,
    ];
    control.random_faults(10, &kinds);
    let (mchid, appid) = (sandbox.identity().mchid.clone(), sandbox.identity().appid.clone());
    for at in 0..20 {
        let number = format!("story-{at}");
        let order = json!({
            "appid": appid, "mchid": mchid, "description": "a thing", "out_trade_no": number,
            "notify_url": notify_url, "amount": { "total": 100 }, "payer": { "openid": "oSB0payer" },
        });
        let (status, placed) = shop.call("POST", "/v3/pay/transactions/jsapi", &order);
        assert_eq!(status, 200, "{placed}");
        assert_eq!(
            shop.call("POST", "/v3/pay/transactions/jsapi", &order).1["prepay_id"],
            placed["prepay_id"]
        );
        if at == 10 {
            control.rotate_certificate().unwrap();
            control.activate_certificate();
        }
        match at % 3 {
            0 => control.notification_fault(NotificationFault::Twice),
            1 => control.notification_fault(NotificationFault::Probe),
            _ => {}
        }
        control.pay(&number).unwrap();
        let target = format!("/v3/pay/transactions/out-trade-no/{number}?mchid={mchid}");
        let (status, paid) = shop.call("GET", &target, &Value::Null);
        assert_eq!((status, &paid["amount"]["total"]), (200, &json!(100)), "{paid}");
        let refund = json!({
            "out_trade_no": number, "out_refund_no": format!("refund-{at}"), "notify_url": notify_url,
            "amount": { "refund": 30, "total": 100, "currency": "CNY" },
        });
        let (status, refunded) = shop.call("POST", "/v3/refund/domestic/refunds", &refund);
        assert_eq!(
            (status, &refunded["amount"]["refund"]),
            (200, &json!(30)),
            "{refunded}"
        );
        let mut more = refund.clone();
        more["out_refund_no"] = format!("too-much-{at}").into();
        more["amount"]["refund"] = 71.into();
        let (status, refused) = shop.call("POST", "/v3/refund/domestic/refunds", &more);
        assert_eq!(
            (status, &refused["code"]),
            (403, &json!("NOT_ENOUGH")),
            "{refused}"
        );
        control.settle_refund(&format!("refund-{at}"), "SUCCESS").unwrap();
    }
    wait(&inbox, |inbox| {
        inbox.opened.len() >= 40 && inbox.deliveries >= 40 + 7 + 7
    });
    {
        let inbox = inbox.lock().unwrap();
        let of = |event: &str| {
            inbox
                .opened
                .iter()
                .filter(|(_, opened)| opened["event"] == event)
                .count()
        };
        assert_eq!(
            (
                of("TRANSACTION.SUCCESS"),
                of("REFUND.SUCCESS"),
                inbox.opened.len()
            ),
            (20, 20, 40)
        );
        assert_eq!(inbox.refused, 7);
    }
    let orders = control.orders();
    assert_eq!((orders.len(), control.refunds().len()), (20, 20));
    assert!(
        orders
            .iter()
            .all(|order| order["refunded"] == 30 && order["state"] == "REFUND")
    );
    control.clear_faults();
    bill(&mut shop);
    assert!(shop.faults > 5, "only {} faults were played", shop.faults);
    assert_eq!(shop.serial, sandbox.identity().certificates()[1].id);
}

fn bill(shop: &mut Merchant) {
    let target = format!("/v3/bill/tradebill?bill_date={}&tar_type=GZIP", text::today());
    let (status, bill) = shop.call("GET", &target, &Value::Null);
    assert_eq!(status, 200, "{bill}");
    let url = bill["download_url"].as_str().unwrap().to_owned();
    let target = url.strip_prefix(shop.sandbox.url()).unwrap().to_owned();
    let file = shop.attempt("GET", &target, "").unwrap();
    assert_eq!(file.status, 200, "{}", file.text());
    let mut csv = Vec::new();
    flate2::read::GzDecoder::new(&file.body[..])
        .read_to_end(&mut csv)
        .unwrap();
    assert_eq!(crypto::sha1(&csv), bill["hash_value"]);
    let csv = String::from_utf8(csv).unwrap();
    assert!(
        csv.trim_end()
            .ends_with("`40,`20.00,`6.00,`0.00,`0.00,`20.00,`6.00"),
        "{csv}"
    );
}
