//! What is known about the download of platform certificates.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::PlatformKey;
use crate::error::Error;

/// Downloads certificates, or not.
pub(crate) struct Refresh {
    pub enabled: bool,
    /// Held during a download.
    pub running: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

/// How the last download went.
#[derive(Default)]
pub(crate) struct State {
    pub tried: Option<SystemTime>,
    pub succeeded: Option<SystemTime>,
    pub problem: Option<String>,
}

/// How the trust in WeChat Pay's keys stands: for health checks and dashboards.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TrustStatus {
    /// All keys, expired ones too.
    pub keys: Vec<PlatformKey>,
    /// How many of them are valid now.
    pub valid: usize,
    /// Whether certificates are downloaded.
    pub downloads: bool,
    /// When they were downloaded last.
    pub last_download: Option<SystemTime>,
    /// Why the last download failed; `None` after one that succeeded.
    pub last_problem: Option<String>,
}

impl Refresh {
    pub(crate) fn new(enabled: bool) -> Self {
        Self {
            enabled,
            running: tokio::sync::Mutex::new(()),
            state: Mutex::default(),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the last try is long enough ago.
    pub(crate) fn is_due(&self, now: SystemTime, after: Duration) -> bool {
        let state = self.state();
        state
            .tried
            .is_none_or(|tried| now.duration_since(tried).map_or(true, |since| since >= after))
    }

    pub(crate) fn failed_just_now(&self) -> Error {
        let state = self.state();
        let problem = state
            .problem
            .as_deref()
            .unwrap_or("none of the downloaded certificates is valid");
        Error::configuration(format!(
            "no platform certificate is known, and none could be downloaded a moment ago ({problem}); nothing was sent"
        ))
    }
}
