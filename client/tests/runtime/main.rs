//! The runtime against a gateway on loopback: real HTTP, keys made there and then.

mod call;
mod gateway;
mod ops;
