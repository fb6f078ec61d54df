//! A transport that does what a closure says, without a network.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::gateway::{Reply, builder};
use crate::Builder;
use crate::transport::{Body, BoxFuture, Connection, Failure, Transport};

/// Calls the closure with the request's path and the number of requests before it.
pub struct Fake<F>(F, AtomicUsize);

impl<F> Fake<F>
where
    F: Fn(&str, usize) -> Result<Reply, Failure> + Send + Sync,
{
    pub fn new(respond: F) -> Self {
        Self(respond, AtomicUsize::new(0))
    }
}

impl<F> Transport for Fake<F>
where
    F: Fn(&str, usize) -> Result<Reply, Failure> + Send + Sync,
{
    fn send(
        &self,
        request: http::Request<Body>,
        _: Connection,
    ) -> BoxFuture<'_, Result<http::Response<Body>, Failure>> {
        let count = self.1.fetch_add(1, Ordering::SeqCst);
        let reply = (self.0)(request.uri().path(), count);
        Box::pin(async move {
            let reply = reply?;
            if reply.delay_ms > 0 {
                tokio::time::sleep(Duration::from_millis(reply.delay_ms)).await;
            }
            let mut response = http::Response::builder().status(reply.status);
            for (name, value) in reply.headers.iter().chain(&reply.signature_headers()) {
                response = response.header(name, value);
            }
            Ok(response.body(Body::from(reply.body)).unwrap())
        })
    }
}

/// The usual client over such a transport.
pub fn fake(respond: impl Fn(&str, usize) -> Result<Reply, Failure> + Send + Sync + 'static) -> Builder {
    builder().transport(Fake::new(respond))
}
