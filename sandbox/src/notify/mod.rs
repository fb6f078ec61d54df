//! Notifications: made in the page's shape, sealed, signed, sent to the merchant, and sent again until
//! it says that it has understood.
//!
//! In: an event and what is known of it. Out: POST requests to the merchant's address, a line in the
//! log for each attempt. They are kept in the store, so that those under way survive a restart and any can
//! be sent again.

mod send;
mod write;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::schedule::Job;
use crate::{Inner, lock, text};

pub(crate) use send::{deliver, is_local};

/// WeChat Pay's pauses, in seconds.
pub const SCHEDULE: [u64; 15] = [
    15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600,
];

/// The table of notifications.
pub const TABLE: &str = "notifications";
/// So many are kept, and half as many again before the oldest are removed.
const KEPT: usize = 1000;

/// Sends an APIv3 event, its resource telling these facts, in the background.
pub(crate) fn later(inner: &Arc<Inner>, url: &str, event: &str, facts: Value) {
    if let Some(operation) = inner.pages.webhook(event).filter(|_| wanted(inner, url)) {
        let (body, clear) = write::v3(inner, &operation, event, &facts);
        queue(inner, url, event, body, clear, true);
    }
}

/// Sends APIv2's notification of a payment.
pub(crate) fn v2_payment(inner: &Arc<Inner>, url: &str, facts: Value) {
    v2(inner, url, "v2/transaction-success", &facts);
}

/// Sends APIv2's notification of a refund.
pub(crate) fn v2_refund(inner: &Arc<Inner>, url: &str, facts: Value) {
    v2(inner, url, "v2/refund-processed", &facts);
}

fn v2(inner: &Arc<Inner>, url: &str, name: &str, facts: &Value) {
    if let Some(operation) = inner.pages.webhook(name).filter(|_| wanted(inner, url)) {
        let body = write::v2(inner, &operation, facts, true);
        queue(inner, url, name, body, facts.clone(), false);
    }
}

/// Whether anybody is to be told.
fn wanted(inner: &Inner, url: &str) -> bool {
    !url.is_empty() || inner.settings.notify_to.is_some()
}

/// Sends any of the documented notifications by hand; what `facts` do not tell is made up.
///
/// # Errors
/// When no page documents it.
pub(crate) fn by_hand(inner: &Arc<Inner>, url: &str, name: &str, facts: &Value) -> Result<(), String> {
    let operation = inner
        .pages
        .webhook(name)
        .ok_or_else(|| format!("no page documents the notification {name}"))?;
    let (body, clear) = match operation.v3 {
        true => write::by_hand(inner, &operation, name, facts),
        false => (write::v2(inner, &operation, facts, false), facts.clone()),
    };
    queue(inner, url, name, body, clear, operation.v3);
    Ok(())
}

fn queue(inner: &Arc<Inner>, url: &str, name: &str, body: Vec<u8>, clear: Value, v3: bool) {
    let fault = lock(&inner.faults).pick_notification();
    let body = String::from_utf8(body).unwrap_or_default();
    let forward = inner.settings.notify_to.as_deref();
    let urls = [Some(url), forward]
        .into_iter()
        .flatten()
        .filter(|url| !url.is_empty());
    for url in urls {
        let row = json!({
            "name": name,
            "url": url,
            "body": body,
            "clear": clear,
            "v3": v3,
            "attempts": 0,
            "state": "pending",
            "created": inner.clock.now(),
            "fault": fault.map(|fault| fault.name()),
        });
        let key = text::digits(20);
        let late = u64::from(fault == Some(crate::faults::NotificationFault::Late)) * 1000;
        let mut store = lock(&inner.store);
        store.put(TABLE, &key, &row);
        if store.count(TABLE) > KEPT * 3 / 2 {
            let old: Vec<_> = store.all(TABLE).map(|(key, _)| key).take(KEPT / 2).collect();
            old.iter().for_each(|key| store.remove(TABLE, key));
        }
        drop(store);
        inner.add_job(inner.clock.now_millis() + late, Job::Notify(key));
    }
}

/// Sends a notification again, whatever became of it.
///
/// # Errors
/// When there is no such notification any more.
pub(crate) fn resend(inner: &Arc<Inner>, key: &str) -> Result<Value, String> {
    let mut store = lock(&inner.store);
    let mut row = store.get(TABLE, key).ok_or("there is no such notification")?;
    row["state"] = "pending".into();
    row["attempts"] = 0.into();
    store.put(TABLE, key, &row);
    drop(store);
    inner.add_job(inner.clock.now_millis(), Job::Notify(key.to_owned()));
    Ok(row)
}

/// Queues what was under way when the sandbox ended.
pub(crate) fn resume(inner: &Arc<Inner>) {
    let store = lock(&inner.store);
    for (key, _) in store.all(TABLE).filter(|(_, row)| row["state"] == "pending") {
        inner.add_job(inner.clock.now_millis(), Job::Notify(key));
    }
}
