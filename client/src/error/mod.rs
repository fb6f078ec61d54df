//! Errors: one opaque type that every fallible function of the crate returns.
//!
//! An [`Error`] has the size of a pointer and says what happened, in which operation, and what to do
//! about it. It never contains keys, clear text of encrypted fields or `Authorization` values.

mod api;
mod kind;
mod shared;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use bytes::Bytes;
use http::StatusCode;

use crate::operation::Operation;
use crate::wire::{Deviation, Mismatch, WriteError};

pub use api::{ApiError, ErrorCode};
pub use kind::ErrorKind;

pub(crate) use crate::wire::BoxError;

/// An error of this crate.
///
/// [`Error::kind`] is its category, the `is_…` methods ask for one, and [`Error::api`] has what WeChat
/// Pay responded. For payments the question that matters most is [`Error::is_outcome_unknown`]: if it is
/// true, query before you try again.
///
/// # When the outcome of a call is unknown
///
/// Each attempt of a call ends in one of these ways:
///
/// | the attempt | was it carried out? |
/// | --- | --- |
/// | could not be written or signed; no connection | no |
/// | timed out, or the connection broke | unknown |
/// | response too large to read, or its signature is missing or wrong | unknown |
/// | error response (4xx, 3xx) without a signature | unknown |
/// | verified error response with a `code` | no |
/// | verified error response under a success status (the status is not signed) | no |
/// | verified error response with 5xx or a code such as `SYSTEM_ERROR` | unknown |
/// | verified response without a `code` under an error status | unknown |
/// | verified success that can't be decoded | unknown |
///
/// The outcome of the call is unknown if it was unknown for *any* attempt, including one that was
/// retried: a refusal of the second attempt says nothing about the first, which timed out. Three more
/// rules follow:
///
/// - A request that only reads (`GET`) has no outcome that could be unknown.
/// - [`Error::is_connect`] means that no attempt was sent. If an earlier attempt may have arrived, the
///   kind is [`ErrorKind::Transport`] instead.
/// - A timeout before anything was sent, such as while certificates were downloaded, leaves nothing
///   unknown.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    problem: Cow<'static, str>,
    operation: Option<&'static Operation>,
    request_id: Option<Box<str>>,
    status: Option<StatusCode>,
    body: Option<Bytes>,
    /// The request may have reached WeChat Pay.
    sent: bool,
    /// An earlier attempt may have been carried out.
    in_doubt: bool,
    detail: Detail,
    source: Option<BoxError>,
}

