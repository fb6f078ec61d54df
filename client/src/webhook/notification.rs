//! A verified notification.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::replay::Lease;
use crate::Error;
use crate::wire::Deviation;

/// A notification that is verifiably from WeChat Pay.
#[derive(Clone)]
#[non_exhaustive]
pub struct Notification<R> {
    /// Its number; the same one comes again when it was not acknowledged.
    pub id: String,
    /// When it was made, RFC 3339.
    pub create_time: String,
    /// What happened: `TRANSACTION.SUCCESS`.
    pub event_type: String,
    /// How the resource travelled: `encrypt-resource`.
    pub resource_type: String,
    /// A short text for people.
    pub summary: String,
    /// What the resource is: `transaction`.
    pub original_type: String,
    /// What it is about.
    pub resource: R,
    /// Where the notification differs from its documentation: `id`, `resource.amount.total`.
    pub deviations: Vec<Deviation>,
    /// The clear resource.
    pub(super) clear: Zeroizing<Vec<u8>>,
    /// The claim on it, if a guard was given.
    pub(super) lease: Option<Arc<Lease>>,
}

impl<R> Notification<R> {
    /// The bytes of the clear resource, as they were decrypted. They are personal data: mind your
    /// logs. The memory is cleared on drop.
    pub fn resource_bytes(&self) -> &[u8] {
        &self.clear
    }

    /// Marks the notification as handled with the guard that it was claimed from; does nothing without
    /// one. Call it after your own work has succeeded.
    ///
    /// # Errors
    /// As [`Lease::complete`]: respond with a failure, so that WeChat Pay resends it.
    pub async fn complete(&self) -> Result<(), Error> {
        match &self.lease {
            Some(lease) => lease.complete().await,
            None => Ok(()),
        }
    }

    /// The claim on the notification, if a guard was given. It is given back when the last copy of it is
    /// dropped: keep it when you take the notification apart, or to renew it.
    pub fn lease(&self) -> Option<Arc<Lease>> {
        self.lease.clone()
    }

    /// The same notification with another resource.
    pub fn map<S>(self, with: impl FnOnce(R) -> S) -> Notification<S> {
        Notification {
            id: self.id,
            create_time: self.create_time,
            event_type: self.event_type,
            resource_type: self.resource_type,
            summary: self.summary,
            original_type: self.original_type,
            resource: with(self.resource),
            deviations: self.deviations,
            clear: self.clear,
            lease: self.lease,
        }
    }
}

impl<R> fmt::Debug for Notification<R> {
    /// Without the resource, which may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notification")
            .field("id", &self.id)
            .field("create_time", &self.create_time)
            .field("event_type", &self.event_type)
            .field("original_type", &self.original_type)
            .field("deviations", &self.deviations)
            .finish_non_exhaustive()
    }
}
