//! The examples as programs of their own, against the sandbox: what they print and how they respond.

mod doctor;
mod topics;

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use wechatpay_client::Client;
use wechatpay_client::v2::pay::unifiedorder;
use wechatpay_client::v2::secapi::pay::refund;
use wechatpay_client::v3::pay::transactions::native;
use wechatpay_sandbox::faults::NotificationFault;
use wechatpay_sandbox::{Answers, Sandbox, Settings};

/// A sandbox with a merchant's files in a folder, and a client of that merchant.
struct Shop {
    sandbox: Sandbox,
    client: Client,
    folder: PathBuf,
}

impl Shop {
    async fn open(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("wechatpay-programs-{name}-{}", std::process::id()));
        let settings = Settings {
            state: Some(folder.clone()),
            answers: Answers::Sparse,
            appids: vec!["*".into()],
            ..Settings::default()
        };
        let sandbox = Sandbox::with(settings).await.unwrap();
        let merchant = sandbox.identity();
        let client = Client::builder()
            .mchid(&merchant.mchid)
            .certificate_serial(&merchant.serial)
            .private_key_pem(&merchant.key_pem)
            .certificate_pem(&merchant.certificate_pem)
            .api_v3_key(&merchant.api_v3_key)
            .api_v2_key(&merchant.api_v2_key)
            .public_key_pem(&merchant.public_key.id, &merchant.public_key.public_pem)
            .base_url(sandbox.url())
            .build()
            .unwrap();
        Self {
            sandbox,
            client,
            folder,
        }
    }

    /// The example of this name, with this shop in its environment.
    fn example(&self, name: &str) -> Command {
        let merchant = self.sandbox.identity();
        let mut command = Command::new(program(name));
        command
            .env("WECHATPAY_MCHID", &merchant.mchid)
            .env("WECHATPAY_SERIAL", &merchant.serial)
            .env("WECHATPAY_KEY_FILE", self.folder.join("apiclient_key.pem"))
            .env("WECHATPAY_P12", self.folder.join("apiclient_cert.p12"))
            .env("WECHATPAY_API_V2_KEY", &merchant.api_v2_key)
            .env("WECHATPAY_API_V3_KEY", &merchant.api_v3_key)
            .env("WECHATPAY_PUBLIC_KEY_ID", &merchant.public_key.id)
            .env("WECHATPAY_PUBLIC_KEY_FILE", self.folder.join("pub_key.pem"))
            .env("WECHATPAY_BASE_URL", self.sandbox.url())
            .env("LISTEN", "127.0.0.1:0");
        command
    }

    /// What an example prints that ends on its own.
    fn run(&self, name: &str, arguments: &[&str]) -> String {
        let output = self.example(name).args(arguments).output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{name}: {printed}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        printed
    }

    /// An order of 100 fen over APIv2, paid.
    async fn paid_order(&self, number: &str) {
        let order = unifiedorder::post::Request::from(unifiedorder::post::RequestInit {
            appid: "wx1".into(),
            body: "a thing".into(),
            out_trade_no: number.into(),
            total_fee: 100,
            spbill_create_ip: "127.0.0.1".into(),
            notify_url: "http://127.0.0.1:9/".into(),
            trade_type: "NATIVE".into(),
        });
        unifiedorder::post(&self.client, &order).await.unwrap();
        self.sandbox.control().pay(number).unwrap();
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Where cargo puts the program of an example.
fn program(name: &str) -> PathBuf {
    let deps = std::env::current_exe().unwrap();
    let folder = deps.ancestors().nth(2).unwrap().join("examples");
    let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{} is not there: `cargo test` without `--test` builds it",
        program.display()
    );
    program
}

/// A server that runs until the test is over.
struct Server {
    child: Child,
    lines: Receiver<String>,
}

