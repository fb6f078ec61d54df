//! What is known about downloads of platform certificates.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::PlatformKey;
use super::store::CertificateStore;
use crate::error::Error;

/// The documentation asks for a download at least every 12 hours.
pub(crate) const INTERVAL: Duration = Duration::from_secs(10 * 60 * 60);

/// The time from a failed download to the next one, while the known certificates are valid.
const RETRY: Duration = Duration::from_secs(5 * 60);

/// The time between two downloads for keys that are not known. Anybody can name one, so a download for each
/// would let a stranger use the client against WeChat Pay; but while it lasts, a key that is really new is not
/// found.
const PAUSE: Duration = Duration::from_secs(10);

/// The time between two downloads while no key is known: calls fail at once in between.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// Why certificates are to be downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// No valid key is known.
    Missing,
    /// A message names a key that is not known.
    Unknown,
    /// The last download was long ago.
    Stale,
}

/// The result of a download, for everybody who waits for it: the number of valid certificates.
pub(crate) type Finished = Result<usize, Arc<Error>>;

/// A download that was started.
#[derive(Clone)]
pub(crate) struct Running(pub watch::Receiver<Option<Finished>>);

impl Running {
    /// Whether the task still runs. It is gone if its runtime was shut down.
    fn is_alive(&self) -> bool {
        self.0.has_changed().is_ok()
    }

    /// Waits for the result.
    pub(crate) async fn finished(mut self) -> Finished {
        let result = self.0.wait_for(Option::is_some).await;
        match result.map(|result| result.clone()) {
            Ok(Some(finished)) => finished,
            _ => Err(Arc::new(Error::configuration(
                "the runtime on which platform certificates were downloaded was shut down",
            ))),
        }
    }
}

/// Downloads of certificates of one client.
pub(crate) struct Refresh {
    pub enabled: bool,
    pub store: Option<Arc<dyn CertificateStore>>,
    state: Mutex<State>,
}

/// How the last download went, and the one that is running.
#[derive(Default)]
pub(crate) struct State {
    pub tried: Option<SystemTime>,
    pub succeeded: Option<SystemTime>,
    pub problem: Option<String>,
    pub running: Option<Running>,
    /// The task that downloads them regularly.
    pub keeper: Option<AbortHandle>,
}

impl State {
    /// The download that is running.
    pub(crate) fn running(&self) -> Option<Running> {
        self.running.clone().filter(Running::is_alive)
    }

    /// Whether it is time for a download.
    pub(crate) fn is_due(&self, reason: Reason, now: SystemTime) -> bool {
        // After a time in the future the clock was set back.
        let long_ago = |time: Option<SystemTime>, pause: Duration| {
            time.is_none_or(|time| now.duration_since(time).map_or(true, |since| since >= pause))
        };
        match reason {
            Reason::Missing => long_ago(self.tried, FIRST_PAUSE),
            Reason::Unknown => long_ago(self.tried, PAUSE),
            Reason::Stale => long_ago(self.succeeded, INTERVAL) && long_ago(self.tried, RETRY),
        }
    }
}

/// The state of the client's trust in WeChat Pay's keys: for health checks and dashboards.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TrustStatus {
    /// All keys, expired ones too.
    pub keys: Vec<PlatformKey>,
    /// The number of keys that are valid now.
    pub valid: usize,
    /// Whether certificates are downloaded.
    pub downloads: bool,
    /// The time of the last successful download.
    pub last_download: Option<SystemTime>,
    /// Why the last download failed; `None` after one that succeeded.
    pub last_problem: Option<String>,
}

impl Refresh {
    pub(crate) fn new(enabled: bool, store: Option<Arc<dyn CertificateStore>>) -> Self {
        Self {
            enabled,
            store,
            state: Mutex::default(),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresh")
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}
