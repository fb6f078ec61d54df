//! Writing requests.
//!
//! In: an operation and its request. Out: a request that is ready to be signed and sent.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};

use super::encrypt::Encryptor;
use super::multipart;
use super::own::Completed;
use crate::client::Client;
use crate::error::Error;
use crate::exchange::{
    Address, Options, Payload, Prepared, SERIAL, add_to_json, address_of, already_there, field_headers,
    header_value, is_in_path, repeatable, to_flat, top_name,
};
use crate::operation::{BodyFormat, Operation, ResponseFormat};
use crate::transport::Connection;
use crate::wire::{self, Object, View};

/// Writes a request.
pub(crate) async fn prepare(
    client: &Client,
    operation: &'static Operation,
    request: &dyn Object,
    options: &Options,
) -> Result<Prepared, Error> {
    let encryptor = Encryptor::new(client, operation.identity);
    let repeatable = options.repeatable || repeatable(operation, request);
    let request: &dyn Object = &Completed::new(client, operation, request)?;
    check_extra(operation, request, options)?;
    let address = address(client, operation, request, options, &encryptor)?;
    let mut headers = headers(client, operation, options, &encryptor)?;
    field_headers(operation, request, Some(&encryptor), &mut headers)?;
    let (payload, signed_body) = match operation.body {
        BodyFormat::None | BodyFormat::Json => {
            let json = Bytes::from(json_body(operation, request, options, &encryptor)?);
            if operation.body == BodyFormat::Json || !json.is_empty() {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
            (Payload::Bytes(json.clone()), json)
        }
        BodyFormat::Multipart => {
            let form = multipart::form(operation, request, options, &encryptor).await?;
            headers.insert(CONTENT_TYPE, form.content_type);
            (form.payload, form.meta)
        }
        BodyFormat::Xml => return Err(Error::configuration("an APIv3 operation never has an XML body")),
    };
    Ok(Prepared {
        method: operation.method.clone(),
        address,
        headers,
        payload,
        signed_body: Some(signed_body),
        connection: Connection::Plain,
        repeatable,
    })
}

/// Refuses extra fields that the request sends outside of its body, where their names are not found.
fn check_extra(operation: &Operation, request: &dyn Object, options: &Options) -> Result<(), Error> {
    if options.extra.is_empty() {
        return Ok(());
    }
    let whole = has_no_body(operation);
    for (name, value) in request.fields() {
        let elsewhere = whole || is_elsewhere(operation, name);
        let sent = elsewhere && !matches!(value.view(), View::Absent);
        if sent && options.extra.iter().any(|extra| top_name(extra) == name) {
            return Err(already_there(name));
        }
    }
    Ok(())
}

/// Whether extra fields belong into the query, for want of a body.
fn has_no_body(operation: &Operation) -> bool {
    operation.body == BodyFormat::None
        && matches!(operation.method, Method::GET | Method::HEAD | Method::DELETE)
}

/// Whether a field travels in the path, the query or a header.
fn is_elsewhere(operation: &Operation, name: &str) -> bool {
    is_in_path(operation.path, name) || operation.query.contains(&name) || operation.headers.contains(&name)
}

fn headers(
    client: &Client,
    operation: &Operation,
    options: &Options,
    encryptor: &Encryptor,
) -> Result<HeaderMap, Error> {
    let mut headers = client.base_headers();
    let accept = match operation.response {
        ResponseFormat::File => "*/*",
        _ => "application/json",
    };
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    if let Some(language) = &options.accept_language {
        headers.insert(ACCEPT_LANGUAGE, header_value("Accept-Language", language)?);
    }
    if let Some(serial) = encryptor.serial() {
        headers.insert(SERIAL, header_value("Wechatpay-Serial", serial)?);
    }
    Ok(headers)
}

/// The body; empty where there is none.
fn json_body(
    operation: &Operation,
    request: &dyn Object,
    options: &Options,
    encryptor: &Encryptor,
) -> Result<Vec<u8>, Error> {
    if let Some(body) = &options.body {
        return Ok(body.to_vec());
    }
    let keep = |name: &str| !is_elsewhere(operation, name) || operation.in_path_and_body.contains(&name);
    let body = match operation.body {
        BodyFormat::None => Vec::new(),
        _ => wire::to_json(request, &keep, Some(encryptor))?,
    };
    match has_no_body(operation) {
        true => Ok(body),
        false => add_to_json(body, &options.extra),
    }
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
    let mut fields = match operation.query.is_empty() && !operation.path.contains('{') {
        true => Vec::new(),
        false => wire::flatten(request, &in_url, Some(encryptor))?,
    };
    if has_no_body(operation) {
        fields.extend(to_flat(&options.extra)?);
    }
    address_of(client, operation, options, fields)
}
