//! Mutations of good messages: whatever is received, nothing panics, and nothing that was altered is taken
//! for genuine.
//!
//! Each test runs for a moment, or for as many seconds as `FUZZ_SECONDS` says, from the seed `FUZZ_SEED`:
//!
//! ```text
//! FUZZ_SECONDS=3600 cargo test --release --features apiv2,p12 --lib fuzz -- --nocapture
//! ```

use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue};

use super::gateway::{API_V3_KEY, MERCHANT, PLATFORM, Reply, builder};
use super::notifications::{Event, ORDER, body, headers};
use super::openssl::certificate;
use super::trust::{ONE, entry, list};
use crate::crypto::{ApiV3Key, Certificate, PrivateKey, PublicKey};
use crate::{Client, ErrorKind, Json};

/// What parsers look for, and what they may stumble over.
const PIECES: &[&str] = &[
    "\"",
    "\\",
    "\\ud800",
    "\\u0000",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "null",
    "true",
    "-",
    "1e999",
    "0.5",
    "9223372036854775808",
    "\0",
    "\n",
    "\r",
    "\t",
    "\u{feff}",
    "文",
    "<",
    ">",
    "</",
    "/>",
    "&",
    "&#0;",
    "&lt;",
    "]]>",
    "<![CDATA[",
    "<!DOCTYPE",
    "<?",
    "-----BEGIN ",
    "-----END ",
    "-----",
    "=",
    "==",
    "+",
    "/",
    "id",
    "amount",
    "resource",
    "ciphertext",
    "[[[[[[[[",
    "{\"a\":{\"a\":",
];

/// Random changes, the same ones for the same seed.
struct Mutator(u64);

impl Mutator {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    /// `good` with up to four changes.
    fn mutate(&mut self, good: &[u8]) -> Vec<u8> {
        let mut bytes = good.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len() + 1);
            let end = (at + self.below(17)).min(bytes.len());
            match self.below(6) {
                0 => drop(bytes.splice(at..at, PIECES[self.below(PIECES.len())].bytes())),
                1 => drop(bytes.drain(at..end)),
                2 => bytes.truncate(at.max(1)),
                3 => bytes.extend_from_within(at..end),
                4 => drop(bytes.splice(at..end, PIECES[self.below(PIECES.len())].bytes())),
                _ => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= 1 << self.below(8);
                    }
                }
            }
        }
        bytes
    }
}

/// Runs `check` for a moment, or as long as the environment says.
fn fuzz(name: &str, mut check: impl FnMut(&mut Mutator)) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("FUZZ_SEED").unwrap_or(0x9e37_79b9_7f4a_7c15);
    let time = number("FUZZ_SECONDS").map_or(Duration::from_millis(300), Duration::from_secs);
    let (start, mut rounds, mut mutator) = (Instant::now(), 0, Mutator(seed.max(1)));
    while start.elapsed() < time {
        check(&mut mutator);
        rounds += 1;
    }
    println!(
        "{name}: {rounds} inputs in {:?} from seed {seed}",
        start.elapsed()
    );
}

/// A client whose clock stands still, so that a signature stays valid.
fn client() -> Client {
    let now = SystemTime::now();
    let builder = builder().clock(move || now).download_certificates(false);
    builder.build().unwrap()
}

fn ready<T>(future: impl std::future::IntoFuture<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(future.into_future())
}

#[test]
fn an_altered_notification_is_refused() {
    let client = client();
    let good = body("TRANSACTION.SUCCESS", ORDER).to_string();
    let good_headers = headers(&Reply::ok(good.clone()));
    let names: Vec<_> = good_headers.keys().cloned().collect();
    fuzz("altered notifications", |mutator| {
        let (mut body, mut headers) = (good.clone().into_bytes(), good_headers.clone());
        let name = &names[mutator.below(names.len())];
        match mutator.below(3) {
            0 => body = mutator.mutate(&body),
            1 => {
                if let Ok(value) = HeaderValue::from_bytes(&mutator.mutate(good_headers[name].as_bytes())) {
                    headers.insert(name, value);
                }
            }
            _ if mutator.below(2) == 0 => drop(headers.remove(name)),
            _ => {
                headers.append(name, good_headers[name].clone());
            }
        }
        let is_good = body == good.as_bytes() && headers == good_headers;
        let opened = ready(client.webhook::<Event>(&headers, &body));
        assert_eq!(
            opened.is_ok(),
            is_good,
            "{}\n{headers:?}",
            String::from_utf8_lossy(&body)
        );
    });
}

#[test]
fn a_signed_notification_of_any_content_is_read_or_refused() {
    let client = client();
    let timestamp = super::gateway::now();
    fuzz("signed notifications", |mutator| {
        let resource = mutator.mutate(ORDER.as_bytes());
        let key = ApiV3Key::new(API_V3_KEY).unwrap();
        let mut envelope = body("TRANSACTION.SUCCESS", ORDER);
        let sealed = key.seal("aB3dE6gH9kLm", "transaction", &resource).unwrap();
        envelope["resource"]["ciphertext"] = sealed.into();
        let mut envelope = envelope.to_string().into_bytes();
        if mutator.below(2) == 0 {
            envelope = mutator.mutate(&envelope);
        }
        let headers = headers(&Reply {
            timestamp,
            ..Reply::ok(envelope.clone())
        });
        let typed = ready(client.webhook::<Event>(&headers, &envelope));
        let untyped = ready(client.webhook::<Json>(&headers, &envelope));
        for error in [typed.err(), untyped.err()].into_iter().flatten() {
            let expected = [ErrorKind::Decode, ErrorKind::Encryption];
            assert!(expected.contains(&error.kind()), "{error}");
            assert!(!format!("{error:?}").contains("n-1"), "clear text in {error:?}");
        }
    });
}

