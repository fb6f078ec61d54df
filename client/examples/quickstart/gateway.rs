//! A gateway on loopback that plays the two operations of this example: it believes no request that
//! the merchant's key did not sign, and signs what it answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wechatpay_client::crypto::{PrivateKey, PublicKey};

/// What the gateway knows.
pub struct Gateway {
    /// Verifies requests.
    pub merchant: PublicKey,
    /// Signs answers.
    pub platform: PrivateKey,
    /// The name of the platform's key.
    pub key_id: &'static str,
}

/// Serves on a free port; the address is where.
pub async fn start(gateway: Gateway) -> std::io::Result<SocketAddr> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = Router::new().fallback(serve).with_state(Arc::new(gateway));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn serve(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, 1 << 20).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    println!("  > {} {target}", head.method);
    println!("  > Authorization: {}", shortened(&head.headers, "authorization"));
    if !body.is_empty() {
        println!("  > {}", String::from_utf8_lossy(&body));
    }
    let (status, answer) = if is_signed(
        &gateway.merchant,
        head.method.as_str(),
        target,
        &head.headers,
        &body,
    ) {
        answer(head.method.as_str(), target)
    } else {
        (
            StatusCode::UNAUTHORIZED,
            r#"{"code":"SIGN_ERROR","message":"the signature does not verify"}"#,
        )
    };
    println!("  < {status} {answer}");
    // An order of this description is answered by somebody who does not have the platform's key.
    let forged = String::from_utf8_lossy(&body).contains("forged");
    signed(&gateway, status, answer, forged)
        .unwrap_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn answer(method: &str, target: &str) -> (StatusCode, &'static str) {
    match (method, target.split('?').next().unwrap_or_default()) {
        ("GET", path) if path.starts_with("/v3/payscore/permissions/authorization-code/") => (
            StatusCode::OK,
            r#"{"service_id":"500001","appid":"wxd678efh567hg6787","mchid":"1900000001","openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o","authorization_code":"1234323JKHDFE1243252","authorization_state":"AVAILABLE","authorization_success_time":"2026-11-22T12:00:00+08:00"}"#,
        ),
        ("POST", "/v3/pay/transactions/jsapi") => (
            StatusCode::OK,
            r#"{"prepay_id":"wx221200000000001a2b3c4d5e6f7890ab"}"#,
        ),
        _ => (
            StatusCode::NOT_FOUND,
            r#"{"code":"RESOURCE_NOT_EXISTS","message":"the example has no such operation"}"#,
        ),
    }
}

/// Whether `Authorization` bears the merchant's signature over exactly what came.
fn is_signed(merchant: &PublicKey, method: &str, target: &str, headers: &HeaderMap, body: &[u8]) -> bool {
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let parts = header("authorization")
        .strip_prefix("WECHATPAY2-SHA256-RSA2048 ")
        .unwrap_or_default();
    let part = |name: &str| {
        let value = parts
            .split(',')
            .find_map(|part| part.strip_prefix(name)?.strip_prefix("=\""));
        value
            .and_then(|value| value.strip_suffix('"'))
            .unwrap_or_default()
    };
    let mut message = format!(
        "{method}\n{target}\n{}\n{}\n",
        part("timestamp"),
        part("nonce_str")
    )
    .into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    STANDARD
        .decode(part("signature"))
        .is_ok_and(|signature| merchant.verifies(&message, &signature))
}

fn signed(gateway: &Gateway, status: StatusCode, body: &'static str, forged: bool) -> Option<Response> {
    let timestamp = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()?
        .as_secs()
        .to_string();
    let nonce = "d824f2e086d3c1df967785d13fcd22ef";
    let said = if forged { "something else" } else { body };
    let message = format!("{timestamp}\n{nonce}\n{said}\n");
    let signature = STANDARD.encode(gateway.platform.sign(message.as_bytes()).ok()?);
    let mut response = (status, Bytes::from_static(body.as_bytes())).into_response();
    for (name, value) in [
        ("Wechatpay-Timestamp", timestamp.as_str()),
        ("Wechatpay-Nonce", nonce),
        ("Wechatpay-Serial", gateway.key_id),
        ("Wechatpay-Signature", &signature),
        ("Request-ID", "08D4C3B2A1-quickstart"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_str(value).ok()?);
    }
    Some(response)
}

fn shortened(headers: &HeaderMap, name: &str) -> String {
    let value = headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("(none)");
    match value.split_once("signature=\"") {
        Some((before, rest)) => {
            let (signature, after) = rest.split_once('"').unwrap_or((rest, ""));
            format!(
                "{before}signature=\"{}…\"{after}",
                signature.get(..16).unwrap_or(signature)
            )
        }
        None => value.to_owned(),
    }
}
