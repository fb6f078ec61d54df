//! Files that come down.

use std::io::Write as _;

use super::gateway::{Gateway, MERCHANT, Reply, STRANGER, builder};
use super::openssl::tempdir::TempDir;
use super::ops::{Bill, get_picture, get_statement, query};
use crate::crypto::{ApiV3Key, Digest, from_base64, to_base64};
use crate::{Error, ErrorKind};

pub const CSV: &[u8] = "\u{feff}交易时间,公众账号ID\n`2024-01-01,`wx0\n".as_bytes();

pub fn gzip(clear: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(clear).unwrap();
    encoder.finish().unwrap()
}

pub fn bill(gateway: &Gateway, hash: &str) -> Bill {
    Bill {
        download_url: format!("{}/v3/billdownload/file?token=a%2Fb&tartype=gzip", gateway.url),
        hash_type: Some("SHA1".into()),
        hash_value: Some(hash.into()),
        encrypt_key: None,
        nonce: None,
    }
}

async fn error_of(body: Vec<u8>, hash: &str) -> Error {
    let gateway = Gateway::always(Reply::ok(body).unsigned()).await;
    let client = gateway.client();
    client
        .download(&bill(&gateway, hash))
        .unwrap()
        .to_bytes()
        .await
        .unwrap_err()
}

#[tokio::test]
async fn a_bill_comes_plain_or_gzipped_and_its_hash_is_checked() {
    let hash = Digest::Sha1.of(CSV);
    for body in [CSV.to_vec(), gzip(CSV)] {
        let gateway = Gateway::always(Reply::ok(body).unsigned()).await;
        let client = gateway.client();
        let bill = bill(&gateway, &hash.to_uppercase());
        assert_eq!(client.download(&bill).unwrap().to_bytes().await.unwrap(), CSV);
        let seen = &gateway.seen()[0];
        assert_eq!(
            seen.path_and_query,
            "/v3/billdownload/file?token=a%2Fb&tartype=gzip"
        );
        assert!(seen.is_signed_over(b""));
        assert_eq!(seen.header("accept"), "*/*");
    }
    let wrong = Digest::Sha1.of(b"another");
    assert_eq!(error_of(CSV.to_vec(), &wrong).await.kind(), ErrorKind::Integrity);
    assert_eq!(
        error_of(gzip(CSV), &Digest::Sha1.of(&gzip(CSV))).await.kind(),
        ErrorKind::Integrity
    );
    let cut = gzip(CSV);
    assert_eq!(
        error_of(cut[..cut.len() - 9].to_vec(), &hash).await.kind(),
        ErrorKind::Integrity
    );
}

#[tokio::test]
async fn a_file_appears_only_when_it_is_right() {
    let folder = TempDir::new();
    let path = folder.path().join("bill.csv");
    let gateway = Gateway::always(Reply::ok(gzip(CSV)).unsigned()).await;
    let client = gateway.client();
    let wrong = bill(&gateway, &Digest::Sha1.of(b"another"));
    client.download(&wrong).unwrap().to_path(&path).await.unwrap_err();
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "something was left behind"
    );
    let right = bill(&gateway, &Digest::Sha1.of(CSV));
    let downloaded = client.download(&right).unwrap().to_path(&path).await.unwrap();
    assert_eq!(
        (downloaded.bytes, downloaded.hash_checked),
        (CSV.len() as u64, true)
    );
    assert_eq!(std::fs::read(&path).unwrap(), CSV);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_file_has_a_limit_after_gunzip() {
    let zeros = vec![0; 20 << 20];
    let bomb = gzip(&zeros);
    assert!(bomb.len() < 40_000);
    let gateway = Gateway::always(Reply::ok(bomb).unsigned()).await;
    let client = gateway.client();
    let bill = bill(&gateway, &Digest::Sha1.of(&zeros));
    let error = client
        .download(&bill)
        .unwrap()
        .max_bytes(1 << 20)
        .to_bytes()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let client = gateway.builder().max_download_bytes(1 << 20).build().unwrap();
    let error = client.download(&bill).unwrap().to_bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let bytes = client
        .download(&bill)
        .unwrap()
        .max_bytes(20 << 20)
        .to_bytes()
        .await
        .unwrap();
    assert_eq!(bytes.len(), zeros.len());
}

#[tokio::test]
async fn an_encrypted_part_is_opened() {
    let key = "0123456789abcdefABCDEF9876543210";
    let sealed = ApiV3Key::new(key)
        .unwrap()
        .seal("aB3dE6gH9kLm", "", &gzip(CSV))
        .unwrap();
    let sealed = from_base64(&sealed).unwrap();
    let gateway = Gateway::always(Reply::ok(sealed).unsigned()).await;
    let client = gateway.client();
    let encrypt_key = to_base64(&MERCHANT.public_key().unwrap().encrypt(key.as_bytes()).unwrap());
    let mut part = Bill {
        encrypt_key: Some(encrypt_key),
        nonce: Some("aB3dE6gH9kLm".into()),
        ..bill(&gateway, &Digest::Sha1.of(CSV))
    };
    assert_eq!(client.download(&part).unwrap().to_bytes().await.unwrap(), CSV);
    part.nonce = Some("aB3dE6gH9kLX".into());
    let error = client.download(&part).unwrap().to_bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encryption);
    part.nonce = None;
    assert!(
        client.download(&part).is_err(),
        "an encrypted file without its nonce"
    );
}

