//! The examples as programs of their own, against the sandbox: what they print and how they respond.

mod doctor;
mod topics;

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use wechatpay_client::Client;
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
