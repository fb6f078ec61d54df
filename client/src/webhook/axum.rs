//! Notifications in axum: an extractor and responses.
//!
//! In: a request whose router state gives a [`Client`]. Out: a verified [`Notification`]; where it is
//! not accepted, the right refusal goes back without the handler being called.

use axum_core::extract::{FromRef, FromRequest, Request};
use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;

use super::{Acknowledgement, FromEvent, Notification};
use crate::{Client, Error};

/// A verified, decrypted, typed notification.
///
/// ```ignore
/// async fn notify(Webhook(notification): Webhook<Event>) -> Acknowledgement {
///     Acknowledgement::success()
/// }
/// let app = axum::Router::new().route("/notify", axum::routing::post(notify)).with_state(client);
/// ```
#[derive(Debug)]
pub struct Webhook<E>(pub Notification<E>);

/// Why a notification was not accepted; the response does not tell the sender.
#[derive(Debug)]
pub struct Rejection(pub Error);

impl<S, E> FromRequest<S> for Webhook<E>
where
    E: FromEvent + 'static,
    Client: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Rejection> {
        let client = Client::from_ref(state);
        let headers = request.headers().clone();
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            Rejection(Error::verification("the body could not be read").with_source(rejection))
        })?;
        match client.webhook(&headers, &body).await {
            Ok(notification) => Ok(Self(notification)),
            Err(error) => {
                if error.is_probe() {
                    tracing::debug!(%error, "notification refused");
                } else {
                    tracing::warn!(%error, "notification refused");
                }
                Err(Rejection(error))
            }
        }
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        Acknowledgement::from(&self.0).into_response().map(Into::into)
    }
}

impl IntoResponse for Acknowledgement {
    fn into_response(self) -> Response {
        Acknowledgement::into_response(self).map(Into::into)
    }
}
