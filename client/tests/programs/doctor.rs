//! The doctor on good files, and on files with one thing wrong.

use std::process::Command;

use crate::Shop;

/// What the doctor says of a folder, and its exit status.
fn doctor(mut command: Command, arguments: &[&str]) -> (String, Option<i32>) {
    let output = command.args(arguments).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    (printed, output.status.code())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_finds_good_files_good() {
    let shop = Shop::open("doctor").await;
    let folder = shop.folder.to_str().unwrap();
    let (printed, status) = doctor(shop.example("doctor"), &[folder, "--online"]);
    assert_eq!(status, Some(0), "{printed}");
    let merchant = shop.sandbox.identity();
    for text in [
        "apiclient_key.pem: a private key, RSA 2048 bits".to_owned(),
        format!(
            "apiclient_cert.pem: the merchant's certificate, serial {}",
            merchant.serial
        ),
        "apiclient_cert.p12: certificate and private key".to_owned(),
        "pub_key.pem: WeChat Pay's public key".to_owned(),
        "platform_cert.pem: a platform certificate".to_owned(),
        "WECHATPAY_API_V3_KEY: 32 bytes".to_owned(),
        "POST /v3/security/echo: signature accepted".to_owned(),
        "0 problems".to_owned(),
    ] {
        assert!(printed.contains(&text), "`{text}` is missing: {printed}");
    }
    for secret in [
        &merchant.api_v3_key,
        &merchant.api_v2_key,
        &merchant.key_pem.lines().nth(1).unwrap().to_owned(),
    ] {
        assert!(!printed.contains(secret.as_str()), "{printed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_finds_what_is_wrong() {
    let shop = Shop::open("patient").await;
    let other = Shop::open("donor").await;
    let folder = shop.folder.to_str().unwrap();
    let write = |name: &str, text: &str| std::fs::write(shop.folder.join(name), text).unwrap();
    let wrong = |expected: &str| {
        let (printed, status) = doctor(shop.example("doctor"), &[folder]);
        assert_eq!(status, Some(1), "{printed}");
        assert!(
            printed.contains("FAIL") && printed.contains(expected),
            "`{expected}`: {printed}"
        );
    };
    let good = shop.sandbox.identity();

    write("apiclient_cert.pem", &other.sandbox.identity().certificate_pem);
    wrong("belongs to another private key");
    write("apiclient_cert.pem", &good.certificate_pem);

    let own = wechatpay_client::crypto::PrivateKey::from_pem(&good.key_pem).unwrap();
    write("pub_key.pem", &own.public_key().unwrap().to_pem());
    wrong("pub_key.pem: the public half of a private key in this folder");
    write("pub_key.pem", &good.public_key.public_pem);

    write("apiclient_key.pem", "lost");
    wrong("apiclient_key.pem: not PEM");
    write("apiclient_key.pem", &good.key_pem);

    let mut command = shop.example("doctor");
    command
        .env("WECHATPAY_API_V3_KEY", "too short")
        .env("WECHATPAY_MCHID", "1900000001");
    let (printed, status) = doctor(command, &[folder]);
    assert_eq!(status, Some(1));
    assert!(
        printed.contains("WECHATPAY_API_V3_KEY: 9 bytes instead of 32"),
        "{printed}"
    );
    assert!(printed.contains("but the certificate is issued to"), "{printed}");
    assert!(!printed.contains("too short"));

    let (_, status) = doctor(shop.example("doctor"), &["no such folder"]);
    assert_eq!(status, Some(2));
}
