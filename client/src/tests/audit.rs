//! Rules that an audit of the runtime found broken once, and that belong to no other file.

use super::fake::fake;
use super::gateway::{API_V3_KEY, Gateway, KEY_ID, MCHID, MERCHANT, PLATFORM, Reply, SERIAL};
use super::openssl::tempdir::TempDir;
use super::ops::{get_statement, order, post_order, post_payment, query};
use crate::crypto::Digest;
use crate::{Builder, Client, ErrorKind, Operation, Pages};
use std::time::Duration;

const PREPAY: &str = r#"{"prepay_id":"wx0"}"#;

#[cfg(feature = "serde")]
#[tokio::test]
async fn clear_text_read_from_json_is_not_sent_as_ciphertext() {
    let json = r#"{"appid":"wx1","out_trade_no":"1","amount":{"total":1},"payer_name":"ZHANGSAN"}"#;
    let request: super::ops::Order = serde_json::from_str(json).unwrap();
    let gateway = Gateway::always(Reply::ok(PREPAY)).await;
    let error = post_order(&gateway.client(), &request)
        .await
        .map(drop)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(!error.to_string().contains("ZHANGSAN"), "{error}");
    assert!(gateway.seen().is_empty());

    let ciphertext = PLATFORM.public_key().unwrap().encrypt(b"ZHANGSAN").unwrap();
    let ciphertext = crate::crypto::to_base64(&ciphertext);
    let request: super::ops::Order = serde_json::from_str(&json.replace("ZHANGSAN", &ciphertext)).unwrap();
    post_order(&gateway.client(), &request).await.unwrap();
    assert!(gateway.seen()[0].text().contains(&ciphertext));
}

#[tokio::test]
async fn reqwest_repeats_nothing_on_its_own() {
    let gateway = Gateway::start(|_, _| Reply::new(503, "").unsigned()).await;
    let client = gateway.builder().max_attempts(1).configure_reqwest(|builder| {
        let policy = reqwest::retry::for_host("127.0.0.1").max_retries_per_request(2);
        builder.retry(policy.classify_fn(|response| match response.status() {
            Some(status) if status.is_server_error() => response.retryable(),
            _ => response.success(),
        }))
    });
    let client = client.build().unwrap();
    assert!(post_payment(&client, &order()).await.is_err());
    assert_eq!(
        gateway.seen().len(),
        1,
        "a payment without a number was sent again"
    );
}

fn credentials() -> Builder {
    Client::builder()
        .mchid(MCHID)
        .certificate_serial(SERIAL)
        .private_key_pem(MERCHANT.to_pem().unwrap().to_string())
        .api_v3_key(API_V3_KEY)
}

#[test]
fn only_wechat_pays_public_key_is_taken_for_it() {
    let refused = |pem: String, problem: &str| {
        let error = credentials().public_key_pem(KEY_ID, pem).build().unwrap_err();
        assert!(
            error.is_configuration() && error.to_string().contains(problem),
            "{error}"
        );
    };
    let own = MERCHANT.public_key().unwrap().to_pem();
    refused(own, "the public key of the merchant");
    // apiclient_cert.pem in the place of pub_key.pem.
    refused(
        super::openssl::certificate(&MERCHANT, SERIAL),
        "this is a certificate",
    );
    refused(
        super::openssl::certificate(&PLATFORM, SERIAL),
        "this is a certificate",
    );
    refused(MERCHANT.to_pem().unwrap().to_string(), "this is a private key");
    credentials()
        .public_key_pem(KEY_ID, PLATFORM.public_key().unwrap().to_pem())
        .build()
        .unwrap();
}

#[test]
fn a_decimal_serial_is_refused() {
    let serial = |serial: &str| {
        let builder = credentials().certificate_serial(serial);
        builder
            .public_key_pem(KEY_ID, PLATFORM.public_key().unwrap().to_pem())
            .build()
    };
    let error = serial("463218912345678901234567890123456789012345678901").unwrap_err();
    assert!(error.to_string().contains("decimal"), "{error}");
    assert!(serial(&"A".repeat(41)).is_err());
    serial("0123456789012345678901234567890123456789").unwrap();
}

