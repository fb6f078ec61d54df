//! The runtime against a gateway on loopback: real HTTP, keys made there and then.
//!
//! These are the library's own tests, not a `tests/` binary, so that they can have operations of
//! every kind (`ops.rs`) whatever features are on.

mod answers;
mod builder;
mod gateway;
mod openssl;
mod ops;
mod requests;
mod retries;
mod trust;
