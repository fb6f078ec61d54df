//! Answers: in go the bytes as they came, out comes a filled answer, or what WeChat Pay says is
//! wrong.
//!
//! The order matters. `return_code` and `result_code` are looked at before any field of success is
//! demanded, and the signature is verified over all received fields, known or not, before any of
//! them is taken for true. Neither the expected signature nor any key gets into an error.

use bytes::Bytes;
use http::StatusCode;

use crate::client::Client;
use crate::credentials::V2Credentials;
use crate::crypto::apiv2::{ApiV2Key, verify};
use crate::error::{ApiError, Error, ErrorCode};
use crate::exchange::{Answered, request_id};
use crate::operation::Operation;
use crate::retry::retry_after;
use crate::wire::xml::{Document, clean, fill_from_xml};
use crate::wire::{self, Deviation, Json, Mismatch, Value};

/// Names of the merchant's id in answers and notifications.
const MERCHANT: [&str; 3] = ["mch_id", "mchid", "combine_mch_id"];

/// Whether a message bears a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signature {
    /// A right one.
    Right,
    /// None at all.
    Missing,
}

/// Checks an answer and gives its body.
pub(crate) fn accept(
    client: &Client,
    operation: &'static Operation,
    answer: Answered,
) -> Result<Bytes, Error> {
    let credentials = client.v2_credentials()?;
    let key = known_key(client, operation)?;
    check(operation, credentials, key, &answer)?;
    Ok(answer.body)
}

/// Reads a refusal: a status that is no success, or XML where a file was to come.
pub(crate) fn refusal(answer: Answered) -> Error {
    let id = request_id(&answer.headers);
    refused(&answer).with_answer(answer.status, id)
}

/// Fills `value` from a body that [`accept`] gave.
pub(crate) fn decode(body: &Bytes, value: &mut dyn Value) -> Result<Vec<Deviation>, Error> {
    let deviations = match is_json(body) {
        true => wire::from_json(body, value),
        false => fill_from_xml(body, value).map(|filled| filled.deviations),
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

/// Checks that an answer is genuine and a success.
pub(crate) fn check(
    operation: &Operation,
    keys: &V2Credentials,
    key: &ApiV2Key,
    answer: &Answered,
) -> Result<(), Error> {
    let Answered { status, body, .. } = answer;
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
                answer,
            )));
        }
        Err(mismatch) => return Err(decode(mismatch)),
    };
    let signature = match operation.signed_response {
        true => check_signature(&document, key)?,
        false => Signature::Missing,
    };
    if let Some(mut error) = failure(&document, *status, body).map_err(decode)? {
        error.authenticated = signature == Signature::Right;
        return Err(Error::from_api(with_headers(error, answer)));
    }
    if operation.signed_response {
        if signature == Signature::Missing {
            return Err(Error::verification("the answer bears no signature").with_body(body.clone()));
        }
        check_merchant(&document, &keys.mch_id)?;
    }
    Ok(())
}

/// Whether a body is JSON, which one page of APIv2 may answer with (`appauth/getaccesstoken`).
pub(crate) fn is_json(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}

/// JSON answers bear no signature, so none is taken where one is due.
fn check_json(operation: &Operation, status: StatusCode, body: &Bytes) -> Result<(), Error> {
    if operation.signed_response && status.is_success() {
        return Err(
            Error::verification("the answer is JSON, which bears no signature").with_body(body.clone()),
        );
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

/// An error with what the answer's headers say.
fn with_headers(mut error: ApiError, answer: &Answered) -> ApiError {
    error.request_id = request_id(&answer.headers).map(Into::into);
    error.retry_after = retry_after(&answer.headers);
    error
}

/// What an answer says that is no success: one with such a status, or XML where a file was to come.
/// Files bear no signature, and so do their refusals.
pub(crate) fn refused(answer: &Answered) -> Error {
    let Answered { status, body, .. } = answer;
    if is_json(body) {
        return Error::from_api(with_headers(ApiError::read(*status, body.clone()), answer));
    }
    let failure = Document::parse(body).and_then(|document| failure(&document, *status, body));
    match failure {
        Ok(Some(error)) => Error::from_api(with_headers(error, answer)),
        _ if !status.is_success() => {
            Error::from_api(with_headers(ApiError::read(*status, body.clone()), answer))
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

/// Verifies the signature if there is one; a wrong one is an error.
pub(crate) fn check_signature(document: &Document, key: &ApiV2Key) -> Result<Signature, Error> {
    let twice = |_| Error::verification("there is more than one signature");
    let sign = match document.text("sign").map_err(twice)? {
        None | Some("") => return Ok(Signature::Missing),
        Some(sign) => sign.trim(),
    };
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
    // `pay/downloadbill` refuses with `error_code` beside `return_code`; an answer that is nothing
    // but codes is no success either.
    let told = !(return_code.is_empty() && result_code.is_empty()) || specific.is_empty();
    if succeeded && told && matches!(retcode, "" | "0") && status.is_success() {
        return Ok(None);
    }
    let unspecific = [result_code, return_code, retcode]
        .into_iter()
        .find(|code| !matches!(*code, "" | "SUCCESS"));
    let mut error = ApiError::read(status, body.clone());
    error.code = code(if specific.is_empty() {
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

/// APIv2 spells the same codes without underscores.
fn code(text: &str) -> ErrorCode {
    match text.trim() {
        "SYSTEMERROR" => ErrorCode::SystemError,
        "BANKERROR" => ErrorCode::BankError,
        "SIGNERROR" => ErrorCode::SignError,
        "NOAUTH" => ErrorCode::NoAuth,
        "NOTENOUGH" => ErrorCode::NotEnough,
        "ORDERCLOSED" => ErrorCode::OrderClosed,
        "ORDERNOTEXIST" => ErrorCode::OrderNotExist,
        "ORDERPAID" => ErrorCode::OrderPaid,
        "TRADE_STATE_ERROR" | "TRADE_ERROR" => ErrorCode::TradeError,
        "BIZERR_NEED_RETRY" => ErrorCode::BizErrNeedRetry,
        "FREQ_LIMIT" | "FREQUENCY_LIMITED" => ErrorCode::FrequencyLimited,
        text => text.into(),
    }
}
