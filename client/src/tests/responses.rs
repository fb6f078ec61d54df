//! Which responses are accepted, and which are not.

use super::gateway::{Gateway, MERCHANT, PLATFORM, Reply, STRANGER, now};
use super::ops::{order, post_close, post_order, query};
use crate::crypto::to_base64;
use crate::{Error, ErrorCode, ErrorKind};

const PREPAY: &str = r#"{"prepay_id":"wx0"}"#;

async fn error_of(reply: Reply) -> Error {
    let gateway = Gateway::always(reply).await;
    post_order(&gateway.client(), &order())
        .await
        .map(drop)
        .unwrap_err()
}

async fn is_taken(reply: Reply) -> bool {
    let gateway = Gateway::always(reply).await;
    post_order(&gateway.client(), &order()).await.is_ok()
}

#[tokio::test]
async fn a_signed_response_is_decoded() {
    let gateway = Gateway::always(Reply::ok(PREPAY)).await;
    assert_eq!(
        post_order(&gateway.client(), &order()).await.unwrap().prepay_id,
        "wx0"
    );
}

#[tokio::test]
async fn a_forged_response_is_refused() {
    let mut forged = Reply::ok(PREPAY);
    forged.signer = Some(&STRANGER);
    let error = error_of(forged).await;
    assert!(error.is_verification() && error.is_outcome_unknown(), "{error}");
    assert_eq!(error.request_id(), Some("08F0-TEST"));
    assert_eq!(error.operation().unwrap().path, "/v3/pay/transactions/jsapi");

    let mut altered = Reply::ok(PREPAY);
    altered.signed = Some(br#"{"prepay_id":"wx1"}"#.to_vec());
    assert!(error_of(altered).await.is_verification());
    assert!(error_of(Reply::ok(PREPAY).unsigned()).await.is_verification());
    let mut unknown = Reply::ok(PREPAY);
    unknown.key_id = "PUB_KEY_ID_0000000000002024000000000000000009".into();
    assert!(error_of(unknown).await.is_verification());
    let mut own = Reply::ok(PREPAY);
    own.signer = Some(&MERCHANT);
    own.key_id = super::gateway::SERIAL.into();
    assert!(error_of(own).await.is_verification());
}

#[tokio::test]
async fn an_empty_response_is_verified_too() {
    let request = query("1");
    let gateway = Gateway::always(Reply::new(204, "")).await;
    post_close(&gateway.client(), &request).await.unwrap();

    let gateway = Gateway::always(Reply::new(204, "").unsigned()).await;
    assert!(
        post_close(&gateway.client(), &request)
            .await
            .unwrap_err()
            .is_verification()
    );
    let mut forged = Reply::new(204, "");
    forged.signer = Some(&STRANGER);
    let gateway = Gateway::always(forged).await;
    assert!(
        post_close(&gateway.client(), &request)
            .await
            .unwrap_err()
            .is_verification()
    );
}

#[tokio::test]
async fn the_time_may_differ_by_less_than_300_seconds() {
    for (difference, taken) in [
        (0, true),
        (299, true),
        (300, false),
        (301, false),
        (86_400, false),
    ] {
        for past in [true, false] {
            let time = 1_700_000_000_u64;
            let mut reply = Reply::ok(PREPAY);
            reply.timestamp = time;
            let gateway = Gateway::always(reply).await;
            let clock = if past {
                time + difference
            } else {
                time - difference
            };
            let clock = move || std::time::UNIX_EPOCH + std::time::Duration::from_secs(clock);
            let client = gateway.builder().clock(clock).build().unwrap();
            let result = post_order(&client, &order()).await;
            assert_eq!(result.is_ok(), taken, "{difference} s, past: {past}");
            if let Err(error) = result {
                assert!(error.is_verification());
            }
        }
    }
}

#[tokio::test]
async fn every_signature_header_comes_once_and_only_once() {
    let all = Reply::ok(PREPAY).signature_headers();
    let with = |headers: Vec<(String, String)>| {
        let mut reply = Reply::ok(PREPAY).unsigned();
        reply.headers.extend(headers);
        reply
    };
    assert!(is_taken(with(all.clone())).await);
    for left_out in 0..all.len() {
        let mut headers = all.clone();
        let name = headers.remove(left_out).0;
        assert!(error_of(with(headers)).await.is_verification(), "without {name}");
        let mut headers = all.clone();
        headers.push(all[left_out].clone());
        assert!(error_of(with(headers)).await.is_verification(), "{name} twice");
    }
    let bad_time = |value: &str| {
        let mut headers = all.clone();
        headers[0].1 = value.to_owned();
        with(headers)
    };
    for value in ["17e8", "", "-1", &format!("+{}", now()), "99999999999999999999"] {
        assert!(error_of(bad_time(value)).await.is_verification(), "time {value}");
    }
    let named = with(all.clone()).header("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048");
    assert!(is_taken(named).await);
    let other = with(all.clone()).header("Wechatpay-Signature-Type", "WECHATPAY2-SM2-WITH-SM3");
    assert!(error_of(other).await.is_verification());
}

#[tokio::test]
async fn a_test_signature_is_refused_by_its_own_name() {
    let mut headers = Reply::ok(PREPAY).signature_headers();
    headers[2].1 = format!("WECHATPAY/SIGNTEST/{}", to_base64(b"any"));
    let mut reply = Reply::ok(PREPAY).unsigned();
    reply.headers.extend(headers);
    let error = error_of(reply).await;
    assert_eq!(error.kind(), ErrorKind::Probe);
    assert!(error.is_probe() && error.is_verification());
}

#[tokio::test]
async fn nothing_is_parsed_before_it_is_verified() {
    let mut broken = Reply::ok("{ this is not JSON");
    broken.signer = Some(&STRANGER);
    assert!(error_of(broken).await.is_verification());
    let error = error_of(Reply::ok("{ this is not JSON")).await;
    assert!(error.is_decode() && error.is_outcome_unknown(), "{error}");
}

#[tokio::test]
async fn a_decode_error_names_the_place_and_keeps_the_body() {
    let body = r#"{"prepay_id":{},"secret":"not shown""#;
    let error = error_of(Reply::ok(body)).await;
    assert!(error.is_decode());
    assert!(error.mismatch().unwrap().problem.starts_with("not JSON: "));
    assert_eq!(error.raw_body().unwrap(), body.as_bytes());
    assert_eq!(
        (error.status().unwrap().as_u16(), error.request_id()),
        (200, Some("08F0-TEST"))
    );
    assert!(!format!("{error} {error:?}").contains("not shown"));
}

#[tokio::test]
async fn the_signature_that_would_be_right_is_never_shown() {
    let reply = Reply::ok(PREPAY);
    let right = reply.signature_headers()[2].1.clone();
    let mut altered = reply;
    altered.signed = Some(b"other".to_vec());
    let error = error_of(altered).await;
    assert!(!format!("{error} {error:?}").contains(&right));
}

#[tokio::test]
async fn a_refusal_says_everything_and_whether_it_is_genuine() {
    let body = r#"{"code":"ORDER_CLOSED","message":"订单已关闭","detail":{"field":"/x","issue":"i"}}"#;
    let error = error_of(Reply::new(400, body)).await;
    let api = error.api().unwrap();
    assert_eq!(
        (api.status.as_u16(), &api.code, &*api.message),
        (400, &ErrorCode::OrderClosed, "订单已关闭")
    );
    assert_eq!(api.detail.as_ref().unwrap()["field"], "/x");
    assert!(api.authenticated && error.is_api() && !error.is_outcome_unknown());
    assert_eq!(error.request_id(), Some("08F0-TEST"));
    let shown = error.to_string();
    for part in [
        "POST /v3/pay/transactions/jsapi",
        "ORDER_CLOSED",
        "400",
        "订单已关闭",
        "08F0-TEST",
    ] {
        assert!(shown.contains(part), "{shown}");
    }

    let error = error_of(Reply::new(400, body).unsigned()).await;
    assert!(!error.api().unwrap().authenticated && error.is_outcome_unknown());
    let mut forged = Reply::new(400, body);
    forged.signer = Some(&STRANGER);
    let error = error_of(forged).await;
    assert!(error.is_verification() && error.api().is_none());
}

#[tokio::test]
async fn an_error_body_may_be_anything() {
    for body in [
        "",
        "<html><body>502 Bad Gateway</body></html>",
        "[]",
        "\u{0}",
        "{\"code\":7}",
    ] {
        let error = error_of(Reply::new(403, body).unsigned()).await;
        let api = error.api().unwrap();
        assert_eq!(api.status.as_u16(), 403);
        let code = if body.starts_with('{') { "7" } else { "" };
        assert_eq!(api.code.as_str(), code);
        assert_eq!(api.body, body.as_bytes());
    }
    let error = error_of(Reply::new(400, r#"{"code":"SOMETHING_NEW"}"#).unsigned()).await;
    assert!(
        matches!(&error.api().unwrap().code, ErrorCode::Unknown(code) if code.as_str() == "SOMETHING_NEW")
    );
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let elsewhere = Gateway::always(Reply::ok(PREPAY)).await;
    let target = elsewhere.url.clone();
    let gateway =
        Gateway::start(move |_, _| Reply::new(307, "").unsigned().header("Location", &target)).await;
    // Even when the caller's own settings ask for it.
    let client = gateway
        .builder()
        .configure_reqwest(|builder| builder.redirect(reqwest::redirect::Policy::limited(5)))
        .build()
        .unwrap();
    let error = post_order(&client, &order()).await.map(drop).unwrap_err();
    assert_eq!(error.api().unwrap().status.as_u16(), 307);
    assert!(elsewhere.seen().is_empty(), "the signed request went elsewhere");
}

#[tokio::test]
async fn a_response_has_a_limit() {
    let body = format!(r#"{{"prepay_id":"{}"}}"#, "x".repeat(5000));
    let gateway = Gateway::always(Reply::ok(body)).await;
    let client = gateway.builder().max_response_bytes(4000).build().unwrap();
    let error = post_order(&client, &order()).await.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(error.is_outcome_unknown());
    let client = gateway.builder().max_response_bytes(6000).build().unwrap();
    assert!(post_order(&client, &order()).await.is_ok());
}

#[tokio::test]
async fn encrypted_fields_of_a_response_are_opened_on_demand() {
    let sealed = MERCHANT.public_key().unwrap().encrypt("张三".as_bytes()).unwrap();
    let sealed = to_base64(&sealed);
    let body = format!(r#"{{"prepay_id":"wx0","payer_name":"{sealed}"}}"#);
    let gateway = Gateway::always(Reply::ok(body)).await;
    let client = gateway.client();
    let response = post_order(&client, &order()).await.unwrap();
    let field = response.payer_name.as_ref().unwrap();
    assert_eq!(*client.decrypt(field).unwrap(), "张三");
    assert!(!format!("{response:?}").contains(&sealed));

    let empty = crate::Encrypted::from_ciphertext("");
    assert_eq!(*client.decrypt(&empty).unwrap(), "");
    assert!(client.decrypt(&"clear".into()).is_err());
    assert!(
        client
            .decrypt(&crate::Encrypted::from_ciphertext("AAAA"))
            .is_err()
    );
    let for_another = to_base64(&PLATFORM.public_key().unwrap().encrypt(b"x").unwrap());
    assert!(
        client
            .decrypt(&crate::Encrypted::from_ciphertext(for_another))
            .is_err()
    );
}
