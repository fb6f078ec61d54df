//! Downloading platform certificates, with care.
//!
//! In: the answer of `GET /v3/certificates`. Out: certificates that were sealed under the APIv3 key
//! (which proves where they come from), whose serial is the announced one, that are valid now, and
//! one of which (or a key known before) signed this very answer.

use http::HeaderMap;

use super::request::prepare;
use super::signature::{SignatureHeaders, read_in_time, verify_with};
use crate::client::Client;
use crate::crypto::{Algorithm, ApiV3Key, Certificate};
use crate::error::Error;
use crate::exchange::{Options, api_error, send};
use crate::operation::Operation;
use crate::trust::Found;
use crate::wire::{Empty, Json, Mismatch};

/// `GET /v3/certificates`
static OPERATION: Operation = Operation {
    method: http::Method::GET,
    path: "/v3/certificates",
    ..Operation::V3
};

/// Reads the body of `GET /v3/certificates`: each certificate opened with the APIv3 key, parsed, its
/// serial compared with the announced one. Neither its validity nor the answer's signature is
/// checked here; the client does both.
///
/// # Errors
/// When the body is no such answer, an algorithm is not known ([`crypto::Algorithm::aead`](crate::crypto::Algorithm::aead)), a
/// ciphertext was not sealed with this key, or a serial differs from the announced one.
pub fn read_certificates(key: &ApiV3Key, body: &[u8]) -> Result<Vec<Certificate>, Error> {
    let json: Json = serde_json::from_slice(body).map_err(|_| mismatch("", "not JSON", body))?;
    let data = json.get("data").and_then(Json::as_array);
    data.ok_or_else(|| mismatch("data", "expected a list", body))?
        .iter()
        .map(|entry| read_certificate(key, entry, body))
        .collect()
}

fn read_certificate(key: &ApiV3Key, entry: &Json, body: &[u8]) -> Result<Certificate, Error> {
    let sealed = &entry["encrypt_certificate"];
    let text = |value: &'_ Json, path: &str| {
        value
            .as_str()
            .map(ToOwned::to_owned)
            .ok_or_else(|| mismatch(path, "expected text", body))
    };
    let algorithm = text(&sealed["algorithm"], "data.encrypt_certificate.algorithm")?;
    let algorithm = Algorithm::from_aead(&algorithm).ok_or_else(|| {
        Error::verification(format!(
            "a certificate is sealed with an unknown algorithm, expected {}",
            Algorithm::aead_names()
        ))
    })?;
    let associated_data = sealed["associated_data"].as_str().unwrap_or_default();
    let clear = key.open_with(
        algorithm,
        &text(&sealed["nonce"], "data.encrypt_certificate.nonce")?,
        associated_data,
        &text(&sealed["ciphertext"], "data.encrypt_certificate.ciphertext")?,
    )?;
    let pem = std::str::from_utf8(&clear)
        .map_err(|_| Error::verification("a certificate's clear content is not text"))?;
    let certificate = Certificate::from_pem(pem)?;
    let announced = text(&entry["serial_no"], "data.serial_no")?;
    if !certificate.serial().eq_ignore_ascii_case(&announced) {
        return Err(Error::verification(
            "a certificate's serial is not the announced one",
        ));
    }
    Ok(certificate)
}

fn mismatch(path: &str, problem: &str, body: &[u8]) -> Error {
    let mismatch = Mismatch {
        path: path.to_owned(),
        problem: problem.to_owned(),
    };
    Error::decode(mismatch, body.to_vec().into())
}

/// Downloads, checks and installs; the number of certificates that are valid now.
pub(super) async fn download(client: &Client, key: &ApiV3Key) -> Result<usize, Error> {
    let options = Options {
        query: algorithm_type(client.algorithm()),
        ..Options::default()
    };
    let prepared = prepare(client, &OPERATION, &Empty {}, &options).await?;
    let answer = send(client, &OPERATION, &prepared, &Default::default()).await?;
    if !answer.status.is_success() {
        // It is only reported: whoever forged it gained nothing, so that its signature does not
        // matter; and the key that it names may be the one that is being looked for.
        return Err(Error::from_api(api_error(answer)).with_operation(&OPERATION));
    }
    let candidates = candidates(client, key, &answer.headers, &answer.body)
        .map_err(|error| error.with_operation(&OPERATION))?;
    client.trust().install(&candidates, client.now());
    let now = client.now();
    Ok(candidates
        .iter()
        .filter(|certificate| certificate.is_valid_at(now))
        .count())
}

/// Which certificates to ask for: those of the merchant's own algorithm. RSA is the default.
fn algorithm_type(algorithm: Algorithm) -> Vec<(String, String)> {
    match algorithm {
        Algorithm::Rsa => Vec::new(),
        #[cfg(feature = "shangmi")]
        Algorithm::Sm2 => vec![("algorithm_type".to_owned(), "SM2".to_owned())],
    }
}

/// The certificates of an answer, once it is proven genuine.
fn candidates(
    client: &Client,
    key: &ApiV3Key,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Vec<Certificate>, Error> {
    let signature: SignatureHeaders<'_> = read_in_time(headers, client.unix_now())?;
    let now = client.now();
    let mut certificates = read_certificates(key, body)?;
    // The next one comes a day before its time begins.
    certificates.retain(|certificate| certificate.not_after() >= now);
    match client.trust().find(signature.serial, now) {
        Found::Valid(known) => verify_with(&signature, body, known.public_key())?,
        Found::Expired => return Err(Error::verification("it is signed with an expired certificate")),
        Found::Unknown => {
            let named = certificates
                .iter()
                .find(|candidate| {
                    candidate.is_valid_at(now) && candidate.serial().eq_ignore_ascii_case(signature.serial)
                })
                .ok_or_else(|| {
                    Error::verification(
                        "it is signed with a key that is neither known nor among its certificates",
                    )
                })?;
            verify_with(&signature, body, named.public_key())?;
        }
    }
    if certificates.iter().any(|one| client.is_own_serial(one.serial())) {
        return Err(Error::verification(
            "it holds the merchant's own certificate as the platform's",
        ));
    }
    Ok(certificates)
}
