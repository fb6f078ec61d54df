//! A signed call, and answers that must not be believed.

use crate::gateway::{Gateway, KEY_ID, MCHID, Reply, SERIAL, STRANGER};
use crate::ops::{jsapi, order};

#[tokio::test]
async fn a_call_is_signed_and_its_answer_typed() {
    let gateway = Gateway::always(Reply::ok(
        r#"{"prepay_id":"wx201410272009395522657a690389285100"}"#,
    ))
    .await;
    let client = gateway.client();
    let answer = jsapi::post(&client, &order()).await.unwrap();
    assert_eq!(answer.prepay_id, "wx201410272009395522657a690389285100");

    let seen = &gateway.seen()[0];
    assert_eq!(seen.method, "POST");
    assert_eq!(seen.path_and_query, "/v3/pay/transactions/jsapi");
    assert!(seen.is_signed_over(&seen.body));
    assert_eq!(seen.authorization("mchid"), MCHID);
    assert_eq!(seen.authorization("serial_no"), SERIAL);
    assert!(seen.authorization("nonce_str").len() <= 32);
    assert_eq!(seen.header("wechatpay-serial"), KEY_ID);
    assert_eq!(seen.header("accept"), "application/json");
    assert_eq!(seen.header("content-type"), "application/json");
    assert!(seen.header("user-agent").starts_with("wechatpay-client/"));
}

#[tokio::test]
async fn a_forged_answer_is_refused() {
    let body = r#"{"prepay_id":"wx0"}"#;
    let mut forged = Reply::ok(body);
    forged.signer = Some(&STRANGER);
    let error = refused(forged).await;
    assert!(error.is_verification() && error.is_outcome_unknown(), "{error}");
    assert_eq!(error.request_id(), Some("08F0-TEST"));

    let mut altered = Reply::ok(body);
    altered.signed = Some(br#"{"prepay_id":"wx1"}"#.to_vec());
    assert!(refused(altered).await.is_verification());

    let mut unknown = Reply::ok(body);
    unknown.key_id = "PUB_KEY_ID_0000000000002024000000000000000009".into();
    assert!(refused(unknown).await.is_verification());

    assert!(refused(Reply::ok(body).unsigned()).await.is_verification());
}

async fn refused(reply: Reply) -> wechatpay_client::Error {
    let gateway = Gateway::always(reply).await;
    jsapi::post(&gateway.client(), &order()).await.unwrap_err()
}
