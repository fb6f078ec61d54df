//! What a client reports about its work: for metrics, alerts and audit logs.
//!
//! In: an [`Observer`] given to the builder. Out: one call of it for each attempt, response, notification
//! and download of certificates. No event holds a key, a signature, a body or a number of an order.
//!
//! Traces need no observer: each call has a `tracing` span whose fields are named by OpenTelemetry's
//! semantic conventions for HTTP clients (`http.request.method`, `url.template`, `server.address`,
//! `http.response.status_code`, `http.request.resend_count`, `error.type`), so that
//! `tracing-opentelemetry` exports it as an HTTP client span.

#[cfg(feature = "metrics")]
mod metrics;

use std::time::Duration;

use http::StatusCode;

use crate::error::ErrorKind;
use crate::operation::Operation;

#[cfg(feature = "metrics")]
pub use metrics::MetricsObserver;

/// Watches what a client does. Every method does nothing unless it is implemented.
///
/// The methods are called in the middle of the work: they must return quickly and not block.
///
/// ```
/// use wechatpay_client::observe::{Observer, ResponseEvent};
///
/// struct Alarm;
///
/// impl Observer for Alarm {
///     fn response(&self, event: &ResponseEvent) {
///         if event.outcome_unknown {
///             eprintln!("query {} {}", event.operation.method, event.operation.path);
///         }
///     }
/// }
/// ```
pub trait Observer: Send + Sync {
    /// An attempt of a call ended: with a response, whose signature is not verified yet, or without one.
    fn attempt(&self, event: &AttemptEvent) {
        let _ = event;
    }

    /// A call ended: with a verified, decoded response, or with an error.
    fn response(&self, event: &ResponseEvent) {
        let _ = event;
    }

    /// A notification of APIv3 was opened or refused.
    fn notification(&self, event: &NotificationEvent<'_>) {
        let _ = event;
    }

    /// A download of platform certificates ended.
    fn refresh(&self, event: &RefreshEvent) {
        let _ = event;
    }
}

/// The end of one attempt.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AttemptEvent {
    /// The operation, with its path as documented.
    pub operation: &'static Operation,
    /// The attempt's number, from 1.
    pub number: u32,
    /// How long it took, up to the end of the response's body.
    pub duration: Duration,
    /// The status of the response.
    pub status: Option<StatusCode>,
    /// Why there is no response.
    pub error: Option<ErrorKind>,
    /// Whether another attempt follows.
    pub is_retried: bool,
}

/// The end of a call.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ResponseEvent {
    /// The operation, with its path as documented.
    pub operation: &'static Operation,
    /// How long the call took with all its attempts, and with waiting for certificates.
    pub duration: Duration,
    /// The number of attempts that were made.
    pub attempts: u32,
    /// The status of the last response.
    pub status: Option<StatusCode>,
    /// The category of the error that the caller gets.
    pub error: Option<ErrorKind>,
    /// Whether the request may have been carried out although the call failed.
    pub outcome_unknown: bool,
    /// The number of places in which the response differs from its documentation.
    pub deviations: usize,
}

/// A notification that was opened or refused.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NotificationEvent<'a> {
    /// Its event type, if it was opened.
    pub event_type: Option<&'a str>,
    /// How long it took to verify, open and claim it.
    pub duration: Duration,
    /// Why it was refused.
    pub error: Option<ErrorKind>,
    /// The number of places in which it differs from its documentation.
    pub deviations: usize,
}

/// A download of platform certificates.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RefreshEvent {
    /// How long it took.
    pub duration: Duration,
    /// The number of certificates in the list that are valid now.
    pub certificates: Option<usize>,
    /// Why it failed.
    pub error: Option<ErrorKind>,
}
