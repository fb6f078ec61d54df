//! From settings to a client.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::brand::Brand;
use super::check;
use super::setters::Builder;
use crate::client::{Client, Inner, Limits, Timeouts};
use crate::credentials::Credentials;
#[cfg(feature = "apiv2")]
use crate::credentials::RemoteKeys;
use crate::crypto::{Algorithm, ApiV3Key};
use crate::error::Error;
use crate::retry::Policy;
use crate::transport::{ClientCertificate, ReqwestTransport, Settings, Transport};
use crate::trust::{Refresh, Trust};

impl Client {
    /// Starts a client.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl Builder {
    /// Checks everything and makes the client. Nothing is sent.
    ///
    /// # Errors
    /// A configuration error that names what is wrong and what it should be.
    pub fn build(mut self) -> Result<Client, Error> {
        let mchid = check::mchid(&self)?;
        #[cfg(feature = "p12")]
        check::open_p12(&mut self)?;
        let merchant = check::merchant(&self, &mchid)?;
        let brand = self.brand.as_ref().map(Brand::credentials).transpose()?;
        let api_v3_key = self
            .api_v3_key
            .as_ref()
            .map(|key| ApiV3Key::new(key))
            .transpose()?;
        let trust = self.trust(merchant.as_ref(), brand.as_ref(), api_v3_key.is_some())?;
        let (route, loopback) = check::route(&self)?;
        #[cfg(feature = "apiv2")]
        let (certificate, remote_keys, v2) = {
            let certificate = check::client_certificate(&self)?;
            let remote_keys = RemoteKeys::new(self.v2.transfer_key.take());
            let v2 = std::mem::take(&mut self.v2).credentials(&mchid)?;
            (certificate.filter(|_| v2.is_some()), remote_keys, v2)
        };
        #[cfg(not(feature = "apiv2"))]
        let certificate = None;
        Ok(Client::from_inner(Inner {
            mchid,
            merchant,
            brand,
            api_v3_key,
            trust,
            transport: self.make_transport(loopback, certificate.as_ref())?,
            headers: check::headers(self.user_agent.as_deref(), self.accept_language.as_deref())?,
            route,
            timeouts: Timeouts {
                total: self.timeout.unwrap_or(Duration::from_secs(30)),
                attempt: self.attempt_timeout.unwrap_or(Duration::from_secs(15)),
            },
            policy: Policy {
                attempts: self.attempts.unwrap_or(Policy::default().attempts).max(1),
                ..Policy::default()
            },
            limits: Limits {
                body: self.body_limit.unwrap_or(8 << 20),
                download: self.download_limit.unwrap_or(4 << 30),
            },
            strict: self.strict,
            observers: self.observers,
            clock: self.clock.unwrap_or_else(|| Arc::new(SystemTime::now)),
            #[cfg(feature = "apiv2")]
            v2,
            #[cfg(feature = "apiv2")]
            remote_keys,
            #[cfg(feature = "blocking")]
            runtime: Default::default(),
        }))
    }

    /// WeChat Pay's keys, and whether more are downloaded.
    fn trust(
        &self,
        merchant: Option<&Credentials>,
        brand: Option<&Credentials>,
        has_api_v3_key: bool,
    ) -> Result<Trust, Error> {
        let own: Vec<_> = merchant.into_iter().chain(brand).collect();
        let platform = check::platform(self, &own)?;
        let downloads = self
            .download_certificates
            .unwrap_or(self.public_keys.is_empty() && has_api_v3_key && merchant.is_some());
        if downloads && merchant.is_none() {
            return Err(Error::configuration(
                "certificates can't be downloaded without the merchant's private key, which signs the request",
            ));
        }
        if downloads && !has_api_v3_key {
            return Err(Error::configuration(
                "certificates can't be downloaded without the APIv3 key: they are sealed with it",
            ));
        }
        if platform.is_empty() && !downloads && !check::has_v2_key(self) {
            return Err(Error::configuration(
                "no key of WeChat Pay: give its public key (`public_key_pem`), a platform certificate, or the \
                 APIv3 key to download them with",
            ));
        }
        let algorithm = merchant.map_or(Algorithm::Rsa, |own| own.signer.algorithm());
        let refresh = Refresh::new(downloads, self.certificate_store.clone());
        Ok(Trust::new(platform, algorithm, refresh))
    }

    /// The transport that was given, or one over reqwest.
    fn make_transport(
        &self,
        loopback: bool,
        certificate: Option<&ClientCertificate>,
    ) -> Result<Arc<dyn Transport>, Error> {
        if let Some(transport) = &self.transport {
            return Ok(transport.clone());
        }
        let settings = Settings {
            loopback,
            ..self.settings.clone()
        };
        Ok(Arc::new(ReqwestTransport::new(&settings, certificate)?))
    }
}
