//! The settings of a client, one setter each.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

#[cfg(feature = "apiv2")]
use super::apiv2::V2Settings;
use super::brand::Brand;
use super::pair::Pair;
use super::text::Text;
use crate::clock::Clock;
use crate::credentials::{Decryptor, Signer};
use crate::observe::Observer;
use crate::transport::{Settings, Transport};
use crate::trust::CertificateStore;

/// Sets up a [`Client`](crate::Client).
///
/// ```no_run
/// # fn main() -> Result<(), wechatpay_client::Error> {
/// let client = wechatpay_client::Client::builder()
///     .mchid("1900000001")
///     .certificate_serial("5157F09EFDC096DE15EBE81A47057A7200000000")
///     .private_key_file("apiclient_key.pem")
///     .api_v3_key(std::env::var("WECHATPAY_API_V3_KEY").unwrap_or_default())
///     .public_key_file("PUB_KEY_ID_0119000000012024000000000000000000", "pub_key.pem")
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct Builder {
    pub(super) mchid: String,
    pub(super) pair: Pair,
    pub(super) brand: Option<Brand>,
    pub(super) api_v3_key: Option<Zeroizing<String>>,
    pub(super) public_keys: Vec<(String, Text)>,
    pub(super) platform_certificates: Vec<Text>,
    pub(super) download_certificates: Option<bool>,
    pub(super) certificate_store: Option<Arc<dyn CertificateStore>>,
    pub(super) base_url: Option<String>,
    pub(super) fallback_base_url: Option<String>,
    pub(super) no_failover: bool,
    pub(super) transport: Option<Arc<dyn Transport>>,
    pub(super) settings: Settings,
    pub(super) observers: Vec<Arc<dyn Observer>>,
    pub(super) clock: Option<Arc<dyn Clock>>,
    pub(super) user_agent: Option<String>,
    pub(super) accept_language: Option<String>,
    pub(super) timeout: Option<Duration>,
    pub(super) attempt_timeout: Option<Duration>,
    pub(super) attempts: Option<u32>,
    pub(super) body_limit: Option<usize>,
    pub(super) download_limit: Option<u64>,
    pub(super) strict: bool,
    #[cfg(feature = "apiv2")]
    pub(super) v2: V2Settings,
}

/// Credentials.
impl Builder {
    /// The merchant id; for a service provider, its own.
    pub fn mchid(mut self, mchid: impl Into<String>) -> Self {
        self.mchid = mchid.into();
        self
    }

    /// The serial of the merchant's API certificate, hexadecimal.
    pub fn certificate_serial(mut self, serial: impl Into<String>) -> Self {
        self.pair.serial = Some(serial.into());
        self
    }

    /// The merchant's API certificate, PEM (`apiclient_cert.pem`): instead of its serial. That it and
    /// the private key are a pair is checked.
    pub fn certificate_pem(mut self, pem: impl Into<String>) -> Self {
        self.pair.certificate = Some(Text::given(pem));
        self
    }

