//! Memory and time of response while orders pile up: places orders and queries them over 32 connections.
//!
//! In: `cargo bench -p wechatpay-sandbox --bench load [-- CALLS]`, half of which place orders; as a test
//! (`--test`) a few hundred. Out: for each tenth of the calls memory and times of response, then the time
//! and size of the page. Fails when memory grows by more than the bound. The driver signs in the same
//! process, so that both are in the figures.

#[path = "../tests/surface/http.rs"]
#[allow(dead_code)]
mod http;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::Connection;
use wechatpay_sandbox::{Sandbox, Settings, crypto, temporary_folder, text};

const CONNECTIONS: usize = 32;
const PLACE: &str = "/v3/pay/transactions/native";
/// From the second tenth of the calls to the last, memory may grow by so many KiB: the cache of the store
/// (32 MiB), and what the allocator keeps.
const BOUND: u64 = 48 << 10;
/// The page shows fifty rows of each table.
const PAGE: usize = 1 << 20;

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let calls = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .next();
    let calls: usize = calls.unwrap_or(if test { 640 } else { 100_000 });
    let folder = temporary_folder().expect("a temporary folder");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let settings = Settings {
        state: Some(folder.clone()),
        ..Settings::default()
    };
    let sandbox = runtime.block_on(Sandbox::with(settings)).expect("a sandbox");
    let mut resident = Vec::new();
    for tenth in 0..10 {
        let mut times = drive(&sandbox, tenth, calls / 10);
        times.sort_unstable();
        let percentile = |percent: usize| times[(times.len() - 1) * percent / 100];
        resident.push(memory());
        println!(
            "{:>7} calls, {:>6} orders: {:>7} KiB; p50 {:?}, p99 {:?}, longest {:?}",
            (tenth + 1) * (calls / 10),
            sandbox_count(&sandbox),
            memory(),
            percentile(50),
            percentile(99),
            percentile(100),
        );
    }
    let start = Instant::now();
    let page = Connection::new(sandbox.url()).send("GET", "/", &[], b"");
    println!(
        "/: {} bytes in {:?}; {} KiB",
        page.body.len(),
        start.elapsed(),
        memory()
    );
    drop(sandbox);
    runtime.shutdown_timeout(Duration::from_secs(1));
    let _ = std::fs::remove_dir_all(folder);
    let grown = resident[9].saturating_sub(resident[1]);
    assert!(grown <= BOUND, "memory grew by {grown} KiB");
    assert!(page.body.len() <= PAGE, "the page has {} bytes", page.body.len());
}

fn sandbox_count(sandbox: &Sandbox) -> String {
    Connection::new(sandbox.url())
        .send("GET", "/control/orders/count", &[], b"")
        .text()
}

/// The times of response of some calls, each second one a query of the order before it.
fn drive(sandbox: &Sandbox, tenth: usize, calls: usize) -> Vec<Duration> {
    let (next, times) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(calls)));
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut connection = Connection::new(sandbox.url());
                let mut own = Vec::new();
                loop {
                    let at = next.fetch_add(2, Ordering::Relaxed);
                    if at >= calls {
                        break;
                    }
                    let number = format!("LOAD{tenth}-{at:07}");
                    let merchant = sandbox.identity();
                    let order = format!(
                        r#"{{"appid":"{}","mchid":"{}","description":"a thing","out_trade_no":"{number}","notify_url":"https://shop.example/notify","amount":{{"total":1}}}}"#,
                        merchant.appid, merchant.mchid
                    );
                    let query = format!(
                        "/v3/pay/transactions/out-trade-no/{number}?mchid={}",
                        merchant.mchid
                    );
                    for (method, target, body) in [("POST", PLACE, order.as_str()), ("GET", &query, "")] {
                        let headers = signed(sandbox, method, target, body);
                        let start = Instant::now();
                        let response = connection.send(method, target, &headers, body.as_bytes());
                        own.push(start.elapsed());
                        assert_eq!(response.status, 200, "{}", response.text());
                    }
                }
                times.lock().expect("no panic").extend(own);
            });
        }
    });
    times.into_inner().expect("no panic")
}

fn signed(sandbox: &Sandbox, method: &str, target: &str, body: &str) -> Vec<(String, String)> {
    let identity = sandbox.identity();
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
        ("Content-Type", "application/json"),
        ("User-Agent", "load"),
        ("Authorization", &authorization),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// KiB of memory, where the system tells.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
