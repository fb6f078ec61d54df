//! Many concurrent calls against a sandbox that misbehaves: a tenth of its responses have a fault, its
//! certificate is rotated, and its process is killed and started again. Afterwards every order must be
//! in the state that the caller was told.
//!
//! ```text
//! cargo run --release --example soak --features pay -- 100000
//! ```
//!
//! The command prints what happened and fails if an order differs, a call outlived its deadline, or
//! memory grew.

mod gateway;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gateway::Gateway;
use wechatpay_client::observe::{AttemptEvent, Observer, RefreshEvent, ResponseEvent};
use wechatpay_client::v3::pay::transactions::jsapi;
use wechatpay_client::v3::pay::transactions::out_trade_no::by_out_trade_no;
use wechatpay_client::{Client, Error, ErrorCode};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const CONCURRENT: usize = 64;
const DEADLINE: Duration = Duration::from_secs(3);
/// What a busy machine may add to a deadline.
const MARGIN: Duration = Duration::from_secs(1);
/// What memory may grow by after the first tenth of the calls.
const GROWTH: u64 = 32 << 10;

/// Counts what the client reports.
#[derive(Clone, Default)]
struct Counts(Arc<Mutex<BTreeMap<String, usize>>>);

impl Counts {
    fn add(&self, name: String) {
        let mut counts = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *counts.entry(name).or_default() += 1;
    }
}

impl Observer for Counts {
    fn attempt(&self, event: &AttemptEvent) {
        self.add("attempts".to_owned());
        if event.is_retried {
            self.add("attempts that were retried".to_owned());
        }
    }

    fn response(&self, event: &ResponseEvent) {
        self.add("calls".to_owned());
        if let Some(error) = event.error {
            self.add(format!("calls that failed: {}", error.name()));
        }
        if event.outcome_unknown {
            self.add("calls with an unknown outcome".to_owned());
        }
    }

    fn refresh(&self, event: &RefreshEvent) {
        self.add(match event.error {
            None => "certificate downloads".to_owned(),
            Some(error) => format!("certificate downloads that failed: {}", error.name()),
        });
    }
}

/// What all workers share.
struct Shop {
    client: Client,
    appid: String,
    made_calls: AtomicUsize,
    durations: Mutex<Vec<Duration>>,
}

impl Shop {
    /// Notes how long a call took.
    async fn timed<T>(&self, call: impl IntoFuture<Output = T>) -> T {
        let start = Instant::now();
        let result = call.await;
        self.made_calls.fetch_add(1, Ordering::Relaxed);
        let mut durations = self
            .durations
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        durations.push(start.elapsed());
        result
    }

    /// Places an order; whether it exists now, as far as the client knows.
    async fn order(&self, number: &str) -> Result<bool, Failure> {
        let request = jsapi::post::Request::from(jsapi::post::RequestInit {
            appid: self.appid.clone(),
            description: "soak".into(),
            out_trade_no: number.into(),
            notify_url: "http://127.0.0.1:9/".into(),
            amount: jsapi::post::Amount::new(1),
            payer: jsapi::post::Payer::new("o1"),
        });
        let mut in_doubt = false;
        loop {
            match self.timed(jsapi::post(&self.client, &request)).await {
                Ok(_) => return Ok(true),
                Err(error) if !error.is_outcome_unknown() && !in_doubt => return Ok(false),
                Err(_) => in_doubt = true,
            }
            // A request that timed out may still arrive after the query. The same number is the same order, so
            // it is placed again until one response settles it.
            if self.query(number).await? {
                return Ok(true);
            }
        }
    }