#[cfg(feature = "apiv2")]
#[test]
fn half_of_a_client_certificate_is_found_when_the_client_is_built() {
    let v2 = || Client::builder().mchid(MCHID).api_v2_key(API_V3_KEY);
    let certificate = super::openssl::certificate(&MERCHANT, SERIAL);
    let key = MERCHANT.to_pem().unwrap().to_string();
    let error = v2().certificate_pem(certificate.clone()).build().unwrap_err();
    assert!(error.to_string().contains("`private_key_pem`"), "{error}");
    let error = v2().private_key_pem(key.clone()).build().unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
    v2().certificate_pem(certificate)
        .private_key_pem(key)
        .build()
        .unwrap();
}

/// What signs also serves for mutual TLS, in whatever form the text is.
#[cfg(feature = "apiv2")]
#[test]
fn pem_that_signs_is_taken_for_mutual_tls() {
    let certificate = super::openssl::certificate(&MERCHANT, SERIAL);
    let key = MERCHANT.to_pem().unwrap().to_string();
    let shapes: [fn(&str) -> String; 6] = [
        |pem| pem.replace('\n', "\r\n"),
        |pem| format!("\u{feff}{pem}"),
        |pem| pem.replace('\n', " "),
        |pem| pem.replace('\n', "  \n    "),
        |pem| format!("Bag Attributes\n  friendlyName: x\n{pem}\ntrailing text"),
        |pem| pem.trim_end().to_owned(),
    ];
    for (index, shape) in shapes.into_iter().enumerate() {
        let client = Client::builder()
            .mchid(MCHID)
            .api_v2_key(API_V3_KEY)
            .certificate_pem(shape(&certificate))
            .private_key_pem(shape(&key));
        if let Err(error) = client.build() {
            panic!("shape {index}: {error}");
        }
    }
}

#[tokio::test]
async fn a_cycle_of_page_tokens_ends() {
    use super::ops::{ListRequest, ListResponse};
    static TOKENS: Operation = Operation {
        method: http::Method::GET,
        path: "/v3/list",
        query: &["page_token"],
        pages: Pages::Token,
        ..Operation::V3
    };
    let client = fake(|_, count| {
        let token = if count.is_multiple_of(2) { "a" } else { "b" };
        Ok(Reply::ok(format!(
            r#"{{"data":["x"],"next_page_token":"{token}"}}"#
        )))
    });
    let client = client.build().unwrap();
    let request = ListRequest {
        offset: None,
        page_token: None,
        limit: None,
    };
    let mut pages = crate::Call::<ListResponse>::new(&client, &TOKENS, &request).pages();
    for _ in 0..2 {
        pages.next().await.unwrap().unwrap();
    }
    let error = pages.next().await.unwrap().map(drop).unwrap_err();
    assert_eq!(error.mismatch().unwrap().path, "next_page_token");
    assert!(pages.next().await.is_none());
}

#[tokio::test]
async fn a_cancelled_download_leaves_no_partial_file() {
    let gateway = Gateway::start(|_, _| Reply::ok(vec![b'x'; 1 << 20]).unsigned()).await;
    let client = gateway.client();
    let folder = TempDir::new();
    let path = folder.path().join("bill.csv");
    for milliseconds in [1, 2, 3, 5, 8] {
        let url = format!("{}/v3/billdownload/file?token=x", gateway.url);
        let download = client.download_url(&url).unwrap().to_path(&path);
        let _ = tokio::time::timeout(Duration::from_millis(milliseconds), download).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let names = std::fs::read_dir(folder.path()).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| name == "bill.csv"), "{names:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_bill_on_disk_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let client = fake(|_, _| Ok(Reply::ok(b"bill".to_vec()).unsigned()))
        .build()
        .unwrap();
    let folder = TempDir::new();
    let path = folder.path().join("bill.csv");
    let url = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=x";
    client.download_url(url).unwrap().to_path(&path).await.unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "{mode:o}");
}

#[tokio::test]
async fn a_truncated_gzip_file_is_noticed_at_every_length() {
    use std::io::Write as _;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&b"a,b,c\n".repeat(500)).unwrap();
    let whole = gzip.finish().unwrap();
    for length in 2..=whole.len() {
        let part = whole[..length].to_vec();
        let client = fake(move |_, _| Ok(Reply::ok(part.clone()).unsigned()))
            .build()
            .unwrap();
        let url = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=x";
        let result = client.download_url(url).unwrap().to_bytes().await;
        assert_eq!(
            result.is_ok(),
            length == whole.len(),
            "{length} of {}",
            whole.len()
        );
    }
}

