//! The client: what one merchant's calls have in common.
//!
//! In: what the builder checked. Out: a handle that is cheap to clone, may be shared between
//! threads, and lends its parts to the rest of the crate. Many clients live side by side.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use zeroize::Zeroizing;

use crate::clock::{Clock, unix};
use crate::credentials::Credentials;
#[cfg(feature = "apiv2")]
use crate::credentials::{RemoteKeys, V2Credentials};
use crate::crypto::{self, Algorithm, ApiV3Key};
use crate::error::Error;
use crate::observe::Observer;
use crate::operation::Identity;
use crate::retry::Policy;
use crate::transport::Transport;
use crate::trust::Trust;
use crate::wire::{Deviation, Encrypted};

/// A merchant's client.
///
/// Cloning is cheap; all clones share connections and keys.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

/// The state shared by all clones.
pub(crate) struct Inner {
    pub mchid: String,
    pub merchant: Option<Credentials>,
    pub brand: Option<Credentials>,
    /// The merchant's APIv3 key, which may be known without its private key.
    pub api_v3_key: Option<ApiV3Key>,
    pub trust: Trust,
    pub transport: Arc<dyn Transport>,
    pub clock: Arc<dyn Clock>,
    pub observers: Vec<Arc<dyn Observer>>,
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

/// Base URL overrides and failover.
#[derive(Debug, Clone, Default)]
pub(crate) struct Route {
    /// Instead of every documented host.
    pub base: Option<String>,
    /// When that can't be reached.
    pub fallback: Option<String>,
    /// Whether documented hosts have their documented second one.
    pub failover: bool,
}

/// Time limits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    /// A call with all its attempts.
    pub total: Duration,
    /// One attempt.
    pub attempt: Duration,
}

/// Size limits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of a response that is held in memory.
    pub body: usize,
    /// Bytes of a file, after gunzip.
    pub download: u64,
}

/// The domestic host and the one that the documentation names as its second.
const FAILOVER: (&str, &str) = ("https://api.mch.weixin.qq.com", "https://api2.wechatpay.cn");

/// A client that does not keep its state alive.
pub(crate) struct WeakClient(Weak<Inner>);

impl WeakClient {
    /// The client, unless the last one was dropped.
    pub(crate) fn upgrade(&self) -> Option<Client> {
        self.0.upgrade().map(Client)
    }
}

impl Client {
    pub(crate) fn downgrade(&self) -> WeakClient {
        WeakClient(Arc::downgrade(&self.0))
    }

    pub(crate) fn from_inner(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// The merchant id; empty for a client of a brand alone.
    pub fn mchid(&self) -> &str {
        &self.0.mchid
    }

    /// The serial number of the merchant's API certificate; empty for a client without one.
    pub fn certificate_serial(&self) -> &str {
        self.0.merchant.as_ref().map_or("", |merchant| &merchant.serial)
    }

    /// The brand id, if the client has a brand.
    pub fn brand_id(&self) -> Option<&str> {
        self.0.brand.as_ref().map(|brand| brand.id.as_str())
    }

    /// The clear text of an encrypted field of a response or a notification.
    ///
    /// # Errors
    /// When the field was not encrypted for this merchant's key, or holds clear text that is still to
    /// be sent, or the clear bytes are not text.
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
            .map_err(|_| Error::encryption("the clear content is not UTF-8 text"))
    }

    pub(crate) fn decrypt_bytes(&self, ciphertext: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        let bytes = crypto::from_base64(ciphertext)
            .ok_or_else(|| Error::encryption("the ciphertext is not base64"))?;
        let identities = self.0.merchant.iter().chain(&self.0.brand);
        let mut result = Err(Error::configuration(
            "there is no private key to decrypt with: with a signer of your own, give the builder a decryptor too",
        ));
        for decryptor in identities.filter_map(|identity| identity.decryptor.as_ref()) {
            result = decryptor.decrypt(&bytes).map_err(|error| {
                Error::encryption("the field could not be decrypted with this private key").with_source(error)
            });
            if result.is_ok() {
                break;
            }
        }
        result
    }

    /// The credentials that sign for `identity`.
    pub(crate) fn credentials(&self, identity: Identity) -> Result<&Credentials, Error> {
        let (found, missing) = match identity {
            Identity::Merchant => (
                &self.0.merchant,
                "the operation is signed by the merchant, whose private key and certificate serial the client \
                 does not have: give them to the builder; nothing was sent",
            ),
            Identity::Brand => (
                &self.0.brand,
                "the operation is signed by a brand, and the client has none: give it to `Builder::brand`; \
                 nothing was sent",
            ),
        };
        found.as_ref().ok_or_else(|| Error::configuration(missing))
    }

    /// The algorithms of the merchant's key; RSA for a client that has none.
    pub(crate) fn algorithm(&self) -> Algorithm {
        let merchant = self.0.merchant.as_ref();
        merchant.map_or(Algorithm::Rsa, |merchant| merchant.signer.algorithm())
    }

    /// Whether `serial` is that of a certificate of the merchant or the brand.
    pub(crate) fn is_own_serial(&self, serial: &str) -> bool {
        let mut identities = self.0.merchant.iter().chain(&self.0.brand);
        identities.any(|own| own.serial.eq_ignore_ascii_case(serial))
    }

    /// Opens what was sealed with the APIv3 key of the merchant or of the brand.
    pub(crate) fn open(
        &self,
        algorithm: Algorithm,
        nonce: &str,
        associated_data: &str,
        ciphertext: &str,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let brand = self.0.brand.as_ref().and_then(|brand| brand.api_v3_key.as_ref());
        let keys = self.0.api_v3_key.iter().chain(brand);
        let mut result = None;
        for key in keys {
            match key.open_with(algorithm, nonce, associated_data, ciphertext) {
                Ok(clear) => return Ok(clear),
                // The first key's error: with one key, the only one.
                Err(error) => result.get_or_insert(error),
            };
        }
        Err(result.unwrap_or_else(no_api_v3_key))
    }

    pub(crate) fn api_v3_key(&self) -> Result<&ApiV3Key, Error> {
        self.0.api_v3_key.as_ref().ok_or_else(no_api_v3_key)
    }

    pub(crate) fn trust(&self) -> &Trust {
        &self.0.trust
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        &*self.0.transport
    }

    /// Tells every observer.
    pub(crate) fn observe(&self, tell: impl Fn(&dyn Observer)) {
        for observer in &self.0.observers {
            tell(&**observer);
        }
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
        let own = &self.0.headers;
        // With room for the request's own.
        let mut headers = HeaderMap::with_capacity(own.len() + 4);
        headers.extend(own.iter().map(|(name, value)| (name.clone(), value.clone())));
        headers
    }

    /// The origin that a request to `origin` is sent to, and the fallback origin.
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

fn no_api_v3_key() -> Error {
    Error::configuration("this needs the APIv3 key: give it to the builder")
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("mchid", &self.0.mchid)
            .field("certificate_serial", &self.certificate_serial())
            .field("brand_id", &self.brand_id())
            .field("keys", &self.0.trust.keys())
            .finish_non_exhaustive()
    }
}
