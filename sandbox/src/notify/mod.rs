//! Notifications: made in the page's shape, sealed, signed, sent to the merchant, and sent again until
//! it says that it has understood.
//!
//! In: an event and what is known of it. Out: POST requests to the merchant's address, a line in the
//! log for each attempt. Only loopback addresses are sent to unless the settings say otherwise.

mod send;
mod write;

use std::sync::Arc;

use serde_json::Value;

use crate::Inner;
use send::{Message, spawn};

pub use send::SCHEDULE;

/// Sends an APIv3 event, its resource telling these facts, in the background.
pub(crate) fn later(inner: &Arc<Inner>, url: &str, event: &str, facts: Value) {
    if let Some(operation) = inner.pages.webhook(event).filter(|_| !url.is_empty()) {
        let body = write::v3(inner, &operation, event, &facts);
        spawn(
            inner,
            Message {
                name: event.into(),
                url: url.into(),
                body,
                v3: true,
            },
        );
    }
}

/// Sends APIv2's notification of a payment.
pub(crate) fn later_v2(inner: &Arc<Inner>, url: &str, facts: Value) {
    if let Some(operation) = inner
        .pages
        .webhook("v2/transaction-success")
        .filter(|_| !url.is_empty())
    {
        let body = write::v2(inner, &operation, &facts, true);
        spawn(
            inner,
            Message {
                name: operation.name(),
                url: url.into(),
                body,
                v3: false,
            },
        );
    }
}

/// Sends APIv2's notification of a refund.
pub(crate) fn later_v2_refund(inner: &Arc<Inner>, url: &str, facts: Value) {
    if let Some(operation) = inner
        .pages
        .webhook("v2/refund-processed")
        .filter(|_| !url.is_empty())
    {
        let body = write::v2(inner, &operation, &facts, true);
        spawn(
            inner,
            Message {
                name: operation.name(),
                url: url.into(),
                body,
                v3: false,
            },
        );
    }
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
    let body = match operation.v3 {
        true => write::by_hand(inner, &operation, name, facts),
        false => write::v2(inner, &operation, facts, false),
    };
    spawn(
        inner,
        Message {
            name: name.into(),
            url: url.into(),
            body,
            v3: operation.v3,
        },
    );
    Ok(())
}
