//! Checks responses. In: raw bytes. Out: a filled value, or the error that WeChat Pay reports.
//!
//! The order matters. `return_code` and `result_code` are read before any field of success is
//! required, and the signature is verified over all received fields, known or not, before any of
//! them is used. Neither the expected signature nor any key gets into an error.

use bytes::Bytes;
use http::StatusCode;

use super::folds::check_folds;
use crate::client::Client;
use crate::credentials::V2Credentials;
use crate::crypto::apiv2::{ApiV2Key, SignType, verify};
use crate::error::{ApiError, Error, ErrorCode};
use crate::exchange::{RawResponse, request_id};
use crate::operation::Operation;
use crate::retry::retry_after;
use crate::wire::xml::{Document, clean, fill_from_xml};
use crate::wire::{self, Deviation, FlatField, Json, Mismatch, Value, View};

/// Names of the merchant's id in responses and notifications.
const MERCHANT: [&str; 3] = ["mch_id", "mchid", "combine_mch_id"];

/// Whether a message is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signature {
    /// With a valid signature.
    Right,
    /// Without a signature.
    Missing,
}

/// Checks a response.
pub(crate) fn accept(
    client: &Client,
    operation: &'static Operation,
    response: &RawResponse,
) -> Result<(), Error> {
    let credentials = client.v2_credentials()?;
    let key = known_key(client, operation)?;
    check(operation, credentials, key, response)
}

/// Reads an error response: an error status, or XML in the place of a file.
pub(crate) fn refusal(response: &RawResponse) -> Error {
    let id = request_id(&response.headers);
    refused(response).with_response(response.status, id)
}

/// Fills `value` from the body of a response that `accept` has checked.
pub(crate) fn decode(body: &Bytes, value: &mut dyn Value) -> Result<Vec<Deviation>, Error> {
    let deviations = match is_json(body) {
        true => wire::from_json(body, value),
        false => match fill_from_xml(body, value) {
            Ok(filled) => {
                check_folds(&filled.fields, &names(value.view()))?;
                Ok(filled.deviations)
            }
            Err(mismatch) => Err(mismatch),
        },
    };
    deviations.map_err(|mismatch| Error::decode(mismatch, body.clone()))
}

/// The text of the only element `name` of the root.
pub(crate) fn field(body: &[u8], name: &str) -> Option<String> {
    let document = Document::parse(body).ok()?;
    document.text(name).ok()?.map(ToOwned::to_owned)
}

/// What operations of the sandbox have in common.
const SANDBOX: &str = "/xdc/apiv2sandbox/";

/// Whether `operation` is one of the sandbox.
pub(crate) fn is_sandbox(operation: &Operation) -> bool {
    operation.path.starts_with(SANDBOX)
}

/// The key that signs messages of `operation`, as far as it is known already.
fn known_key<'a>(client: &'a Client, operation: &Operation) -> Result<&'a ApiV2Key, Error> {
    match client.remote_keys().sandbox.get() {
        Some(key) if is_sandbox(operation) => Ok(key),
        _ => Ok(&client.v2_credentials()?.key),
    }
}

/// Checks that a response is genuine and a success.
pub(crate) fn check(
    operation: &Operation,
    keys: &V2Credentials,
    key: &ApiV2Key,
    response: &RawResponse,
) -> Result<(), Error> {
    let RawResponse { status, body, .. } = response;
    let decode = |mismatch: Mismatch| Error::decode(mismatch, body.clone());
    if is_json(body) {
        return check_json(operation, *status, body);
    }
    let document = match Document::parse(body) {
        Ok(document) => document,
        // A gateway's error page: the status says more than the body.
        Err(_) if !status.is_success() => {
            return Err(Error::from_api(with_headers(
                ApiError::read(*status, body.clone()),
                response,
            )));
        }
        Err(mismatch) => return Err(decode(mismatch)),
    };
    // One that is there must be valid, even where none is due.
    let md5 = !keys.only_hmac || !operation.sign_types.contains(&SignType::HmacSha256.as_str());
    let signature = check_signature(&document, key, md5)?;
    if signature == Signature::Right {
        // Before an error is read from it: its code decides whether the outcome is known.
        check_folds(&received(&document), &[])?;
    }
    if let Some(mut error) = failure(&document, *status, body).map_err(decode)? {
        error.authenticated = signature == Signature::Right;
        return Err(Error::from_api(with_headers(error, response)));
    }
    if operation.signed_response && signature == Signature::Missing {
        return Err(Error::verification("the response has no signature").with_body(body.clone()));
    }
    check_merchant(&document, &keys.mch_id)
}

/// Whether a body is JSON, which one operation of APIv2 may return (`appauth/getaccesstoken`).
pub(crate) fn is_json(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}

/// JSON responses are not signed, so none is accepted where a signature is due.
fn check_json(operation: &Operation, status: StatusCode, body: &Bytes) -> Result<(), Error> {
    if operation.signed_response && status.is_success() {
        return Err(Error::verification("the response is JSON, which is not signed").with_body(body.clone()));
    }
    let json: Json = serde_json::from_slice(body).unwrap_or_default();
    let refused = json.get("retcode").is_some_and(|code| *code != 0 && *code != "0");
    if status.is_success() && !refused {
        return Ok(());
    }
    let mut error = ApiError::read(status, body.clone());
    if refused {
        error.code = json["retcode"].to_string().trim_matches('"').into();
        error.message = json["retmsg"].as_str().unwrap_or_default().to_owned();
    }
    Err(Error::from_api(error))
}