#[test]
fn an_altered_list_of_certificates_is_read_or_refused() {
    let certificate = certificate(&PLATFORM, ONE);
    let key = ApiV3Key::new(API_V3_KEY).unwrap();
    fuzz("lists of certificates", |mutator| {
        let pem = mutator.mutate(certificate.as_bytes());
        let mut list = list(&[entry(&String::from_utf8_lossy(&pem), ONE)]).into_bytes();
        if mutator.below(2) == 0 {
            list = mutator.mutate(&list);
        }
        drop(crate::read_certificates(&key, &list));
    });
}

#[test]
fn altered_pem_is_read_or_refused() {
    let certificate = certificate(&PLATFORM, ONE);
    let public = PLATFORM.public_key().unwrap().to_pem();
    let private = MERCHANT.to_pem().unwrap();
    fuzz("PEM", |mutator| {
        let good = [certificate.as_str(), &public, &private][mutator.below(3)];
        // The base64 text stays valid in most of them, so that the DER is altered, too.
        let altered = match mutator.below(2) {
            0 => mutator.mutate(good.as_bytes()),
            _ => alter_der(good, mutator),
        };
        let text = String::from_utf8_lossy(&altered);
        drop(Certificate::from_pem(&text));
        drop(PublicKey::from_pem(&text));
        if let Err(error) = PrivateKey::from_pem(&text) {
            let line = private.lines().nth(2).unwrap();
            assert!(!format!("{error:?}").contains(line), "the key in an error");
        }
    });
}

fn alter_der(pem: &str, mutator: &mut Mutator) -> Vec<u8> {
    let (first, last) = (
        pem.lines().next().unwrap(),
        pem.trim_end().lines().last().unwrap(),
    );
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = mutator.mutate(&STANDARD.decode(text).unwrap());
    format!("{first}\n{}\n{last}\n", STANDARD.encode(der)).into_bytes()
}

#[cfg(feature = "apiv2")]
#[test]
fn an_altered_apiv2_notification_is_refused() {
    use crate::crypto::apiv2::{ApiV2Key, SignType, sign};
    const KEY: &str = "0123456789abcdef0123456789abcdef";
    let client = builder().api_v2_key(KEY).build().unwrap();
    let apiv2 = client.apiv2().unwrap();
    let fields = [
        ("mch_id", client.mchid()),
        ("out_trade_no", "n-1"),
        ("result_code", "SUCCESS"),
        ("return_code", "SUCCESS"),
        ("total_fee", "1"),
    ];
    let sign = sign(&ApiV2Key::new(KEY).unwrap(), SignType::Md5, fields);
    let all = fields.into_iter().chain([("sign", sign.as_str())]);
    let all: Vec<_> = all
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let good = crate::wire::xml::to_xml(&all);
    assert!(apiv2.notification::<Paid>(good.as_bytes()).is_ok());
    fuzz("notifications of APIv2", |mutator| {
        let altered = mutator.mutate(good.as_bytes());
        if let Ok(opened) = apiv2.notification::<Paid>(&altered) {
            let same = fields
                .iter()
                .all(|(name, value)| opened.field(name) == Some(value));
            assert!(same, "{}", String::from_utf8_lossy(&altered));
        }
    });
}

/// A notification whose page documents a signature.
#[cfg(feature = "apiv2")]
pub struct Paid {
    return_code: String,
    out_trade_no: Option<String>,
    sign: Option<String>,
}
#[cfg(feature = "apiv2")]
object!(Paid {
    return_code,
    out_trade_no,
    sign
});

#[cfg(feature = "p12")]
#[test]
fn an_altered_p12_file_is_read_or_refused() {
    let folder = super::openssl::tempdir::TempDir::new();
    let key = folder.write("key.pem", MERCHANT.to_pem().unwrap().as_bytes());
    let own = folder.write("certificate.pem", certificate(&MERCHANT, ONE));
    let file = folder.path().join("p12");
    let mut openssl = std::process::Command::new("openssl");
    openssl.args([
        "pkcs12",
        "-export",
        "-passout",
        "pass:password",
        "-inkey",
        &key,
        "-in",
        &own,
        "-out",
    ]);
    assert!(openssl.arg(&file).status().unwrap().success());
    let p12 = std::fs::read(file).unwrap();
    fuzz("p12 files", |mutator| {
        let builder = builder().certificate_p12(mutator.mutate(&p12), Some("password"));
        drop(builder.build());
    });
}

#[test]
fn any_headers_are_refused() {
    let client = client();
    let names = ["timestamp", "nonce", "signature", "serial", "signature-type"];
    fuzz("headers", |mutator| {
        let mut headers = HeaderMap::new();
        for name in names {
            let piece = PIECES[mutator.below(PIECES.len())];
            let value = mutator.mutate(piece.as_bytes());
            let name: http::HeaderName = format!("wechatpay-{name}").parse().unwrap();
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                headers.append(name, value);
            }
        }
        let bytes = mutator.mutate(ORDER.as_bytes());
        assert!(ready(client.webhook::<Json>(&headers, &bytes)).is_err());
    });
}
