//! What a merchant proves its identity with: the signer of APIv3, the key of APIv2.

#[cfg(feature = "apiv2")]
mod apiv2;
mod signer;

#[cfg(feature = "apiv2")]
pub(crate) use apiv2::{RemoteKeys, V2Credentials};
pub use signer::{Decryptor, Signer};
