//! Notifications that come more than once: sent again because nobody acknowledged them, or recorded
//! and replayed by somebody else.
//!
//! In: a notification's id, later how the work on it went. Out: whether it is new, being worked on,
//! or done.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::BoxError;
use crate::transport::BoxFuture;
use crate::{Error, ErrorKind};

/// What a guard knows of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Claim {
    /// Nothing, until now: it is the caller's to work on.
    New,
    /// Somebody is working on it.
    Busy,
    /// It was worked on successfully.
    Done,
}

/// Remembers notifications, so that none is worked on twice.
///
/// With several servers it must be shared: a table with a unique key, or a key in Redis that is set
/// only if it is not there (`SET id busy NX EX 90000`).
pub trait ReplayGuard: Send + Sync {
    /// Takes `id` if nobody has it, in one step.
    fn claim<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Claim, BoxError>>;

    /// Ends the work on `id`: after success it is done for good, else it may come again.
    fn finish<'a>(&'a self, id: &'a str, success: bool) -> BoxFuture<'a, Result<(), BoxError>>;
}

/// Takes `id`, or says why not.
pub(super) fn claim<'a>(guard: &'a dyn ReplayGuard, id: &'a str) -> BoxFuture<'a, Result<(), Error>> {
    let claim = guard.claim(id);
    Box::pin(async {
        let claim = claim
            .await
            .map_err(|error| Error::new(ErrorKind::Replay, "the replay guard failed").with_source(error))?;
        match claim {
            Claim::New => Ok(()),
            Claim::Busy => Err(Error::new(
                ErrorKind::Replay,
                "the notification is being worked on",
            )),
            Claim::Done => {
                Err(Error::new(ErrorKind::Replay, "the notification was worked on already").done())
            }
        }
    })
}

/// A [`ReplayGuard`] in memory, for one process.
///
/// It keeps ids for 26 hours, longer than WeChat Pay sends a notification again, and at most as many
/// as it was made for; beyond that the oldest are forgotten first.
#[derive(Debug)]
pub struct MemoryReplayGuard {
    most: usize,
    keep: Duration,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    states: HashMap<String, Claim>,
    order: VecDeque<(Instant, String)>,
}

impl MemoryReplayGuard {
    /// Remembers up to `most` notifications.
    pub fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            keep: Duration::from_secs(26 * 60 * 60),
            seen: Mutex::default(),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn claim_now(&self, id: &str) -> Claim {
        let mut seen = self.seen();
        if let Some(state) = seen.states.get(id) {
            return *state;
        }
        while let Some((since, _)) = seen.order.front() {
            if seen.order.len() < self.most && since.elapsed() < self.keep {
                break;
            }
            if let Some((_, oldest)) = seen.order.pop_front() {
                seen.states.remove(&oldest);
            }
        }
        seen.states.insert(id.to_owned(), Claim::Busy);
        seen.order.push_back((Instant::now(), id.to_owned()));
        Claim::New
    }

    fn finish_now(&self, id: &str, success: bool) {
        let mut seen = self.seen();
        if success {
            if let Some(state) = seen.states.get_mut(id) {
                *state = Claim::Done;
            }
        } else if seen.states.remove(id).is_some() {
            seen.order.retain(|(_, other)| other != id);
        }
    }
}

impl Default for MemoryReplayGuard {
    fn default() -> Self {
        Self::new(100_000)
    }
}

impl ReplayGuard for MemoryReplayGuard {
    fn claim<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Claim, BoxError>> {
        Box::pin(std::future::ready(Ok(self.claim_now(id))))
    }

    fn finish<'a>(&'a self, id: &'a str, success: bool) -> BoxFuture<'a, Result<(), BoxError>> {
        self.finish_now(id, success);
        Box::pin(std::future::ready(Ok(())))
    }
}
