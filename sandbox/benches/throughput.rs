//! Calls per second beside the bare rate of one RSA verification and one signing per call, and memory.
//!
//! In: `cargo bench -p wechatpay-sandbox [-- CALLS]`; as a test (`--test`) a few hundred calls. Out: one
//! line of figures. Requests are signed beforehand; the driver shares the machine with the sandbox, as
//! many threads as there are cores.

#[path = "../tests/surface/http.rs"]
#[allow(dead_code)]
mod http;

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::Connection;
use wechatpay_sandbox::{Sandbox, Settings, crypto, text};

const TARGET: &str =
    "/v3/merchant-service/complaints-v2?limit=5&offset=0&begin_date=2026-01-01&end_date=2026-01-02";

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let calls = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .next();
    let calls: usize = calls.unwrap_or(if test { 200 } else { 100_000 });
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let settings = Settings {
        stateless: true,
        ..Settings::default()
    };
    let sandbox = Arc::new(runtime.block_on(Sandbox::with(settings)).expect("a sandbox"));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let bare = bare_rate(&sandbox, threads, if test { 50 } else { 1500 });
    drive(&sandbox, threads, calls / 10);
    let before = resident();
    let start = Instant::now();
    drive(&sandbox, threads, calls);
    let rate = calls as f64 / start.elapsed().as_secs_f64();
    let after = resident();
    println!(
        "{calls} calls: {rate:.0}/s; bare verify+sign: {bare:.0}/s; {:.0} %; resident {before} -> {after} KiB",
        rate / bare * 100.0
    );
    start_twenty(&runtime);
    runtime.shutdown_timeout(Duration::from_secs(1));
}

/// Starts twenty sandboxes at once, and tells how long it took, and how long the executor was held up.
fn start_twenty(runtime: &tokio::runtime::Runtime) {
    let start = Instant::now();
    let held_up = runtime.block_on(async {
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..20 {
            all.spawn(Sandbox::start());
        }
        let mut longest = Duration::ZERO;
        while !all.is_empty() {
            let tick = Instant::now();
            tokio::time::sleep(Duration::from_millis(1)).await;
            longest = longest.max(tick.elapsed());
            while let Some(done) = all.try_join_next() {
                done.expect("no panic").expect("a sandbox");
            }
        }
        longest
    });
    println!(
        "20 sandboxes started in {:?}; the executor was held up for at most {held_up:?}",
        start.elapsed()
    );
}

/// One verification and one signing, on all cores.
fn bare_rate(sandbox: &Arc<Sandbox>, threads: usize, each: usize) -> f64 {
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let identity = sandbox.identity();
                let signature = identity.key.sign(b"message");
                for _ in 0..each {
                    assert!(identity.key.verifies(b"message", &signature));
                    assert!(!identity.public_key.key.sign(b"message").is_empty());
                }
            });
        }
    });
    (threads * each) as f64 / start.elapsed().as_secs_f64()
}

fn drive(sandbox: &Arc<Sandbox>, threads: usize, calls: usize) {
    // Two connections per core: one waits while the other is served.
    let lanes = threads * 2;
    std::thread::scope(|scope| {
        for _ in 0..lanes {
            scope.spawn(|| {
                let mut connection = Connection::new(sandbox.url());
                let headers = signed(sandbox);
                for _ in 0..calls / lanes {
                    let response = connection.send("GET", TARGET, &headers, b"");
                    assert_eq!(response.status, 200, "{}", response.text());
                }
            });
        }
    });
}

/// The headers of a request, good for five minutes.
fn signed(sandbox: &Sandbox) -> Vec<(String, String)> {
    let identity = sandbox.identity();
    let (timestamp, nonce) = (text::now(), crypto::random(32));
    let signature = identity
        .key
        .sign(format!("GET\n{TARGET}\n{timestamp}\n{nonce}\n\n").as_bytes());
    let authorization = format!(
        "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",serial_no=\"{}\",nonce_str=\"{nonce}\",timestamp=\"{timestamp}\",signature=\"{signature}\"",
        identity.mchid, identity.serial
    );
    [
        ("Accept", "application/json".to_owned()),
        ("User-Agent", "bench".to_owned()),
        ("Authorization", authorization),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// KiB of memory, where the system tells.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
