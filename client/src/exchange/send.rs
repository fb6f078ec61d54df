//! The way of every request, of either protocol: attempts, deadlines, spans.
//!
//! In: a [`Prepared`] request. Out: an [`Answered`] one, whatever its status, or the error of the
//! last attempt. Neither knows of types: those come before and after.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, StatusCode};
use tracing::{Instrument as _, Span};

#[cfg(feature = "apiv2")]
use crate::apiv2;
use crate::apiv3::Address;
use crate::operation::{Operation, Protocol};
use crate::retry::{self, Came};
use crate::transport::{Body, BoxFuture, Connection, Failure, FailureKind, read_all};
use crate::upload::Form;
use crate::wire::Object;
use crate::{Client, Error, ErrorKind, apiv3};

/// What the caller chose for one call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub host: Option<String>,
    pub timeout: Option<Duration>,
    pub accept_language: Option<String>,
    /// Query parameters that stand instead of the request's own.
    pub query: Vec<(String, String)>,
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

/// What came back.
pub(crate) struct Answered {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Empty where the body was left unread.
    pub body: Bytes,
    /// The rest, where it was.
    pub rest: Option<Body>,
}

/// A success that is verifiably WeChat Pay's.
pub(crate) struct Genuine {
    pub status: StatusCode,
    pub request_id: Option<String>,
    pub body: Bytes,
}

/// The header in which WeChat Pay numbers requests.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get("request-id")?.to_str().ok()
}

/// The whole way of a call, from the request's fields to the bytes of a genuine success. Boxed here,
/// so that the compiler sees through it once, not once for each generic caller.
pub(crate) fn execute<'a>(
    client: &'a Client,
    operation: &'static Operation,
    request: &'a dyn Object,
    options: Options,
) -> BoxFuture<'a, Result<Genuine, Error>> {
    let work = async move {
        if operation.protocol == Protocol::V3 {
            client.ensure_trust().await?;
        }
        let prepared = prepare(client, operation, request, &options).await?;
        let answer = send(client, operation, &prepared, &options).await?;
        let (status, id) = (answer.status, request_id(&answer.headers).map(ToOwned::to_owned));
        let body = match operation.protocol {
            Protocol::V3 => apiv3::accept(client, operation, answer).await,
            #[cfg(feature = "apiv2")]
            Protocol::V2 => apiv2::accept(client, operation, answer),
        };
        match body {
            Ok(body) => Ok(Genuine {
                status,
                request_id: id,
                body,
            }),
            Err(error) => Err(error.with_answer(status, id.as_deref())),
        }
    };
    Box::pin(async move { work.await.map_err(|error: Error| error.with_operation(operation)) })
}

/// Writes a request as its protocol has it.
pub(crate) async fn prepare(
    client: &Client,
    operation: &'static Operation,
    request: &dyn Object,
    options: &Options,
) -> Result<Prepared, Error> {
    match operation.protocol {
        Protocol::V3 => apiv3::prepare(client, operation, request, options).await,
        #[cfg(feature = "apiv2")]
        Protocol::V2 => apiv2::prepare(client, operation, request, options).await,
    }
}

/// Reads what was answered instead of a file.
pub(crate) async fn refusal(client: &Client, operation: &Operation, answer: Answered) -> Error {
    match operation.protocol {
        Protocol::V3 => apiv3::refusal(client, answer).await,
        #[cfg(feature = "apiv2")]
        Protocol::V2 => apiv2::refusal(answer),
    }
}

/// Sends until there is an answer that no repetition would better, or the time is up; all of it in a
/// span.
pub(crate) async fn send(
    client: &Client,
    operation: &'static Operation,
    prepared: &Prepared,
    options: &Options,
) -> Result<Answered, Error> {
    let span = tracing::info_span!(
        "wechatpay",
        operation.method = %operation.method,
        operation.path = operation.path,
        status = tracing::field::Empty,
        request_id = tracing::field::Empty,
        attempts = tracing::field::Empty,
        elapsed_ms = tracing::field::Empty,
    );
    attempts(client, operation, prepared, options, &span)
        .instrument(span.clone())
        .await
}

