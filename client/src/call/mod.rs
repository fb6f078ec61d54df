//! A call: what every generated function returns.
//!
//! In: a client, an operation and its request, then the caller's options for this one call. Out: the
//! typed response. All the work is done by one function that knows no types
//! (`execute`); what is generic here only decodes.

mod execute;
mod pagination;
mod received;
mod untyped;
#[cfg(feature = "apiv2")]
mod untyped_v2;

use std::future::IntoFuture;
use std::marker::PhantomData;
use std::time::Duration;

use bytes::Bytes;

#[cfg(feature = "apiv2")]
use crate::apiv2;
use crate::client::Client;
use crate::error::Error;
use crate::exchange::{Extra, Options};
use crate::operation::{Operation, Protocol};
use crate::transport::BoxFuture;
use crate::wire::{self, Decoded, Deviation, Json, Object, Value};

pub use pagination::PageStream;
pub use received::Received;
pub use untyped::UntypedCall;
#[cfg(feature = "apiv2")]
pub use untyped_v2::UntypedV2Call;

pub(crate) use execute::{execute, prepare, refusal};

/// A call that is about to be made; `.await` makes it, as does `.wait()` with the feature `blocking`.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<'a, T> {
    pub(crate) client: &'a Client,
    pub(crate) operation: &'static Operation,
    pub(crate) request: &'a dyn Object,
    pub(crate) options: Options,
    response: PhantomData<fn() -> T>,
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for () {}
    impl<T: crate::wire::Value + crate::wire::Object> Sealed for T {}
}

/// What the response of a call is decoded into: a generated type, or `()` for an empty response.
pub trait FromResponse: sealed::Sealed + Sized + Send {
    #[doc(hidden)]
    fn from_response(protocol: Protocol, body: &Bytes) -> Result<Decoded<Self>, Error>;
}

impl FromResponse for () {
    fn from_response(_protocol: Protocol, _body: &Bytes) -> Result<Decoded<Self>, Error> {
        Ok(Decoded::new((), Vec::new()))
    }
}

impl<T: Value + Object> FromResponse for T {
    fn from_response(protocol: Protocol, body: &Bytes) -> Result<Decoded<Self>, Error> {
        let mut value = T::empty();
        let deviations = decode(protocol, body, &mut value)?;
        Ok(Decoded::new(value, deviations))
    }
}

fn decode(protocol: Protocol, body: &Bytes, value: &mut dyn Value) -> Result<Vec<Deviation>, Error> {
    match protocol {
        #[cfg(feature = "apiv2")]
        Protocol::V2 => apiv2::decode(body, value),
        Protocol::V3 => {
            wire::from_json(body, value).map_err(|mismatch| Error::decode(mismatch, body.clone()))
        }
    }
}

impl<'a, T> Call<'a, T> {
    pub(crate) fn new(client: &'a Client, operation: &'static Operation, request: &'a dyn Object) -> Self {
        Self {
            client,
            operation,
            request,
            options: Options::default(),
            response: PhantomData,
        }
    }

    /// Goes to another of the hosts that the operation's page names, its first one being the default:
    /// `https://apihk.mch.weixin.qq.com/`. Any other is an error.
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

    /// Sends one more field: for what the documentation lacks.
    ///
    /// The field becomes part of the body, and of what is signed: the JSON body, an upload's `meta`, or
    /// the XML document of APIv2. A request without a body (`GET`, `DELETE`) sends it in the query.
    ///
    /// `path` is a name, or the path of a nested field in a JSON body: `amount.discount`,
    /// `goods_detail[0].tag`. Objects on the way are made where they are missing. A value is sent as it
    /// is: what WeChat Pay wants encrypted must be encrypted already.
    ///
    /// The call fails with an error of [`ErrorKind::Request`](crate::ErrorKind::Request), and sends
    /// nothing, when the request has a field of this name, or the path leads through something that is
    /// not an object or a list.
    pub fn field(mut self, path: impl Into<String>, value: impl Into<Json>) -> Self {
        self.options.extra.push(Extra {
            path: path.into(),
            value: value.into(),
        });
        self
    }

    /// The operation.
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }
}

impl<'a, T> Call<'a, T> {
    /// The same call once more.
    pub(crate) fn again(&self) -> Self {
        Self {
            options: self.options.clone(),
            ..Self::new(self.client, self.operation, self.request)
        }
    }
}

impl<'a, T: FromResponse + 'a> Call<'a, T> {
    /// Makes the call and gives the response whole: status, `Request-ID`, headers, the verified raw
    /// body, and where it differs from the documentation.
    ///
    /// # Errors
    /// As `.await`.
    pub async fn received(self) -> Result<Received<T>, Error> {
        let (client, operation) = (self.client, self.operation);
        let genuine = execute(client, operation, self.request, self.options).await?;
        let decoded = T::from_response(operation.protocol, &genuine.body);
        let decoded = decoded.and_then(|decoded| {
            client.report(operation.path, &decoded.deviations, || genuine.body.clone())?;
            Ok(decoded)
        });
        match decoded {
            Ok(Decoded {
                value, deviations, ..
            }) => {
                genuine.decoded(client, operation, deviations.len());
                Ok(Received {
                    value,
                    status: genuine.status,
                    headers: genuine.headers,
                    body: genuine.body,
                    deviations,
                    protocol: operation.protocol,
                })
            }
            Err(error) => Err(genuine.not_decoded(client, operation, error)),
        }
    }
}

impl<'a, T: FromResponse + 'a> IntoFuture for Call<'a, T> {
    type Output = Result<T, Error>;
    type IntoFuture = BoxFuture<'a, Result<T, Error>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.received().await?.value) })
    }
}
