//! Where downloaded certificates are kept between restarts and shared between processes.

use crate::error::BoxError;
use crate::transport::BoxFuture;

/// Keeps the list of platform certificates, so that a restarted or another process downloads nothing.
///
/// What is kept is the response of `GET /v3/certificates` and its signature, checked at every load as if it
/// had just arrived: its certificates open with the APIv3 key, and one of them signed it less than ten hours
/// ago. Nobody who can write to the store can add a certificate or bring back a list older than that; what fails the
/// check is ignored and downloaded anew. Nothing in it is secret.
///
/// Give it to [`Builder::certificate_store`](crate::Builder::certificate_store).
pub trait CertificateStore: Send + Sync {
    /// The text that was saved last under this name: the merchant id, with `:SM2` behind it for certificates
    /// of that algorithm.
    fn load<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, BoxError>>;

    /// Saves the text under this name, replacing any other.
    fn save<'a>(&'a self, name: &'a str, list: &'a str) -> BoxFuture<'a, Result<(), BoxError>>;
}
