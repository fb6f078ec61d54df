//! The guard of a single process.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Claim, ReplayGuard};
use crate::error::BoxError;
use crate::transport::BoxFuture;

/// A [`ReplayGuard`] in memory, for one process; clones share their state.
///
/// It remembers as many completed notifications as it was made for and forgets the oldest first. As many
/// again may be in progress; beyond that, claims fail.
#[derive(Debug, Clone)]
pub struct MemoryReplayGuard {
    most: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    busy: HashMap<String, Holder>,
    done: HashMap<String, Instant>,
    /// The keys of `done`, oldest first.
    order: VecDeque<String>,
}

#[derive(Debug)]
struct Holder {
    owner: String,
    until: Instant,
}

impl MemoryReplayGuard {
    /// Remembers up to `most` completed notifications.
    pub fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            state: Arc::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn claim_now(&self, id: &str, owner: &str, lease: Duration) -> Result<Claim, BoxError> {
        let now = Instant::now();
        let mut state = self.state();
        state.forget(now, self.most);
        if state.done.get(id).is_some_and(|until| *until > now) {
            return Ok(Claim::Done);
        }
        if state.holder(id, now).is_some_and(|holder| holder.owner != owner) {
            return Ok(Claim::Busy);
        }
        if state.busy.len() >= self.most {
            state.busy.retain(|_, holder| holder.until > now);
        }
        if state.busy.len() >= self.most && !state.busy.contains_key(id) {
            return Err(format!("{} notifications are in progress, the most it allows", self.most).into());
        }
        state.lease(id, owner, after(now, lease));
        Ok(Claim::New)
    }

    fn renew_now(&self, id: &str, owner: &str, lease: Duration) -> bool {
        let now = Instant::now();
        let mut state = self.state();
        let held = state.holder(id, now).is_some_and(|holder| holder.owner == owner);
        if held {
            state.lease(id, owner, after(now, lease));
        }
        held
    }

    fn complete_now(&self, id: &str, owner: &str, memory: Duration) -> bool {
        let now = Instant::now();
        let mut state = self.state();
        if state.holder(id, now).is_some_and(|holder| holder.owner != owner) {
            return false;
        }
        state.busy.remove(id);
        if state.done.insert(id.to_owned(), after(now, memory)).is_none() {
            state.order.push_back(id.to_owned());
        }
        state.forget(now, self.most);
        true
    }

    fn release_now(&self, id: &str, owner: &str) {
        let mut state = self.state();
        if state.busy.get(id).is_some_and(|holder| holder.owner == owner) {
            state.busy.remove(id);
        }
    }
}

/// `time` from `now`, at most a year: no time overflows.
fn after(now: Instant, time: Duration) -> Instant {
    now + time.min(Duration::from_secs(365 * 24 * 60 * 60))
}

impl State {
    fn holder(&self, id: &str, now: Instant) -> Option<&Holder> {
        self.busy.get(id).filter(|holder| holder.until > now)
    }

    fn lease(&mut self, id: &str, owner: &str, until: Instant) {
        let owner = owner.to_owned();
        self.busy.insert(id.to_owned(), Holder { owner, until });
    }

    /// Drops what is over, and the oldest beyond `most`.
    fn forget(&mut self, now: Instant, most: usize) {
        while let Some(oldest) = self.order.front() {
            let over = self.done.get(oldest).is_none_or(|until| *until <= now);
            if !over && self.order.len() <= most {
                break;
            }
            self.done.remove(oldest);
            self.order.pop_front();
        }
    }
}

impl Default for MemoryReplayGuard {
    fn default() -> Self {
        Self::new(100_000)
    }
}

impl ReplayGuard for MemoryReplayGuard {
    fn claim<'a>(
        &'a self,
        id: &'a str,
        owner: &'a str,
        lease: Duration,
    ) -> BoxFuture<'a, Result<Claim, BoxError>> {
        Box::pin(std::future::ready(self.claim_now(id, owner, lease)))
    }

    fn renew<'a>(
        &'a self,
        id: &'a str,
        owner: &'a str,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool, BoxError>> {
        Box::pin(std::future::ready(Ok(self.renew_now(id, owner, lease))))
    }

    fn complete<'a>(
        &'a self,
        id: &'a str,
        owner: &'a str,
        memory: Duration,
    ) -> BoxFuture<'a, Result<bool, BoxError>> {
        Box::pin(std::future::ready(Ok(self.complete_now(id, owner, memory))))
    }

    fn release<'a>(&'a self, id: &'a str, owner: &'a str) -> BoxFuture<'a, Result<(), BoxError>> {
        self.release_now(id, owner);
        Box::pin(std::future::ready(Ok(())))
    }
}
