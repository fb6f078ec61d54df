//! What a merchant or a brand proves its identity with: the signer of APIv3, the key of APIv2.

#[cfg(feature = "apiv2")]
mod apiv2;
mod identity;
mod pool;
mod signer;

#[cfg(feature = "apiv2")]
pub(crate) use apiv2::{RemoteKeys, V2Credentials};
pub(crate) use identity::Credentials;
pub(crate) use pool::Pool;
pub use signer::{Decryptor, Signer};
