//! APIv2: XML and symmetric signatures.
//!
//! This is the seam. The pipeline in `send.rs` asks two things of a protocol:
//!
//! * [`prepare`]: the request, written and (here) signed, as a [`Prepared`]; with
//!   [`Connection::MutualTls`](crate::transport::Connection) where `operation.mutual_tls`.
//! * [`accept`]: whether an answer is genuine and a success; its body, to be decoded by [`decode`].
//!
//! Transport, retries, deadlines, spans and errors are the pipeline's. `Settings` is what the
//! builder collects for APIv2, [`Config`] what [`Client`] keeps of it.

mod sign;

use bytes::Bytes;

use crate::operation::Operation;
use crate::send::{Answered, Options, Prepared};
use crate::transport::Identity;
use crate::wire::{Object, Value};
use crate::{Client, Error};

pub use sign::{ApiV2Key, SignType, sign, sign_work_wechat, verify};

/// What the builder was told about APIv2.
#[derive(Default)]
pub(crate) struct Settings {}

/// What a client knows about APIv2.
pub(crate) struct Config {
    /// For the transport's second client.
    pub identity: Option<Identity>,
}

impl Settings {
    pub(crate) fn build(self) -> Result<Config, Error> {
        Ok(Config { identity: None })
    }
}

/// Writes and signs a request.
pub(crate) async fn prepare(
    _client: &Client,
    _operation: &'static Operation,
    _request: &dyn Object,
    _options: &Options,
) -> Result<Prepared, Error> {
    Err(Error::configuration("APIv2 is not there yet"))
}

/// Checks an answer and gives its body.
pub(crate) fn accept(
    _client: &Client,
    _operation: &'static Operation,
    _answer: Answered,
) -> Result<Bytes, Error> {
    Err(Error::configuration("APIv2 is not there yet"))
}

/// Fills `value` from a body that [`accept`] gave.
pub(crate) fn decode(_client: &Client, _body: &Bytes, _value: &mut dyn Value) -> Result<(), Error> {
    Err(Error::configuration("APIv2 is not there yet"))
}
