//! APIv3: JSON and RSA signatures.
//!
//! A call enters three times: [`ensure_trust`] makes sure that a key of WeChat Pay is known,
//! `prepare` writes the request, `accept` verifies the response. Platform certificates are
//! downloaded here as well, because a download is a request like any other.

mod certificates;
mod encrypt;
mod multipart;
mod own;
mod refresh;
mod request;
mod response;
mod signature;
mod verify;

pub use certificates::read_certificates;

pub(crate) use encrypt::Encryptor;
pub(crate) use request::prepare;
pub(crate) use response::{accept, refusal};
pub(crate) use verify::{Signed, verify};
