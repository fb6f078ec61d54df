//! Notifications of APIv2: from the raw bytes of WeChat Pay's request to the typed content.
//!
//! The type decides which signature is required. If the page documents a `sign`, the notification must
//! have a valid one. Otherwise (refunds) the encrypted part must open with the merchant's key, and the
//! notification is marked as unsigned.

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use http::StatusCode;
use zeroize::Zeroizing;

use super::folds::check_folds;
use super::response::{Signature, check_merchant, check_signature, failure, received};
use crate::credentials::V2Credentials;
use crate::crypto::apiv2::ApiV2Key;
use crate::crypto::{self, ApiV3Key, Digest};
use crate::error::{ApiError, Error};
use crate::wire::xml::{Document, Filled, fill_from_xml};
use crate::wire::{self, Deviation, FlatField, Json, Mismatch, Object, Slot, Value, View, from_json};

/// A notification that was opened, with how far it can be trusted.
#[derive(Clone)]
pub struct Notified<T> {
    content: T,
    authenticity: Authenticity,
    failure: Option<ApiError>,
    deviations: Vec<Deviation>,
    /// The elements of the root as they were received.
    fields: Vec<FlatField>,
}

/// What shows that a notification is from WeChat Pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Authenticity {
    /// A signature over every field.
    Signed,
    /// No signature: only what was encrypted under the merchant's key, and that in a mode that does
    /// not show alterations. Query the refund before you act on it.
    Unsigned,
}

impl<T> Notified<T> {
    /// What shows that it is from WeChat Pay.
    pub fn authenticity(&self) -> Authenticity {
        self.authenticity
    }

    /// What failed, if the notification says that something did: a deduction that the payer's bank
    /// refused, say. **Look here before you treat an order as paid.** The numbers of the order are in
    /// the content.
    pub fn failure(&self) -> Option<&ApiError> {
        self.failure.as_ref()
    }

    /// Where the notification differs from its documentation.
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// The text of a top-level element, documented or not: for what the type has no field for
    /// (`coupon_fee_0`, `err_code`). What was encrypted has the name of the encrypted element in front:
    /// `req_info.cash_refund_fee`. `None` if it is missing or there more than once.
    ///
    /// In a signed notification the signature covers it.
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut found = self.fields.iter().filter(|(field, _)| field == name);
        let (_, text) = found.next()?;
        found.next().is_none().then_some(text)
    }

    /// The content.
    pub fn into_inner(self) -> T {
        self.content
    }
}

impl<T> Deref for Notified<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.content
    }
}

impl<T: fmt::Debug> fmt::Debug for Notified<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notified")
            .field("authenticity", &self.authenticity)
            .field("content", &self.content)
            .finish()
    }
}

/// The response to a notification, to be sent within 5 seconds with status 200.
///
/// WeChat Pay repeats a notification until it reads `SUCCESS`, so expect the same one again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Acknowledgement {
    /// The notification was handled.
    Success,
    /// It was not handled and is to be resent; with a message for WeChat Pay.
    Failure(String),
}

impl Acknowledgement {
    /// The response's `Content-Type`.
    pub const CONTENT_TYPE: &'static str = "text/xml; charset=utf-8";

    /// The response's body.
    pub fn to_xml(&self) -> String {
        let (code, message) = match self {
            Self::Success => ("SUCCESS", "OK"),
            Self::Failure(message) => ("FAIL", message.as_str()),
        };
        let message: String = message.chars().filter(|c| !wire::xml::is_forbidden(*c)).collect();
        wire::xml::to_xml(&[
            ("return_code".to_owned(), code.to_owned()),
            ("return_msg".to_owned(), message),
        ])
    }
}

/// Opens the notification in `body`.
pub(crate) fn open<T: Object>(
    keys: &V2Credentials,
    api_v3_key: Option<&ApiV3Key>,
    body: &[u8],
) -> Result<Notified<T>, Error> {
    let mut content = T::blank();
    let kept = || Bytes::copy_from_slice(body);
    let decode = |mismatch: Mismatch| Error::decode(mismatch, kept());
    let document = Document::parse(body).map_err(decode)?;
    let signature = check_signature(&document, &keys.key, !keys.only_hmac)?;
    let names: Vec<_> = (&content as &dyn Object)
        .fields()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let documented = names.contains(&"sign");
    let mut failed = failure(&document, StatusCode::OK, &kept()).map_err(decode)?;
    if signature == Signature::Missing {
        // A forged failure notice gains an attacker nothing, and a genuine one may lack a signature.
        if let Some(error) = failed {
            return Err(Error::from_api(error));
        }
        if documented {
            return Err(Error::verification("the notification has no signature"));
        }
    }
    check_merchant(&document, &keys.mch_id)?;
    let received = received(&document);
    check_folds(&received, &names)?;
    if let Some(failure) = &mut failed {
        failure.authenticated = true;
    }
    let mut deviations = document.fill(&mut content);
    let clear = unseal(&mut content, &document, keys, api_v3_key)?;
    let mut opened = Vec::new();
    for (name, inner) in &clear {
        deviations.extend(inner.deviations.iter().cloned().map(|mut deviation| {
            deviation.path = format!("{name}.{}", deviation.path);
            deviation
        }));
        let fields = inner.fields.iter();
        opened.extend(fields.map(|(field, text)| (format!("{name}.{field}"), text.clone())));
    }
    if signature == Signature::Missing && clear.is_empty() {
        return Err(Error::verification(
            "nothing shows that the notification is from WeChat Pay",
        ));
    }
    Ok(Notified {
        content,
        failure: failed,
        deviations,
        fields: received.into_iter().chain(opened).collect(),
        authenticity: match signature {
            Signature::Right => Authenticity::Signed,
            Signature::Missing => Authenticity::Unsigned,
        },
    })
}

