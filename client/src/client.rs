//! The client: what one merchant's calls have in common.
//!
//! In: what the builder checked. Out: a handle that is cheap to clone, may be shared between
//! threads, and lends its parts to the rest of the crate. Many clients live side by side.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use zeroize::Zeroizing;

use crate::clock::{Clock, unix};
use crate::credentials::{Decryptor, Signer};
#[cfg(feature = "apiv2")]
use crate::credentials::{RemoteKeys, V2Credentials};
use crate::crypto::{self, ApiV3Key};
use crate::error::Error;
use crate::retry::Policy;
use crate::transport::Transport;
use crate::trust::Trust;
use crate::wire::{Deviation, Encrypted};

/// A merchant's client.
///
/// Cloning is cheap; all clones share connections and keys.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

/// Everything a client knows.
pub(crate) struct Inner {
    pub mchid: String,
    pub certificate_serial: String,
    pub signer: Arc<dyn Signer>,
    pub decryptor: Option<Arc<dyn Decryptor>>,
    pub api_v3_key: Option<ApiV3Key>,
    pub trust: Trust,
    pub transport: Arc<dyn Transport>,
    pub clock: Arc<dyn Clock>,
    pub headers: HeaderMap,
    pub route: Route,
    pub timeouts: Timeouts,
    pub policy: Policy,
    pub limits: Limits,
    /// Any deviation is an error.
    pub strict: bool,
    #[cfg(feature = "apiv2")]
    pub v2: Option<V2Credentials>,
    #[cfg(feature = "apiv2")]
    pub remote_keys: RemoteKeys,
    #[cfg(feature = "blocking")]
    pub runtime: crate::runtime::Runtime,
}

/// Where requests really go.
#[derive(Debug, Clone, Default)]
pub(crate) struct Route {
    /// Instead of every documented host.
    pub base: Option<String>,
    /// When that can't be reached.
    pub fallback: Option<String>,
    /// Whether documented hosts have their documented second one.
    pub failover: bool,
}

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    /// A call with all its attempts.
    pub total: Duration,
    /// One attempt.
    pub attempt: Duration,
}

/// How much may come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of an answer that is held in memory.
    pub body: usize,
    /// Bytes of a file, after gunzip.
    pub download: u64,
}

/// The domestic host and the one that the documentation names as its second.
const FAILOVER: (&str, &str) = ("https://api.mch.weixin.qq.com", "https://api2.wechatpay.cn");

impl Client {
    pub(crate) fn from_inner(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// The merchant id.
    pub fn mchid(&self) -> &str {
        &self.0.mchid
    }

    /// The serial of the merchant's API certificate.
    pub fn certificate_serial(&self) -> &str {
        &self.0.certificate_serial
    }

    /// The clear text of an encrypted field of an answer or a notification.
    ///
    /// # Errors
    /// When the field was not encrypted for this merchant's key, or holds clear text that is still to
    /// be sent, or the clear bytes are no text.
    pub fn decrypt(&self, field: &Encrypted) -> Result<Zeroizing<String>, Error> {
        let ciphertext = field
            .ciphertext()
            .ok_or_else(|| Error::encryption("the field is clear text that is still to be encrypted"))?;
        if ciphertext.is_empty() {
            return Ok(Zeroizing::default());
        }
        let clear = self.decrypt_bytes(ciphertext)?;
        std::str::from_utf8(&clear)
            .map(|text| Zeroizing::new(text.to_owned()))
            .map_err(|_| Error::encryption("the clear content is no UTF-8 text"))
    }

    pub(crate) fn decrypt_bytes(&self, ciphertext: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        let bytes = crypto::from_base64(ciphertext)
            .ok_or_else(|| Error::encryption("the ciphertext is not base64"))?;
        let decryptor = self.0.decryptor.as_ref().ok_or_else(|| {
            Error::configuration("there is no decryptor: with an own signer, give the builder one too")
        })?;
        decryptor
            .decrypt(&bytes)
            .map_err(|error| Error::encryption("it could not be decrypted").with_source(error))
    }

    pub(crate) fn signer(&self) -> &dyn Signer {
        &*self.0.signer
    }

    pub(crate) fn api_v3_key(&self) -> Result<&ApiV3Key, Error> {
        self.0
            .api_v3_key
            .as_ref()
            .ok_or_else(|| Error::configuration("this needs the APIv3 key: give it to the builder"))
    }

    pub(crate) fn trust(&self) -> &Trust {
        &self.0.trust
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        &*self.0.transport
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.0.clock.now()
    }

    pub(crate) fn unix_now(&self) -> u64 {
        unix(self.now())
    }

    pub(crate) fn timeouts(&self) -> Timeouts {
        self.0.timeouts
    }

    pub(crate) fn retry_policy(&self) -> Policy {
        self.0.policy
    }

    pub(crate) fn body_limit(&self) -> usize {
        self.0.limits.body
    }

    pub(crate) fn download_limit(&self) -> u64 {
        self.0.limits.download
    }

    #[cfg(feature = "apiv2")]
    pub(crate) fn v2_credentials(&self) -> Result<&V2Credentials, Error> {
        self.0
            .v2
            .as_ref()
            .ok_or_else(|| Error::configuration("APIv2 needs its key: give it to the builder"))
    }

    #[cfg(feature = "apiv2")]
    pub(crate) fn remote_keys(&self) -> &RemoteKeys {
        &self.0.remote_keys
    }

    /// Logs the deviations of a message; with `strict`, they are an error.
    pub(crate) fn report(
        &self,
        subject: &str,
        deviations: &[Deviation],
        body: impl FnOnce() -> Bytes,
    ) -> Result<(), Error> {
        if deviations.is_empty() {
            return Ok(());
        }
        if self.0.strict {
            return Err(Error::deviation(deviations, body()));
        }
        let places: Vec<_> = deviations.iter().take(20).map(ToString::to_string).collect();
        tracing::warn!(
            subject,
            count = deviations.len(),
            places = places.join("; "),
            "the message differs from its documentation"
        );
        Ok(())
    }

    /// The headers of every request.
    pub(crate) fn base_headers(&self) -> HeaderMap<HeaderValue> {
        self.0.headers.clone()
    }

    /// Where a request to `origin` really goes, and where when that fails.
    pub(crate) fn route(&self, origin: &str) -> (String, Option<String>) {
        let route = &self.0.route;
        if let Some(base) = &route.base {
            return (base.clone(), route.fallback.clone());
        }
        let second = (route.failover && origin == FAILOVER.0).then(|| FAILOVER.1.to_owned());
        (origin.to_owned(), second)
    }

    /// The base URL that stands instead of every host, if there is one.
    pub(crate) fn base(&self) -> Option<&str> {
        self.0.route.base.as_deref()
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn runtime(&self) -> &crate::runtime::Runtime {
        &self.0.runtime
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("mchid", &self.0.mchid)
            .field("certificate_serial", &self.0.certificate_serial)
            .field("keys", &self.0.trust.keys())
            .finish_non_exhaustive()
    }
}
