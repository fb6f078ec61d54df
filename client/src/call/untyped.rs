//! Calls of operations that no page documents yet.
//!
//! In: method, path, query and JSON. Out: the verified JSON of the response. Signature, verification,
//! retries, deadlines and errors are those of a typed call.

use std::future::IntoFuture;
use std::time::Duration;

use bytes::Bytes;
use http::Method;

use super::execute::execute;
use super::received::Received;
use crate::client::Client;
use crate::error::Error;
use crate::exchange::{Options, is_in_path};
use crate::operation::{Identity, Operation};
use crate::transport::BoxFuture;
use crate::wire::{self, Empty, Json};

/// The base URLs that documented operations have.
pub(super) const HOSTS: &[&str] = &[
    "https://api.mch.weixin.qq.com/",
    "https://api.mch.weixin.qq.com/hk/",
    "https://api2.mch.weixin.qq.com/",
    "https://apihk.mch.weixin.qq.com/",
    "https://apihk.mch.weixin.qq.com/global/",
    "https://apius.mch.weixin.qq.com/",
    "https://apieu.mch.weixin.qq.com/",
    "https://fraud.mch.weixin.qq.com/",
];

/// Stand-ins for the operations, in errors and spans.
macro_rules! operations {
    ($($name:ident: $method:ident $identity:ident $path:literal;)*) => {
        $(static $name: Operation = Operation {
            identity: Identity::$identity,
            method: Method::$method,
            path: $path,
            hosts: HOSTS,
            ..Operation::V3
        };)*

        fn operation(method: &Method, identity: Identity) -> Option<&'static Operation> {
            [$(&$name),*].into_iter().find(|known| known.method == *method && known.identity == identity)
        }
    };
}

operations! {
    GET: GET Merchant "/v3/…";
    POST: POST Merchant "/v3/…";
    PUT: PUT Merchant "/v3/…";
    PATCH: PATCH Merchant "/v3/…";
    DELETE: DELETE Merchant "/v3/…";
    BRAND_GET: GET Brand "/brand/…";
    BRAND_POST: POST Brand "/brand/…";
    BRAND_PUT: PUT Brand "/brand/…";
    BRAND_PATCH: PATCH Brand "/brand/…";
    BRAND_DELETE: DELETE Brand "/brand/…";
}

/// A call of an operation that no page documents yet: [`Client::request`].
#[must_use = "a call does nothing until it is awaited"]
pub struct UntypedCall<'a> {
    client: &'a Client,
    method: Method,
    path: String,
    parameters: Vec<(String, String)>,
    query: Vec<(String, String)>,
    options: Options,
}

impl Client {
    /// Calls an operation of APIv3 that has no typed function yet.
    ///
    /// `path` begins with `/v3/`, or with `/brand/` for what a brand signs. Values go into it as
    /// parameters, percent-encoded, never as text:
    ///
    /// ```no_run
    /// # async fn example(client: wechatpay_client::Client) -> Result<(), wechatpay_client::Error> {
    /// use http::Method;
    ///
    /// let response = client
    ///     .request(Method::POST, "/v3/new-product/orders/{out_trade_no}/close")
    ///     .parameter("out_trade_no", "20240101-0001")
    ///     .query("mchid", client.mchid())
    ///     .json(serde_json::json!({ "reason": "sold out" }))
    ///     .await?;
    /// println!("{}", response["state"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// For APIv2 there is [`ApiV2::request`](crate::apiv2::ApiV2::request).
    pub fn request(&self, method: Method, path: impl Into<String>) -> UntypedCall<'_> {
        UntypedCall {
            client: self,
            method,
            path: path.into(),
            parameters: Vec::new(),
            query: Vec::new(),
            options: Options::default(),
        }
    }
}

impl<'a> UntypedCall<'a> {
    /// The value of `{name}` in the path.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// A query parameter. A name may be given several times.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// The body.
    pub fn json(mut self, body: impl Into<Json>) -> Self {
        self.options.body = Some(Bytes::from(body.into().to_string()));
        self
    }

