//! APIv2: XML, a symmetric signature and, where money leaves, mutual TLS.
//!
//! In go the same things as for APIv3: a client, an operation, its generated request. Out come typed
//! answers, verified over everything that was received. The client needs the APIv2 key
//! ([`Builder::api_v2_key`](crate::Builder::api_v2_key)), and for the operations that the
//! documentation marks `security` the merchant's API certificate, as a PEM pair or as the p12 file.
//!
//! What is beside the operations hangs on [`Client::apiv2`]: notifications, parameters for the
//! payer's side, keys that WeChat Pay hands out. [`sign`] and [`verify`] stand alone.
//!
//! For the rest of the crate this module is a seam: the pipeline in `send.rs` asks it to [`prepare`]
//! a request, to [`accept`] an answer, and to [`decode`] it.

mod answer;
mod builder;
mod fetched;
mod handle;
mod keys;
mod link;
mod notification;
mod p12;
mod params;
mod request;
mod sign;

#[cfg(all(test, feature = "full"))]
mod surface;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use crate::apiv3::{address_of, header_value, repeatable};
use crate::crypto::{Digest, PublicKey};
use crate::operation::{Body, Operation};
use crate::send::{Answered, Options, Payload, Prepared, request_id};
use crate::transport::{Connection, Identity};
use crate::upload::{Form, TextPart, Upload};
use crate::wire::xml::{fill_from_xml, to_xml};
use crate::wire::{self, Encrypt, FlatField, Object, Value, View};
use crate::{Client, Error};

pub use handle::ApiV2;
pub use link::Link;
pub use notification::{Acknowledgement, Authenticity, Notified, decrypt_req_info};
pub use params::{
    AppParams, CouponPage, CouponParams, CouponToSend, JsapiParams, PayScorePage, PayScoreParams,
    RedPacketParams,
};
pub use sign::{ApiV2Key, SignType, sign, sign_work_wechat, verify};

use keys::Keys;

/// What the builder was told about APIv2.
#[derive(Default)]
pub(crate) struct Settings {
    pub key: Option<Zeroizing<String>>,
    pub sign_type: Option<SignType>,
    pub p12: Option<builder::P12>,
    pub work_wechat_secret: Option<Zeroizing<String>>,
    pub transfer_key: Option<PublicKey>,
}

/// What a client knows about APIv2.
pub(crate) struct Config {
    /// For the transport's second client.
    pub identity: Option<Identity>,
    keys: Option<Keys>,
    sandbox_key: OnceCell<ApiV2Key>,
    transfer_key: OnceCell<Arc<PublicKey>>,
}

impl Settings {
    /// Checks what was told; `identity` is the merchant's certificate with its key, if both are known.
    pub(crate) fn build(self, mch_id: &str, identity: Option<Identity>) -> Result<Config, Error> {
        let key = self.key.map(|key| ApiV2Key::new(key.as_str())).transpose()?;
        let keys = key.map(|key| Keys {
            mch_id: mch_id.to_owned(),
            key,
            sign_type: self.sign_type.unwrap_or(SignType::HmacSha256),
            work_wechat_secret: self.work_wechat_secret,
        });
        Ok(Config {
            identity: identity.filter(|_| keys.is_some()),
            keys,
            sandbox_key: OnceCell::new(),
            transfer_key: OnceCell::new_with(self.transfer_key.map(Arc::new)),
        })
    }
}

impl Config {
    fn keys(&self) -> Result<&Keys, Error> {
        self.keys
            .as_ref()
            .ok_or_else(|| Error::configuration("APIv2 needs its key: give it to the builder"))
    }

    /// The key that signs messages of `operation`, if it is known already.
    fn known_key(&self, operation: &Operation) -> Result<&ApiV2Key, Error> {
        match self.sandbox_key.get() {
            Some(key) if fetched::is_sandbox(operation) => Ok(key),
            _ => Ok(&self.keys()?.key),
        }
    }

    /// The sandbox's key, asked for once.
    async fn sandbox_key(&self, client: &Client) -> Result<&ApiV2Key, Error> {
        self.sandbox_key
            .get_or_try_init(|| fetched::sandbox_key(client))
            .await
    }

    /// The key for bank transfers, asked for once.
    async fn transfer_key(&self, client: &Client) -> Result<&Arc<PublicKey>, Error> {
        self.transfer_key
            .get_or_try_init(|| fetched::transfer_key(client))
            .await
    }
}

/// Writes and signs a request.
pub(crate) async fn prepare(
    client: &Client,
    operation: &'static Operation,
    request: &dyn Object,
    options: &Options,
) -> Result<Prepared, Error> {
    let config = client.v2();
    let key = match fetched::is_sandbox(operation) {
        true => config.sandbox_key(client).await?,
        false => &config.keys()?.key,
    };
    let encryptor = match fetched::needs_encryption(request) {
        true => Some(fetched::ForTransfer(config.transfer_key(client).await?.clone())),
        false => None,
    };
    let file = file(request);
    let digest = match file {
        Some((_, file)) => Some(file.digest(Digest::Md5).await?),
        None => None,
    };
    let context = request::Context {
        keys: config.keys()?,
        key,
        now: client.unix_now(),
        file_digest: digest.as_deref(),
        encrypt: encryptor.as_ref().map(|encryptor| encryptor as &dyn Encrypt),
    };
    let parameters = request::parameters(operation, request, &context)?;
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
        repeatable: repeatable(operation, request),
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
    for (name, text) in wire::flatten(request, &|name| operation.headers.contains(&name), None)? {
        let value = header_value(&name, &text)?;
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| Error::encode(format!("`{}` is no header name", name.escape_debug())))?;
        headers.insert(name, value);
    }
    Ok(headers)
}

fn payload(
    operation: &Operation,
    fields: &[FlatField],
    file: Option<(&'static str, &Upload)>,
    headers: &mut HeaderMap,
) -> Result<Payload, Error> {
    match operation.body {
        Body::None => Ok(Payload::Bytes(Bytes::new())),
        Body::Xml => {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
            Ok(Payload::Bytes(to_xml(fields).into()))
        }
        Body::Multipart => {
            let (part, file) = file.ok_or_else(|| Error::encode("the upload has no file"))?;
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
        Body::Json => Err(Error::configuration("an APIv2 operation never speaks JSON")),
    }
}

/// Checks an answer and gives its body.
pub(crate) fn accept(
    client: &Client,
    operation: &'static Operation,
    answer: Answered,
) -> Result<Bytes, Error> {
    let config = client.v2();
    let keys = config.keys()?;
    let key = config.known_key(operation)?;
    answer::check(operation, keys, key, &answer)?;
    Ok(answer.body)
}

/// Reads a refusal: a status that is no success, or XML where a file was to come.
pub(crate) fn refusal(answer: Answered) -> Error {
    let id = request_id(&answer.headers);
    answer::refusal(&answer).with_answer(answer.status, id)
}

/// Fills `value` from a body that [`accept`] gave.
pub(crate) fn decode(body: &Bytes, value: &mut dyn Value) -> Result<(), Error> {
    let filled = match answer::is_json(body) {
        true => wire::from_json(body, value),
        false => fill_from_xml(body, value),
    };
    filled.map_err(|mismatch| Error::decode(mismatch, body.clone()))
}
