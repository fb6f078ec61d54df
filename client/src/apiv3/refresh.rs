//! When certificates are downloaded: before the first call that needs one, every few hours in the
//! background, and when an answer names a key that is not known; one download at a time, and never
//! in quick succession.
//!
//! In: the time, what happened before. Out: the keys in [`Trust`](crate::trust::Trust), and a
//! [`TrustStatus`] that says how the last download went.

use std::time::Duration;

use super::certificates::download;
use crate::client::Client;
use crate::crypto::ApiV3Key;
use crate::error::Error;
use crate::operation::Identity;
use crate::trust::{PlatformKey, TrustStatus};

/// The documentation asks for less than 12 hours.
const INTERVAL: Duration = Duration::from_secs(10 * 60 * 60);

/// The least time between two downloads, whatever happens.
const PAUSE: Duration = Duration::from_secs(60);

/// The least time between two downloads while no key is known: calls fail at once in between.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// One download, noted.
async fn run(client: &Client, key: &ApiV3Key) -> Result<usize, Error> {
    let refresh = &client.trust().refresh;
    refresh.state().tried = Some(client.now());
    let result = download(client, key).await;
    let mut state = refresh.state();
    match &result {
        Ok(count) => {
            tracing::info!(count, "platform certificates downloaded");
            state.succeeded = Some(client.now());
            state.problem = None;
        }
        Err(error) => {
            tracing::warn!(%error, "platform certificates not downloaded; those known stay in use until they expire");
            state.problem = Some(error.to_string());
        }
    }
    result
}

/// WeChat Pay's way of saying that this merchant has public keys instead of certificates.
fn has_none(error: &Error) -> bool {
    error
        .api()
        .is_some_and(|api| matches!(api.status.as_u16(), 403 | 404))
}

impl Client {
    /// Downloads the platform certificates now, checks and installs them; how many are valid.
    ///
    /// It is done without being asked when none is known, every ten hours, and when an answer names
    /// an unknown one. A merchant who has WeChat Pay public keys only gets `Ok(0)`.
    ///
    /// # Errors
    /// When there is no APIv3 key, the download fails, or what came is not verifiably genuine; keys
    /// known before stay in use.
    pub async fn refresh_certificates(&self) -> Result<usize, Error> {
        let trust = self.trust();
        let key = self.api_v3_key()?;
        let _one_at_a_time = trust.refresh.running.lock().await;
        match run(self, key).await {
            Err(error) if has_none(&error) && trust.encrypting(Identity::Merchant, self.now()).is_some() => {
                Ok(0)
            }
            result => result,
        }
    }

    /// How the trust in WeChat Pay's keys stands.
    pub fn trust_status(&self) -> TrustStatus {
        let (trust, now) = (self.trust(), self.now());
        let keys: Vec<_> = trust.keys().iter().map(|key| PlatformKey::clone(key)).collect();
        let state = trust.refresh.state();
        TrustStatus {
            valid: keys.iter().filter(|key| key.is_valid_at(now)).count(),
            keys,
            downloads: trust.refresh.enabled,
            last_download: state.succeeded,
            last_problem: state.problem.clone(),
        }
    }

    /// Ensures that a response can be verified before anything is sent.
    pub(crate) async fn ensure_trust(&self, identity: Identity) -> Result<(), Error> {
        let trust = self.trust();
        if trust.encrypting(identity, self.now()).is_some() {
            self.refresh_in_background();
            return Ok(());
        }
        let nothing = || {
            Error::configuration(
                "no key of WeChat Pay is known and valid, so no response could be verified; nothing was sent. \
                 Give the builder the WeChat Pay public key",
            )
        };
        if !trust.refresh.enabled {
            return Err(nothing());
        }
        let key = self.api_v3_key()?;
        let _one_at_a_time = trust.refresh.running.lock().await;
        if trust.encrypting(identity, self.now()).is_some() {
            return Ok(());
        }
        if !trust.refresh.is_due(self.now(), FIRST_PAUSE) {
            return Err(trust.refresh.failed_just_now());
        }
        match run(self, key).await {
            Ok(0) => Err(nothing()),
            Ok(_) => Ok(()),
            Err(error) if has_none(&error) => Err(nothing().with_source(error)),
            Err(error) => Err(Error::configuration(
                "no platform certificate is known, and none could be downloaded; nothing was sent",
            )
            .with_source(error)),
        }
    }

    /// Downloads when the last time is long ago, without making the caller wait.
    fn refresh_in_background(&self) {
        let refresh = &self.trust().refresh;
        if !refresh.enabled || !refresh.is_due(self.now(), INTERVAL) || refresh.running.try_lock().is_err() {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let client = self.clone();
        runtime.spawn(async move {
            let refresh = &client.trust().refresh;
            let Ok(key) = client.api_v3_key() else { return };
            let _one_at_a_time = refresh.running.lock().await;
            if refresh.is_due(client.now(), INTERVAL) {
                // The result is in the log and in the status.
                let _ = run(&client, key).await;
            }
        });
    }

    /// Downloads when an unknown key was named, unless that was tried a moment ago.
    pub(crate) async fn refresh_for_unknown_key(&self) {
        let refresh = &self.trust().refresh;
        let Ok(key) = self.api_v3_key() else { return };
        if !refresh.enabled {
            return;
        }
        let _one_at_a_time = refresh.running.lock().await;
        if refresh.is_due(self.now(), PAUSE) {
            // The result is in the log and in the status.
            let _ = run(self, key).await;
        }
    }
}
