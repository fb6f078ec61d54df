//! Notifications that arrive more than once: resent because nobody acknowledged them, recorded and
//! replayed by an attacker, or delivered to two servers at the same time.
//!
//! In: a notification's id. Out: a [`Lease`] on it for the one worker that may handle it. A worker that
//! dies loses its lease after a minute, so that a resend is handled by another one; a completed
//! notification is remembered for longer than WeChat Pay resends it.

mod memory;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::crypto;
use crate::error::BoxError;
use crate::transport::BoxFuture;
use crate::{Error, ErrorKind};

pub use memory::MemoryReplayGuard;

/// The result of claiming an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Claim {
    /// The id is now leased to the caller, who handles the notification.
    New,
    /// Another worker holds the lease.
    Busy,
    /// The notification was handled before.
    Done,
}

/// Remembers notifications, so that each is handled once.
///
/// An id is unknown, *busy* (leased to an owner until a time) or *done* (until a time). Past its time
/// an id counts as unknown. Every method is one atomic step:
///
/// | state of the id | `claim` | `renew` | `complete` | `release` |
/// | --- | --- | --- | --- | --- |
/// | unknown | busy; `New` | `false` | done; `true` | – |
/// | busy, this owner | extended; `New` | extended; `true` | done; `true` | unknown |
/// | busy, another owner | `Busy` | `false` | `false` | – |
/// | done | `Done` | `false` | `true` | – |
///
/// With several servers the guard must be shared between them. The methods are called through a
/// [`Lease`]; an implementation is a cheap handle (`Clone`) on shared state.
pub trait ReplayGuard: Send + Sync {
    /// Leases `id` to `owner` for the time `lease`, unless another owner holds it or it is done.
    fn claim<'a>(
        &'a self,
        id: &'a str,
        owner: &'a str,
        lease: Duration,
    ) -> BoxFuture<'a, Result<Claim, BoxError>>;

    /// Extends the lease to `lease` from now; `false` if `owner` no longer holds it.
    fn renew<'a>(
        &'a self,
        id: &'a str,
        owner: &'a str,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool, BoxError>>;

    /// Marks `id` as done for the time `memory`; `false` if another owner holds the lease.
    fn complete<'a>(
        &'a self,
        id: &'a str,
        owner: &'a str,
        memory: Duration,
    ) -> BoxFuture<'a, Result<bool, BoxError>>;

    /// Gives the lease back if `owner` holds it: the notification may be handled again.
    fn release<'a>(&'a self, id: &'a str, owner: &'a str) -> BoxFuture<'a, Result<(), BoxError>>;
}

impl<G: ReplayGuard + ?Sized> ReplayGuard for Arc<G> {
    fn claim<'a>(
        &'a self,
        id: &'a str,
        owner: &'a str,
        lease: Duration,
    ) -> BoxFuture<'a, Result<Claim, BoxError>> {
        (**self).claim(id, owner, lease)
    }

    fn renew<'a>(
        &'a self,
        id: &'a str,
        owner: &'a str,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool, BoxError>> {
        (**self).renew(id, owner, lease)
    }

    fn complete<'a>(
        &'a self,
        id: &'a str,
        owner: &'a str,
        memory: Duration,
    ) -> BoxFuture<'a, Result<bool, BoxError>> {
        (**self).complete(id, owner, memory)
    }

    fn release<'a>(&'a self, id: &'a str, owner: &'a str) -> BoxFuture<'a, Result<(), BoxError>> {
        (**self).release(id, owner)
    }
}

/// The right to handle one notification.
///
/// Call [`Lease::complete`] after your work. A lease that is dropped before that is given back, so that
/// the next delivery of the notification is handled; if the process dies, the lease ends by its time.
pub struct Lease {
    guard: Arc<dyn ReplayGuard>,
    id: String,
    owner: String,
    length: Duration,
    completed: AtomicBool,
    /// The runtime that the claim was made on: it runs the release on drop.
    runtime: Option<tokio::runtime::Handle>,
}

impl Lease {
    /// How long a lease lasts unless it is renewed: 60 seconds.
    pub const LENGTH: Duration = Duration::from_secs(60);

    /// How long a completed notification is remembered: 26 hours. WeChat Pay resends for about 24.
    pub const MEMORY: Duration = Duration::from_secs(26 * 60 * 60);

