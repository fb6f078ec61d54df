//! Files that come down.

use crate::Client;
use crate::operation::Operation;
use crate::wire::Object;

/// A download that is about to be made.
#[must_use = "a download does nothing until it is sent"]
pub struct Download<'a> {
    pub(crate) client: &'a Client,
    pub(crate) operation: &'static Operation,
    pub(crate) request: &'a dyn Object,
}

impl<'a> Download<'a> {
    pub(crate) fn new(client: &'a Client, operation: &'static Operation, request: &'a dyn Object) -> Self {
        Self {
            client,
            operation,
            request,
        }
    }
}
