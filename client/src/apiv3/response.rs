//! Checks responses.
//!
//! In: status, headers and body. Out: nothing for a verified success, or the error that the response reports.

use super::signature::SignatureHeaders;
use super::verify::{Signed, verify};
use crate::client::Client;
use crate::error::{ApiError, Error};
use crate::exchange::{RawResponse, api_error, request_id};
use crate::operation::Operation;

/// Checks a response. The error is the one that it reports, or why it is not verifiably genuine.
pub(crate) async fn accept(
    client: &Client,
    operation: &'static Operation,
    response: &RawResponse,
) -> Result<(), Error> {
    if !response.status.is_success() {
        return Err(refusal(client, response).await);
    }
    if operation.signed_response {
        verify(client, &response.headers, Signed::Response(&response.body)).await?;
        // The status is not signed: an error stays one under any status. The pages of gov/subsidy document
        // `code` and `message` as the response, without the values of a success.
        if !operation.path.starts_with("/v3/gov/subsidy/")
            && let Some(error) = ApiError::under_success(response.status, &response.body)
        {
            return Err(Error::from_api(ApiError {
                authenticated: true,
                request_id: request_id(&response.headers).map(Into::into),
                ..error
            }));
        }
    }
    Ok(())
}

/// Reads an error response. If it has any signature header, its signature must be valid.
pub(crate) async fn refusal(client: &Client, response: &RawResponse) -> Error {
    let verified = match SignatureHeaders::any(&response.headers) {
        false => Ok(false),
        true => verify(client, &response.headers, Signed::Response(&response.body))
            .await
            .map(|()| true),
    };
    match verified {
        Err(error) => error.with_body(response.body.clone()),
        Ok(authenticated) => Error::from_api(ApiError {
            authenticated,
            ..api_error(response)
        }),
    }
}
