//! Which keys are WeChat Pay's.
//!
//! In: public keys and certificates that the caller gave, certificates that were downloaded. Out: the
//! key that a `Wechatpay-Serial` names, if it is valid now, and the newest one to encrypt for.

mod refresh;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use crate::crypto::{Certificate, PublicKey};

pub(crate) use refresh::Refresh;
pub use refresh::TrustStatus;

/// A key of WeChat Pay: a public key (`PUB_KEY_ID_…`) or that of a platform certificate.
#[derive(Clone)]
pub struct PlatformKey {
    id: String,
    public_key: PublicKey,
    validity: Option<(SystemTime, SystemTime)>,
}

impl PlatformKey {
    pub(crate) fn from_public_key(id: String, public_key: PublicKey) -> Self {
        Self {
            id,
            public_key,
            validity: None,
        }
    }

    pub(crate) fn from_certificate(certificate: &Certificate) -> Self {
        Self {
            id: certificate.serial().to_owned(),
            public_key: certificate.public_key().clone(),
            validity: Some((certificate.not_before(), certificate.not_after())),
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
    pub refresh: Refresh,
}

impl Trust {
    pub(crate) fn new(keys: Vec<PlatformKey>, refresh: Refresh) -> Self {
        Self {
            keys: RwLock::new(keys.into_iter().map(Arc::new).collect()),
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

    /// The key to encrypt for, and the one that answers shall be signed with: a public key before
    /// certificates, since WeChat Pay replaces these by those; among public keys the last one given,
    /// among certificates the one that is valid from the latest date.
    pub(crate) fn encrypting(&self, now: SystemTime) -> Option<Arc<PlatformKey>> {
        let rank = |key: &&Arc<PlatformKey>| (key.validity.is_none(), key.validity.map(|(start, _)| start));
        let keys = self.keys();
        let valid = keys.iter().filter(|key| key.is_valid_at(now));
        valid.max_by_key(rank).cloned()
    }

    /// Adds certificates; those that are known already stay.
    pub(crate) fn install(&self, certificates: &[Certificate], now: SystemTime) {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = keys
            .iter()
            .filter(|key| !key.has_expired_at(now))
            .cloned()
            .collect();
        for certificate in certificates {
            if !all.iter().any(|key| key.is_named(certificate.serial())) {
                all.push(Arc::new(PlatformKey::from_certificate(certificate)));
            }
        }
        *keys = all.into();
    }
}
