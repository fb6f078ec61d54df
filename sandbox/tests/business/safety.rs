//! Safe on a developer's machine: who may use the page, what is on disk, what ends.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use wechatpay_sandbox::{Sandbox, Settings};

use super::http::Connection;
use super::rules::{order, paid};
use super::{is_notified, v3, with};

/// The status of a control request with these headers.
fn control(sandbox: &Sandbox, method: &str, target: &str, headers: &[(&str, &str)]) -> u16 {
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Connection::new(sandbox.url())
        .send(method, target, &headers, b"{}")
        .status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_sites_cannot_use_the_control_api() {
    with(Settings::default(), |sandbox| {
        const CLEAR: &str = "/control/faults/clear";
        let own = sandbox.url();
        for (headers, status) in [
            (vec![], 200),
            (vec![("Origin", own)], 200),
            (vec![("Origin", own), ("Sec-Fetch-Site", "same-origin")], 200),
            (vec![("Origin", "https://evil.example")], 403),
            (vec![("Origin", "null")], 403),
            (vec![("Sec-Fetch-Site", "cross-site")], 403),
            (vec![("Sec-Fetch-Site", "same-site")], 403),
        ] {
            assert_eq!(control(sandbox, "POST", CLEAR, &headers), status, "{headers:?}");
        }
        let reads = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")];
        assert_eq!(control(sandbox, "GET", "/control/config", &reads), 403);
    })
    .await;
}

/// A raw request, and the status line that comes back.
fn raw(sandbox: &Sandbox, request: &str) -> String {
    let mut stream = TcpStream::connect(sandbox.url().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = vec![0; 512];
    let read = stream.read(&mut response).unwrap();
    String::from_utf8_lossy(&response[..read])
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_was_led_here_cannot_read_the_page() {
    with(Settings::default(), |sandbox| {
        for (host, status) in [
            ("127.0.0.1:1", "200"),
            ("localhost", "200"),
            ("[::1]:80", "200"),
            ("sandbox:8080", "200"),
            ("evil.example", "403"),
            ("127.0.0.1.evil.example", "403"),
        ] {
            let request =
                format!("GET /control/config HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            assert!(raw(sandbox, &request).contains(status), "{host}");
        }
    })
    .await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_private_and_links_are_not_followed() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = wechatpay_sandbox::temporary_folder().unwrap();
    let victim = folder.join("victim");
    std::fs::write(&victim, "mine").unwrap();
    let state = folder.join("state");
    std::fs::create_dir(&state).unwrap();
    symlink(&victim, state.join("apiclient_key.pem")).unwrap();
    let settings = Settings {
        state: Some(state.clone()),
        ..Settings::default()
    };
    with(settings, |_| {}).await;
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "mine");
    let mode = |path: &std::path::Path| std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for name in ["apiclient_key.pem", "config.json", "platform/pub_key.key.pem"] {
        assert_eq!(mode(&state.join(name)), 0o600, "{name}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_notifications_and_calls_survive_a_restart() {
    let folder = wechatpay_sandbox::temporary_folder().unwrap();
    let settings = Settings {
        state: Some(folder.clone()),
        speed: 1,
        ..Settings::default()
    };
    let serials = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let before = serials.clone();
    with(settings.clone(), move |sandbox| {
        paid(sandbox, "RESTART1", 5);
        sandbox.control().rotate_certificate().unwrap();
        sandbox.control().activate_certificate();
        *before.lock().unwrap() = sandbox.identity().platform.serials();
        is_notified(sandbox, "TRANSACTION.SUCCESS");
    })
    .await;
    let faster = Settings {
        speed: 1000,
        ..settings
    };
    with(faster, move |sandbox| {
        let serials = serials.lock().unwrap();
        assert_eq!(sandbox.identity().platform.serials(), *serials);
        assert_eq!(Some(&sandbox.identity().platform.active().id), serials.last());
        let calls = || {
            let calls = sandbox.control().calls();
            calls
                .iter()
                .filter(|call| call.what.starts_with("→ TRANSACTION.SUCCESS"))
                .count()
        };
        assert!(calls() >= 1, "the log is empty");
        let start = std::time::Instant::now();
        while calls() < 2 {
            assert!(
                start.elapsed().as_secs() < 20,
                "the notification is not sent again"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    })
    .await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sandboxes_share_an_identity_and_nothing_else() {
    let identity =
        wechatpay_sandbox::identity::Identity::generate(None, Default::default(), Default::default())
            .unwrap();
    let identity = std::sync::Arc::new(identity);
    let mut all = Vec::new();
    for _ in 0..3 {
        let settings = Settings {
            identity: Some(identity.clone()),
            appids: vec!["wx1".into()],
            ..Settings::default()
        };
        all.push(Sandbox::with(settings).await.unwrap());
    }
    assert_eq!(all[0].identity().mchid, all[2].identity().mchid);
    tokio::task::spawn_blocking(move || {
        let (status, _) = v3(
            &all[0],
            "POST",
            "/v3/pay/transactions/native",
            &order(&all[0], "SHARING1", 5),
        );
        assert_eq!(status, 200);
        assert_eq!(
            all.iter()
                .map(|sandbox| sandbox.control().orders().len())
                .collect::<Vec<_>>(),
            [1, 0, 0]
        );
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_control_handle_needs_no_runtime() {
    let sandbox = Sandbox::with(Settings {
        appids: vec!["*".into()],
        ..Settings::default()
    });
    let sandbox = sandbox.await.unwrap();
    let thread = std::thread::spawn(move || {
        let placed = v3(
            &sandbox,
            "POST",
            "/v3/pay/transactions/native",
            &order(&sandbox, "THREAD01", 5),
        );
        assert_eq!(placed.0, 200, "{}", placed.1);
        sandbox.control().pay("THREAD01").unwrap();
        is_notified(&sandbox, "TRANSACTION.SUCCESS");
    });
    tokio::task::spawn_blocking(move || thread.join().unwrap())
        .await
        .unwrap();
}

/// What was placed is there after a restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_acknowledged_is_on_disk() {
    let folder = wechatpay_sandbox::temporary_folder().unwrap();
    let settings = Settings {
        state: Some(folder.clone()),
        ..Settings::default()
    };
    with(settings.clone(), |sandbox| {
        for at in 0..20 {
            let number = format!("KEPT{at:04}");
            let (status, _) = v3(
                sandbox,
                "POST",
                "/v3/pay/transactions/native",
                &order(sandbox, &number, 5),
            );
            assert_eq!(status, 200);
        }
    })
    .await;
    with(settings, |sandbox| {
        let numbers: Vec<Value> = sandbox
            .control()
            .orders()
            .iter()
            .map(|row| row["number"].clone())
            .collect();
        assert_eq!(numbers.len(), 20);
        assert_eq!(numbers[19], json!("KEPT0019"));
    })
    .await;
    std::fs::remove_dir_all(folder).unwrap();
}
