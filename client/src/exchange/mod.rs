//! The exchange of one request for one response, below both protocols.
//!
//! In: a [`Prepared`] request. Out: a response, whatever its status, or the error of the last
//! attempt. Nothing here knows the types of requests and responses.

mod address;
mod authorize;
mod extra;
mod form;
mod message;
mod progress;
mod send;

pub(crate) use address::{address_of, is_in_path};
pub(crate) use extra::{Extra, add_to_json, already_there, to_flat, top_name};
pub(crate) use form::{Form, TextPart, digest};
pub(crate) use message::{
    Address, Options, Payload, Prepared, RawResponse, SERIAL, api_error, field_headers, header_value,
    repeatable, request_id,
};
pub(crate) use progress::Progress;
pub(crate) use send::send;
