//! Downloads platform certificates and checks them.
//!
//! In: the response of `GET /v3/certificates`. Out: certificates that were sealed with the APIv3 key
//! (which proves their origin), whose serial is the announced one, that have not expired, and one of
//! which (or a key known before) signed the same response.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;

use super::request::prepare;
use super::signature::{SignatureHeaders, read_in_time, verify_with};
use crate::client::Client;
use crate::crypto::{Algorithm, ApiV3Key, Certificate};
use crate::error::{BoxError, Error};
use crate::exchange::{Options, Progress, api_error, send};
use crate::operation::Operation;
use crate::transport::BoxFuture;
use crate::trust::{Found, INTERVAL};
use crate::wire::{Empty, Json, Mismatch, Timestamp, TimestampForm};

/// How long the store may take: calls wait for it.
const STORE_TIMEOUT: Duration = Duration::from_secs(3);

/// How far WeChat Pay's clock may be ahead of this machine's, in a response that was saved.
const MAX_AHEAD: Duration = Duration::from_secs(300);

/// `GET /v3/certificates`
static OPERATION: Operation = Operation {
    method: http::Method::GET,
    path: "/v3/certificates",
    ..Operation::V3
};

/// Reads the body of `GET /v3/certificates`: each certificate opened with the APIv3 key, parsed, its
/// serial compared with the announced one. Neither its validity nor the response's signature
/// is checked here; the client does both.
///
/// # Errors
/// When the body is not such a response, an algorithm is not known (see
/// [`Algorithm::aead`](crate::crypto::Algorithm::aead)), a ciphertext was not sealed with this key, or a
/// serial differs from the announced one.
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
    match &entry["expire_time"] {
        Json::Null => Ok(certificate),
        time => {
            let end = time.as_str().map(Timestamp::from);
            let end = end.filter(|end| end.form() == Some(TimestampForm::Rfc3339));
            let end = end.and_then(|end| end.to_system_time().ok());
            let end = end.ok_or_else(|| mismatch("data.expire_time", "expected an RFC 3339 time", body))?;
            Ok(certificate.until(end))
        }
    }
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
    let progress = Progress::new(client.timeouts().total);
    let response = send(client, &OPERATION, &prepared, &Default::default(), &progress).await?;
    if !response.status.is_success() {
        // It is only reported. A forger gains nothing by it, and the key that it names may be the one
        // that is to be downloaded, so its signature is not checked.
        return Err(Error::from_api(api_error(&response)).with_operation(&OPERATION));
    }
    let checked = read_in_time(&response.headers, client.unix_now()).and_then(|signature| {
        let certificates = candidates(client, key, &signature, &response.body)?;
        Ok((signature, certificates))
    });
    let (signature, candidates) = checked.map_err(|error| error.with_operation(&OPERATION))?;
    let count = install(client, &candidates);
    save(client, &signature, &response.body).await;
    Ok(count)
}

/// Installs certificates; the number of those that are valid now.
fn install(client: &Client, certificates: &[Certificate]) -> usize {
    client.trust().install(certificates);
    let now = client.now();
    let valid = certificates
        .iter()
        .filter(|certificate| certificate.is_valid_at(now));
    valid.count()
}

/// What the certificates of this client are called in a store.
fn name_in_store(client: &Client) -> String {
    match client.algorithm() {
        Algorithm::Rsa => client.mchid().to_owned(),
        #[cfg(feature = "shangmi")]
        Algorithm::Sm2 => format!("{}:SM2", client.mchid()),
    }
}

/// What a store does, within the time that it has.
async fn in_time<T>(work: BoxFuture<'_, Result<T, BoxError>>) -> Result<T, BoxError> {
    match tokio::time::timeout(STORE_TIMEOUT, work).await {
        Ok(result) => result,
        Err(_) => Err("no response within 3 s".into()),
    }
}

