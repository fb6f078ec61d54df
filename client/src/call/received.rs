//! A response whole: its decoded value, and what was received.

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

#[cfg(feature = "apiv2")]
use crate::apiv2;
use crate::exchange::request_id;
use crate::operation::Protocol;
use crate::wire::Deviation;

/// A response that was verified and decoded, with all that was received: what
/// [`Call::received`](crate::Call::received) gives.
#[derive(Clone)]
#[non_exhaustive]
pub struct Received<T> {
    /// The decoded response. The value's fields can also be read through `Deref`.
    pub value: T,
    /// The HTTP status. It is not covered by the signature.
    pub status: StatusCode,
    /// The HTTP headers. They are not covered by the signature.
    pub headers: HeaderMap,
    /// The body, byte for byte as it was verified. It may hold personal data: mind your logs.
    pub body: Bytes,
    /// Where the body differs from its documentation.
    pub deviations: Vec<Deviation>,
    pub(super) protocol: Protocol,
}

impl<T> Received<T> {
    /// The response's `Request-ID`: what WeChat Pay's support asks for.
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.headers)
    }

    /// The text of a top-level field of the body, documented or not: the way to what the type has no
    /// field for. A JSON value that is not text is given as JSON text. `None` if the field is missing,
    /// `null`, or there more than once.
    ///
    /// ```no_run
    /// # async fn f(client: &wechatpay_client::Client) -> Result<(), wechatpay_client::Error> {
    /// use wechatpay_client::v3::pay::transactions::out_trade_no::by_out_trade_no;
    /// let request = by_out_trade_no::get::Request::new("20240101-0001");
    /// let order = by_out_trade_no::get(client, &request).received().await?;
    /// println!("{:?} {:?}", order.request_id(), order.field("trade_state_desc"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn field(&self, name: &str) -> Option<String> {
        match self.protocol {
            Protocol::V3 => json_field(&self.body, name),
            #[cfg(feature = "apiv2")]
            Protocol::V2 => apiv2::field(&self.body, name).or_else(|| json_field(&self.body, name)),
        }
    }
}

fn json_field(body: &[u8], name: &str) -> Option<String> {
    let json: crate::Json = serde_json::from_slice(body).ok()?;
    match json.get(name)? {
        crate::Json::Null => None,
        crate::Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

impl<T> Deref for Received<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Received<T> {
    /// Without the headers and the body, which may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received")
            .field("value", &self.value)
            .field("status", &self.status)
            .field("request_id", &self.request_id())
            .field("deviations", &self.deviations)
            .finish_non_exhaustive()
    }
}
