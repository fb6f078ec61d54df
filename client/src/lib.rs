//! WeChat Pay client.

#[macro_use]
mod wire;
pub mod apiv2;
mod call;
mod client;
mod error;
mod generated;
mod operation;
mod upload;

pub use call::{Call, Download, Link};
pub use client::Client;
pub use error::Error;
pub use generated::*;
pub use operation::{Answer, Body, Operation, Protocol};
pub use upload::Upload;
pub use wire::{Decimal, Encrypted, Json, JsonText, Mismatch, Sealed, Unknown, UnknownInteger, UrlEncoded};
