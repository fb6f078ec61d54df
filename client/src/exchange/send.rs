//! Sends requests: attempts, deadlines, tracing.
//!
//! In: a [`Prepared`] request. Out: the response, whatever its status, or the error of the last attempt.

use std::time::Duration;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use tracing::{Instrument as _, Span};

use super::authorize::authorize;
use super::message::{Options, Prepared, RawResponse, request_id};
use super::progress::Progress;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::observe::AttemptEvent;
use crate::operation::Operation;
use crate::retry::{self, AttemptOutcome};
use crate::transport::{Failure, FailureKind, read_all};

/// Retries until a final response or the deadline, inside a span.
pub(crate) async fn send(
    client: &Client,
    operation: &'static Operation,
    prepared: &Prepared,
    options: &Options,
    progress: &Progress,
) -> Result<RawResponse, Error> {
    // The names are those of OpenTelemetry's semantic conventions for HTTP clients.
    let span = tracing::info_span!(
        "wechatpay",
        otel.name = %format_args!("{} {}", operation.method, operation.path),
        otel.kind = "client",
        http.request.method = %operation.method,
        url.template = operation.path,
        server.address = prepared.address.host(),
        http.response.status_code = tracing::field::Empty,
        http.request.resend_count = tracing::field::Empty,
        error.type = tracing::field::Empty,
        wechatpay.request_id = tracing::field::Empty,
        wechatpay.elapsed_ms = tracing::field::Empty,
    );
    attempts(client, operation, prepared, options, progress, &span)
        .instrument(span.clone())
        .await
}

async fn attempts(
    client: &Client,
    operation: &'static Operation,
    prepared: &Prepared,
    options: &Options,
    progress: &Progress,
    span: &Span,
) -> Result<RawResponse, Error> {
    let policy = client.retry_policy();
    loop {
        let attempt = progress.next_attempt();
        let started = progress.elapsed();
        // A request that can't be retried gets all the time left.
        let allowed = match prepared.repeatable {
            true => progress.left().min(client.timeouts().attempt),
            false => progress.left(),
        };
        let origin = origin(prepared, attempt);
        let in_doubt = progress.is_in_doubt();
        let result = tokio::time::timeout(
            allowed,
            once(client, operation, prepared, origin, options, progress),
        );
        let result = result.await;
        let result = result.unwrap_or_else(|_| Err(Failure::timeout(OutOfTime(allowed)).into()));
        let (outcome, wait) = judge(&result);
        if let AttemptOutcome::NoResponse(FailureKind::Connect | FailureKind::Configuration) = outcome {
            progress.set_in_doubt(in_doubt);
        }
        let pause = policy
            .pause(attempt, outcome, prepared.repeatable, wait)
            .filter(|pause| *pause < progress.left());
        let event = AttemptEvent {
            operation,
            number: attempt,
            duration: progress.elapsed().saturating_sub(started),
            status: result.as_ref().ok().map(|response| response.status),
            error: result.as_ref().err().map(AttemptError::kind),
            is_retried: pause.is_some(),
        };
        client.observe(|observer| observer.attempt(&event));
        note(span, &event, progress.elapsed(), &result);
        let Some(pause) = pause else {
            return match result {
                Ok(response) => Ok(RawResponse { in_doubt, ..response }),
                Err(error) => Err(error.into_error(operation, progress)),
            };
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
    progress: &Progress,
) -> Result<RawResponse, AttemptError> {
    let uri = [origin, &prepared.address.path_and_query].concat();
    let mut request = http::Request::builder()
        .method(prepared.method.clone())
        .uri(uri)
        .body(prepared.payload.body().await?)
        .map_err(|_| Error::request("the address is not a URL"))?;
    let headers = request.headers_mut();
    headers.reserve(prepared.headers.len() + 1);
    headers.extend(
        prepared
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    if let Some(body) = &prepared.signed_body {
        let authorization = authorize(client, operation.identity, prepared, body).await?;
        request.headers_mut().insert(AUTHORIZATION, authorization);
    }
    progress.set_in_doubt(true);
    let response = client.transport().send(request, prepared.connection).await?;
    let (parts, body) = response.into_parts();
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
                .with_response(parts.status, request_id(&parts.headers))
            })?;
            (read, None)
        }
    };
    Ok(RawResponse {
        status: parts.status,
        headers: parts.headers,
        body,
        rest,
        in_doubt: false,
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
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Error(error) => error.kind(),
            Self::Failure(failure) => match failure.kind {
                FailureKind::Connect => ErrorKind::Connect,
                FailureKind::Timeout => ErrorKind::Timeout,
                FailureKind::Other => ErrorKind::Transport,
                FailureKind::Configuration => ErrorKind::Configuration,
            },
        }
    }

    fn into_error(self, operation: &'static Operation, progress: &Progress) -> Error {
        let failure = match self {
            Self::Error(error) => return progress.mark(error.with_operation(operation)),
            Self::Failure(failure) => failure,
        };
        let (kind, problem) = match failure.kind {
            FailureKind::Connect if progress.is_in_doubt() => (
                ErrorKind::Transport,
                "the host could not be reached after an attempt that may have arrived",
            ),
            FailureKind::Connect => (ErrorKind::Connect, "the host could not be reached"),
            FailureKind::Timeout => (ErrorKind::Timeout, "no response within the time allowed"),
            FailureKind::Other => (
                ErrorKind::Transport,
                "the connection broke before the response was complete",
            ),
            FailureKind::Configuration => (ErrorKind::Configuration, "the transport can't send the request"),
        };
        let error = Error::new(kind, format!("{problem}: {}", failure.source)).with_source(failure.source);
        progress.mark(error.with_operation(operation))
    }
}

fn judge(result: &Result<RawResponse, AttemptError>) -> (AttemptOutcome, Option<Duration>) {
    match result {
        Ok(response) => (
            AttemptOutcome::Response(response.status),
            retry::retry_after(&response.headers),
        ),
        Err(AttemptError::Failure(failure)) => (AttemptOutcome::NoResponse(failure.kind), None),
        Err(AttemptError::Error(_)) => (AttemptOutcome::NoResponse(FailureKind::Configuration), None),
    }
}

/// Writes into the call's span.
fn note(span: &Span, event: &AttemptEvent, elapsed: Duration, result: &Result<RawResponse, AttemptError>) {
    span.record("http.request.resend_count", event.number - 1);
    span.record(
        "wechatpay.elapsed_ms",
        u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
    );
    if let Some(error) = event.error
        && !event.is_retried
    {
        span.record("error.type", error.name());
    }
    if let Ok(response) = result {
        span.record("http.response.status_code", response.status.as_u16());
        if let Some(id) = request_id(&response.headers) {
            span.record("wechatpay.request_id", id);
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
