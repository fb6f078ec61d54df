//! Writing requests.
//!
//! In: an operation, its request, and the keys to sign and encrypt with. Out: a request that is ready
//! to be sent.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

use super::parameters::{Context, parameters};
use crate::client::Client;
use crate::credentials::V2Credentials;
use crate::crypto::Digest;
use crate::crypto::apiv2::ApiV2Key;
use crate::error::Error;
use crate::exchange::{
    Form, Options, Payload, Prepared, TextPart, address_of, digest, field_headers, header_value, repeatable,
};
use crate::operation::{BodyFormat, Operation};
use crate::transport::Connection;
use crate::wire::xml::to_xml;
use crate::wire::{Encrypt, FlatField, Object, Upload, View};

/// The keys of one request.
pub(super) struct Keys<'a> {
    pub credentials: &'a V2Credentials,
    /// The key of `credentials`, or the sandbox's.
    pub key: &'a ApiV2Key,
    pub encrypt: Option<&'a dyn Encrypt>,
}

/// Writes and signs a request.
pub(super) async fn prepare_with(
    client: &Client,
    operation: &'static Operation,
    request: &dyn Object,
    options: &Options,
    keys: Keys<'_>,
) -> Result<Prepared, Error> {
    let file = file(request);
    let file_digest = match file {
        Some((_, file)) => Some(digest(file, Digest::Md5).await?),
        None => None,
    };
    let context = Context {
        credentials: keys.credentials,
        key: keys.key,
        now: client.unix_now(),
        file_digest: file_digest.as_deref(),
        encrypt: keys.encrypt,
    };
    let parameters = parameters(operation, request, &options.extra, &context)?;
    let mut headers = headers(client, operation, request)?;
    let payload = payload(operation, &parameters.body, file, &mut headers)?;
    let mut address = address_of(client, operation, options, parameters.query)?;
    if client.base().is_none() {
        // The documented second host is one of APIv3.
        address.fallback = None;
    }
    Ok(Prepared {
        method: operation.method.clone(),
        address,
        headers,
        payload,
        signed_body: None,
        connection: match operation.mutual_tls {
            true => Connection::MutualTls,
            false => Connection::Plain,
        },
        repeatable: options.repeatable || repeatable(operation, request),
    })
}

/// The file that goes with a request, and the name of its part.
fn file(request: &dyn Object) -> Option<(&'static str, &Upload)> {
    request
        .fields()
        .into_iter()
        .find_map(|(name, value)| match value.view() {
            View::File(file) => Some((name, file)),
            _ => None,
        })
}

fn headers(client: &Client, operation: &Operation, request: &dyn Object) -> Result<HeaderMap, Error> {
    let mut headers = client.base_headers();
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    field_headers(operation, request, None, &mut headers)?;
    Ok(headers)
}

fn payload(
    operation: &Operation,
    fields: &[FlatField],
    file: Option<(&'static str, &Upload)>,
    headers: &mut HeaderMap,
) -> Result<Payload, Error> {
    match operation.body {
        BodyFormat::None => Ok(Payload::Bytes(Bytes::new())),
        BodyFormat::Xml => {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
            Ok(Payload::Bytes(to_xml(fields).into()))
        }
        BodyFormat::Multipart => {
            let (part, file) = file.ok_or_else(|| Error::request("the upload has no file"))?;
            let texts: Vec<_> = fields
                .iter()
                .map(|(name, text)| TextPart {
                    name,
                    content_type: None,
                    text: text.as_bytes(),
                })
                .collect();
            let form = Form::new(&texts, part, file)?;
            headers.insert(CONTENT_TYPE, header_value("Content-Type", &form.content_type())?);
            Ok(Payload::Form(form))
        }
        BodyFormat::Json => Err(Error::configuration("an APIv2 operation never has a JSON body")),
    }
}
