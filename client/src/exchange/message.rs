//! What is sent and what comes back, below both protocols.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::extra::Extra;
use super::form::Form;
use crate::error::{ApiError, Error};
use crate::operation::Operation;
use crate::retry::retry_after;
use crate::transport::{Body, Connection};
use crate::wire::{self, Encrypt, Object, View};

/// The header that names the platform key in use.
pub(crate) const SERIAL: HeaderName = HeaderName::from_static("wechatpay-serial");

/// What the caller chose for one call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub host: Option<String>,
    pub timeout: Option<Duration>,
    pub accept_language: Option<String>,
    /// The path instead of the operation's.
    pub path: Option<String>,
    /// Parameters of path and query that replace the request's own.
    pub query: Vec<(String, String)>,
    /// The body instead of the request's fields.
    pub body: Option<Bytes>,
    /// Fields beside the request's own.
    pub extra: Vec<Extra>,
    /// Repeating the request is harmless, as the caller says.
    pub repeatable: bool,
    /// The body of a success is left unread.
    pub streamed: bool,
}

/// A request ready to be sent, as often as needed: every attempt has the same bytes.
pub(crate) struct Prepared {
    pub method: Method,
    pub address: Address,
    /// All but `Authorization`.
    pub headers: HeaderMap,
    pub payload: Payload,
    /// What an APIv3 signature is over; without it no `Authorization` is sent.
    pub signed_body: Option<Bytes>,
    pub connection: Connection,
    /// Sending it twice does no harm.
    pub repeatable: bool,
}

/// A body that can be sent more than once.
pub(crate) enum Payload {
    Bytes(Bytes),
    Form(Form),
}

/// A response.
pub(crate) struct RawResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Empty where the body was left unread.
    pub body: Bytes,
    /// The rest, where it was.
    pub rest: Option<Body>,
    /// An attempt before this response may have been carried out.
    pub in_doubt: bool,
}

/// The header in which WeChat Pay numbers requests.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get("request-id")?.to_str().ok()
}

impl Payload {
    /// The body of one attempt.
    pub(crate) async fn body(&self) -> Result<Body, Error> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.clone().into()),
            Self::Form(form) => form.body().await,
        }
    }
}

/// Where a request goes.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    /// Scheme and host, without a slash behind.
    pub origin: String,
    /// The same of the host to fall back on.
    pub fallback: Option<String>,
    /// Path and query, as signed.
    pub path_and_query: String,
}

impl Address {
    /// The host of the origin, with its port if it has one.
    pub(crate) fn host(&self) -> &str {
        self.origin.split_once("://").map_or("", |(_, host)| host)
    }
}

/// Whether a repetition does no harm: it only reads, or the merchant's own number is in it.
pub(crate) fn repeatable(operation: &Operation, request: &dyn Object) -> bool {
    if operation.method.is_safe() {
        return true;
    }
    let Some(number) = operation.idempotent_by else {
        return false;
    };
    let mut is_there = false;
    request.each(&mut |name, value| {
        is_there |= name == number && matches!(value.view(), View::Text(text) if !text.is_empty());
    });
    is_there
}

pub(crate) fn header_value(name: &str, text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text).map_err(|_| {
        Error::request(format!(
            "`{name}` contains a character that is not allowed in a header"
        ))
    })
}

/// The fields of the request that travel as headers.
pub(crate) fn field_headers(
    operation: &Operation,
    request: &dyn Object,
    encrypt: Option<&dyn Encrypt>,
    headers: &mut HeaderMap,
) -> Result<(), Error> {
    if operation.headers.is_empty() {
        return Ok(());
    }
    let keep = |name: &str| operation.headers.contains(&name);
    for (name, text) in wire::flatten(request, &keep, encrypt)? {
        let value = header_value(&name, &text)?;
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| Error::request(format!("`{}` is not a header name", name.escape_debug())))?;
        headers.insert(name, value);
    }
    Ok(())
}

/// An error response, not authenticated.
pub(crate) fn api_error(response: &RawResponse) -> ApiError {
    ApiError {
        retry_after: retry_after(&response.headers),
        request_id: request_id(&response.headers).map(Into::into),
        ..ApiError::read(response.status, response.body.clone())
    }
}
