//! Parameters of requests. In: a generated request with its operation. Out: the parameters as they are
//! signed and sent.
//!
//! Documented fields that the caller left out are filled in: the merchant's id under its three names,
//! `nonce_str`, `sign_type`, `timestamp`, the digest of a file, `workwx_sign` and, last, `sign`.
//! Empty values are left out, as they are in the signature.

use crate::credentials::V2Credentials;
use crate::crypto::apiv2::{ApiV2Key, SignType, sign, sign_work_wechat};
use crate::crypto::nonce;
use crate::error::Error;
use crate::exchange::{Extra, already_there, to_flat};
use crate::operation::{BodyFormat, Operation};
use crate::wire::xml::is_forbidden;
use crate::wire::{Encrypt, FlatField, Object, flatten};

/// What the signature of WeCom covers: red packets, then payments to employees.
const WORK_WECHAT: [(&str, &[&str]); 2] = [
    (
        "/mmpaymkttransfers/sendworkwxredpack",
        &[
            "act_name",
            "mch_billno",
            "mch_id",
            "nonce_str",
            "re_openid",
            "total_amount",
            "wxappid",
        ],
    ),
    (
        "/mmpaymkttransfers/promotion/paywwsptrans2pocket",
        &[
            "amount",
            "appid",
            "desc",
            "mch_id",
            "nonce_str",
            "openid",
            "partner_trade_no",
            "ww_msg_type",
        ],
    ),
];

/// A request, signed.
pub(crate) struct Parameters {
    /// What the body holds; of a GET page, nothing.
    pub body: Vec<FlatField>,
    /// What the query string holds; of a GET page, signed.
    pub query: Vec<FlatField>,
}

/// What parameters are completed and signed with.
pub(crate) struct Context<'a> {
    pub credentials: &'a V2Credentials,
    /// That of `credentials`, or of the sandbox.
    pub key: &'a ApiV2Key,
    /// Unix seconds.
    pub now: u64,
    /// MD5 of the file that goes with the request.
    pub file_digest: Option<&'a str>,
    pub encrypt: Option<&'a dyn Encrypt>,
}

/// The parameters of `request`, completed and signed.
pub(crate) fn parameters(
    operation: &Operation,
    request: &dyn Object,
    extra: &[Extra],
    context: &Context<'_>,
) -> Result<Parameters, Error> {
    let encrypt = context.encrypt;
    let in_query = |name: &str| operation.query.contains(&name);
    let in_header = |name: &str| operation.headers.contains(&name);
    let mut query = flatten(request, &in_query, encrypt)?;
    let mut body = flatten(request, &|name| !in_query(name) && !in_header(name), encrypt)?;
    let extra = to_flat(extra)?;
    let taken = |name: &str| query.iter().chain(&body).any(|(field, _)| field == name);
    if let Some((name, _)) = extra.iter().find(|(name, _)| name == "sign" || taken(name)) {
        return Err(already_there(name));
    }
    if let Some((name, _)) = extra.iter().find(|(name, _)| !is_element_name(name)) {
        return Err(Error::request(format!(
            "`{}` can't be the name of an XML element",
            name.escape_debug()
        )));
    }
    match operation.body {
        BodyFormat::None => query.extend(extra),
        _ => body.extend(extra),
    }
    signed(operation, query, body, context)
}

fn is_element_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// The parameters of `query` and `body`, completed and signed.
pub(crate) fn signed(
    operation: &Operation,
    mut query: Vec<FlatField>,
    mut body: Vec<FlatField>,
    context: &Context<'_>,
) -> Result<Parameters, Error> {
    query.retain(|(_, value)| !value.is_empty());
    body.retain(|(_, value)| !value.is_empty());
    let signed = if operation.body == BodyFormat::None {
        &mut query
    } else {
        &mut body
    };
    complete(operation, signed, context)?;
    if is_signed(operation) {
        let sign_type = sign_type(signed)?;
        let hmac = SignType::HmacSha256.as_str();
        if context.credentials.only_hmac && sign_type == SignType::Md5 && operation.sign_types.contains(&hmac)
        {
            return Err(Error::request(
                "`sign_type` is MD5, and the client is set to HMAC-SHA256 (`api_v2_sign_type`)",
            ));
        }
        let sign = sign(context.key, sign_type, pairs(signed));
        signed.retain(|(name, _)| name != "sign");
        signed.push(("sign".to_owned(), sign));
    }
    match body.iter().find(|(_, value)| value.contains(is_forbidden)) {
        Some((name, _)) => Err(Error::request(format!(
            "`{name}` holds a control character, which XML cannot carry"
        ))),
        None => Ok(Parameters { body, query }),
    }
}

/// Whether the parameters are signed: bodies always are, query strings where the page says so.
fn is_signed(operation: &Operation) -> bool {
    operation.body != BodyFormat::None || operation.filled_by_client.contains(&"sign")
}

/// Adds what the page has and the caller has not.
fn complete(operation: &Operation, fields: &mut Vec<FlatField>, context: &Context<'_>) -> Result<(), Error> {
    let keys = context.credentials;
    let wants_nonce = operation.nonce && operation.body == BodyFormat::Xml;
    let added = wants_nonce.then_some("nonce_str");
    for name in operation.filled_by_client.iter().copied().chain(added) {
        if fields.iter().any(|(field, _)| field == name) {
            continue;
        }
        let value = match name {
            "mch_id" | "mchid" | "combine_mch_id" => keys.mch_id.clone(),
            "nonce_str" => nonce()?,
            "sign_type" => fitting(operation, keys.sign_type).to_owned(),
            "timestamp" => context.now.to_string(),
            "media_hash" => match context.file_digest {
                Some(digest) => digest.to_owned(),
                None => return Err(Error::request("there is no file to take `media_hash` of")),
            },
            _ => continue,
        };
        fields.push((name.to_owned(), value));
    }
    sign_for_work_wechat(operation, fields, keys);
    Ok(())
}

/// The client's own kind of signature where the page allows it, else the page's.
fn fitting(operation: &Operation, preferred: SignType) -> &'static str {
    let allowed = operation.sign_types;
    match allowed.first() {
        Some(first) if !allowed.contains(&preferred.as_str()) => first,
        _ => preferred.as_str(),
    }
}

fn sign_for_work_wechat(operation: &Operation, fields: &mut Vec<FlatField>, keys: &V2Credentials) {
    const NAME: &str = "workwx_sign";
    let (Some((_, names)), Some(secret)) = (
        WORK_WECHAT.iter().find(|(path, _)| *path == operation.path),
        &keys.work_wechat_secret,
    ) else {
        return;
    };
    if fields.iter().any(|(name, _)| name == NAME) {
        return;
    }
    let covered = pairs(fields).filter(|(name, _)| names.contains(name));
    let sign = sign_work_wechat(secret, covered);
    fields.push((NAME.to_owned(), sign));
}

/// The type that the request itself names; without one, it is MD5.
fn sign_type(fields: &[FlatField]) -> Result<SignType, Error> {
    match fields.iter().find(|(name, _)| name == "sign_type") {
        None => Ok(SignType::Md5),
        Some((_, text)) => SignType::from_wire(text)
            .ok_or_else(|| Error::request("`sign_type` is neither `MD5` nor `HMAC-SHA256`")),
    }
}

fn pairs(fields: &[FlatField]) -> impl Iterator<Item = (&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}
