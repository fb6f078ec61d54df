//! Sends requests: attempts, deadlines, tracing.
//!
//! In: a [`Prepared`] request. Out: the response, whatever its status, or the error of the last attempt.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::AUTHORIZATION;
use tracing::{Instrument as _, Span};

use super::authorize::authorize;
use super::message::{Answered, Options, Prepared, request_id};
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::retry::{self, AttemptOutcome};
use crate::transport::{Failure, FailureKind, read_all};

/// Retries until a final response or the deadline, inside a span.
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
        // A request that can't be retried gets all the time left.
        let allowed = match prepared.repeatable {
            true => left.min(client.timeouts().attempt),
            false => left,
        };
        let origin = origin(prepared, attempt);
        let result = tokio::time::timeout(allowed, once(client, operation, prepared, origin, options)).await;
        let result = result.unwrap_or_else(|_| Err(Failure::timeout(OutOfTime(allowed)).into()));
        let (outcome, wait) = judge(&result);
        may_have_arrived |= !matches!(
            outcome,
            AttemptOutcome::NoResponse(FailureKind::Connect | FailureKind::Configuration)
        );
        let pause = policy
            .pause(attempt, outcome, prepared.repeatable, wait)
            .filter(|pause| started.elapsed() + *pause < total);
        note(span, attempt, started, &result);
        let Some(pause) = pause else {
            return result.map_err(|error| error.into_error(operation, may_have_arrived));
        };
        tracing::debug!(attempt, ?outcome, pause_ms = pause.as_millis(), "sending again");
        tokio::time::sleep(pause).await;
    }
}

/// The host of an attempt: every other attempt goes to the fallback host, if there is one.
fn origin(prepared: &Prepared, attempt: u32) -> &str {
    match &prepared.address.fallback {
        Some(fallback) if attempt.is_multiple_of(2) => fallback,
        _ => &prepared.address.origin,
    }
}

/// One attempt, with a fresh signature over the same bytes.
async fn once(
    client: &Client,
    operation: &Operation,
    prepared: &Prepared,
    origin: &str,
    options: &Options,
) -> Result<Answered, AttemptError> {
    let uri = format!("{origin}{}", prepared.address.path_and_query);
    let mut request = http::Request::builder()
        .method(prepared.method.clone())
        .uri(uri)
        .body(prepared.payload.body().await?)
        .map_err(|_| Error::request("the address is not a URL"))?;
    *request.headers_mut() = prepared.headers.clone();
    if let Some(body) = &prepared.signed_body {
        let authorization = authorize(client, operation.identity, prepared, body).await?;
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
                    format!("the response has more than {limit} bytes"),
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

/// Why an attempt got no response: a transport failure, or an error that a retry can't fix.
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
            FailureKind::Timeout => (ErrorKind::Timeout, "no response within the time allowed"),
            FailureKind::Other => (
                ErrorKind::Transport,
                "the connection broke before the response was complete",
            ),
            FailureKind::Configuration => (ErrorKind::Configuration, "the transport can't send the request"),
        };
        let error = Error::new(kind, format!("{problem}: {}", failure.source))
            .with_source(failure.source)
            .with_operation(operation);
        if may_have_arrived { error.sent() } else { error }
    }
}

fn judge(result: &Result<Answered, AttemptError>) -> (AttemptOutcome, Option<Duration>) {
    match result {
        Ok(answer) => (
            AttemptOutcome::Response(answer.status),
            retry::retry_after(&answer.headers),
        ),
        Err(AttemptError::Failure(failure)) => (AttemptOutcome::NoResponse(failure.kind), None),
        Err(AttemptError::Error(_)) => (AttemptOutcome::NoResponse(FailureKind::Configuration), None),
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

#[derive(Debug)]
struct OutOfTime(Duration);

impl std::fmt::Display for OutOfTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "waited {} ms", self.0.as_millis())
    }
}

impl std::error::Error for OutOfTime {}
