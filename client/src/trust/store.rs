//! Where downloaded certificates are kept between restarts and shared between processes.

use crate::error::BoxError;
use crate::transport::BoxFuture;

/// Keeps the list of platform certificates, so that a restarted or another process downloads nothing.
///
/// What is kept is the response of `GET /v3/certificates`, whose certificates are sealed with the APIv3
/// key: nobody without that key can add a certificate by writing to the store, and nothing in it is
/// secret. Whoever can write to it can at most bring back an older list, whose certificates are used
/// until they expire.
///
/// Give it to [`Builder::certificate_store`](crate::Builder::certificate_store).
pub trait CertificateStore: Send + Sync {
    /// The text that was saved last for this merchant.
    fn load<'a>(&'a self, mchid: &'a str) -> BoxFuture<'a, Result<Option<String>, BoxError>>;

    /// Saves the text for this merchant, replacing any other.
    fn save<'a>(&'a self, mchid: &'a str, list: &'a str) -> BoxFuture<'a, Result<(), BoxError>>;
}
