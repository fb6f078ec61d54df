//! Files that go up: the form, what is signed of it, and who fills what.

use super::gateway::{Gateway, PLATFORM, Reply, Seen};
use super::openssl::tempdir::TempDir;
use super::ops::{DigestMeta, FileDigestMeta, Sha256Meta, Sm3Meta, TaxiMeta, UploadRequest, post_upload};
use crate::crypto::{Digest, from_base64};
use crate::wire::Value;
use crate::{ErrorKind, Json, Upload};

const CONTENT: &[u8] = b"\x89PNG\r\n--boundary\r\n\x00\xff picture";

/// The parts of a form: headers and content.
fn parts(seen: &Seen) -> Vec<(String, Vec<u8>)> {
    let boundary = seen
        .header("content-type")
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap();
    let marker = format!("\r\n--{boundary}").into_bytes();
    let body = [b"\r\n", &seen.body[..]].concat();
    let mut rest = &body[..];
    let mut parts = Vec::new();
    while let Some(at) = find(rest, &marker) {
        rest = &rest[at + marker.len()..];
        if rest.starts_with(b"--") {
            assert_eq!(rest, b"--\r\n");
            return parts;
        }
        let end = find(rest, &marker).unwrap();
        let part = &rest[2..end];
        let head = find(part, b"\r\n\r\n").unwrap();
        parts.push((
            String::from_utf8(part[..head].to_vec()).unwrap(),
            part[head + 4..].to_vec(),
        ));
    }
    panic!("the form has no end");
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// Sends, checks the form, and gives `meta`.
async fn meta_of<M: Value>(file: Upload, meta: M) -> Json {
    let gateway = Gateway::always(Reply::ok(r#"{"media_id":"m-1"}"#)).await;
    let request = UploadRequest {
        file,
        meta: crate::JsonText(meta),
    };
    let response = post_upload(&gateway.client(), &request).await.unwrap();
    assert_eq!(response.media_id, "m-1");
    let seen = &gateway.seen()[0];
    let parts = parts(seen);
    assert_eq!(parts.len(), 2);
    let (head, meta) = &parts[0];
    assert!(
        head.contains("name=\"meta\"") && head.contains("Content-Type: application/json"),
        "{head}"
    );
    assert!(!head.contains("filename"), "`meta` has a filename: {head}");
    assert!(
        seen.is_signed_over(meta),
        "what is signed is `meta`, byte for byte"
    );
    assert!(!seen.is_signed_over(&seen.body));
    let (head, file) = &parts[1];
    assert!(head.contains("name=\"file\"; filename="), "{head}");
    assert_eq!(file, CONTENT);
    serde_json::from_slice(meta).unwrap()
}

#[tokio::test]
async fn each_dialect_of_meta_is_filled() {
    let file = || Upload::from_bytes("店.png", CONTENT);
    let sha256 = Digest::Sha256.of(CONTENT);
    let sm3 = Digest::Sm3.of(CONTENT);
    let json = serde_json::json!({ "filename": "店.png", "sha256": sha256 });
    assert_eq!(meta_of(file(), Sha256Meta::new()).await, json);
    let json = serde_json::json!({ "file_name": "店.png", "file_digest": sha256 });
    assert_eq!(meta_of(file(), FileDigestMeta::new()).await, json);
    let json = serde_json::json!({ "filename": "店.png", "digest": sha256 });
    assert_eq!(meta_of(file(), DigestMeta::new()).await, json);
    let json = serde_json::json!({ "digest_alogrithm": "SM3", "digest": sm3 });
    assert_eq!(meta_of(file(), Sm3Meta::new()).await, json);
    let json = serde_json::json!({ "digest_algorithm": "DIGEST_ALGORITHM_SM3", "digest": sm3 });
    assert_eq!(meta_of(file(), TaxiMeta::new()).await, json);
    let own = Sha256Meta::new().filename("own.png");
    assert_eq!(
        meta_of(file(), own).await["filename"],
        "own.png",
        "what the caller gave stays"
    );
}

#[tokio::test]
async fn a_file_on_disk_is_streamed() {
    let folder = TempDir::new();
    let path = folder.write("photo.jpg", CONTENT);
    let meta = meta_of(Upload::from_path(&path), Sha256Meta::new()).await;
    assert_eq!(
        (&meta["filename"], &meta["sha256"]),
        (&"photo.jpg".into(), &Digest::Sha256.of(CONTENT).into())
    );

    let gateway = Gateway::always(Reply::ok(r#"{"media_id":"m-1"}"#)).await;
    let big = vec![7; 3 << 20];
    let path = folder.write("big.mp4", &big);
    let request = UploadRequest {
        file: Upload::from_path(&path),
        meta: crate::JsonText(Sha256Meta::new()),
    };
    post_upload(&gateway.client(), &request).await.unwrap();
    let seen = &gateway.seen()[0];
    assert_eq!(
        seen.header("content-length").parse::<usize>().unwrap(),
        seen.body.len()
    );
    assert_eq!(parts(seen)[1].1, big);
    assert!(parts(seen)[1].0.contains("Content-Type: video/mp4"));
}

#[tokio::test]
async fn encrypted_fields_inside_meta_are_encrypted() {
    let meta = Sha256Meta::new().phone("13800000000");
    let meta = meta_of(Upload::from_bytes("a.png", CONTENT), meta).await;
    let sealed = from_base64(meta["phone"].as_str().unwrap()).unwrap();
    assert_eq!(*PLATFORM.decrypt(&sealed).unwrap(), *b"13800000000");
}

#[tokio::test]
async fn a_name_can_not_break_out_of_its_quotes() {
    let gateway = Gateway::always(Reply::ok(r#"{"media_id":"m-1"}"#)).await;
    let file = Upload::from_bytes("a\"\r\nX-Evil: 1\r\n\r\nb.png", CONTENT);
    let request = UploadRequest {
        file,
        meta: crate::JsonText(Sha256Meta::new()),
    };
    post_upload(&gateway.client(), &request).await.unwrap();
    let parts = parts(&gateway.seen()[0]);
    assert_eq!(parts[1].1, CONTENT);
    assert!(
        parts[1]
            .0
            .contains("filename=\"a%22%0D%0AX-Evil: 1%0D%0A%0D%0Ab.png\""),
        "{}",
        parts[1].0
    );
}

#[tokio::test]
async fn a_file_that_is_not_there_is_an_error() {
    let gateway = Gateway::always(Reply::ok("{}")).await;
    let file = Upload::from_path("/nonexistent/a.png");
    let request = UploadRequest {
        file,
        meta: crate::JsonText(Sha256Meta::new()),
    };
    let error = post_upload(&gateway.client(), &request)
        .await
        .map(drop)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::File);
    assert!(gateway.seen().is_empty());
}
