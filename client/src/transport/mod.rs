//! Sends one HTTP request: a small trait, and its implementation with reqwest.
//!
//! In: a finished [`http::Request`], signed, with an absolute URL. Out: the [`http::Response`], its body
//! still to be read. The client handles retries, deadlines, signatures and spans; a transport sends one
//! request once and follows no redirect.

mod body;
mod reqwest;
#[cfg(feature = "tower")]
mod tower;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::error::BoxError;

pub use body::Body;
pub(crate) use body::read_all;
pub use reqwest::ReqwestTransport;
#[cfg(feature = "tower")]
pub use tower::{TowerTransport, TransportService};

pub(crate) use reqwest::{ClientCertificate, Settings};

/// A future that any thread may drive.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends requests. Implement it to use another HTTP stack, or to test without a network.
pub trait Transport: Send + Sync {
    /// Sends `request` over a connection of this kind, once, following no redirect, and gives what
    /// comes back, whatever its status.
    fn send(
        &self,
        request: http::Request<Body>,
        connection: Connection,
    ) -> BoxFuture<'_, Result<http::Response<Body>, Failure>>;
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(
        &self,
        request: http::Request<Body>,
        connection: Connection,
    ) -> BoxFuture<'_, Result<http::Response<Body>, Failure>> {
        (**self).send(request, connection)
    }
}

/// What kind of connection a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Connection {
    /// TLS with the server's certificate checked.
    Plain,
    /// The same, and the client shows the merchant's API certificate (some operations of APIv2).
    MutualTls,
}

/// Why a request got no response.
#[derive(Debug)]
pub struct Failure {
    pub(crate) kind: FailureKind,
    pub(crate) source: BoxError,
}

/// What a failure means for a repetition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    Connect,
    Timeout,
    Other,
    Configuration,
}

impl Failure {
    /// No connection: the request has certainly not been sent, so that it may be sent again.
    pub fn connect(source: impl Into<BoxError>) -> Self {
        Self::new(FailureKind::Connect, source)
    }

    /// It took too long; the request may have arrived.
    pub fn timeout(source: impl Into<BoxError>) -> Self {
        Self::new(FailureKind::Timeout, source)
    }

    /// Anything else; the request may have arrived.
    pub fn other(source: impl Into<BoxError>) -> Self {
        Self::new(FailureKind::Other, source)
    }

    /// The transport is not set up for this request; nothing was sent.
    pub fn configuration(source: impl Into<BoxError>) -> Self {
        Self::new(FailureKind::Configuration, source)
    }

    fn new(kind: FailureKind, source: impl Into<BoxError>) -> Self {
        Self {
            kind,
            source: source.into(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}