    /// Asks until there is a verified response.
    async fn query(&self, number: &str) -> Result<bool, Failure> {
        let request = by_out_trade_no::get::Request::new(number);
        let mut last = None;
        for _ in 0..600 {
            match self.timed(by_out_trade_no::get(&self.client, &request)).await {
                Ok(_) => return Ok(true),
                Err(error) if is_missing(&error) => return Ok(false),
                Err(error) => last = Some(error),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(format!("no verified response about {number} in 600 queries: {last:?}").into())
    }
}

/// Whether a verified response says that there is no such order.
fn is_missing(error: &Error) -> bool {
    error.api().is_some_and(|api| {
        let codes = [
            ErrorCode::OrderNotExist,
            ErrorCode::NotFound,
            ErrorCode::ResourceNotExists,
        ];
        api.authenticated && codes.contains(&api.code)
    })
}

/// Kilobytes of memory in use.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// A tenth of the responses have a fault, each of any kind but a new certificate: that one comes once, since a
/// real one does not come every second.
fn faults() -> String {
    let kinds = wechatpay_sandbox::faults::ALL.iter().map(|(name, _)| *name);
    let kinds = kinds
        .filter(|name| *name != "rotated-certificate")
        .chain(["reset", "hang"]);
    serde_json::json!({ "percent": 10, "kinds": kinds.collect::<Vec<_>>() }).to_string()
}

async fn soak(calls: usize) -> Result<(), Failure> {
    let folder = std::env::temp_dir().join(format!("wechatpay-soak-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut gateway = Gateway::start(&folder).await?;
    let counts = Counts::default();
    let merchant = &gateway.identity;
    let client = Client::builder()
        .mchid(&merchant.mchid)
        .certificate_pem(&merchant.certificate_pem)
        .private_key_pem(&merchant.key_pem)
        .api_v3_key(&merchant.api_v3_key)
        .base_url(&gateway.url)
        .timeout(DEADLINE)
        .attempt_timeout(Duration::from_secs(1))
        .observer(counts.clone())
        .build()?;
    let shop = Arc::new(Shop {
        client,
        appid: merchant.appid.clone(),
        made_calls: AtomicUsize::new(0),
        durations: Mutex::default(),
    });
    shop.client.refresh_certificates().await?;
    gateway.control("faults", &faults()).await?;

    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..CONCURRENT {
        let (shop, next) = (shop.clone(), next.clone());
        workers.spawn(async move {
            let mut believed = Vec::new();
            while shop.made_calls.load(Ordering::Relaxed) < calls {
                let number = format!("SOAK{:08}", next.fetch_add(1, Ordering::Relaxed));
                let exists = shop.order(&number).await?;
                believed.push((number, exists));
            }
            Ok::<_, Failure>(believed)
        });
    }
    let reached = |part: usize| {
        let shop = shop.clone();
        async move {
            while shop.made_calls.load(Ordering::Relaxed) < calls * part / 10 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    };
    reached(1).await;
    let memory_before = memory();
    reached(3).await;
    // Announced, and used for signatures later.
    gateway.control("rotate", "{}").await?;
    reached(4).await;
    gateway.control("rotate/activate", "{}").await?;
    reached(6).await;
    gateway.restart().await?;
    gateway.control("faults", &faults()).await?;

    let mut believed = Vec::new();
    while let Some(worker) = workers.join_next().await {
        believed.extend(worker??);
    }
    let memory_after = memory();
    gateway.control("faults/clear", "{}").await?;
    let result = judge(&shop, &believed, memory_before, memory_after).await;
    for (name, count) in counts.0.lock().map_err(|error| error.to_string())?.iter() {
        println!("{count:>8} {name}");
    }
    drop(gateway);
    std::fs::remove_dir_all(&folder)?;
    result
}

/// Compares what the callers were told with what the gateway has.
async fn judge(shop: &Shop, believed: &[(String, bool)], before: u64, after: u64) -> Result<(), Failure> {
    let mut durations = std::mem::take(&mut *shop.durations.lock().map_err(|error| error.to_string())?);
    durations.sort_unstable();
    let at = |part: usize| durations[(durations.len() - 1) * part / 1000];
    let late = durations
        .iter()
        .filter(|duration| **duration > DEADLINE + MARGIN)
        .count();
    let mut wrong = Vec::new();
    for (number, exists) in believed {
        if shop.query(number).await? != *exists {
            println!("{number}: the caller was told {exists}, the gateway has the opposite");
            wrong.push(number);
        }
    }
    let exist = believed.iter().filter(|(_, exists)| *exists).count();
    println!(
        "{:>8} orders, {exist} of which exist; {} differ from the gateway",
        believed.len(),
        wrong.len()
    );
    println!(
        "{:>8} calls took {:?} (median), {:?} (p99), {:?} (longest); {late} outlived their deadline of {DEADLINE:?}",
        durations.len(),
        at(500),
        at(990),
        at(1000),
    );
    println!("{before:>8} kB of memory after a tenth of the calls, {after} kB after all of them");
    match (wrong.is_empty(), late, after.saturating_sub(before) <= GROWTH) {
        (true, 0, true) => Ok(()),
        _ => Err(format!(
            "orders that differ: {wrong:?}; {late} late calls; memory {before} kB, then {after} kB"
        )
        .into()),
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--gateway", listen, folder] => gateway::serve(listen, folder).await,
        [] => soak(10_000).await,
        [calls] => soak(calls.parse()?).await,
        _ => Err("give the number of calls".into()),
    }
}