#[tokio::test]
async fn both_hashes_of_a_signed_file_are_checked() {
    let csv = "a,b";
    let sha1 = Digest::Sha1.of(csv.as_bytes());
    let reply = Reply {
        signed: Some(format!("{{\"sha1\":\"{sha1}\"}}").into_bytes()),
        ..Reply::ok(csv)
    };
    let reply = reply.header("Wechatpay-Statement-Sha1", &sha1);
    let client = fake(move |_, _| Ok(reply.clone())).build().unwrap();
    let request = query("1");
    let statement = || get_statement(&client, &request);
    let right = Digest::Sha256.of(csv.as_bytes());
    statement().hash(Digest::Sha256, right).to_bytes().await.unwrap();
    let error = statement()
        .hash(Digest::Sha256, "00")
        .to_bytes()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Integrity);
}

#[cfg(feature = "blocking")]
#[tokio::test]
async fn waiting_works_where_blocking_is_allowed() {
    let client = fake(|_, _| {
        Ok(Reply {
            delay_ms: 20,
            ..Reply::ok(PREPAY)
        })
    });
    let client = client.build().unwrap();
    let blocking = client.clone();
    let waited = tokio::task::spawn_blocking(move || post_order(&blocking, &order()).wait().map(drop));
    waited.await.unwrap().unwrap();
    // In a task it would block the others.
    let error = post_order(&client, &order()).wait().map(drop).unwrap_err();
    assert!(error.is_configuration(), "{error}");
    let spawned = client.clone();
    let error = tokio::spawn(async move { post_order(&spawned, &order()).wait().map(drop) });
    assert!(error.await.unwrap().unwrap_err().is_configuration());
}

#[tokio::test]
async fn a_transport_is_shared_between_clients() {
    use crate::transport::Transport;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let transport: Arc<dyn Transport> = Arc::new(super::fake::Fake::new(move |_: &str, _| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok(Reply::ok(PREPAY))
    }));
    for _ in 0..3 {
        let client = super::gateway::builder()
            .transport(transport.clone())
            .build()
            .unwrap();
        post_order(&client, &order()).await.unwrap();
    }
    assert_eq!(count.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn plain_http_is_sent_only_where_the_base_url_is_on_loopback() {
    use crate::transport::{Body, Connection, ReqwestTransport, Settings, Transport as _};
    let gateway = Gateway::always(Reply::ok(PREPAY)).await;
    for (loopback, seen) in [(false, 0), (true, 1)] {
        let settings = Settings {
            loopback,
            ..Settings::default()
        };
        let transport = ReqwestTransport::new(&settings, None).unwrap();
        let request = http::Request::get(&gateway.url).body(Body::empty()).unwrap();
        assert_eq!(transport.send(request, Connection::Plain).await.is_ok(), loopback);
        assert_eq!(gateway.seen().len(), seen);
    }
}

#[cfg(feature = "serde")]
#[test]
fn clear_text_is_never_serialized() {
    let error = serde_json::to_string(&order().payer_name("ZHANGSAN")).unwrap_err();
    assert!(
        error.to_string().contains("clear text") && !error.to_string().contains("ZHANGSAN"),
        "{error}"
    );
    let sealed = crate::Encrypted::from_ciphertext("AAAA");
    let written = serde_json::to_string(&order().payer_name(sealed)).unwrap();
    assert!(written.contains("AAAA"));
}

#[cfg(feature = "tower")]
#[tokio::test]
async fn a_tower_service_is_a_transport() {
    use crate::transport::{TowerTransport, TransportService};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = seen.clone();
    let inner = TransportService::new(super::fake::Fake::new(|_: &str, count| match count {
        0 => Err(crate::transport::Failure::connect("refused")),
        _ => Ok(Reply::ok(PREPAY)),
    }));
    let service = tower::ServiceBuilder::new()
        .concurrency_limit(4)
        .map_request(move |request: http::Request<crate::transport::Body>| {
            counter.fetch_add(1, Ordering::SeqCst);
            request
        })
        .service(inner);
    let client = super::gateway::builder()
        .transport(TowerTransport::new(service))
        .build()
        .unwrap();
    // The failure of the innermost transport keeps its meaning: nothing was sent, even a payment is repeated.
    post_payment(&client, &order()).await.unwrap();
    assert_eq!(seen.load(Ordering::SeqCst), 2);
}
