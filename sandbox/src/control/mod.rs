//! The payer's and the platform's side: what happens without the merchant asking.
//!
//! In: calls from tests, or from the page and the control API (`http`). Out: payments, refunds,
//! notifications, faults; and what has happened so far.

mod calls;
pub(crate) mod guard;
mod html;
pub(crate) mod http;
mod page;
mod routes;

use std::sync::Arc;

use serde_json::Value;

use crate::business::{
    applyments, combined, complaints, fapiao, favor, order, payment, permissions, refunds, service_orders,
    transfers,
};
use crate::clock::Clock;
use crate::faults::{Fault, NotificationFault, Payer};
use crate::log::Call;
use crate::refusal::Refusal;
use crate::{Inner, lock, notify};

/// A handle on a running sandbox.
#[derive(Clone)]
pub struct Control {
    inner: Arc<Inner>,
}

/// Whether a path is the sandbox's own and not WeChat Pay's.
pub(crate) fn is_control(path: &str) -> bool {
    path == "/" || path.starts_with("/sandbox/") || path.starts_with("/control/")
}

fn worded(refusal: Refusal) -> String {
    refusal.message
}

impl Control {
    pub(crate) fn new(inner: Arc<Inner>) -> Self {
        Self { inner }
    }

    /// The payer pays an order, or all of a combined one; its notification is sent.
    ///
    /// # Errors
    /// When there is no such order, or it is not waiting for a payment.
    pub fn pay(&self, out_trade_no: &str) -> Result<Value, String> {
        self.by_payer(out_trade_no, Payer::Pays)
    }

    /// The payer pays all of a combined order; its notification is sent.
    ///
    /// # Errors
    /// As [`Control::pay`].
    pub fn pay_combined(&self, combine_out_trade_no: &str) -> Result<Value, String> {
        combined::pay(&self.inner, combine_out_trade_no).map_err(worded)
    }

    /// The payment attempt fails. A code payment ends with that, other orders go on waiting.
    ///
    /// # Errors
    /// As [`Control::pay`].
    pub fn fail(&self, out_trade_no: &str) -> Result<Value, String> {
        self.by_payer(out_trade_no, Payer::Fails)
    }

    fn by_payer(&self, number: &str, payer: Payer) -> Result<Value, String> {
        let found = order::locate(&lock(&self.inner.store), number);
        let outcome = match found {
            None if payer == Payer::Pays => combined::pay(&self.inner, number),
            None => payment::by_payer(&self.inner, number, payer),
            Some((_, row)) if payer == Payer::Pays && row["combine"] == number => {
                combined::pay(&self.inner, number)
            }
            Some((key, _)) => payment::by_payer(&self.inner, &key, payer),
        };
        outcome.map_err(worded)
    }

    /// The next code payment, after those that were armed before, waits for the payer's password
    /// (`USERPAYING`), or fails.
    pub fn next_code_payment(&self, payer: Payer) {
        lock(&self.inner.faults).payer(payer);
    }

    /// A refund arrives (`SUCCESS`) or does not (`CLOSED`, `ABNORMAL`); its notification is sent. One that
    /// is `ABNORMAL` can still arrive.
    ///
    /// # Errors
    /// When there is no such refund, or it has ended.
    pub fn settle_refund(&self, out_refund_no: &str, state: &str) -> Result<Value, String> {
        match state {
            "SUCCESS" | "CLOSED" | "ABNORMAL" => {
                let found = refunds::locate(&lock(&self.inner.store), out_refund_no);
                let key = found.map_or_else(|| out_refund_no.to_owned(), |(key, _)| key);
                refunds::settle(&self.inner, &key, state).map_err(worded)
            }
            _ => Err("a refund ends as SUCCESS, CLOSED or ABNORMAL".into()),
        }
    }

    /// The user confirms a transfer, which arrives, or it fails; its notification is sent.
    ///
    /// # Errors
    /// When there is no such transfer, or it is not under way.
    pub fn settle_transfer(&self, out_bill_no: &str, success: bool) -> Result<Value, String> {
        let state = if success { "SUCCESS" } else { "FAIL" };
        transfers::settle(&self.inner, out_bill_no, state).map_err(worded)
    }

