//! Two processes that get every notification at the same time, and one of which is killed while it works.
//!
//! The test is the merchant's load balancer: it delivers, and it hears what each worker does. A worker is
//! this very test binary, run with another filter. `NOTIFICATIONS=1000 client/tests/servers.sh cargo test
//! --features full,redis,postgres --test stores -- --nocapture` is the long form.

use std::io::{BufRead as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use wechatpay_client::ErrorKind;
use wechatpay_client::webhook::{Lease, ReplayGuard};

use super::{fresh, postgres_store, redis_store};

/// How long a killed worker keeps its notification: those that are called `KILL…`.
const LEASE: Duration = Duration::from_millis(1500);
const KILL: &str = "kill";

/// What marks a worker's lines among those of the test harness.
const MARK: &str = "worker: ";

// The worker.

/// Reads `ID` from standard input and handles it; says `begin ID`, then waits for `go` before its work
/// counts. Says `end ID STATE` of every delivery.
async fn work(store: impl ReplayGuard + Clone + 'static) {
    let (sender, mut lines) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let (go, _) = tokio::sync::broadcast::channel(1);
    while let Some(line) = lines.recv().await {
        if line == "go" {
            let _ = go.send(());
            continue;
        }
        let (store, mut went) = (store.clone(), go.subscribe());
        tokio::spawn(async move {
            let lease = match line.starts_with(KILL) {
                true => LEASE,
                false => Lease::LENGTH,
            };
            let state = match Lease::claim_for(&store, &line, lease).await {
                Ok(lease) => {
                    say(&format!("begin {line}"));
                    went.recv().await.unwrap();
                    match lease.complete().await {
                        Ok(()) => "handled",
                        Err(_) => "lost",
                    }
                }
                Err(error) => match error.kind() {
                    ErrorKind::Busy => "busy",
                    ErrorKind::Replay => "done",
                    _ => "failed",
                },
            };
            say(&format!("end {line} {state}"));
        });
    }
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{MARK}{text}").unwrap();
    out.flush().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "one of the workers of the other tests"]
async fn worker() {
    match std::env::var("WORKER_STORE").as_deref() {
        Ok("redis") => work(redis_store("worker").await.unwrap()).await,
        Ok("postgres") => work(postgres_store("worker").await.unwrap()).await,
        _ => {}
    }
}

// The load balancer.

struct Worker {
    number: usize,
    child: Child,
    input: ChildStdin,
}

impl Worker {
    /// Starts a worker whose lines arrive at `heard` with its number.
    fn start(store: &str, number: usize, heard: &Sender<(usize, String)>) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "processes::worker", "--nocapture"])
            .env("WORKER_STORE", store)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (output, heard) = (child.stdout.take().unwrap(), heard.clone());
        std::thread::spawn(move || {
            for line in std::io::BufReader::new(output).lines().map_while(Result::ok) {
                if let Some((_, line)) = line.split_once(MARK) {
                    let _ = heard.send((number, line.to_owned()));
                }
            }
        });
        let input = child.stdin.take().unwrap();
        Self { number, child, input }
    }

    fn tell(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Balancer {
    store: &'static str,
    workers: [Worker; 2],
    heard: Receiver<(usize, String)>,
    sender: Sender<(usize, String)>,
    started: usize,
    handled: usize,
    kills: usize,
}

impl Balancer {
    fn start(store: &'static str) -> Self {
        let (sender, heard) = channel();
        let workers = [0, 1].map(|number| Worker::start(store, number, &sender));
        Self {
            store,
            workers,
            heard,
            sender,
            started: 2,
            handled: 0,
            kills: 0,
        }
    }

    /// Delivers `id` so many times to both workers, and waits until all deliveries have ended. The worker
    /// that begins is killed, or goes on; whether it was killed.
    fn deliver(&mut self, id: &str, times: usize, kill: bool) -> bool {
        let mut open = [times; 2];
        for _ in 0..times {
            self.workers.iter_mut().for_each(|worker| worker.tell(id));
        }
        let mut killed = false;
        while open.iter().sum::<usize>() > 0 {
            let (number, line) = self
                .heard
                .recv_timeout(Duration::from_secs(60))
                .expect("a worker hangs");
            // The last lines of a killed worker come late.
            let Some(at) = self.workers.iter().position(|worker| worker.number == number) else {
                continue;
            };
            let Some(rest) = line.strip_prefix("end ") else {
                assert_eq!(line, format!("begin {id}"));
                if kill {
                    assert!(
                        !killed,
                        "{id}: a second worker began while the first one's lease lasted"
                    );
                    self.workers[at].kill();
                    self.workers[at] = Worker::start(self.store, self.started, &self.sender);
                    self.started += 1;
                    (killed, open[at], self.kills) = (true, 0, self.kills + 1);
                } else {
                    self.workers[at].tell("go");
                }
                continue;
            };
            let state = rest.strip_prefix(id).expect("an end of another delivery").trim();
            assert!(["handled", "busy", "done"].contains(&state), "{id}: {state}");
            self.handled += usize::from(state == "handled");
            open[at] -= 1;
        }
        killed
    }

    /// Delivers one notification to both until it is handled, then again; it must be handled once.
    fn handle(&mut self, id: &str, times: usize, kill: bool) {
        let before = self.handled;
        if kill && self.deliver(id, times, true) {
            std::thread::sleep(LEASE);
        }
        for _ in 0..100 {
            self.deliver(id, times, false);
            if self.handled > before {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        self.deliver(id, times, false);
        assert_eq!(self.handled - before, 1, "{id}");
    }
}

fn run(store: &'static str) {
    let count = std::env::var("NOTIFICATIONS").map_or(20, |count| count.parse().unwrap());
    let mut balancer = Balancer::start(store);
    balancer.handle(&fresh("thousand"), 1000, false);
    for at in 0..count {
        match at % 10 {
            3 => balancer.handle(&fresh(KILL), 5, true),
            _ => balancer.handle(&fresh("one"), 5, false),
        }
    }
    assert!(balancer.kills > 0);
    println!(
        "{store}: 1 notification delivered 1,000 times to each of two processes, then {count} delivered 10 \
         times to each: {} handled, none twice, {} kills in the middle",
        balancer.handled, balancer.kills
    );
}

#[tokio::test]
async fn two_processes_on_redis_handle_each_notification_once() {
    if redis_store("two_processes_on_redis_handle_each_notification_once")
        .await
        .is_some()
    {
        tokio::task::spawn_blocking(|| run("redis")).await.unwrap();
    }
}

#[tokio::test]
async fn two_processes_on_postgres_handle_each_notification_once() {
    if postgres_store("two_processes_on_postgres_handle_each_notification_once")
        .await
        .is_some()
    {
        tokio::task::spawn_blocking(|| run("postgres")).await.unwrap();
    }
}
