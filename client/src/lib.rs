// The README is the crate's front page; as a test it needs every product.
#![cfg_attr(any(not(doctest), all(feature = "full", feature = "p12")), doc = include_str!("../../README.md"))]
// A product uses its part of the runtime; with all products, where all of it is in use, lints watch.
#![cfg_attr(
    not(feature = "full"),
    allow(dead_code, unused_imports, unused_macros, unused_mut)
)]

#[macro_use]
mod wire;
#[macro_use]
pub mod webhook;

#[cfg(feature = "apiv2")]
pub mod apiv2;
mod apiv3;
#[cfg(feature = "blocking")]
mod blocking;
mod builder;
mod call;
mod client;
mod clock;
mod credentials;
pub mod crypto;
mod download;
mod error;
mod exchange;
#[allow(missing_docs)]
#[rustfmt::skip]
mod generated;
pub mod observe;
mod operation;
pub mod pay;
mod retry;
#[cfg(feature = "blocking")]
mod runtime;
#[cfg(any(feature = "postgres", feature = "redis"))]
pub mod store;
#[cfg(test)]
mod tests;
pub mod traffic;
pub mod transport;
mod trust;

#[cfg(feature = "apiv2")]
pub use apiv2::Link;
pub use apiv3::read_certificates;
pub use builder::{Brand, Builder};
#[cfg(feature = "apiv2")]
pub use call::UntypedV2Call;
pub use call::{Call, FromResponse, PageStream, Received, UntypedCall};
pub use client::Client;
pub use clock::Clock;
pub use credentials::{Decryptor, Signer};
pub use download::{Download, Downloaded};
pub use error::{ApiError, Error, ErrorCode, ErrorKind, Result};
pub use generated::{brand, v2, v3};
pub use operation::{BodyFormat, Identity, Operation, Pages, Protocol, ResponseFormat};
pub use trust::{CertificateStore, PlatformKey, TrustStatus};
pub use wire::{
    Decimal, Decoded, Deviation, Encrypted, Json, JsonText, Mismatch, ParseDecimalError, Sealed, Unknown,
    UnknownInteger, Upload, UrlEncoded,
};