/// Opens every encrypted field of `content`, and gives their names with what was in them.
fn unseal(
    content: &mut dyn Object,
    document: &Document,
    keys: &V2Credentials,
    api_v3_key: Option<&ApiV3Key>,
) -> Result<Vec<(&'static str, Filled)>, Error> {
    let (mut opened, mut result) = (Vec::new(), Ok(()));
    let mut open = |name: &'static str, value: &mut dyn Value| {
        let ciphertext = match value.view() {
            View::Sealed(seal) => seal.ciphertext().to_owned(),
            _ => return Ok(()),
        };
        let Slot::Sealed(seal) = value.slot() else {
            return Ok(());
        };
        let clear = match name {
            "req_info" => decrypt_req_info(&keys.key, &ciphertext)?,
            _ => open_event(document, keys, api_v3_key, &ciphertext)?,
        };
        let filled = match clear.trim_ascii_start().first() {
            Some(b'<') => fill_from_xml(&clear, seal.open()),
            _ => fill_from_json(&clear, seal.open()),
        };
        let filled = filled.map_err(|inner| {
            let path = name.to_owned();
            // The clear content stays out of the error.
            let problem = inner.problem;
            Error::decode(Mismatch { path, problem }, Bytes::from(ciphertext))
        })?;
        opened.push((name, filled));
        Ok(())
    };
    content.each_mut(&mut |name, value| {
        if result.is_ok() {
            result = open(name, value);
        }
    });
    result.map(|()| opened)
}

/// Fills `value` from a JSON object, and gives the texts of its fields.
fn fill_from_json(json: &[u8], value: &mut dyn Value) -> Result<Filled, Mismatch> {
    let deviations = from_json(json, value)?;
    let mut object = Json::Null;
    from_json(json, &mut object)?;
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let fields = object.as_object().into_iter().flatten();
    Ok(Filled {
        fields: fields.map(|(name, value)| (name.clone(), text(value))).collect(),
        deviations,
    })
}

/// Opens `event_ciphertext`. The pages do not say under which of the two keys it is; AES-GCM
/// shows whether a key is the right one.
fn open_event(
    document: &Document,
    keys: &V2Credentials,
    api_v3_key: Option<&ApiV3Key>,
    ciphertext: &str,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let text = |name: &str| {
        let twice = |_| Error::verification(format!("`{name}` is there twice"));
        document.text(name).map(Option::unwrap_or_default).map_err(twice)
    };
    if text("event_algorithm")? != "AEAD_AES_256_GCM" {
        return Err(Error::encryption(
            "the notification is encrypted in an unknown way",
        ));
    }
    let (nonce, associated_data) = (text("event_nonce")?, text("event_associated_data")?);
    let v2_key = ApiV3Key::new(keys.key.as_str())?;
    match api_v3_key.map(|key| key.open(nonce, associated_data, ciphertext)) {
        Some(Ok(clear)) => Ok(clear),
        _ => v2_key.open(nonce, associated_data, ciphertext),
    }
}

/// Decrypts `req_info` of a refund notification: AES-256-ECB under the lower-case hex of the MD5 of
/// the APIv2 key. Gives the XML inside.
///
/// Opening a notification does this for you.
///
/// # Errors
/// When the text was not encrypted with this key; the error does not say what is wrong with it.
pub fn decrypt_req_info(key: &ApiV2Key, req_info: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let failed = || Error::encryption("`req_info` was not encrypted with this APIv2 key");
    let key = Zeroizing::new(Digest::Md5.of(key.as_str().as_bytes()));
    let sealed: String = req_info.split_ascii_whitespace().collect();
    let sealed = crypto::from_base64(&sealed).ok_or_else(failed)?;
    crypto::aes_256_ecb_decrypt(key.as_bytes(), &sealed).map_err(|_| failed())
}

#[cfg(test)]
mod tests;