/// An error with the response's headers.
fn with_headers(mut error: ApiError, response: &RawResponse) -> ApiError {
    error.request_id = request_id(&response.headers).map(Into::into);
    error.retry_after = retry_after(&response.headers);
    error
}

/// Reads an error response: one with an error status, or XML in the place of a file. Neither files nor
/// their error responses are signed.
pub(crate) fn refused(response: &RawResponse) -> Error {
    let RawResponse { status, body, .. } = response;
    if is_json(body) {
        return Error::from_api(with_headers(ApiError::read(*status, body.clone()), response));
    }
    let failure = Document::parse(body).and_then(|document| failure(&document, *status, body));
    match failure {
        Ok(Some(error)) => Error::from_api(with_headers(error, response)),
        _ if !status.is_success() => {
            Error::from_api(with_headers(ApiError::read(*status, body.clone()), response))
        }
        Err(mismatch) => Error::decode(mismatch, body.clone()),
        Ok(None) => Error::decode(
            Mismatch {
                path: String::new(),
                problem: "expected a file, found XML without an error".to_owned(),
            },
            body.clone(),
        ),
    }
}

/// The elements of a message that hold text.
pub(crate) fn received(document: &Document) -> Vec<FlatField> {
    let owned = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
    document.fields().map(owned).collect()
}

/// The names of the fields of an object.
fn names(view: View<'_>) -> Vec<&'static str> {
    match view {
        View::Object(object) => object.fields().into_iter().map(|(name, _)| name).collect(),
        _ => Vec::new(),
    }
}

/// Verifies the signature if there is one; a wrong one is an error, and so is MD5 unless it is allowed.
pub(crate) fn check_signature(document: &Document, key: &ApiV2Key, md5: bool) -> Result<Signature, Error> {
    let twice = |_| Error::verification("there is more than one signature");
    let sign = match document.text("sign").map_err(twice)? {
        None | Some("") => return Ok(Signature::Missing),
        Some(sign) => sign.trim(),
    };
    if !md5 && SignType::from_length(sign.len()) == Some(SignType::Md5) {
        return Err(Error::verification(
            "it is signed with MD5, and the client accepts HMAC-SHA256 only",
        ));
    }
    if verify(key, document.fields(), sign) {
        return Ok(Signature::Right);
    }
    // Parsers that know nothing but XML 1.0 see no control characters and no carriage returns, and
    // it may be such text that was signed. Whoever can sign the one can sign the other.
    let seen: Vec<_> = document
        .fields()
        .map(|(name, value)| (name, clean(value).replace("\r\n", "\n")))
        .collect();
    if verify(
        key,
        seen.iter().map(|(name, value)| (*name, value.as_str())),
        sign,
    ) {
        return Ok(Signature::Right);
    }
    Err(Error::verification(
        "the signature is wrong: another APIv2 key, or the message was altered",
    ))
}

/// The message must be about the client's merchant: a signature of another merchant's key cannot get
/// here, an unsigned notification can.
pub(crate) fn check_merchant(document: &Document, mch_id: &str) -> Result<(), Error> {
    for name in MERCHANT {
        let twice = |_| Error::verification("there is more than one merchant id");
        match document.text(name).map_err(twice)? {
            None | Some("") => {}
            Some(found) if found == mch_id => {}
            Some(_) => {
                return Err(Error::verification(format!(
                    "`{name}` is that of another merchant"
                )));
            }
        }
    }
    Ok(())
}

/// The error that the codes of a document tell, if they tell one.
pub(crate) fn failure(
    document: &Document,
    status: StatusCode,
    body: &Bytes,
) -> Result<Option<ApiError>, Mismatch> {
    let text = |names: &[&str]| {
        let mut found = "";
        for name in names.iter().rev() {
            found = document
                .text(name)?
                .filter(|text| !text.is_empty())
                .unwrap_or(found);
        }
        Ok::<_, Mismatch>(found)
    };
    let return_code = text(&["return_code"])?;
    let result_code = text(&["result_code"])?;
    let retcode = text(&["retcode"])?;
    let specific = text(&["err_code", "error_code"])?;
    let succeeded = matches!(return_code, "" | "SUCCESS") && matches!(result_code, "" | "SUCCESS" | "0");
    // `pay/downloadbill` refuses with `error_code` beside `return_code`; a response that consists of
    // codes alone is not a success either.
    let told = !(return_code.is_empty() && result_code.is_empty()) || specific.is_empty();
    if succeeded && told && matches!(retcode, "" | "0") && status.is_success() {
        return Ok(None);
    }
    let unspecific = [result_code, return_code, retcode]
        .into_iter()
        .find(|code| !matches!(*code, "" | "SUCCESS"));
    let mut error = ApiError::read(status, body.clone());
    error.code = ErrorCode::read(if specific.is_empty() {
        unspecific.unwrap_or_default()
    } else {
        specific
    });
    error.message = text(if return_code == "SUCCESS" {
        &[
            "err_code_des",
            "error_code_des",
            "err_msg",
            "error_msg",
            "result_msg",
            "return_msg",
            "retmsg",
        ]
    } else {
        &[
            "return_msg",
            "err_code_des",
            "error_code_des",
            "error_msg",
            "err_msg",
            "retmsg",
        ]
    })?
    .to_owned();
    Ok(Some(error))
}