#[tokio::test]
async fn a_signed_statement_is_verified_by_its_digest() {
    let sha1 = Digest::Sha1.of(CSV);
    let statement = |body: Vec<u8>, sha1: &str| {
        let mut reply = Reply::ok(body).header("Wechatpay-Statement-Sha1", sha1);
        reply.signed = Some(format!(r#"{{"sha1":"{sha1}"}}"#).into());
        reply
    };
    let fetch = |reply: Reply| async {
        let gateway = Gateway::always(reply).await;
        let request = query("20240101");
        get_statement(&gateway.client(), &request).to_bytes().await
    };
    assert_eq!(fetch(statement(CSV.to_vec(), &sha1)).await.unwrap(), CSV);
    assert_eq!(fetch(statement(gzip(CSV), &sha1)).await.unwrap(), CSV);

    let altered = fetch(statement(b"altered".to_vec(), &sha1)).await.unwrap_err();
    assert_eq!(altered.kind(), ErrorKind::Integrity);
    let mut forged = statement(CSV.to_vec(), &sha1);
    forged.signer = Some(&STRANGER);
    assert!(fetch(forged).await.unwrap_err().is_verification());
    let mut other = statement(CSV.to_vec(), &sha1);
    other.signed = Some(CSV.to_vec());
    assert!(fetch(other).await.unwrap_err().is_verification());
    assert!(fetch(Reply::ok(CSV)).await.unwrap_err().is_verification());
    assert!(
        fetch(statement(CSV.to_vec(), &sha1).unsigned())
            .await
            .unwrap_err()
            .is_verification()
    );
    let twice = statement(CSV.to_vec(), &sha1).header("Wechatpay-Statement-Sha1", &sha1);
    assert!(fetch(twice).await.unwrap_err().is_verification());
}

#[tokio::test]
async fn a_download_takes_extra_fields() {
    let gateway = Gateway::always(Reply::ok(b"png".as_slice()).unsigned()).await;
    let client = gateway.client();
    get_picture(&client, &query("m-1"))
        .field("tar_type", "GZIP")
        .to_bytes()
        .await
        .unwrap();
    assert!(gateway.seen()[0].path_and_query.ends_with("?tar_type=GZIP"));
    let bill = bill(&gateway, "00");
    let announced = client.download(&bill).unwrap().field("tar_type", "GZIP");
    assert_eq!(announced.to_bytes().await.unwrap_err().kind(), ErrorKind::Request);
    assert_eq!(gateway.seen().len(), 1);
}

#[tokio::test]
async fn a_picture_is_not_signed_but_a_refusal_is_still_checked() {
    let gateway = Gateway::always(
        Reply::ok(b"\x89PNG".as_slice())
            .unsigned()
            .header("Content-Type", "image/png"),
    )
    .await;
    let request = query("m-1");
    let mut bytes = Vec::new();
    let downloaded = get_picture(&gateway.client(), &request)
        .to_writer(&mut bytes)
        .await
        .unwrap();
    assert_eq!(
        (&bytes[..], downloaded.content_type.as_deref()),
        (&b"\x89PNG"[..], Some("image/png"))
    );
    assert!(!downloaded.hash_checked);

    let error = r#"{"code":"NOT_FOUND","message":"m"}"#;
    let gateway = Gateway::always(Reply::new(404, error)).await;
    let refused = get_picture(&gateway.client(), &request)
        .to_bytes()
        .await
        .unwrap_err();
    assert!(refused.api().unwrap().authenticated);
    let mut forged = Reply::new(404, error);
    forged.signer = Some(&STRANGER);
    let gateway = Gateway::always(forged).await;
    assert!(
        get_picture(&gateway.client(), &request)
            .to_bytes()
            .await
            .unwrap_err()
            .is_verification()
    );
}

#[test]
fn a_signed_request_goes_to_known_hosts_only() {
    let client = builder().build().unwrap();
    for good in [
        "https://api.mch.weixin.qq.com/v3/billdownload/file?token=x",
        "https://pay.wechatpay.cn/v3/billdownload/file?token=x",
        "https://apihk.mch.weixin.qq.com/x",
    ] {
        assert!(client.download_url(good).is_ok(), "{good}");
    }
    for bad in [
        "http://api.mch.weixin.qq.com/v3/billdownload/file",
        "https://api.mch.weixin.qq.com.evil.example/x",
        "https://evil.example/api.mch.weixin.qq.com",
        "https://u:p@api.mch.weixin.qq.com/x",
        "https://api.mch.weixin.qq.com@evil.example/x",
        "https://api.mch.weixin.qq.com:8443/x",
        "https://127.0.0.1/x",
        "file:///etc/passwd",
        "/v3/billdownload/file",
        "",
    ] {
        let error = client.download_url(bad).map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request, "{bad}");
    }
}
