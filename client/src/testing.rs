//! Tests without a network: a transport that responds as WeChat Pay does.
//!
//! In: the responses that a test wants. Out: a client whose keys are made on the fly, the requests that it
//! sent, and signed notifications. Everything else is the real code: requests are signed, responses verified.
//!
//! ```
//! use serde_json::json;
//! use wechatpay_client::testing::Gateway;
//! use wechatpay_client::v3::pay::transactions::out_trade_no::by_out_trade_no;
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//!
//! let gateway = Gateway::new()?;
//! gateway.respond("/v3/pay/transactions/out-trade-no/A1", 200, json!({ "trade_state": "SUCCESS" }));
//! let client = gateway.builder().build()?;
//! let order = by_out_trade_no::get(&client, &by_out_trade_no::get::Request::new("A1")).await?;
//! assert_eq!(order.trade_state.unwrap().as_str(), "SUCCESS");
//! assert_eq!(gateway.requests()[0].path, "/v3/pay/transactions/out-trade-no/A1?mchid=1900000001");
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?; Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use zeroize::Zeroizing;

use crate::builder::Builder;
use crate::client::Client;
use crate::clock::unix;
use crate::crypto::{ApiV3Key, PrivateKey, nonce, to_base64};
use crate::error::Error;
use crate::transport::{Body, BoxFuture, Connection, Failure, Transport};
use crate::wire::Json;

const MCHID: &str = "1900000001";
const SERIAL: &str = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
const KEY_ID: &str = "PUB_KEY_ID_0119000000012026010100000000000001";
const API_V3_KEY: &str = "an APIv3 key for tests: 32 bytes";

/// WeChat Pay in a test. Clones are the same gateway.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    merchant_pem: Zeroizing<String>,
    platform: PrivateKey,
    platform_pem: String,
    responses: Mutex<HashMap<String, Vec<(u16, Bytes)>>>,
    requests: Mutex<Vec<Recorded>>,
}

/// A request that was sent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Recorded {
    /// HTTP method.
    pub method: Method,
    /// Path and query as they were signed.
    pub path: String,
    /// Headers, with the signature in `Authorization`.
    pub headers: HeaderMap,
    /// The body; empty where it was a stream.
    pub body: Bytes,
}

impl Gateway {
    /// Makes a merchant's key and WeChat Pay's.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn new() -> Result<Self, Error> {
        let platform = PrivateKey::generate()?;
        Ok(Self(Arc::new(Inner {
            merchant_pem: PrivateKey::generate()?.to_pem()?,
            platform_pem: platform.public_key()?.to_pem(),
            platform,
            responses: Mutex::default(),
            requests: Mutex::default(),
        })))
    }

    /// A builder with the merchant's credentials, WeChat Pay's public key and this transport.
    pub fn builder(&self) -> Builder {
        Client::builder()
            .mchid(MCHID)
            .certificate_serial(SERIAL)
            .private_key_pem(&**self.0.merchant_pem)
            .api_v3_key(API_V3_KEY)
            .public_key_pem(KEY_ID, &self.0.platform_pem)
            .transport(self.clone())
    }

    /// Responds to requests of `path`, which is compared without the query, with this JSON, signed. Several
    /// responses of one path are used in their order, the last one for all further requests.
    pub fn respond(&self, path: &str, status: u16, body: Json) {
        let body = match body {
            Json::Null => Bytes::new(),
            body => body.to_string().into(),
        };
        lock(&self.0.responses)
            .entry(path.to_owned())
            .or_default()
            .push((status, body));
    }

    /// The requests that were sent, oldest first.
    pub fn requests(&self) -> Vec<Recorded> {
        lock(&self.0.requests).clone()
    }

    /// A notification: headers and body for [`Client::webhook`], encrypted and signed.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn notification(&self, event_type: &str, resource: &Json) -> Result<(HeaderMap, Bytes), Error> {
        let (id, nonce) = (nonce()?, nonce()?);
        let sealed =
            ApiV3Key::new(API_V3_KEY)?.seal(&nonce[..12], "test", resource.to_string().as_bytes())?;
        let body = serde_json::json!({
            "id": id,
            "create_time": "2026-01-01T00:00:00+08:00",
            "event_type": event_type,
            "resource_type": "encrypt-resource",
            "summary": "test",
            "resource": {
                "original_type": "test",
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": sealed,
                "associated_data": "test",
                "nonce": &nonce[..12],
            },
        });
        let body = Bytes::from(body.to_string());
        Ok((self.signed(&body)?, body))
    }

    /// The headers that sign `body`.
    fn signed(&self, body: &Bytes) -> Result<HeaderMap, Error> {
        let (time, nonce) = (unix(SystemTime::now()).to_string(), nonce()?);
        let message = [format!("{time}\n{nonce}\n").as_bytes(), body, b"\n"].concat();
        let signature = to_base64(&self.0.platform.sign(&message)?);
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("wechatpay-timestamp", time.as_str()),
            ("wechatpay-nonce", &nonce),
            ("wechatpay-signature", &signature),
            ("wechatpay-serial", KEY_ID),
            ("wechatpay-signature-type", "WECHATPAY2-SHA256-RSA2048"),
            ("request-id", "TEST"),
        ] {
            let value = HeaderValue::from_str(value);
            let value = value.map_err(|error| Error::configuration(error.to_string()))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        Ok(headers)
    }

    fn response(&self, request: &Request<Body>) -> Result<Response<Body>, Failure> {
        let (method, url) = (request.method(), request.uri());
        let path = url.path_and_query().map_or("/", |path| path.as_str());
        lock(&self.0.requests).push(Recorded {
            method: method.clone(),
            path: path.to_owned(),
            headers: request.headers().clone(),
            body: request.body().as_bytes().cloned().unwrap_or_default(),
        });
        let mut responses = lock(&self.0.responses);
        let (status, body) = match responses.get_mut(url.path()).map(|list| (list.len(), list)) {
            Some((1, list)) => list[0].clone(),
            Some((_, list)) => list.remove(0),
            None => {
                return Err(Failure::configuration(format!(
                    "no response is set for {method} {}",
                    url.path()
                )));
            }
        };
        let headers = self.signed(&body).map_err(Failure::configuration)?;
        let mut response = Response::builder().status(status).body(Body::from(body));
        if let Ok(response) = &mut response {
            *response.headers_mut() = headers;
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert(http::header::CONTENT_TYPE, json);
        }
        response.map_err(Failure::configuration)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Transport for Gateway {
    fn send(
        &self,
        request: Request<Body>,
        _connection: Connection,
    ) -> BoxFuture<'_, Result<Response<Body>, Failure>> {
        Box::pin(async move { self.response(&request) })
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "webhook-transaction"))]
mod tests {
    use serde_json::json;

