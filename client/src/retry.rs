//! Decides whether and when to retry.
//!
//! In: the outcome of the last attempt, and whether the request is idempotent. Out: the pause before
//! the next attempt, or none. A payment is never made twice: without the merchant's own number in the
//! request, an attempt is retried only if it certainly sent nothing.

use std::time::{Duration, SystemTime};

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

use crate::crypto;
use crate::transport::FailureKind;

/// How often and how soon.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    pub attempts: u32,
    pub first_pause: Duration,
    pub longest_pause: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 3,
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(5),
        }
    }
}

/// The outcome of one attempt.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AttemptOutcome {
    NoResponse(FailureKind),
    Response(StatusCode),
}

impl Policy {
    /// The pause before the attempt that follows number `attempt` (from 1); `None` when there is none.
    pub(crate) fn pause(
        &self,
        attempt: u32,
        outcome: AttemptOutcome,
        repeatable: bool,
        retry_after: Option<Duration>,
    ) -> Option<Duration> {
        let again = match outcome {
            AttemptOutcome::NoResponse(FailureKind::Connect) => true,
            AttemptOutcome::NoResponse(FailureKind::Configuration) => false,
            AttemptOutcome::NoResponse(FailureKind::Timeout | FailureKind::Other) => repeatable,
            AttemptOutcome::Response(status) => {
                repeatable && (status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS)
            }
        };
        if !again || attempt >= self.attempts {
            return None;
        }
        let doubled = self.first_pause.saturating_mul(1 << (attempt - 1).min(16));
        let pause = jitter(doubled.min(self.longest_pause));
        Some(retry_after.map_or(pause, |asked| asked.max(pause)))
    }
}

/// Between half of `pause` and all of it, so that clients do not retry at the same moment.
fn jitter(pause: Duration) -> Duration {
    let random = crypto::random::<2>().map_or(u16::MAX, u16::from_le_bytes);
    pause / 2 + (pause / 2).mul_f64(f64::from(random) / f64::from(u16::MAX))
}

/// The longest delay that is taken over from a `Retry-After` header: sums of it can't overflow.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The delay of a `Retry-After` header: seconds, or a date relative to the response's `Date`.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let date = |name| httpdate::parse_http_date(text(name)?).ok();
    match text(RETRY_AFTER)?.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds).min(LONGEST)),
        Err(_) => {
            let now = date(DATE).unwrap_or_else(SystemTime::now);
            Some(date(RETRY_AFTER)?.duration_since(now).ok()?.min(LONGEST))
        }
    }
}
