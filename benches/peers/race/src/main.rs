//! This client and wxpay-rs side by side: orders against a server on loopback, and payment notifications.
//!
//! Both do the same work: sign, send, verify, decode; verify, decrypt, decode. They take turns, so that a
//! busy machine slows both alike. The server runs on a thread of its own and signs once.

mod gateway;
mod ours;
mod peer;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use counter::{allocations, in_turns};
use gateway::Gateway;

#[global_allocator]
static ALLOCATOR: counter::Counting = counter::Counting;

/// How long each side runs in a turn, and how many turns there are.
const TURN: Duration = Duration::from_millis(1500);
const TURNS: usize = 6;

fn main() {
    let gateway = Gateway::start();
    let single = tokio::runtime::Builder::new_current_thread();
    let (ours, peer) = run(single, async {
        (ours::Ours::new(&gateway), peer::Peer::new(&gateway).await)
    });
    notifications(&gateway, &ours, &peer);
    // In one thread, whose allocations are counted.
    let single = tokio::runtime::Builder::new_current_thread();
    let (mine, theirs) = run(single, async {
        (count(|| ours.order()).await, count(|| peer.order()).await)
    });
    println!("allocations of an order: this client {mine}, wxpay-rs {theirs}");
    run(tokio::runtime::Builder::new_multi_thread(), async {
        let ours = Arc::new(ours::Ours::new(&gateway));
        let peer = Arc::new(peer::Peer::new(&gateway).await);
        race(ours, peer).await;
    });
}

fn run<T>(mut runtime: tokio::runtime::Builder, future: impl Future<Output = T>) -> T {
    runtime.enable_all().build().expect("a runtime").block_on(future)
}

async fn race(ours: Arc<ours::Ours>, peer: Arc<peer::Peer>) {
    println!("\norders           this client                    wxpay-rs");
    println!("at once     calls/s    p50    p99        calls/s    p50    p99     ratio");
    let (mine, theirs) = (
        move || Arc::clone(&ours).ordered(),
        move || Arc::clone(&peer).ordered(),
    );
    for concurrent in [1, 64] {
        let mut sides = [(Vec::new(), Duration::ZERO), (Vec::new(), Duration::ZERO)];
        for _ in 0..TURNS {
            sides[0].1 += orders(concurrent, &mut sides[0].0, mine.clone()).await;
            sides[1].1 += orders(concurrent, &mut sides[1].0, theirs.clone()).await;
        }
        let rates = sides.each_ref().map(|(latencies, time)| rate(latencies, *time));
        let [(mut mine, _), (mut theirs, _)] = sides;
        println!(
            "{concurrent:<7} {:>11.0} {} {:>14.0} {} {:>9.2}",
            rates[0],
            percentiles(&mut mine),
            rates[1],
            percentiles(&mut theirs),
            rates[0] / rates[1],
        );
    }
    // The peer refuses so many: its queue for signatures is full.
    let (mut many, mut time) = (Vec::new(), Duration::ZERO);
    for _ in 0..TURNS {
        time += orders(1000, &mut many, mine.clone()).await;
    }
    println!("1000    {:>11.0} {}", rate(&many, time), percentiles(&mut many));
}

/// Keeps `concurrent` orders in flight for a turn, and notes how long each takes.
async fn orders<F: Future<Output = ()> + Send + 'static>(
    concurrent: usize,
    latencies: &mut Vec<Duration>,
    order: impl Fn() -> F + Clone + Send + 'static,
) -> Duration {
    let start = Instant::now();
    let workers: Vec<_> = (0..concurrent)
        .map(|_| {
            let order = order.clone();
            tokio::spawn(async move {
                let mut took = Vec::new();
                while start.elapsed() < TURN {
                    let sent = Instant::now();
                    order().await;
                    took.push(sent.elapsed());
                }
                took
            })
        })
        .collect();
    for worker in workers {
        latencies.extend(worker.await.expect("a worker"));
    }
    start.elapsed()
}

fn rate(latencies: &[Duration], time: Duration) -> f64 {
    latencies.len() as f64 / time.as_secs_f64()
}

fn percentiles(latencies: &mut [Duration]) -> String {
    latencies.sort();
    let at = |share: usize| latencies[latencies.len() * share / 100].as_secs_f64() * 1000.0;
    format!("{:>6.2} {:>6.2}", at(50), at(99))
}

/// The allocations of one order in the client's thread, connection included: the least of ten.
async fn count<F: Future<Output = ()>>(order: impl Fn() -> F) -> u64 {
    let mut least = u64::MAX;
    for _ in 0..10 {
        let before = counter::so_far();
        order().await;
        least = least.min(counter::so_far() - before);
    }
    least
}

fn notifications(gateway: &Gateway, ours: &ours::Ours, peer: &peer::Peer) {
    let notification = gateway.notification();
    let mine = || ours.notified(&notification);
    let theirs = || peer.notified(&notification);
    let (my_time, their_time) = in_turns(mine, theirs);
    let per_second = |time: Duration| 1.0 / time.as_secs_f64();
    println!(
        "notifications: this client {:.0}/s, wxpay-rs {:.0}/s: {:.2} times as many",
        per_second(my_time),
        per_second(their_time),
        their_time.as_secs_f64() / my_time.as_secs_f64(),
    );
    println!(
        "allocations of a notification: this client {}, wxpay-rs {}",
        allocations(|| ours.notified(&notification)),
        allocations(theirs),
    );
}
