//! One call from its request to the bytes of a verified success, in either protocol.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

#[cfg(feature = "apiv2")]
use crate::apiv2;
use crate::apiv3;
use crate::client::Client;
use crate::error::Error;
use crate::exchange::{Options, Prepared, Progress, RawResponse, request_id, send};
use crate::operation::{Operation, Protocol};
use crate::transport::BoxFuture;
use crate::wire::Object;

/// A success that is verifiably WeChat Pay's.
pub(crate) struct Genuine {
    pub progress: Progress,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// The whole way of a call, from the request's fields to the bytes of a genuine success. Boxed here,
/// so that the compiler sees through it once, not once for each generic caller.
pub(crate) fn execute<'a>(
    client: &'a Client,
    operation: &'static Operation,
    request: &'a dyn Object,
    options: Options,
) -> BoxFuture<'a, Result<Genuine, Error>> {
    let progress = Progress::new(options.timeout.unwrap_or(client.timeouts().total));
    Box::pin(async move {
        let work = run(client, operation, request, &options, &progress);
        let result = progress.limit(work).await;
        match result {
            Ok((status, headers, body)) => Ok(Genuine {
                progress,
                status,
                headers,
                body,
            }),
            Err(error) => {
                let error = error.with_operation(operation);
                let event = progress.event(operation, Err(&error));
                client.observe(|observer| observer.response(&event));
                Err(error)
            }
        }
    })
}

async fn run(
    client: &Client,
    operation: &'static Operation,
    request: &dyn Object,
    options: &Options,
    progress: &Progress,
) -> Result<(StatusCode, HeaderMap, Bytes), Error> {
    if operation.protocol == Protocol::V3 {
        client.credentials(operation.identity)?;
        client.ensure_trust(operation.identity).await?;
    }
    let prepared = prepare(client, operation, request, options).await?;
    let response = send(client, operation, &prepared, options, progress).await?;
    let accepted = match operation.protocol {
        Protocol::V3 => apiv3::accept(client, operation, &response).await,
        #[cfg(feature = "apiv2")]
        Protocol::V2 => apiv2::accept(client, operation, &response),
    };
    match accepted {
        Ok(()) => Ok((response.status, response.headers, response.body)),
        Err(error) => {
            let error = error.with_response(response.status, request_id(&response.headers));
            Err(if response.in_doubt {
                error.in_doubt()
            } else {
                error
            })
        }
    }
}

impl Genuine {
    /// Ends the call: tells the observers that the response was decoded.
    pub(crate) fn decoded(&self, client: &Client, operation: &'static Operation, deviations: usize) {
        let event = self.progress.event(operation, Ok((self.status, deviations)));
        client.observe(|observer| observer.response(&event));
    }

    /// Ends the call: notes the response in the error that decoding it gave, and tells the observers.
    pub(crate) fn not_decoded(&self, client: &Client, operation: &'static Operation, error: Error) -> Error {
        let error = error.with_response(self.status, request_id(&self.headers));
        let error = error.with_operation(operation);
        let event = self.progress.event(operation, Err(&error));
        client.observe(|observer| observer.response(&event));
        error
    }
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

/// Reads the error response that was received instead of a file.
pub(crate) async fn refusal(client: &Client, operation: &Operation, response: &RawResponse) -> Error {
    match operation.protocol {
        Protocol::V3 => apiv3::refusal(client, response).await,
        #[cfg(feature = "apiv2")]
        Protocol::V2 => apiv2::refusal(response),
    }
}