    /// Claims `id` for [`Lease::LENGTH`]. For notifications of APIv3 use
    /// [`Incoming::guard`](super::Incoming::guard); those of APIv2 have no id, so claim a number of the
    /// content, such as `transaction_id` or `refund_id`, after the notification is verified.
    ///
    /// # Errors
    /// [`ErrorKind::Replay`] if the notification was handled before: acknowledge it.
    /// [`ErrorKind::Busy`] if another worker is handling it, [`ErrorKind::Guard`] if the guard failed:
    /// respond with a failure, so that WeChat Pay resends it. [`ErrorKind::Request`] if `id` is empty.
    pub async fn claim(guard: &(impl ReplayGuard + Clone + 'static), id: &str) -> Result<Self, Error> {
        Self::claim_with(Arc::new(guard.clone()), id, Self::LENGTH).await
    }

    /// [`Lease::claim`] for a time other than [`Lease::LENGTH`].
    ///
    /// # Errors
    /// As [`Lease::claim`].
    pub async fn claim_for(
        guard: &(impl ReplayGuard + Clone + 'static),
        id: &str,
        length: Duration,
    ) -> Result<Self, Error> {
        Self::claim_with(Arc::new(guard.clone()), id, length).await
    }

    pub(super) async fn claim_with(
        guard: Arc<dyn ReplayGuard>,
        id: &str,
        length: Duration,
    ) -> Result<Self, Error> {
        if id.trim().is_empty() {
            return Err(Error::request("the id to claim is empty"));
        }
        let lease = Self {
            guard,
            id: id.to_owned(),
            owner: crypto::nonce()?,
            length,
            completed: AtomicBool::new(false),
            runtime: tokio::runtime::Handle::try_current().ok(),
        };
        // Dropped on every way out, so that a claim whose response was lost is given back as well.
        match lease.guard.claim(&lease.id, &lease.owner, length).await {
            Ok(Claim::New) => Ok(lease),
            Ok(Claim::Busy) => Err(Error::new(
                ErrorKind::Busy,
                "the notification is being handled by another worker",
            )),
            Ok(Claim::Done) => Err(Error::new(
                ErrorKind::Replay,
                "the notification was handled before",
            )),
            Err(error) => Err(failed(error)),
        }
    }

    /// The id that is leased.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Extends the lease by its full length from now, for work that takes longer.
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] if the lease has ended and may be another worker's: stop working.
    /// [`ErrorKind::Guard`] if the guard failed.
    pub async fn renew(&self) -> Result<(), Error> {
        let renewed = self.guard.renew(&self.id, &self.owner, self.length).await;
        held(renewed)
    }

    /// Marks the notification as handled: later deliveries are reported as [`ErrorKind::Replay`].
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] if the lease has ended and another worker holds it now.
    /// [`ErrorKind::Guard`] if the guard failed. In both cases the notification may be handled again.
    pub async fn complete(&self) -> Result<(), Error> {
        let completed = self.guard.complete(&self.id, &self.owner, Self::MEMORY).await;
        held(completed)?;
        self.completed.store(true, Ordering::Release);
        Ok(())
    }
}

fn held(result: Result<bool, BoxError>) -> Result<(), Error> {
    match result {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::new(
            ErrorKind::Busy,
            "the lease has ended and the notification may be another worker's",
        )),
        Err(error) => Err(failed(error)),
    }
}

fn failed(error: BoxError) -> Error {
    Error::new(ErrorKind::Guard, "no claim could be made").with_source(error)
}

impl Drop for Lease {
    fn drop(&mut self) {
        if *self.completed.get_mut() {
            return;
        }
        let (guard, id, owner) = (
            self.guard.clone(),
            std::mem::take(&mut self.id),
            std::mem::take(&mut self.owner),
        );
        let mut release = Box::pin(async move {
            if let Err(error) = guard.release(&id, &owner).await {
                tracing::warn!(id, error, "a lease could not be released; it ends by its time");
            }
        });
        let _entered = self.runtime.as_ref().map(|runtime| runtime.enter());
        // A guard in memory finishes here; one on a server is left to the runtime.
        let mut context = Context::from_waker(Waker::noop());
        if let (Poll::Pending, Some(runtime)) = (release.as_mut().poll(&mut context), &self.runtime) {
            runtime.spawn(release);
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
