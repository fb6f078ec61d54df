// The README is the crate's front page; as a test it needs every product.
#![cfg_attr(any(not(doctest), feature = "full"), doc = include_str!("../../README.md"))]
// A product uses its part of the runtime; with all products, where all of it is in use, lints watch.
#![cfg_attr(
    not(feature = "full"),
    allow(dead_code, unused_imports, unused_macros, unused_mut)
)]

#[macro_use]
mod wire;
#[cfg(feature = "apiv2")]
pub mod apiv2;
mod apiv3;
#[cfg(feature = "blocking")]
mod blocking;
mod builder;
mod call;
mod client;
mod clock;
pub mod crypto;
mod download;
mod error;
#[allow(missing_docs)]
#[rustfmt::skip]
mod generated;
mod keys;
mod operation;
mod pages;
pub mod pay;
mod retry;
mod send;
#[cfg(test)]
#[path = "../tests/runtime/mod.rs"]
mod tests;
#[cfg(feature = "apiv2")]
pub mod traffic;
pub mod transport;
mod trust;
mod upload;
pub mod webhook;

#[cfg(feature = "apiv2")]
pub use apiv2::Link;
pub use builder::Builder;
pub use call::{Call, FromAnswer};
pub use client::Client;
pub use clock::Clock;
pub use download::{Download, Downloaded};
pub use error::{ApiError, Error, ErrorCode, ErrorKind, Result};
pub use generated::{v2, v3};
pub use keys::{Decryptor, Signer};
pub use operation::{Answer, Body, Operation, Pages, Protocol};
pub use pages::PageStream;
pub use trust::{PlatformKey, TrustStatus, read_certificates};
pub use upload::Upload;
pub use wire::{
    Decimal, Encrypted, Json, JsonText, Mismatch, ParseDecimalError, Sealed, Unknown, UnknownInteger,
    UrlEncoded,
};
