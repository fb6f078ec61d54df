//! tower services as transports, and transports as tower services.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tower_service::Service;

use super::{Body, BoxFuture, Connection, Failure, Transport};
use crate::error::BoxError;

/// A [`Transport`] made of a tower service: an HTTP client, or layers around [`TransportService`].
///
/// The service gets finished, signed requests, one for each attempt; a layer that repeats requests would
/// repeat payments. What kind of connection a request needs is in its extensions ([`Connection`]). An
/// error of `poll_ready` means that nothing was sent; another error that the request may have arrived,
/// unless it is a [`Failure`] that says otherwise.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use tower::ServiceBuilder;
/// use wechatpay_client::Client;
/// use wechatpay_client::transport::{ReqwestTransport, TowerTransport, TransportService};
///
/// // At most 50 requests at a time, over connections that all clients of the process share.
/// let service = ServiceBuilder::new()
///     .concurrency_limit(50)
///     .service(TransportService::new(ReqwestTransport::shared(|reqwest| reqwest)?));
/// let builder = Client::builder().transport(TowerTransport::new(service));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct TowerTransport<S>(S);

impl<S> TowerTransport<S> {
    /// Sends with clones of `service`.
    pub fn new(service: S) -> Self {
        Self(service)
    }
}

impl<S, B> Transport for TowerTransport<S>
where
    S: Service<http::Request<Body>, Response = http::Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send + Sync + 'static,
    B::Error: Into<BoxError>,
{
    fn send(
        &self,
        mut request: http::Request<Body>,
        connection: Connection,
    ) -> BoxFuture<'_, Result<http::Response<Body>, Failure>> {
        let mut service = self.0.clone();
        request.extensions_mut().insert(connection);
        Box::pin(async move {
            let ready = poll_fn(|context| service.poll_ready(context)).await;
            ready.map_err(|error| failure(error, Failure::connect))?;
            let response = service.call(request).await;
            let response = response.map_err(|error| failure(error, Failure::other))?;
            Ok(response.map(Body::wrap))
        })
    }
}

/// The failure inside of `error`, or one made of it.
fn failure(error: impl Into<BoxError>, otherwise: fn(BoxError) -> Failure) -> Failure {
    match error.into().downcast::<Failure>() {
        Ok(failure) => *failure,
        Err(error) => otherwise(error),
    }
}

/// A transport as a tower service, to put layers around it.
#[derive(Clone)]
pub struct TransportService(Arc<dyn Transport>);

impl TransportService {
    /// Wraps a transport.
    pub fn new(transport: impl Transport + 'static) -> Self {
        Self(Arc::new(transport))
    }
}

impl std::fmt::Debug for TransportService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TransportService").finish_non_exhaustive()
    }
}

impl Service<http::Request<Body>> for TransportService {
    type Response = http::Response<Body>;
    type Error = Failure;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let transport = self.0.clone();
        let connection = request.extensions().get::<Connection>();
        let connection = connection.copied().unwrap_or(Connection::Plain);
        Box::pin(async move { transport.send(request, connection).await })
    }
}
