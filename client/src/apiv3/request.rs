//! Writing requests.
//!
//! In: an operation and its request. Out: a request that is ready to be signed and sent.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

use super::encrypt::Encryptor;
use super::multipart;
use crate::client::Client;
use crate::error::Error;
use crate::exchange::{
    Address, Options, Payload, Prepared, SERIAL, address_of, field_headers, header_value, is_in_path,
    repeatable,
};
use crate::operation::{Answer, Body, Operation};
use crate::transport::Connection;
use crate::wire::{self, Object};

/// Writes a request.
pub(crate) async fn prepare(
    client: &Client,
    operation: &'static Operation,
    request: &dyn Object,
    options: &Options,
) -> Result<Prepared, Error> {
    let encryptor = Encryptor::new(client, operation.identity);
    let address = address(client, operation, request, options, &encryptor)?;
    let mut headers = headers(client, operation, options, &encryptor)?;
    field_headers(operation, request, Some(&encryptor), &mut headers)?;
    let (payload, signed_body) = match operation.body {
        Body::None => (Payload::Bytes(Bytes::new()), Bytes::new()),
        Body::Json => {
            let json = Bytes::from(json_body(operation, request, &encryptor)?);
            (Payload::Bytes(json.clone()), json)
        }
        Body::Multipart => {
            let form = multipart::form(operation, request, &encryptor).await?;
            headers.insert(CONTENT_TYPE, form.content_type);
            (form.payload, form.meta)
        }
        Body::Xml => return Err(Error::configuration("an APIv3 operation never speaks XML")),
    };
    Ok(Prepared {
        method: operation.method.clone(),
        address,
        headers,
        payload,
        signed_body: Some(signed_body),
        connection: Connection::Plain,
        repeatable: repeatable(operation, request),
    })
}

fn headers(
    client: &Client,
    operation: &Operation,
    options: &Options,
    encryptor: &Encryptor,
) -> Result<HeaderMap, Error> {
    let mut headers = client.base_headers();
    let accept = match operation.answer {
        Answer::File => "*/*",
        _ => "application/json",
    };
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    if operation.body == Body::Json {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Some(language) = &options.accept_language {
        headers.insert(ACCEPT_LANGUAGE, header_value("Accept-Language", language)?);
    }
    if let Some(serial) = encryptor.serial() {
        headers.insert(SERIAL, header_value("Wechatpay-Serial", serial)?);
    }
    Ok(headers)
}

fn json_body(operation: &Operation, request: &dyn Object, encryptor: &Encryptor) -> Result<Vec<u8>, Error> {
    let elsewhere = |name: &str| {
        is_in_path(operation.path, name)
            || operation.query.contains(&name)
            || operation.headers.contains(&name)
    };
    let keep = |name: &str| !elsewhere(name) || operation.twice.contains(&name);
    Ok(wire::to_json(request, &keep, encryptor)?)
}

/// The address of a call.
fn address(
    client: &Client,
    operation: &'static Operation,
    request: &dyn Object,
    options: &Options,
    encryptor: &Encryptor,
) -> Result<Address, Error> {
    let in_url = |name: &str| is_in_path(operation.path, name) || operation.query.contains(&name);
    let fields = match operation.query.is_empty() && !operation.path.contains('{') {
        true => Vec::new(),
        false => wire::flatten(request, &in_url, Some(encryptor))?,
    };
    address_of(client, operation, options, fields)
}
