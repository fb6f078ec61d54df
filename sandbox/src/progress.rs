//! What happens without a request: jobs that are due, until the sandbox is gone.
//!
//! In: the schedule. Out: notifications are sent; with automatic progress refunds arrive, transfers are
//! confirmed, deductions are paid, applications of merchants are accepted and invoices are issued.

use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::business::{applyments, fapiao, order, payment, refunds, transfers};
use crate::faults::Payer;
use crate::schedule::Job;
use crate::{Inner, lock, notify};

/// Does what is due, and sleeps until there is more.
pub(crate) async fn run(inner: Weak<Inner>) {
    loop {
        let Some(strong) = inner.upgrade() else {
            return;
        };
        let wake = strong.wake.clone();
        let pause = do_due(&strong);
        drop(strong);
        tokio::select! {
            () = wake.notified() => {}
            // Now and then, to see whether the sandbox is gone.
            () = tokio::time::sleep(pause.min(Duration::from_secs(1))) => {}
        }
    }
}

fn do_due(inner: &Arc<Inner>) -> Duration {
    loop {
        let now = inner.clock.now_millis();
        let (job, next) = {
            let mut schedule = lock(&inner.schedule);
            (schedule.due(now), schedule.next())
        };
        match job {
            Some(Job::Notify(key)) => notify::deliver(inner, key),
            Some(Job::Settle(kind, key)) => settle(inner, kind, &key),
            None => {
                let left = next.map_or(1000, |next| next.saturating_sub(now).max(1));
                return Duration::from_millis(left);
            }
        }
    }
}

/// What the tester did in the meantime is left as it is.
fn settle(inner: &Arc<Inner>, kind: &str, key: &str) {
    let _ = match kind {
        "refund" => refunds::settle(inner, key, "SUCCESS"),
        "order" => payment::by_payer(inner, key, Payer::Pays),
        "applyment" => applyments::set(inner, key, "NEXT", ""),
        "fapiao" => fapiao::settle(inner, key, true),
        _ => {
            let row = lock(&inner.store).get(transfers::TABLE, key);
            let cancelled = row.is_some_and(|row| row["facts"]["state"] == "CANCELING");
            transfers::settle(inner, key, if cancelled { "CANCELLED" } else { "SUCCESS" })
        }
    };
}

/// Fills the schedule with what the store says is under way.
pub(crate) fn resume(inner: &Arc<Inner>) {
    notify::resume(inner);
    let store = lock(&inner.store);
    for (table, kind) in [
        (refunds::TABLE, "refund"),
        (transfers::TABLE, "transfer"),
        (order::TABLE, "order"),
        (applyments::TABLE, "applyment"),
        (fapiao::TABLE, "fapiao"),
    ] {
        if !inner.settings.automatic {
            return;
        }
        let under_way = store.all(table).filter(|(_, row)| match kind {
            "refund" => row["state"] == "PROCESSING",
            "order" => row["state"] == "ACCEPT",
            // What has ended is left as it is.
            "applyment" | "fapiao" => true,
            _ => matches!(
                row["facts"]["state"].as_str(),
                Some("WAIT_USER_CONFIRM" | "CANCELING")
            ),
        });
        for (key, _) in under_way {
            inner.settle_later(kind, &key);
        }
    }
}
