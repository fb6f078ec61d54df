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
        true => check_object(end, resource),
        false => Ok(()),
    }
}

fn check_object(end: &str, object: &dyn Object) -> Result<(), Mismatch> {
    let mut checked = Ok(());
    object.each(&mut |name, value| {
        if checked.is_ok() {
            checked =
                check_value(end, value.view(), STATES.contains(&name)).map_err(|error| within(name, error));
        }
    });
    checked
}

fn check_value(end: &str, view: View<'_>, is_state: bool) -> Result<(), Mismatch> {
    match view {
        View::Text(state) if is_state && state != end && ENDS.contains(&state) => {
            Err(mismatch("", end, state))
        }
        View::Object(object) => check_object(end, object),
        View::List(list) => list.items().enumerate().try_for_each(|(index, item)| {
            check_value(end, item.view(), is_state).map_err(|error| within(&format!("[{index}]"), error))
        }),
        _ => Ok(()),
    }
}

/// The same error of a value inside of `outer`, a field or an element.
fn within(outer: &str, error: Mismatch) -> Mismatch {
    let separator = match error.path.as_bytes().first() {
        None | Some(b'[') => "",
        Some(_) => ".",
    };
    Mismatch {
        path: format!("{outer}{separator}{}", error.path),
        ..error
    }
}

fn mismatch(path: &str, expected: &str, found: &str) -> Mismatch {
    let found: String = found.chars().take(64).collect();
    Mismatch {
        path: path.to_owned(),
        problem: format!("expected `{expected}`, found `{}`", found.escape_debug()),
    }
}