impl Server {
    fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            out.lines()
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        Self { child, lines }
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(20)).unwrap()
    }

    /// The address that it says it listens on.
    fn url(&self) -> String {
        let line = self.line();
        line[line.find("http://").unwrap()..].to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn v2_refund() {
    let shop = Shop::open("refund").await;
    shop.paid_order("ORDER1").await;
    let printed = shop.run("v2_refund", &["wx1", "ORDER1", "R1", "100"]);
    assert!(printed.contains("of 100 fen is on its way"), "{printed}");
    let refunds = shop.sandbox.control().refunds();
    assert_eq!((refunds.len(), &refunds[0]["number"]), (1, &"R1".into()));
    // The same again is the same refund.
    assert_eq!(shop.run("v2_refund", &["wx1", "ORDER1", "R1", "100"]), printed);
    assert_eq!(shop.sandbox.control().refunds().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn v2_red_packet() {
    let shop = Shop::open("red-packet").await;
    let printed = shop.run("v2_red_packet", &["wx1", "oSB0user", "100"]);
    assert!(printed.starts_with("sent: "), "{printed}");
    assert_eq!(printed.matches(shop.client.mchid()).count(), 1, "{printed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn v2_contract_deduction() {
    let shop = Shop::open("deduction").await;
    let printed = shop.run("v2_contract_deduction", &["sign", "wx1", "12535", "C1"]);
    let url = printed.trim().strip_prefix("send the payer to ").unwrap();
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let response = browser.build().unwrap().get(url).send().await.unwrap();
    assert_eq!(response.status(), 302, "{:?}", response.text().await);

    let printed = shop.run(
        "v2_contract_deduction",
        &["deduct", "wx1", "K1", "DEDUCT1", "888"],
    );
    assert_eq!(printed.trim(), "DEDUCT1: ACCEPT");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn v2_refund_notification() {
    let shop = Shop::open("notification").await;
    let mut command = shop.example("v2_refund_notification");
    command.arg("127.0.0.1:0");
    let server = Server::start(command);
    shop.paid_order("ORDER1").await;
    let request = refund::post::Request::from(refund::post::RequestInit {
        appid: "wx1".into(),
        out_refund_no: "R1".into(),
        total_fee: 100,
        refund_fee: 40,
    })
    .out_trade_no("ORDER1")
    .notify_url(server.url());
    refund::post(&shop.client, &request).await.unwrap();
    shop.sandbox.control().settle_refund("R1", "SUCCESS").unwrap();
    // It is not signed, and the server says so.
    assert!(!server.line().is_empty());
    assert_eq!(server.line(), "R1: SUCCESS, 40 fen");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhook_server() {
    let shop = Shop::open("webhooks").await;
    let server = Server::start(shop.example("webhook_server"));
    let url = server.url();
    for (number, total) in [("ORDER1", 100), ("ORDER2", 99), ("ORDER3", 100)] {
        let order = native::post::Request::from(native::post::RequestInit {
            appid: "wx1".into(),
            description: "a thing".into(),
            out_trade_no: number.into(),
            notify_url: url.clone(),
            amount: native::post::Amount::new(total),
        });
        native::post(&shop.client, &order).await.unwrap();
        // The first comes twice and is delivered once; the second is not what was sold.
        if number == "ORDER1" {
            shop.sandbox
                .control()
                .notification_fault(NotificationFault::Twice);
        }
        shop.sandbox.control().pay(number).unwrap();
        if number != "ORDER2" {
            assert_eq!(server.line(), format!("paid: {number}"));
        }
    }
    let start = std::time::Instant::now();
    let told = || {
        let mut calls = shop.sandbox.control().calls();
        calls.retain(|call| call.what.starts_with("→ TRANSACTION.SUCCESS"));
        calls
    };
    while told().len() < 4 || told().iter().all(|call| call.status != 500) {
        assert!(
            start.elapsed().as_secs() < 20,
            "an order of another amount was accepted"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(server.lines.try_iter().next(), None);
}
