//! Whether a notification is of the type that it is read as.
//!
//! In: the event types of the notification and of the page, the decoded resource. Out: nothing, or the
//! field that contradicts. The signature covers both, but only the receiver knows which one it expects.

use crate::wire::{Mismatch, Object, View};

/// Fields that say how the transaction ended, which the last part of an event type says as well.
const STATES: [&str; 4] = ["trade_state", "refund_status", "recharge_state", "batch_status"];

/// Values of these fields. Others are left to the reader: new ones appear at any time.
const ENDS: [&str; 15] = [
    "SUCCESS",
    "CLOSED",
    "ABNORMAL",
    "FINISHED",
    "REFUND",
    "NOTPAY",
    "REVOKED",
    "USERPAYING",
    "PAYERROR",
    "ACCEPT",
    "ACCEPTED",
    "PAY_FAIL",
    "PROCESSING",
    "FAIL",
    "RECHARGING",
];

/// The event types for which the state is compared: those that end in one.
const EXACT: [&str; 4] = ["SUCCESS", "CLOSED", "ABNORMAL", "FINISHED"];

/// Refuses a notification of another event type.
pub(crate) fn expect(expected: &str, found: &str) -> Result<(), Mismatch> {
    match expected == found {
        true => Ok(()),
        false => Err(mismatch("event_type", expected, found)),
    }
}

/// Refuses a resource whose state contradicts the event type: a closed refund in `REFUND.SUCCESS`.
pub(crate) fn check_state(event_type: &str, resource: &dyn Object) -> Result<(), Mismatch> {
    let end = event_type.rsplit('.').next().unwrap_or_default();
    match EXACT.contains(&end) {
        true => check_object(end, resource, ""),
        false => Ok(()),
    }
}

fn check_object(end: &str, object: &dyn Object, path: &str) -> Result<(), Mismatch> {
    for (name, value) in object.fields() {
        let path = match path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        check_value(end, value.view(), STATES.contains(&name), &path)?;
    }
    Ok(())
}

fn check_value(end: &str, view: View<'_>, is_state: bool, path: &str) -> Result<(), Mismatch> {
    match view {
        View::Text(state) if is_state && state != end && ENDS.contains(&state) => {
            Err(mismatch(path, end, state))
        }
        View::Object(object) => check_object(end, object, path),
        View::List(list) => {
            for (index, item) in list.items().enumerate() {
                check_value(end, item.view(), is_state, &format!("{path}[{index}]"))?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn mismatch(path: &str, expected: &str, found: &str) -> Mismatch {
    let found: String = found.chars().take(64).collect();
    Mismatch {
        path: path.to_owned(),
        problem: format!("expected `{expected}`, found `{}`", found.escape_debug()),
    }
}
