//! The clock of the business: expiry, settlement, bills, and the schedule of notifications.
//!
//! It can be set and advanced. Signatures use the machine's clock, so that a client whose clock is right
//! is still understood.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The machine's clock, shifted. Clones share the shift.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Milliseconds ahead of the machine's clock.
    ahead: Arc<AtomicI64>,
}

fn machine() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

impl Clock {
    /// Milliseconds since 1970.
    pub fn now_millis(&self) -> u64 {
        let now = machine().saturating_add(self.ahead.load(Ordering::Relaxed));
        u64::try_from(now).unwrap_or(0)
    }

    /// Seconds since 1970.
    pub fn now(&self) -> u64 {
        self.now_millis() / 1000
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let add = |ahead: i64| Some(ahead.saturating_add(by));
        let _ = self.ahead.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// Sets the clock to a moment, in seconds since 1970; it goes on from there.
    pub fn set(&self, unix: u64) {
        let unix = i64::try_from(unix).unwrap_or(i64::MAX).saturating_mul(1000);
        self.ahead
            .store(unix.saturating_sub(machine()), Ordering::Relaxed);
    }

    /// Goes back to the machine's clock.
    pub fn reset(&self) {
        self.ahead.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_can_be_set_and_advanced() {
        let clock = Clock::default();
        let other = clock.clone();
        clock.set(1_700_000_000);
        clock.advance(Duration::from_secs(60));
        assert!((1_700_000_060..1_700_000_062).contains(&other.now()));
        other.reset();
        assert!(clock.now().abs_diff(crate::text::now()) < 2);
    }
}
