//! Every mistake of a configuration has its own message, and nothing is sent.

use super::gateway::{API_V3_KEY, KEY_ID, MCHID, MERCHANT, PLATFORM, SERIAL, STRANGER, builder};
use super::openssl::{certificate, openssl, tempdir::TempDir};
use crate::{Builder, Client};

fn problem(builder: Builder) -> String {
    let error = builder.build().unwrap_err();
    assert!(error.is_configuration());
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains(API_V3_KEY) && !shown.contains("MII"),
        "a secret is in {shown}"
    );
    error.to_string()
}

#[test]
fn each_mistake_is_named() {
    let pem = |key: &crate::crypto::PrivateKey| key.to_pem().unwrap().to_string();
    let public = PLATFORM.public_key().unwrap().to_pem();
    let cases: Vec<(Builder, &str)> = vec![
        (builder().mchid(""), "the merchant id"),
        (builder().mchid("19000\"0001"), "the merchant id"),
        (builder().certificate_serial(""), "hexadecimal"),
        (builder().certificate_serial("no hex"), "hexadecimal"),
        (
            builder().certificate_serial(KEY_ID),
            "id of a WeChat Pay public key",
        ),
        (builder().private_key_pem("garbage"), "BEGIN"),
        (builder().private_key_pem(public.clone()), "this is a public key"),
        (
            builder().private_key_pem(certificate(&MERCHANT, SERIAL)),
            "this is a certificate",
        ),
        (
            builder().private_key_pem(pem(&MERCHANT).replace("PRIVATE KEY", "EC PRIVATE KEY")),
            "PKCS#8",
        ),
        (
            builder().private_key_pem(pem(&MERCHANT).replace("-----END", "-----FIN")),
            "END",
        ),
        (
            builder().private_key_file("/nonexistent/key.pem"),
            "/nonexistent/key.pem",
        ),
        (builder().api_v3_key("short"), "5 bytes, expected 32"),
        (
            builder().certificate_pem(certificate(&STRANGER, SERIAL)),
            "not a pair",
        ),
        (
            builder().certificate_pem(certificate(&MERCHANT, "0123")),
            "not the serial",
        ),
        (builder().public_key_pem("1234", public.clone()), "PUB_KEY_ID_"),
        (
            builder().public_key_pem("PUB_KEY_ID_\n", public.clone()),
            "letters, digits",
        ),
        (builder().public_key_pem(KEY_ID, public.clone()), "twice"),
        (
            builder().public_key_pem("PUB_KEY_ID_2", pem(&PLATFORM)),
            "private key",
        ),
        (
            builder().platform_certificate_pem(certificate(&PLATFORM, SERIAL)),
            "merchant's own certificate",
        ),
        (
            builder().platform_certificate_pem(public),
            "expected `CERTIFICATE`",
        ),
        (builder().base_url("http://api.mch.weixin.qq.com"), "loopback"),
        (builder().base_url("http://127.0.0.1.evil.example"), "loopback"),
        (builder().base_url("https://a/b"), "path"),
        (builder().base_url("https://u:p@a"), "password"),
        (builder().base_url("ftp://a"), "https"),
        (builder().base_url("nonsense"), "URL"),
        (builder().fallback_base_url("https://a"), "first one"),
        (builder().user_agent("a\nb"), "header"),
        (builder().proxy("::"), "proxy"),
    ];
    for (builder, part) in cases {
        let shown = problem(builder);
        assert!(shown.contains(part), "expected {part} in: {shown}");
    }
}

#[test]
fn what_is_missing_is_named() {
    let empty = || Client::builder().mchid(MCHID);
    assert!(problem(Client::builder()).contains("merchant id"));
    assert!(problem(empty()).contains("serial"));
    assert!(problem(empty().certificate_serial(SERIAL)).contains("private key"));
    let merchant = || {
        empty()
            .certificate_serial(SERIAL)
            .private_key_pem(MERCHANT.to_pem().unwrap().to_string())
    };
    assert!(problem(merchant()).contains("no key of WeChat Pay"));
    assert!(problem(merchant().download_certificates(true)).contains("APIv3 key"));
    assert!(merchant().api_v3_key(API_V3_KEY).build().is_ok());
}

#[test]
fn an_encrypted_key_is_recognised() {
    let folder = TempDir::new();
    let path = folder.write("key.pem", MERCHANT.to_pem().unwrap().as_bytes());
    let sealed = openssl(&["pkey", "-in", &path, "-aes256", "-passout", "pass:secret"], b"");
    let shown = problem(builder().private_key_pem(String::from_utf8(sealed).unwrap()));
    assert!(shown.contains("password"), "{shown}");
}

#[test]
fn files_do_as_well_and_the_certificate_gives_the_serial() {
    let folder = TempDir::new();
    let key = folder.write("apiclient_key.pem", MERCHANT.to_pem().unwrap().as_bytes());
    let own = folder.write("apiclient_cert.pem", certificate(&MERCHANT, SERIAL));
    let public = folder.write("pub_key.pem", PLATFORM.public_key().unwrap().to_pem());
    let platform = folder.write("platform.pem", certificate(&PLATFORM, "0123"));
    let client = Client::builder()
        .mchid(MCHID)
        .certificate_file(own)
        .private_key_file(key)
        .public_key_file(KEY_ID, public)
        .platform_certificate_file(platform)
        .build()
        .unwrap();
    assert_eq!(client.certificate_serial(), SERIAL);
    assert_eq!(client.trust_status().keys.len(), 2);
    assert!(!client.trust_status().downloads, "a public key is there");
}

#[test]
fn debug_shows_no_secret() {
    let client = builder().build().unwrap();
    let key = MERCHANT.to_pem().unwrap();
    let shown = format!("{client:?} {:?} {:?}", builder(), *MERCHANT);
    assert!(shown.contains(MCHID));
    for secret in [API_V3_KEY, key.lines().nth(1).unwrap()] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let api_v3 = crate::crypto::ApiV3Key::new(API_V3_KEY).unwrap();
    assert!(!format!("{api_v3:?}").contains(API_V3_KEY));
}