    /// A transfer comes to any of the documented states: `PROCESSING`, `TRANSFERING`, `CANCELLED`, ….
    ///
    /// # Errors
    /// When there is no such transfer, it has ended, or there is no such state.
    pub fn set_transfer(&self, out_bill_no: &str, state: &str) -> Result<Value, String> {
        transfers::settle(&self.inner, out_bill_no, state).map_err(worded)
    }

    /// The user agrees to receive transfers without confirming each, or takes that back.
    ///
    /// # Errors
    /// When there is no such authorization, or it is so already.
    pub fn authorize_transfers(&self, out_authorization_no: &str, agrees: bool) -> Result<Value, String> {
        transfers::settle_authorization(&self.inner, out_authorization_no, agrees).map_err(worded)
    }

    /// A user authorizes a payscore service.
    ///
    /// # Errors
    /// When nobody asked for this authorization, or it is in effect.
    pub fn grant(&self, authorization_code: &str, openid: &str) -> Result<Value, String> {
        permissions::settle(&self.inner, authorization_code, Some(openid)).map_err(worded)
    }

    /// The user takes an authorization back.
    ///
    /// # Errors
    /// When it is not in effect.
    pub fn revoke(&self, authorization_code: &str) -> Result<Value, String> {
        permissions::settle(&self.inner, authorization_code, None).map_err(worded)
    }

    /// The user confirms a payscore service order.
    ///
    /// # Errors
    /// When there is no such order, or it waits for no user.
    pub fn confirm_service(&self, out_order_no: &str) -> Result<Value, String> {
        service_orders::confirm(&self.inner, out_order_no).map_err(worded)
    }

    /// The user pays a completed payscore service order.
    ///
    /// # Errors
    /// When there is no such order, or nothing is to be paid.
    pub fn pay_service(&self, out_order_no: &str) -> Result<Value, String> {
        service_orders::pay(&self.inner, out_order_no).map_err(worded)
    }

    /// The user complains about a paid order; `url`, which may be empty, is told of it.
    ///
    /// # Errors
    /// When there is no such order.
    pub fn complain(&self, out_trade_no: &str, detail: &str, url: &str) -> Result<Value, String> {
        complaints::complain(&self.inner, out_trade_no, detail, url).map_err(worded)
    }

    /// The user uses a coupon; `url`, which may be empty, is told of it.
    ///
    /// # Errors
    /// When there is no such coupon, or it can't be used any more.
    pub fn use_coupon(&self, coupon_id: &str, url: &str) -> Result<Value, String> {
        favor::spend(&self.inner, coupon_id, url).map_err(worded)
    }

    /// An application of a new merchant, by the merchant's number or its `applyment_id`, comes to a state
    /// that can follow the one it is in: `to-be-signed`, `NEED_SIGN`; `next` is the usual one. `reason` is
    /// why it is rejected.
    ///
    /// # Errors
    /// When there is no such application, or the state can't follow.
    pub fn set_applyment(&self, number: &str, state: &str, reason: &str) -> Result<Value, String> {
        let key = applyments::locate(&lock(&self.inner.store), number).unwrap_or_default();
        let state = state.to_ascii_uppercase().replace('-', "_");
        applyments::set(&self.inner, &key, &state, reason).map_err(worded)
    }

    /// The user types in the buyer of an invoice: `type`, `name`, `taxpayer_id`, …; the merchant's
    /// `callback_url` is told of it.
    pub fn fill_in_title(&self, fapiao_apply_id: &str, title: &Value) -> Value {
        fapiao::fill_in(&self.inner, fapiao_apply_id, title)
    }

    /// Invoices that are under way are issued or reversed, cards are inserted; or invoices fail.
    ///
    /// # Errors
    /// When there is no such application, or nothing of it is under way.
    pub fn settle_fapiao(&self, fapiao_apply_id: &str, success: bool) -> Result<Value, String> {
        fapiao::settle(&self.inner, fapiao_apply_id, success).map_err(worded)
    }

    /// Sends one of the documented notifications; what `resource` does not tell is made up.
    ///
    /// # Errors
    /// When no page documents it.
    pub fn webhook(&self, url: &str, name: &str, resource: &Value) -> Result<(), String> {
        notify::by_hand(&self.inner, url, name, resource)
    }

