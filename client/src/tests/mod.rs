//! The runtime against a gateway on loopback: real HTTP, keys made there and then.
//!
//! These are the library's own tests, not a `tests/` binary, so that they can have operations of
//! every kind (`ops.rs`) whatever features are on.

mod audit;
#[cfg(feature = "blocking")]
mod blocking;
mod brand;
mod builder;
mod downloads;
mod expectations;
pub(crate) mod fake;
mod fuzz;
pub(crate) mod gateway;
mod notifications;
mod observer;
mod openssl;
mod ops;
mod outcomes;
mod own_mchid;
mod pages;
mod payments;
mod refresh;
mod replay;
mod requests;
mod responses;
mod retries;
mod secrets;
#[cfg(feature = "shangmi")]
mod shangmi;
mod store;
mod trust;
mod untyped;
mod uploads;
