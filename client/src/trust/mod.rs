//! Which keys are WeChat Pay's.
//!
//! In: public keys and certificates that the caller gave, certificates that were downloaded. Out: the
//! key that a `Wechatpay-Serial` names, if it is valid now, and the newest one to encrypt for.

mod refresh;
mod store;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use crate::crypto::{Algorithm, Certificate, PublicKey};
use crate::operation::Identity;

pub use refresh::TrustStatus;
pub(crate) use refresh::{Finished, INTERVAL, Reason, Refresh, Running, State};
pub use store::CertificateStore;

/// A key of WeChat Pay: a public key (`PUB_KEY_ID_…`) or that of a platform certificate.
#[derive(Clone)]
pub struct PlatformKey {
    id: String,
    public_key: PublicKey,
    validity: Option<(SystemTime, SystemTime)>,
    /// Whom WeChat Pay gave it to.
    identity: Identity,
}

impl PlatformKey {
    pub(crate) fn from_public_key(id: String, public_key: PublicKey, identity: Identity) -> Self {
        Self {
            id,
            public_key,
            validity: None,
            identity,
        }
    }

    pub(crate) fn from_certificate(certificate: &Certificate) -> Self {
        Self {
            id: certificate.serial().to_owned(),
            public_key: certificate.public_key().clone(),
            validity: Some((certificate.not_before(), certificate.not_after())),
            identity: Identity::Merchant,
        }
    }

    /// What `Wechatpay-Serial` calls it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// Until when it is valid; a public key does not expire.
    pub fn expires(&self) -> Option<SystemTime> {
        self.validity.map(|(_, end)| end)
    }

    /// Whether it is valid at this time.
    pub fn is_valid_at(&self, now: SystemTime) -> bool {
        self.validity
            .is_none_or(|(start, end)| (start..=end).contains(&now))
    }

    /// Whether its time is over at this time.
    pub fn has_expired_at(&self, now: SystemTime) -> bool {
        self.expires().is_some_and(|end| end < now)
    }

    fn is_named(&self, serial: &str) -> bool {
        match self.validity {
            Some(_) => self.id.eq_ignore_ascii_case(serial),
            None => self.id == serial,
        }
    }
}

impl fmt::Debug for PlatformKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlatformKey")
            .field("id", &self.id)
            .field("expires", &self.expires())
            .finish_non_exhaustive()
    }
}

/// What is known under a serial.
pub(crate) enum Found {
    Valid(Arc<PlatformKey>),
    Expired,
    Unknown,
}

/// The keys of one client.
pub(crate) struct Trust {
    keys: RwLock<Arc<[Arc<PlatformKey>]>>,
    /// The merchant's, which is also that of the keys to encrypt for.
    algorithm: Algorithm,
    pub refresh: Refresh,
}

impl Trust {
    pub(crate) fn new(keys: Vec<PlatformKey>, algorithm: Algorithm, refresh: Refresh) -> Self {
        Self {
            keys: RwLock::new(keys.into_iter().map(Arc::new).collect()),
            algorithm,
            refresh,
        }
    }

    /// All keys, expired ones too.
    pub(crate) fn keys(&self) -> Arc<[Arc<PlatformKey>]> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The key to verify with. Once expired it is never used. That its time has begun is not asked
    /// for: it was given by the caller or came sealed, which is why it is trusted, and a clock that is
    /// slow must not refuse what WeChat Pay signs.
    pub(crate) fn find(&self, serial: &str, now: SystemTime) -> Found {
        match self.keys().iter().find(|key| key.is_named(serial)) {
            None => Found::Unknown,
            Some(key) if key.has_expired_at(now) => Found::Expired,
            Some(key) => Found::Valid(key.clone()),
        }
    }

    /// The key to encrypt for, which is also the one that WeChat Pay is asked to sign with: a public key
    /// before certificates, since WeChat Pay replaces certificates with public keys; the last public key
    /// given; the certificate with the latest start. A brand without keys of its own uses the
    /// merchant's; a merchant never uses a brand's. Only a key of the signer's algorithm fits: the
    /// merchant's, or RSA for a brand.
    pub(crate) fn encrypting(&self, identity: Identity, now: SystemTime) -> Option<Arc<PlatformKey>> {
        let rank = |key: &&Arc<PlatformKey>| {
            let start = key.validity.map(|(start, _)| start);
            (key.identity == identity, start.is_none(), start)
        };
        let algorithm = match identity {
            Identity::Merchant => self.algorithm,
            Identity::Brand => Algorithm::Rsa,
        };
        let allowed = |key: &&Arc<PlatformKey>| {
            (key.identity == identity || key.identity == Identity::Merchant)
                && key.public_key.algorithm() == algorithm
        };
        let keys = self.keys();
        let valid = keys.iter().filter(|key| key.is_valid_at(now));
        valid.filter(allowed).max_by_key(rank).cloned()
    }

    /// Adds certificates. Those known already stay, and so do expired ones, lest an older list bring
    /// them back; of two announced ends the earlier one counts.
    pub(crate) fn install(&self, certificates: &[Certificate]) {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let mut all = keys.to_vec();
        for certificate in certificates {
            let new = PlatformKey::from_certificate(certificate);
            match all.iter_mut().find(|key| key.is_named(certificate.serial())) {
                Some(known) if known.expires() > new.expires() && known.public_key == new.public_key => {
                    *known = Arc::new(new);
                }
                Some(_) => {}
                None => all.push(Arc::new(new)),
            }
        }
        *keys = all.into();
    }
}