    /// Announces a new platform certificate; the result is its serial. It can be downloaded, and signs
    /// from then on, or from [`Control::activate_certificate`] on.
    ///
    /// # Errors
    /// When a key can't be made.
    pub fn rotate_certificate(&self) -> std::io::Result<String> {
        let serial = self.inner.identity.platform.announce()?.id.clone();
        self.inner.keep_identity();
        Ok(serial)
    }

    /// The newest platform certificate signs from now on.
    pub fn activate_certificate(&self) {
        self.inner.identity.platform.activate();
        self.inner.keep_identity();
    }

    /// The clock of the business: expiry, settlement, bills, the schedule of notifications.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Moves the clock forward; what is due by then happens.
    pub fn advance_clock(&self, by: std::time::Duration) {
        self.inner.clock.advance(by);
        self.inner.wake.notify_one();
    }

    /// Sets the clock, in seconds since 1970.
    pub fn set_clock(&self, unix: u64) {
        self.inner.clock.set(unix);
        self.inner.wake.notify_one();
    }

    /// Forgets orders, notifications, calls, faults and jobs, and sets the clock right. Keys and
    /// snapshots stay.
    pub fn reset(&self) {
        lock(&self.inner.store).reset();
        lock(&self.inner.schedule).clear();
        lock(&self.inner.faults).clear();
        lock(&self.inner.log).clear();
        self.inner.clock.reset();
    }

    /// Keeps a copy of all that has state under a name.
    pub fn save(&self, snapshot: &str) {
        lock(&self.inner.store).save(snapshot);
    }

    /// Goes back to a copy.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn restore(&self, snapshot: &str) -> Result<(), String> {
        if !lock(&self.inner.store).restore(snapshot) {
            return Err(format!("there is no snapshot {snapshot}"));
        }
        lock(&self.inner.schedule).clear();
        crate::progress::resume(&self.inner);
        Ok(())
    }

    /// The notifications that were sent or are to be sent, each with its `key`, the newest last.
    pub fn notifications(&self) -> Vec<Value> {
        let store = lock(&self.inner.store);
        let with_key = |(key, mut row): (String, Value)| {
            row["key"] = key.into();
            row
        };
        store.all(notify::TABLE).map(with_key).collect()
    }

    /// Sends a notification again.
    ///
    /// # Errors
    /// When there is none under this key.
    pub fn resend(&self, key: &str) -> Result<Value, String> {
        notify::resend(&self.inner, key)
    }

    /// The next `times` calls of an operation (`POST /v3/…`), or of any, go wrong.
    pub fn fault(&self, operation: Option<&str>, fault: Fault, times: u32) {
        lock(&self.inner.faults).add(operation.map(str::to_owned), fault, times);
    }

    /// The next notification goes wrong.
    pub fn notification_fault(&self, fault: NotificationFault) {
        lock(&self.inner.faults).notification(fault);
    }

    /// So many in a hundred calls go wrong, drawn by the seed.
    pub fn random_faults(&self, percent: u8, kinds: &[Fault]) {
        lock(&self.inner.faults).random(percent, kinds.to_vec());
    }

    /// Nothing goes wrong any more.
    pub fn clear_faults(&self) {
        lock(&self.inner.faults).clear();
    }

    /// The last thousand calls and notifications, the newest last.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.inner.log).calls().cloned().collect()
    }

    /// All orders, as rows of the store.
    pub fn orders(&self) -> Vec<Value> {
        self.rows(order::TABLE)
    }

    /// All refunds.
    pub fn refunds(&self) -> Vec<Value> {
        self.rows(refunds::TABLE)
    }

    /// All transfers.
    pub fn transfers(&self) -> Vec<Value> {
        self.rows(transfers::TABLE)
    }

    /// All payscore authorizations.
    pub fn permissions(&self) -> Vec<Value> {
        self.rows(permissions::TABLE)
    }

    /// All payscore service orders.
    pub fn service_orders(&self) -> Vec<Value> {
        self.rows(service_orders::TABLE)
    }

    fn rows(&self, table: &str) -> Vec<Value> {
        lock(&self.inner.store).all(table).map(|(_, row)| row).collect()
    }
}