    /// The same, from a file.
    pub fn certificate_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.pair.certificate = Some(Text::File(path.into()));
        self
    }

    /// The merchant's private key, PEM (`apiclient_key.pem`): PKCS#8 or PKCS#1.
    pub fn private_key_pem(mut self, pem: impl Into<String>) -> Self {
        self.pair.private_key = Some(Text::given(pem));
        self
    }

    /// The same, from a file.
    pub fn private_key_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.pair.private_key = Some(Text::File(path.into()));
        self
    }

    /// Signs with a key that is kept elsewhere, instead of a private key given here.
    pub fn signer(mut self, signer: impl Signer + 'static) -> Self {
        self.pair.signer = Some(Arc::new(signer));
        self
    }

    /// Decrypts fields of responses with a key that is kept elsewhere.
    pub fn decryptor(mut self, decryptor: impl Decryptor + 'static) -> Self {
        self.pair.decryptor = Some(Arc::new(decryptor));
        self
    }

    /// The APIv3 key, 32 characters: opens notifications and platform certificates.
    pub fn api_v3_key(mut self, key: impl Into<String>) -> Self {
        self.api_v3_key = Some(Zeroizing::new(key.into()));
        self
    }

    /// A brand, whose own key signs the operations under `/brand/`. A client can have a merchant and a
    /// brand, or a brand alone.
    pub fn brand(mut self, brand: Brand) -> Self {
        self.brand = Some(brand);
        self
    }

    /// A WeChat Pay public key: its id (`PUB_KEY_ID_…`) and PEM. Several may be given; the last one is
    /// the one to encrypt for.
    pub fn public_key_pem(mut self, id: impl Into<String>, pem: impl Into<String>) -> Self {
        self.public_keys.push((id.into(), Text::given(pem)));
        self
    }

    /// The same, from a file.
    pub fn public_key_file(mut self, id: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        self.public_keys.push((id.into(), Text::File(path.into())));
        self
    }

    /// A platform certificate, PEM. Several may be given.
    pub fn platform_certificate_pem(mut self, pem: impl Into<String>) -> Self {
        self.platform_certificates.push(Text::given(pem));
        self
    }

    /// The same, from a file.
    pub fn platform_certificate_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.platform_certificates.push(Text::File(path.into()));
        self
    }

    /// Whether platform certificates are downloaded. Unless said here, they are when no public key is
    /// given and the APIv3 key is.
    pub fn download_certificates(mut self, download: bool) -> Self {
        self.download_certificates = Some(download);
        self
    }

    /// Keeps downloaded platform certificates in this store, so that a restarted process, and others
    /// with the same store, download nothing.
    pub fn certificate_store(mut self, store: impl CertificateStore + 'static) -> Self {
        self.certificate_store = Some(Arc::new(store));
        self
    }
}

/// Optional settings.
impl Builder {
    /// Sends every request to this base instead of the documented hosts: a sandbox or a test gateway.
    /// `https://…`, or `http://…` on a loopback address only; no path. Responses are verified as usual.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The second host, for when [`Builder::base_url`] can't be reached.
    pub fn fallback_base_url(mut self, url: impl Into<String>) -> Self {
        self.fallback_base_url = Some(url.into());
        self
    }

    /// Whether a repetition goes to WeChat Pay's second host (`api2.wechatpay.cn`); yes unless said
    /// here. Only what may be sent again at all ever goes there.
    pub fn failover(mut self, failover: bool) -> Self {
        self.no_failover = !failover;
        self
    }

    /// Sends with this instead of reqwest. Proxies and connection settings are its own business.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Changes the reqwest clients before they are built: pools, DNS, interfaces. Redirects stay off
    /// and TLS checks on, whatever it asks for.
    pub fn configure_reqwest(
        mut self,
        configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.settings.configure = Some(Arc::new(configure));
        self
    }

    /// Goes through this proxy: `http://user:password@host:port`. Without it the system's is used.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.settings.proxy = Some(url.into());
        self
    }

    /// Reports attempts, responses, notifications and refreshes to this observer. Several may be given.
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observers.push(Arc::new(observer));
        self
    }

    /// Where the time comes from, for tests.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// What is put before the client's own name in `User-Agent`: `my-shop/1.2`.
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = Some(name.into());
        self
    }

    /// The language of error messages: `en`, `zh-CN`, `zh-HK`, `zh-TW`.
    pub fn accept_language(mut self, language: impl Into<String>) -> Self {
        self.accept_language = Some(language.into());
        self
    }

    /// How long a call may take with all its attempts; 30 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How long one attempt may take, of a call that may be sent again; 15 s.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// How long a connection may take; 5 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = Some(timeout);
        self
    }

    /// How many attempts a call has at most; 3. With 1 nothing is ever sent again.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.attempts = Some(attempts);
        self
    }

    /// The maximum size in bytes of a response held in memory; 8 MiB.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.body_limit = Some(bytes);
        self
    }

    /// Whether a response or notification that differs from its documentation in any place is an error
    /// ([`Error::deviations`](crate::Error::deviations)); off. For tests: in production, WeChat Pay
    /// sends more and less than the documentation says.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// How many bytes a downloaded file may have, after gunzip; 4 GiB.
    pub fn max_download_bytes(mut self, bytes: u64) -> Self {
        self.download_limit = Some(bytes);
        self
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("mchid", &self.mchid)
            .finish_non_exhaustive()
    }
}
