//! How far a call has come: the time left, and whether an attempt may have been carried out.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use http::StatusCode;

use crate::error::{Error, ErrorKind};
use crate::observe::ResponseEvent;
use crate::operation::Operation;

/// The state that all steps of one call share.
pub(crate) struct Progress {
    started: Instant,
    total: Duration,
    in_doubt: AtomicBool,
    attempts: AtomicU32,
}

impl Progress {
    /// Starts the clock of a call that may take `total`.
    pub(crate) fn new(total: Duration) -> Self {
        Self {
            started: Instant::now(),
            total,
            in_doubt: AtomicBool::new(false),
            attempts: AtomicU32::new(0),
        }
    }

    /// Counts an attempt; its number, from 1.
    pub(crate) fn next_attempt(&self) -> u32 {
        self.attempts.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The end of the call, to be observed: the status and the number of deviations of a decoded response,
    /// or the error that the caller gets.
    pub(crate) fn event(
        &self,
        operation: &'static Operation,
        result: Result<(StatusCode, usize), &Error>,
    ) -> ResponseEvent {
        ResponseEvent {
            operation,
            duration: self.elapsed(),
            attempts: self.attempts.load(Ordering::Relaxed),
            status: result.map_or_else(Error::status, |(status, _)| Some(status)),
            error: result.err().map(Error::kind),
            outcome_unknown: result.err().is_some_and(Error::is_outcome_unknown),
            deviations: result.map_or_else(|error| error.deviations().len(), |(_, deviations)| deviations),
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// The time left.
    pub(crate) fn left(&self) -> Duration {
        self.total.saturating_sub(self.elapsed())
    }

    /// Whether an attempt may have been carried out.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.in_doubt.load(Ordering::Relaxed)
    }

    pub(crate) fn set_in_doubt(&self, in_doubt: bool) {
        self.in_doubt.store(in_doubt, Ordering::Relaxed);
    }

    /// Notes in `error` whether an attempt may have been carried out.
    pub(crate) fn mark(&self, error: Error) -> Error {
        match self.is_in_doubt() {
            true => error.in_doubt(),
            false => error,
        }
    }

    /// Runs `work` until the time is over.
    pub(crate) async fn limit<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let mut work = pin!(work);
        // What is ready at once needs no timer, and so no runtime: a notification whose key is known.
        if let Poll::Ready(result) = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
            return result;
        }
        let timeout = tokio::time::timeout(self.left(), work);
        timeout.await.unwrap_or_else(|_| {
            let problem = format!(
                "no response within the time allowed: {} ms",
                self.total.as_millis()
            );
            Err(self.mark(Error::new(ErrorKind::Timeout, problem)))
        })
    }
}
