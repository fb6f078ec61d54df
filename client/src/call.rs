//! A call that is about to be made: what every generated function returns.

use std::marker::PhantomData;

use crate::Client;
use crate::operation::Operation;
use crate::wire::Object;

/// A call that is about to be made; `.await` makes it.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<'a, T> {
    pub(crate) client: &'a Client,
    pub(crate) operation: &'static Operation,
    pub(crate) request: &'a dyn Object,
    answer: PhantomData<fn() -> T>,
}

/// A download that is about to be made.
#[must_use = "a download does nothing until it is sent"]
pub struct Download<'a> {
    pub(crate) client: &'a Client,
    pub(crate) operation: &'static Operation,
    pub(crate) request: &'a dyn Object,
}

/// A signed link for the payer's browser.
#[must_use = "a link does nothing until it is given to the payer"]
pub struct Link<'a> {
    pub(crate) client: &'a Client,
    pub(crate) operation: &'static Operation,
    pub(crate) request: &'a dyn Object,
}

impl<'a, T> Call<'a, T> {
    pub(crate) fn new(client: &'a Client, operation: &'static Operation, request: &'a dyn Object) -> Self {
        Self {
            client,
            operation,
            request,
            answer: PhantomData,
        }
    }
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

impl<'a> Link<'a> {
    pub(crate) fn new(client: &'a Client, operation: &'static Operation, request: &'a dyn Object) -> Self {
        Self {
            client,
            operation,
            request,
        }
    }
}