enum Detail {
    None,
    Api(ApiError),
    Decode(Mismatch),
    /// What strict reading refuses.
    Deviations(Mismatch, Vec<Deviation>),
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(crate) fn new(kind: ErrorKind, problem: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            problem: problem.into(),
            operation: None,
            request_id: None,
            status: None,
            body: None,
            sent: false,
            in_doubt: false,
            detail: Detail::None,
            source: None,
        }))
    }

    pub(crate) fn configuration(problem: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Configuration, problem)
    }

    pub(crate) fn request(problem: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Request, problem)
    }

    pub(crate) fn encryption(problem: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Encryption, problem)
    }

    pub(crate) fn verification(problem: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Verification, problem)
    }

    pub(crate) fn decode(mismatch: Mismatch, body: Bytes) -> Self {
        let mut error = Self::new(ErrorKind::Decode, mismatch.to_string()).with_body(body);
        error.0.detail = Detail::Decode(mismatch);
        error
    }

    /// Strict reading refuses a body for the first of its deviations.
    pub(crate) fn deviation(deviations: &[Deviation], body: Bytes) -> Self {
        let first = deviations.first();
        let mismatch = Mismatch {
            path: first.map(|first| first.path.clone()).unwrap_or_default(),
            problem: first.map_or_else(String::new, |first| {
                format!("expected {}, found {}", first.expected, first.found)
            }),
        };
        let more = match deviations.len() {
            0 | 1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        let mut error = Self::new(ErrorKind::Decode, format!("{mismatch}{more}")).with_body(body);
        error.0.detail = Detail::Deviations(mismatch, deviations.to_vec());
        error
    }

    pub(crate) fn from_api(api: ApiError) -> Self {
        let mut error = Self::new(ErrorKind::Api, api.to_string());
        error.0.status = Some(api.status);
        error.0.request_id = api.request_id.clone();
        error.0.body = Some(api.body.clone());
        error.0.detail = Detail::Api(api);
        error.sent()
    }

    pub(crate) fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_operation(mut self, operation: &'static Operation) -> Self {
        self.0.operation.get_or_insert(operation);
        self
    }

    pub(crate) fn with_body(mut self, body: Bytes) -> Self {
        self.0.body = Some(body);
        self
    }

    /// Notes the response that the error was found in.
    pub(crate) fn with_response(mut self, status: StatusCode, request_id: Option<&str>) -> Self {
        self.0.status = Some(status);
        self.0.request_id = request_id.map(Into::into);
        self.sent()
    }

    pub(crate) fn with_request_id(mut self, request_id: Option<&str>) -> Self {
        self.0.request_id = request_id.map(Into::into);
        self
    }

    /// Notes that the request may have reached WeChat Pay.
    pub(crate) fn sent(mut self) -> Self {
        self.0.sent = true;
        self
    }

    /// Notes that an attempt may have been carried out, whatever this error says about the last one.
    pub(crate) fn in_doubt(mut self) -> Self {
        self.0.in_doubt = true;
        self
    }

    /// The category of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The request may have been carried out, and no verified response says whether it was; see the table
    /// in [`Error`]. Query the order, refund or transfer by your own number before anything else, and
    /// repeat it only with the same number and the same parameters.
    pub fn is_outcome_unknown(&self) -> bool {
        if self
            .0
            .operation
            .is_some_and(|operation| operation.method.is_safe())
        {
            return false;
        }
        let refused = match &self.0.detail {
            Detail::Api(api) => api.is_certain(),
            _ => false,
        };
        self.0.in_doubt || (self.0.sent && !refused)
    }

    /// What WeChat Pay said when it refused the request.
    pub fn api(&self) -> Option<&ApiError> {
        match &self.0.detail {
            Detail::Api(api) => Some(api),
            _ => None,
        }
    }

    /// Why the response could not be read, or the first deviation that strict reading refuses.
    pub fn mismatch(&self) -> Option<&Mismatch> {
        match &self.0.detail {
            Detail::Decode(mismatch) | Detail::Deviations(mismatch, _) => Some(mismatch),
            _ => None,
        }
    }

    /// All deviations that strict reading ([`Builder::strict`](crate::Builder::strict)) refuses; empty
    /// for other errors.
    pub fn deviations(&self) -> &[Deviation] {
        match &self.0.detail {
            Detail::Deviations(_, deviations) => deviations,
            _ => &[],
        }
    }

    /// The operation that was called.
    pub fn operation(&self) -> Option<&'static Operation> {
        self.0.operation
    }

    /// The response's `Request-ID`: what WeChat Pay's support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The response's HTTP status.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The raw body of a response that could not be decoded, or of an error response. It may contain
    /// personal data: keep it out of logs.
    pub fn raw_body(&self) -> Option<&Bytes> {
        self.0.body.as_ref()
    }

    /// WeChat Pay refused the request: see [`Error::api`].
    pub fn is_api(&self) -> bool {
        self.kind() == ErrorKind::Api
    }

    /// The client is not set up correctly.
    pub fn is_configuration(&self) -> bool {
        self.kind() == ErrorKind::Configuration
    }

    /// The time allowed for the call ran out.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// No connection could be made, and no attempt of the call was sent.
    pub fn is_connect(&self) -> bool {
        self.kind() == ErrorKind::Connect
    }

    /// The signature of a response or a notification is missing, invalid, or outside of the allowed
    /// time. Do not act on the content.
    pub fn is_verification(&self) -> bool {
        matches!(self.kind(), ErrorKind::Verification | ErrorKind::Probe)
    }

    /// WeChat Pay's test traffic, `WECHATPAY/SIGNTEST/…`: wrongly signed on purpose, to see that it
    /// is refused. It needs no alarm.
    pub fn is_probe(&self) -> bool {
        self.kind() == ErrorKind::Probe
    }

    /// The notification was handled before: acknowledge it.
    pub fn is_replay(&self) -> bool {
        self.kind() == ErrorKind::Replay
    }

    /// Another worker is handling the notification: respond with a failure, so that it is resent.
    pub fn is_busy(&self) -> bool {
        self.kind() == ErrorKind::Busy
    }

    /// A response or notification can't be read as its documented type: see [`Error::mismatch`].
    pub fn is_decode(&self) -> bool {
        self.kind() == ErrorKind::Decode
    }
}

/// Encryption passes on the error of the key; everything else is a fault of the request.
impl From<WriteError> for Error {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Invalid(problem) => Self::request(problem),
            WriteError::Encrypt(error) => match error.downcast::<Self>() {
                Ok(error) => *error,
                Err(error) => Self::encryption("a field could not be encrypted").with_source(error),
            },
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{} {}: ", operation.method, operation.path)?;
        }
        write!(f, "{}: {}", self.0.kind, self.0.problem)?;
        if let (None, Some(status)) = (self.api(), self.0.status) {
            write!(f, " (HTTP {})", status.as_u16())?;
        }
        if let Some(id) = &self.0.request_id {
            write!(f, " [Request-ID {}]", id.escape_debug())?;
        }
        if self.is_outcome_unknown() {
            f.write_str("; it may have been carried out: query before you repeat it")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &format_args!("{self}"))
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