    use super::Gateway;
    use crate::webhook::v3::Event;

    #[tokio::test]
    async fn a_notification_is_opened_and_a_changed_one_is_refused() {
        let gateway = Gateway::new().unwrap();
        let client = gateway.builder().build().unwrap();
        let resource = json!({ "out_trade_no": "A1", "trade_state": "SUCCESS" });
        let (headers, body) = gateway.notification("TRANSACTION.SUCCESS", &resource).unwrap();
        let notification = client.webhook::<Event>(&headers, &body).await.unwrap();
        let Event::TransactionSuccess(paid) = notification.resource else {
            panic!("another event")
        };
        assert_eq!(paid.out_trade_no.as_deref(), Some("A1"));
        let changed = [&body[..], b" "].concat();
        assert!(
            client
                .webhook::<Event>(&headers, &changed)
                .await
                .unwrap_err()
                .is_verification()
        );
    }

    #[cfg(feature = "pay")]
    #[tokio::test]
    async fn responses_come_in_their_order_and_an_unset_one_is_an_error() {
        use crate::v3::pay::transactions::jsapi;

        let gateway = Gateway::new().unwrap();
        let client = gateway.builder().build().unwrap();
        let order = jsapi::post::Request::from(jsapi::post::RequestInit {
            appid: "wx1".into(),
            description: "socks".into(),
            out_trade_no: "A1".into(),
            notify_url: "https://shop.example/notify".into(),
            amount: jsapi::post::Amount::new(1),
            payer: jsapi::post::Payer::new("o1"),
        });
        let error = jsapi::post(&client, &order).await.unwrap_err();
        assert!(error.to_string().contains("no response is set"), "{error}");
        let path = "/v3/pay/transactions/jsapi";
        gateway.respond(path, 400, json!({ "code": "PARAM_ERROR", "message": "no" }));
        gateway.respond(path, 200, json!({ "prepay_id": "wx0" }));
        let error = jsapi::post(&client, &order).await.unwrap_err();
        assert_eq!(error.api().unwrap().status.as_u16(), 400);
        for _ in 0..2 {
            let parameters = jsapi::post(&client, &order).pay().await.unwrap();
            assert_eq!(
                (&*parameters.app_id, &*parameters.package),
                ("wx1", "prepay_id=wx0")
            );
        }
        let sent: crate::Json = serde_json::from_slice(&gateway.requests()[1].body).unwrap();
        assert_eq!(sent["mchid"], client.mchid());
    }
}