/// Saves a verified response in the store, with the headers of its signature.
async fn save(client: &Client, signature: &SignatureHeaders<'_>, body: &[u8]) {
    let (Some(store), Ok(body)) = (&client.trust().refresh.store, std::str::from_utf8(body)) else {
        return;
    };
    let saved = serde_json::json!({ "headers": signature.to_map(), "response": body }).to_string();
    if let Err(error) = in_time(store.save(&name_in_store(client), &saved)).await {
        tracing::warn!(error, "platform certificates could not be saved in the store");
    }
}

/// Installs the certificates of the store, if it has a list that is fresh; the number of valid ones. The
/// list is checked as if it had just arrived, except that it may be as old as a download may be.
pub(super) async fn restore(client: &Client) -> Option<usize> {
    let store = client.trust().refresh.store.as_ref()?;
    let loaded = match in_time(store.load(&name_in_store(client))).await {
        Ok(loaded) => loaded?,
        Err(error) => {
            tracing::warn!(error, "platform certificates could not be loaded from the store");
            return None;
        }
    };
    match read_saved(client, &loaded) {
        Ok(None) => None,
        Ok(Some((certificates, downloaded))) => {
            let count = install(client, &certificates);
            client.trust().refresh.state().succeeded = Some(downloaded);
            (count > 0).then_some(count)
        }
        Err(error) => {
            tracing::warn!(%error, "the store's platform certificates are not usable");
            None
        }
    }
}

/// The certificates of a saved response and the time of its signature; `None` if it is too old, or from
/// the future.
fn read_saved(client: &Client, saved: &str) -> Result<Option<(Vec<Certificate>, SystemTime)>, Error> {
    let wrong = || Error::verification("the store's list of platform certificates is not one");
    let saved: Json = serde_json::from_str(saved).map_err(|_| wrong())?;
    let body = saved["response"].as_str().ok_or_else(wrong)?.as_bytes();
    let headers = saved["headers"].as_object().ok_or_else(wrong)?;
    let headers: HeaderMap = headers
        .iter()
        .filter_map(|(name, value)| Some((name.parse().ok()?, value.as_str()?.parse().ok()?)))
        .collect::<HeaderMap>();
    let signature = SignatureHeaders::read(&headers)?;
    let signed = signature.timestamp.parse().map_err(|_| wrong())?;
    let signed = UNIX_EPOCH
        .checked_add(Duration::from_secs(signed))
        .ok_or_else(wrong)?;
    let now = client.now();
    let fresh = match now.duration_since(signed) {
        Ok(age) => age < INTERVAL,
        // WeChat Pay's clock is ahead.
        Err(ahead) => ahead.duration() < MAX_AHEAD,
    };
    if !fresh {
        return Ok(None);
    }
    let key = client.api_v3_key()?;
    Ok(Some((
        candidates(client, key, &signature, body)?,
        signed.min(now),
    )))
}

/// Which certificates to ask for: those of the merchant's own algorithm. RSA is the default.
fn algorithm_type(algorithm: Algorithm) -> Vec<(String, String)> {
    match algorithm {
        Algorithm::Rsa => Vec::new(),
        #[cfg(feature = "shangmi")]
        Algorithm::Sm2 => vec![("algorithm_type".to_owned(), "SM2".to_owned())],
    }
}

/// The certificates of a response, once it is verified.
fn candidates(
    client: &Client,
    key: &ApiV3Key,
    signature: &SignatureHeaders<'_>,
    body: &[u8],
) -> Result<Vec<Certificate>, Error> {
    let now = client.now();
    // Expired ones are kept as such, and the next one is announced a day before it becomes valid.
    let certificates = read_certificates(key, body)?;
    match client.trust().find(signature.serial, now) {
        Found::Valid(known) => verify_with(signature, body, known.public_key())?,
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
            verify_with(signature, body, named.public_key())?;
        }
    }
    if certificates.iter().any(|one| client.is_own_serial(one.serial())) {
        return Err(Error::verification(
            "it holds the merchant's own certificate as the platform's",
        ));
    }
    Ok(certificates)
}
