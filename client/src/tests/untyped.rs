//! Operations and fields that no page has.

use http::Method;
use serde_json::json;

use super::gateway::{Gateway, Reply, STRANGER};
use super::ops::{get_order, order, post_close, post_order, query};
use crate::{Client, Error, ErrorKind, Json};

async fn gateway() -> Gateway {
    Gateway::always(Reply::ok(r#"{"prepay_id":"wx0","new":[1.10]}"#)).await
}

fn body(gateway: &Gateway) -> Json {
    let seen = gateway.seen().pop().unwrap();
    assert!(seen.is_signed_over(&seen.body));
    serde_json::from_slice(&seen.body).unwrap()
}

fn refused(error: &Error, part: &str) {
    assert_eq!(error.kind(), ErrorKind::Request, "{error}");
    assert!(error.to_string().contains(part), "expected {part} in: {error}");
    assert!(!error.is_outcome_unknown());
}

#[tokio::test]
async fn an_untyped_call_is_signed_and_verified_like_any_other() {
    let gateway = gateway().await;
    let client = gateway.client();
    let response = client
        .request(Method::POST, "/v3/new/{id}/things")
        .parameter("id", "a/../b?c")
        .query("tag", "x y")
        .query("tag", "&")
        .json(json!({ "amount": { "total": 1 } }))
        .await
        .unwrap();
    assert_eq!(response["prepay_id"], "wx0");
    let seen = gateway.seen().pop().unwrap();
    assert_eq!(seen.method, "POST");
    assert_eq!(
        seen.path_and_query,
        "/v3/new/a%2F..%2Fb%3Fc/things?tag=x%20y&tag=%26"
    );
    assert_eq!(seen.header("content-type"), "application/json");
    assert_eq!(body(&gateway), json!({ "amount": { "total": 1 } }));

    client.request(Method::GET, "/v3/new").await.unwrap();
    let seen = gateway.seen().pop().unwrap();
    assert!(seen.body.is_empty() && seen.is_signed_over(b""));
    assert_eq!(seen.header("content-type"), "");
}

#[tokio::test]
async fn an_untyped_response_is_never_given_out_unverified() {
    for reply in [
        Reply::ok("{}").unsigned(),
        Reply {
            signer: Some(&STRANGER),
            ..Reply::ok("{}")
        },
    ] {
        let gateway = Gateway::always(reply).await;
        let error = gateway
            .client()
            .request(Method::GET, "/v3/new")
            .await
            .unwrap_err();
        assert!(error.is_verification(), "{error}");
    }
    let gateway = Gateway::always(Reply::ok("[1,")).await;
    let error = gateway
        .client()
        .request(Method::GET, "/v3/new")
        .await
        .unwrap_err();
    assert!(error.is_decode() && error.request_id().is_some() && error.status().is_some());
    let gateway = Gateway::always(Reply::new(404, r#"{"code":"NOT_FOUND"}"#)).await;
    let error = gateway
        .client()
        .request(Method::GET, "/v3/new")
        .await
        .unwrap_err();
    assert!(error.api().unwrap().authenticated);
    assert!(error.to_string().starts_with("GET /v3/…: "), "{error}");
    let gateway = Gateway::always(Reply::new(204, "")).await;
    assert_eq!(
        gateway.client().request(Method::DELETE, "/v3/new").await.unwrap(),
        Json::Null
    );
}

#[tokio::test]
async fn a_path_leads_only_where_it_reads() {
    let gateway = gateway().await;
    let client = gateway.client();
    let problem = async |path: &str| client.request(Method::GET, path).await.unwrap_err();
    for (path, part) in [
        ("https://example.com/v3/x", "found a URL"),
        ("//example.com/v3/x", "found a URL"),
        ("v3/x", "a slash at its beginning"),
        ("/v3/../x", "a dot segment"),
        ("/v3/a/./x", "a dot segment"),
        ("/v3//x", "an empty segment"),
        ("/v3/x?a=b", "holds a query"),
        ("/v3/x#a", "only letters"),
        ("/v3/%2e%2e/x", "only letters"),
        ("/v3/a\\b", "only letters"),
        ("/v3/a\r\nHost: b", "only letters"),
        ("/v3/中", "only letters"),
        ("/pay/unifiedorder", "expected `/v3/…`"),
        ("/v3/{id}", "`id` is missing"),
    ] {
        refused(&problem(path).await, part);
    }
    let dots = client
        .request(Method::GET, "/v3/{id}")
        .parameter("id", "..")
        .await;
    refused(&dots.unwrap_err(), "dot segment");
    let misplaced = client.request(Method::GET, "/v3/x").parameter("id", "1").await;
    refused(&misplaced.unwrap_err(), "not in the path");
    let misplaced = client.request(Method::GET, "/v3/{id}").query("id", "1").await;
    refused(&misplaced.unwrap_err(), "with `parameter`");
    let host = client
        .request(Method::GET, "/v3/x")
        .host("https://example.com")
        .await;
    refused(&host.unwrap_err(), "hosts are");
    let method = client.request(Method::TRACE, "/v3/x").await;
    refused(&method.unwrap_err(), "the method");
    assert!(gateway.seen().is_empty());
}

/// `/brand/` is signed by the brand alone.
#[tokio::test]
async fn an_untyped_call_is_signed_by_whom_its_path_says() {
    let gateway = gateway().await;
    let error = gateway
        .client()
        .request(Method::GET, "/brand/x")
        .await
        .unwrap_err();
    assert!(error.is_configuration() && gateway.seen().is_empty());
}

#[tokio::test]
async fn an_untyped_call_is_repeated_as_its_method_or_its_caller_says() {
    let attempts = async |send: fn(&Client) -> crate::UntypedCall<'_>| {
        let gateway = Gateway::start(|_, count| match count {
            0 => Reply::new(500, "{}").unsigned(),
            _ => Reply::ok("{}"),
        })
        .await;
        let _ = send(&gateway.client()).await;
        gateway.seen().len()
    };
    assert_eq!(attempts(|client| client.request(Method::GET, "/v3/x")).await, 2);
    assert_eq!(attempts(|client| client.request(Method::POST, "/v3/x")).await, 1);
    assert_eq!(
        attempts(|client| client.request(Method::POST, "/v3/x").idempotent()).await,
        2
    );
}

#[tokio::test]
async fn extra_fields_are_sent_and_signed() {
    let gateway = gateway().await;
    let client = gateway.client();
    let request = order();
    post_order(&client, &request)
        .field("limit_pay", json!(["no_credit"]))
        .field("amount.discount", 1)
        .await
        .unwrap();
    let sent = body(&gateway);
    assert_eq!(
        (&sent["limit_pay"][0], &sent["amount"]["discount"]),
        (&json!("no_credit"), &json!(1))
    );
    assert_eq!(
        (&sent["amount"]["total"], &sent["appid"]),
        (&json!(100), &json!(request.appid))
    );

    get_order(&client, &query("1"))
        .field("sub_mchid", "19")
        .await
        .unwrap();
    let seen = gateway.seen().pop().unwrap();
    assert!(seen.path_and_query.ends_with("/1?sub_mchid=19") && seen.is_signed_over(b""));
    assert!(seen.body.is_empty());

    post_close(&client, &query("1"))
        .field("mchid", "19")
        .await
        .unwrap();
    assert_eq!(body(&gateway), json!({ "mchid": "19" }));
    assert_eq!(
        gateway.seen().pop().unwrap().header("content-type"),
        "application/json"
    );
}

#[tokio::test]
async fn an_extra_field_replaces_nothing() {
    let gateway = gateway().await;
    let client = gateway.client();
    for path in ["appid", "amount", "amount.total"] {
        let error = post_order(&client, &order()).field(path, 1).await.unwrap_err();
        refused(&error, "has a field of this name");
    }
    let error = post_order(&client, &order())
        .field("new", 1)
        .field("new", 2)
        .await
        .unwrap_err();
    refused(&error, "has a field of this name");
    for name in ["out_trade_no", "mchid", "Idempotency-Key"] {
        let request = query("1").mchid("19").key("k");
        let error = get_order(&client, &request).field(name, "2").await.unwrap_err();
        refused(&error, "has a field of this name");
    }
    let error = get_order(&client, &query("1"))
        .field("a.b", "2")
        .await
        .unwrap_err();
    refused(&error, "expected a plain name");
    assert!(gateway.seen().is_empty());
}

#[cfg(feature = "apiv2")]
mod apiv2 {
    use super::*;
    use crate::apiv2::{SignType, sign, verify};
    use crate::traffic;

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    async fn gateway(signed: bool) -> (Gateway, Client) {
        let fields = [
            ("return_code", "SUCCESS"),
            ("result_code", "SUCCESS"),
            ("new", "1"),
        ];
        let key = crate::apiv2::ApiV2Key::new(KEY).unwrap();
        let mut all = fields
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        if signed {
            all.push(("sign".to_owned(), sign(&key, SignType::HmacSha256, fields)));
        }
        let gateway = Gateway::always(Reply::ok(traffic::to_xml(&all)).unsigned()).await;
        let client = gateway.builder().api_v2_key(KEY).build().unwrap();
        (gateway, client)
    }

    #[tokio::test]
    async fn an_untyped_call_is_signed_and_verified() {
        let (gateway, client) = gateway(true).await;
        let call = client
            .apiv2()
            .unwrap()
            .request("/pay/neworder")
            .field("body", "a<b")
            .field("empty", "");
        let fields = call.await.unwrap();
        assert!(fields.contains(&("new".to_owned(), "1".to_owned())));
        let seen = gateway.seen().pop().unwrap();
        assert_eq!((&*seen.method, &*seen.path_and_query), ("POST", "/pay/neworder"));
        let sent = traffic::elements(seen.text()).unwrap();
        let get = |name: &str| {
            sent.iter()
                .find(|(field, _)| field == name)
                .map(|(_, text)| text.as_str())
        };
        assert_eq!(
            (get("body"), get("empty"), get("sign_type")),
            (Some("a<b"), None, Some("HMAC-SHA256"))
        );
        assert!(get("mch_id").is_some() && get("nonce_str").is_some());
        let key = crate::apiv2::ApiV2Key::new(KEY).unwrap();
        let pairs = sent.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        assert!(verify(&key, pairs, get("sign").unwrap()));
    }

    #[tokio::test]
    async fn an_unsigned_response_is_refused() {
        let (_gateway, client) = gateway(false).await;
        let error = client
            .apiv2()
            .unwrap()
            .request("/pay/neworder")
            .await
            .unwrap_err();
        assert!(error.is_verification(), "{error}");
    }

    #[tokio::test]
    async fn names_and_paths_are_checked() {
        let (gateway, client) = gateway(true).await;
        let api = client.apiv2().unwrap();
        for name in ["a><b", "sign", "1a", "a b", ""] {
            assert_eq!(
                api.request("/pay/x").field(name, "1").await.unwrap_err().kind(),
                ErrorKind::Request
            );
        }
        let twice = api.request("/pay/x").field("a", "1").field("a", "2").await;
        refused(&twice.unwrap_err(), "given twice");
        for path in ["https://example.com/pay", "/pay/../x", "/pay/{id}", "pay"] {
            refused(&api.request(path).await.unwrap_err(), "the path");
        }
        let money = api.request("/secapi/pay/new").mutual_tls().await.unwrap_err();
        assert!(money.is_configuration(), "{money}");
        assert!(gateway.seen().is_empty());
    }
}