    /// Sends the request again after a failure even though it is not a `GET`. Right for a request that
    /// has a number of your own (`out_trade_no`) by which WeChat Pay recognises the repetition.
    pub fn idempotent(mut self) -> Self {
        self.options.repeatable = true;
        self
    }

    /// Goes to another host of WeChat Pay, `https://apihk.mch.weixin.qq.com/` for example. Any other
    /// host is an error.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.options.host = Some(host.into());
        self
    }

    /// How long the call may take with all its attempts, instead of the client's own time.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// The language of error messages: `en`, `zh-CN`, `zh-HK`, `zh-TW`.
    pub fn accept_language(mut self, language: impl Into<String>) -> Self {
        self.options.accept_language = Some(language.into());
        self
    }

    /// Makes the call and gives the response whole: the JSON with status, headers and raw body.
    ///
    /// # Errors
    /// As `.await`.
    pub async fn received(self) -> Result<Received<Json>, Error> {
        let client = self.client;
        let (operation, options) = self.checked()?;
        let genuine = execute(client, operation, &Empty {}, options).await?;
        let mut value = Json::Null;
        if !genuine.body.is_empty() {
            wire::from_json(&genuine.body, &mut value).map_err(|mismatch| {
                let error = Error::decode(mismatch, genuine.body.clone());
                genuine.not_decoded(client, operation, error)
            })?;
        }
        genuine.decoded(client, operation, 0);
        Ok(Received {
            value,
            status: genuine.status,
            headers: genuine.headers,
            body: genuine.body,
            deviations: Vec::new(),
            protocol: operation.protocol,
        })
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn client(&self) -> &'a Client {
        self.client
    }

    /// The operation that stands for this call, and what is sent.
    fn checked(self) -> Result<(&'static Operation, Options), Error> {
        check_path(&self.path)?;
        let identity = match self.path.as_bytes() {
            [b'/', b'v', b'3', b'/', ..] => Identity::Merchant,
            [b'/', b'b', b'r', b'a', b'n', b'd', b'/', ..] => Identity::Brand,
            _ => {
                return Err(Error::request(
                    "the path: expected `/v3/…` or `/brand/…`; nothing was sent",
                ));
            }
        };
        let operation = operation(&self.method, identity).ok_or_else(|| {
            Error::request("the method: expected GET, POST, PUT, PATCH or DELETE; nothing was sent")
        })?;
        let misplaced = |name: &str| Error::request(format!("`{}` is not in the path", name.escape_debug()));
        if let Some((name, _)) = self
            .parameters
            .iter()
            .find(|(name, _)| !is_in_path(&self.path, name))
        {
            return Err(misplaced(name));
        }
        if let Some((name, _)) = self.query.iter().find(|(name, _)| is_in_path(&self.path, name)) {
            return Err(Error::request(format!(
                "`{}` is in the path: give it with `parameter`",
                name.escape_debug()
            )));
        }
        let mut options = self.options;
        options.path = Some(self.path);
        options.query = self.parameters;
        options.query.extend(self.query);
        Ok((operation, options))
    }
}

/// Refuses whatever could make a path lead elsewhere than it reads: other hosts, queries, dot segments,
/// escapes. Values belong into parameters.
pub(super) fn check_path(path: &str) -> Result<(), Error> {
    let wrong = |problem: &str| Err(Error::request(format!("the path: {problem}; nothing was sent")));
    if path.contains("://") || path.starts_with("//") {
        return wrong("expected a path like `/v3/…`, found a URL; choose another host with `host`");
    }
    let Some(segments) = path.strip_prefix('/') else {
        return wrong("expected a slash at its beginning");
    };
    if path.contains('?') {
        return wrong("it holds a query; give it with `query`");
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:@/{}".contains(&byte);
    if !path.bytes().all(allowed) {
        return wrong("only letters, digits and `-._~:@` are allowed in it; give values with `parameter`");
    }
    let mut segments = segments.split('/').peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "" if segments.peek().is_some() => return wrong("it has an empty segment"),
            "." | ".." => return wrong("it has a dot segment"),
            _ => {}
        }
    }
    Ok(())
}

impl<'a> IntoFuture for UntypedCall<'a> {
    type Output = Result<Json, Error>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.received().await?.value) })
    }
}
