//! Notifications: from raw headers and raw bytes to a verified, decrypted, typed value in one call.
//!
//! In: the headers and the body exactly as received; a body that was parsed and written again does
//! not verify. Out: a [`Notification`], or an error that says which check failed. Respond with an
//! [`Acknowledgement`] within five seconds; a notification that is not acknowledged is resent.
//!
//! ```no_run
//! # async fn handle(
//! #     client: wechatpay_client::Client, headers: http::HeaderMap, body: Vec<u8>,
//! # ) -> Result<(), wechatpay_client::Error> {
//! use wechatpay_client::Json;
//! let notification = client.webhook::<Json>(&headers, &body).await?;
//! println!("{}: {}", notification.event_type, notification.id);
//! # Ok(())
//! # }
//! ```

#[macro_use]
mod macros;

mod acknowledgement;
#[cfg(feature = "axum")]
mod axum;
pub(crate) mod event;
mod expectation;
mod notification;
mod open;
mod replay;
#[cfg(any(
    feature = "webhook-transaction",
    feature = "webhook-refund",
    feature = "webhook-payscore"
))]
pub mod variant;

use std::future::IntoFuture;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::HeaderMap;

use crate::client::Client;
use crate::error::Error;
use crate::observe::NotificationEvent;
use crate::transport::BoxFuture;
use crate::wire::{self, Decoded, Json, Mismatch};

pub use crate::generated::webhook::{v2, v3};
pub use acknowledgement::Acknowledgement;
#[cfg(feature = "axum")]
pub use axum::{Rejection, Webhook};
pub use expectation::Expectation;
pub use notification::Notification;
pub use replay::{Claim, Lease, MemoryReplayGuard, ReplayGuard};

/// What a notification's clear resource can be read as: an enumeration over all event types, the
/// resource type of one of them, or any [`Json`].
pub trait FromEvent: Sized + Send {
    /// Reads `resource`, the clear JSON of a notification of type `event_type`.
    ///
    /// # Errors
    /// When the resource is not JSON or not an object as documented; for the resource of one event type,
    /// also when `event_type` is another one, or the resource's own state contradicts it.
    fn from_event(event_type: &str, resource: &[u8]) -> Result<Decoded<Self>, Mismatch>;
}

impl FromEvent for Json {
    fn from_event(_event_type: &str, resource: &[u8]) -> Result<Decoded<Self>, Mismatch> {
        wire::decode_json(resource)
    }
}

/// A notification about to be verified and opened; `.await` does it, as does `.wait()` with the
/// feature `blocking`.
#[must_use = "nothing is verified until it is awaited"]
pub struct Incoming<'a, E> {
    client: &'a Client,
    headers: &'a HeaderMap,
    body: &'a [u8],
    guard: Option<Arc<dyn ReplayGuard>>,
    lease: Duration,
    event: PhantomData<fn() -> E>,
}

impl Client {
    /// Verifies and opens a notification: signature, time, key, algorithm, then content.
    ///
    /// `E` is an enumeration over all event types, the resource of one, or [`Json`].
    pub fn webhook<'a, E: FromEvent>(&'a self, headers: &'a HeaderMap, body: &'a [u8]) -> Incoming<'a, E> {
        Incoming {
            client: self,
            headers,
            body,
            guard: None,
            lease: Lease::LENGTH,
            event: PhantomData,
        }
    }
}

impl<'a, E: FromEvent> Incoming<'a, E> {
    /// Claims the notification, so that it is handled once: of all deliveries of one notification only
    /// one is opened. The claim lasts for [`Lease::LENGTH`] and is given back when the notification is
    /// dropped; call [`Notification::complete`] after your work. Give the guard itself, which is cloned,
    /// or an `Arc` of one.
    ///
    /// Then awaiting may also fail with [`ErrorKind::Replay`](crate::ErrorKind::Replay) (handled before:
    /// acknowledge it), [`ErrorKind::Busy`](crate::ErrorKind::Busy) (another worker is handling it) and
    /// [`ErrorKind::Guard`](crate::ErrorKind::Guard) (the guard failed); [`Acknowledgement`] has the
    /// response for each.
    pub fn guard(mut self, guard: &(impl ReplayGuard + Clone + 'static)) -> Self {
        self.guard = Some(Arc::new(guard.clone()));
        self
    }

    /// How long the claim of [`Incoming::guard`] lasts unless it is renewed, instead of
    /// [`Lease::LENGTH`].
    pub fn lease(mut self, length: Duration) -> Self {
        self.lease = length;
        self
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn client(&self) -> &'a Client {
        self.client
    }
}

impl<'a, E: FromEvent + 'a> IntoFuture for Incoming<'a, E> {
    type Output = Result<Notification<E>, Error>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            client,
            headers,
            body,
            guard,
            lease,
            ..
        } = self;
        let opened = open::open(client, headers, body);
        let started = Instant::now();
        let work = async move {
            let opened = opened.await?;
            // The clear bytes stay out of errors: they are personal data.
            let raw = || bytes::Bytes::copy_from_slice(body);
            let decoded = E::from_event(&opened.event_type, &opened.resource)
                .map_err(|mismatch| Error::decode(mismatch, raw()))?;
            let mut notification = opened.decoded(decoded);
            client.report(&notification.event_type, &notification.deviations, raw)?;
            if let Some(guard) = guard {
                if notification.id.trim().is_empty() {
                    let (path, problem) = ("id".to_owned(), "empty, so it can't be claimed".to_owned());
                    return Err(Error::decode(Mismatch { path, problem }, raw()));
                }
                let lease = Lease::claim_with(guard, &notification.id, lease).await?;
                notification.lease = Some(Arc::new(lease));
            }
            Ok(notification)
        };
        Box::pin(async move {
            let result = work.await;
            let opened = result.as_ref().ok();
            let event = NotificationEvent {
                event_type: opened.map(|notification| notification.event_type.as_str()),
                duration: started.elapsed(),
                error: result.as_ref().err().map(Error::kind),
                deviations: opened.map_or(0, |notification| notification.deviations.len()),
            };
            client.observe(|observer| observer.notification(&event));
            result
        })
    }
}
