//! When certificates are downloaded: before the first call that needs one, every few hours in the
//! background, and when a message names a key that is not known.
//!
//! In: the time, what happened before. Out: the keys in [`Trust`](crate::trust::Trust), and a
//! [`TrustStatus`] that says how the last download went. There is one download at a time, in a task of
//! its own: callers wait for it together, each until its own deadline, and none can cancel it.

use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::certificates::{download, restore};
use crate::client::{Client, WeakClient};
use crate::error::Error;
use crate::observe::RefreshEvent;
use crate::operation::Identity;
use crate::trust::{Finished, INTERVAL, PlatformKey, Reason, Running, State, TrustStatus};

/// WeChat Pay's way of saying that this merchant has public keys instead of certificates.
fn has_none(error: &Error) -> bool {
    error
        .api()
        .is_some_and(|api| matches!(api.status.as_u16(), 403 | 404))
}

impl Client {
    /// Downloads the platform certificates now, checks and installs them; returns how many are valid.
    /// A download that is running already is waited for instead.
    ///
    /// The client downloads them without being asked when none is known, every ten hours, and when an
    /// unknown one is named. For a merchant who has WeChat Pay public keys only, the result is `Ok(0)`.
    ///
    /// # Errors
    /// When there is no APIv3 key, the download fails, or the response is not verifiably genuine; keys
    /// known before stay in use.
    pub async fn refresh_certificates(&self) -> Result<usize, Error> {
        self.api_v3_key()?;
        let running = {
            let mut state = self.trust().refresh.state();
            match state.running() {
                Some(running) => running,
                None => self.start(&mut state, Reason::Unknown)?,
            }
        };
        match running.finished().await {
            Ok(count) => Ok(count),
            Err(error) if has_none(&error) && self.uses_public_keys() => Ok(0),
            Err(error) => Err(Error::copy_of(&error)),
        }
    }

    /// The state of the client's trust in WeChat Pay's keys.
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
            // Not waited for, and reported in the log and the status.
            let _ = self.request_download(Reason::Stale);
            return Ok(());
        }
        if !trust.refresh.enabled {
            return Err(no_key());
        }
        let running = match self.request_download(Reason::Missing)? {
            Some(running) => running,
            None if trust.encrypting(identity, self.now()).is_some() => return Ok(()),
            None => return Err(self.failed_just_now()),
        };
        match running.finished().await {
            _ if trust.encrypting(identity, self.now()).is_some() => Ok(()),
            Ok(_) => Err(no_key()),
            Err(error) if has_none(&error) => Err(no_key().with_source(Error::copy_of(&error))),
            Err(error) => Err(Error::configuration(
                "no platform certificate is known, and none could be downloaded; nothing was sent",
            )
            .with_source(Error::copy_of(&error))),
        }
    }

    /// Waits for a download because a message names an unknown key, unless there was one a moment ago.
    pub(crate) async fn refresh_for_unknown_key(&self) {
        if let Ok(Some(running)) = self.request_download(Reason::Unknown) {
            // The result is in the log and in the status.
            let _ = running.finished().await;
        }
    }

    /// The download that is running, or a new one if it is due.
    fn request_download(&self, reason: Reason) -> Result<Option<Running>, Error> {
        let refresh = &self.trust().refresh;
        if !refresh.enabled {
            return Ok(None);
        }
        let mut state = refresh.state();
        if let Some(running) = state.running() {
            return Ok(Some(running));
        }
        match state.is_due(reason, self.now()) {
            true => self.start(&mut state, reason).map(Some),
            false => Ok(None),
        }
    }

    /// Starts a download in a task of its own.
    fn start(&self, state: &mut State, reason: Reason) -> Result<Running, Error> {
        let runtime = Handle::try_current()
            .map_err(|error| Error::configuration("certificates can't be downloaded").with_source(error))?;
        let (sender, receiver) = watch::channel(None);
        let running = Running(receiver);
        state.tried = Some(self.now());
        state.running = Some(running.clone());
        if state.keeper.as_ref().is_none_or(|keeper| keeper.is_finished()) && self.trust().refresh.enabled {
            state.keeper = Some(runtime.spawn(keep_fresh(self.downgrade())).abort_handle());
        }
        let client = self.clone();
        runtime.spawn(async move {
            let started = Instant::now();
            let result = client.run_download(reason).await.map_err(Arc::new);
            client.note_download(&result);
            let event = RefreshEvent {
                duration: started.elapsed(),
                certificates: result.as_ref().ok().copied(),
                error: result.as_ref().err().map(|error| error.kind()),
            };
            client.observe(|observer| observer.refresh(&event));
            sender.send_replace(Some(result));
        });
        Ok(running)
    }

    async fn run_download(&self, reason: Reason) -> Result<usize, Error> {
        if reason != Reason::Unknown
            && let Some(count) = restore(self).await
        {
            return Ok(count);
        }
        let count = download(self, self.api_v3_key()?).await?;
        self.trust().refresh.state().succeeded = Some(self.now());
        Ok(count)
    }

    fn note_download(&self, result: &Finished) {
        let mut state = self.trust().refresh.state();
        state.running = None;
        match result {
            Ok(count) => {
                tracing::info!(count, "platform certificates refreshed");
                state.problem = None;
            }
            Err(error) => {
                tracing::warn!(%error, "platform certificates not downloaded; those known stay in use until they expire");
                state.problem = Some(error.to_string());
                if has_none(error) && self.uses_public_keys() {
                    // There is nothing to download: ask again at the usual time.
                    state.succeeded = Some(self.now());
                }
            }
        }
    }

    /// Whether WeChat Pay's public keys are in use, and no certificate is.
    fn uses_public_keys(&self) -> bool {
        let (keys, now) = (self.trust().keys(), self.now());
        let mut valid = keys.iter().filter(|key| key.is_valid_at(now)).peekable();
        valid.peek().is_some() && valid.all(|key| key.expires().is_none())
    }

    fn failed_just_now(&self) -> Error {
        let state = self.trust().refresh.state();
        let problem = state.problem.as_deref();
        let problem = problem.unwrap_or("none of the downloaded certificates is valid");
        Error::configuration(format!(
            "no platform certificate is known, and none could be downloaded a moment ago ({problem}); nothing was sent"
        ))
    }
}

fn no_key() -> Error {
    Error::configuration(
        "no key of WeChat Pay is known and valid, so no response could be verified; nothing was sent. \
         Give the builder the WeChat Pay public key",
    )
}

/// Downloads certificates regularly, as long as there is a client, whether or not it makes calls.
async fn keep_fresh(client: WeakClient) {
    loop {
        tokio::time::sleep(INTERVAL / 20).await;
        let Some(client) = client.upgrade() else { return };
        // Not waited for, and reported in the log and the status.
        let _ = client.request_download(Reason::Stale);
    }
}
