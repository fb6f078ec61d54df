//! APIv3: JSON and RSA signatures.
//!
//! In: an operation and its request, later the answer's status, headers and raw bytes. Out: a
//! request ready to be signed and sent, later the bytes of an answer that is verifiably genuine.

mod authorize;
mod encrypt;
mod multipart;
mod url;
mod verify;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::operation::{Answer, Body, Operation};
use crate::send::{Answered, Options, Payload, Prepared};
use crate::transport::Connection;
use crate::wire::{self, Object};
use crate::{ApiError, Client, Error};

pub(crate) use authorize::{authorize, nonce, sign_text};
pub(crate) use encrypt::Encryptor;
pub(crate) use url::{Address, address, address_of};
pub(crate) use verify::{SignatureHeaders, Signed, check, read_in_time, verify};

/// The header that names the platform key in use.
pub(crate) const SERIAL: HeaderName = HeaderName::from_static("wechatpay-serial");

/// Writes a request.
pub(crate) async fn prepare(
    client: &Client,
    operation: &'static Operation,
    request: &dyn Object,
    options: &Options,
) -> Result<Prepared, Error> {
    let encryptor = Encryptor::new(client);
    let address = address(client, operation, request, options, &encryptor)?;
    let mut headers = headers(client, operation, options, &encryptor)?;
    field_headers(operation, request, &encryptor, &mut headers)?;
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

/// Whether a repetition does no harm: it only reads, or the merchant's own number is in it.
pub(crate) fn repeatable(operation: &Operation, request: &dyn Object) -> bool {
    if operation.method.is_safe() {
        return true;
    }
    let Some(number) = operation.idempotent_by else {
        return false;
    };
    let fields = request.fields();
    let value = fields.iter().find(|(name, _)| *name == number);
    value.is_some_and(|(_, value)| matches!(value.view(), wire::View::Text(text) if !text.is_empty()))
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

/// The fields of the request that travel as headers.
fn field_headers(
    operation: &Operation,
    request: &dyn Object,
    encryptor: &Encryptor,
    headers: &mut HeaderMap,
) -> Result<(), Error> {
    if operation.headers.is_empty() {
        return Ok(());
    }
    let keep = |name: &str| operation.headers.contains(&name);
    for (name, text) in wire::flatten(request, &keep, Some(encryptor))? {
        let value = header_value(&name, &text)?;
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| Error::encode(format!("`{}` is no header name", name.escape_debug())))?;
        headers.insert(name, value);
    }
    Ok(())
}

pub(crate) fn header_value(name: &str, text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text)
        .map_err(|_| Error::encode(format!("`{name}` holds a character that no header may have")))
}

fn json_body(operation: &Operation, request: &dyn Object, encryptor: &Encryptor) -> Result<Vec<u8>, Error> {
    let elsewhere = |name: &str| {
        url::is_in_path(operation.path, name)
            || operation.query.contains(&name)
            || operation.headers.contains(&name)
    };
    let keep = |name: &str| !elsewhere(name) || operation.twice.contains(&name);
    wire::to_json(request, &keep, encryptor)
}

/// Checks an answer: the body of a genuine success, else what it says is wrong.
pub(crate) async fn accept(
    client: &Client,
    operation: &'static Operation,
    answer: Answered,
) -> Result<Bytes, Error> {
    if !answer.status.is_success() {
        return Err(refusal(client, answer).await);
    }
    if operation.signed_answer {
        verify(client, &answer.headers, Signed::Answer(&answer.body)).await?;
    }
    Ok(answer.body)
}

/// Reads an error. It must bear a valid signature if it bears any signature header at all.
pub(crate) async fn refusal(client: &Client, answer: Answered) -> Error {
    let verified = match SignatureHeaders::any(&answer.headers) {
        false => Ok(false),
        true => verify(client, &answer.headers, Signed::Answer(&answer.body))
            .await
            .map(|()| true),
    };
    match verified {
        Err(error) => error.with_body(answer.body),
        Ok(authenticated) => Error::from_api(ApiError {
            authenticated,
            ..api_error(answer)
        }),
    }
}

/// An error as it came, not authenticated.
pub(crate) fn api_error(answer: Answered) -> ApiError {
    ApiError {
        retry_after: crate::retry::retry_after(&answer.headers),
        request_id: crate::send::request_id(&answer.headers).map(Into::into),
        ..ApiError::read(answer.status, answer.body)
    }
}