async fn attempts(
    client: &Client,
    operation: &'static Operation,
    prepared: &Prepared,
    options: &Options,
    span: &Span,
) -> Result<Answered, Error> {
    let started = Instant::now();
    let policy = client.retry_policy();
    let total = options.timeout.unwrap_or(client.timeouts().total);
    let mut attempt = 0;
    let mut may_have_arrived = false;
    loop {
        attempt += 1;
        let left = total.saturating_sub(started.elapsed());
        // What can't be sent again has all the time there is.
        let allowed = match prepared.repeatable {
            true => left.min(client.timeouts().attempt),
            false => left,
        };
        let origin = origin(prepared, attempt);
        let result = tokio::time::timeout(allowed, once(client, prepared, origin, options)).await;
        let result = result.unwrap_or_else(|_| Err(Failure::timeout(OutOfTime(allowed)).into()));
        let (came, wait) = judge(&result);
        may_have_arrived |= !matches!(
            came,
            Came::Nothing(FailureKind::Connect | FailureKind::Configuration)
        );
        let pause = policy
            .pause(attempt, came, prepared.repeatable, wait)
            .filter(|pause| started.elapsed() + *pause < total);
        note(span, attempt, started, &result);
        let Some(pause) = pause else {
            return result.map_err(|error| error.into_error(operation, may_have_arrived));
        };
        tracing::debug!(attempt, ?came, pause_ms = pause.as_millis(), "sending again");
        tokio::time::sleep(pause).await;
    }
}

/// The host of an attempt: the second one, where there is one, every other time.
fn origin(prepared: &Prepared, attempt: u32) -> &str {
    match &prepared.address.fallback {
        Some(fallback) if attempt.is_multiple_of(2) => fallback,
        _ => &prepared.address.origin,
    }
}

/// One attempt, with a fresh signature over the same bytes.
async fn once(
    client: &Client,
    prepared: &Prepared,
    origin: &str,
    options: &Options,
) -> Result<Answered, AttemptError> {
    let uri = format!("{origin}{}", prepared.address.path_and_query);
    let mut request = http::Request::builder()
        .method(prepared.method.clone())
        .uri(uri)
        .body(prepared.payload.body().await?)
        .map_err(|_| Error::encode("the address is no URL"))?;
    *request.headers_mut() = prepared.headers.clone();
    if let Some(body) = &prepared.signed_body {
        let authorization = apiv3::authorize(client, prepared, body).await?;
        request.headers_mut().insert(AUTHORIZATION, authorization);
    }
    let answer = client.transport().send(request, prepared.connection).await?;
    let (parts, body) = answer.into_parts();
    let (body, rest) = match options.streamed && parts.status.is_success() {
        true => (Bytes::new(), Some(body)),
        false => {
            let limit = client.body_limit();
            let read = read_all(body, limit).await.map_err(Failure::other)?;
            let read = read.ok_or_else(|| {
                Error::new(
                    ErrorKind::TooLarge,
                    format!("the answer has more than {limit} bytes"),
                )
                .with_answer(parts.status, request_id(&parts.headers))
            })?;
            (read, None)
        }
    };
    Ok(Answered {
        status: parts.status,
        headers: parts.headers,
        body,
        rest,
    })
}

/// Why an attempt gave no answer: the transport, or something that no repetition would better.
enum AttemptError {
    Failure(Failure),
    Error(Error),
}

impl From<Failure> for AttemptError {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Error> for AttemptError {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl AttemptError {
    fn into_error(self, operation: &'static Operation, may_have_arrived: bool) -> Error {
        let failure = match self {
            Self::Error(error) => return error.with_operation(operation),
            Self::Failure(failure) => failure,
        };
        let (kind, problem) = match failure.kind {
            FailureKind::Connect => (ErrorKind::Connect, "the host could not be reached"),
            FailureKind::Timeout => (ErrorKind::Timeout, "no answer in the time allowed"),
            FailureKind::Other => (ErrorKind::Transport, "it broke before the answer was complete"),
            FailureKind::Configuration => (ErrorKind::Configuration, "the transport can't send it"),
        };
        let error = Error::new(kind, format!("{problem}: {}", failure.source))
            .with_source(failure.source)
            .with_operation(operation);
        if may_have_arrived { error.sent() } else { error }
    }
}

fn judge(result: &Result<Answered, AttemptError>) -> (Came, Option<Duration>) {
    match result {
        Ok(answer) => (Came::Answer(answer.status), retry::retry_after(&answer.headers)),
        Err(AttemptError::Failure(failure)) => (Came::Nothing(failure.kind), None),
        Err(AttemptError::Error(_)) => (Came::Nothing(FailureKind::Configuration), None),
    }
}

/// Writes into the call's span.
fn note(span: &Span, attempt: u32, started: Instant, result: &Result<Answered, AttemptError>) {
    span.record("attempts", attempt);
    span.record(
        "elapsed_ms",
        u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    );
    if let Ok(answer) = result {
        span.record("status", answer.status.as_u16());
        if let Some(id) = request_id(&answer.headers) {
            span.record("request_id", id);
        }
    }
}

impl Payload {
    /// The body of one attempt.
    async fn body(&self) -> Result<Body, Error> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.clone().into()),
            Self::Form(form) => form.body().await,
        }
    }
}

#[derive(Debug)]
struct OutOfTime(Duration);

impl std::fmt::Display for OutOfTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "waited {} ms", self.0.as_millis())
    }
}

impl std::error::Error for OutOfTime {}
