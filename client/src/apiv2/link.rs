//! Links: signed URLs for the payer's browser, for operations that respond with a redirect. Nothing is
//! sent.

use super::parameters::{Context, parameters};
use super::remote_keys::needs_encryption;
use crate::client::Client;
use crate::error::Error;
use crate::exchange::{Extra, Options, address_of};
use crate::operation::Operation;
use crate::wire::{Json, Object};

/// What the documentation puts behind these links, so that they open inside WeChat.
const FRAGMENT: &str = "#wechat_redirect";

/// A signed link for the payer's browser.
#[must_use = "a link does nothing until it is given to the payer"]
pub struct Link<'a> {
    client: &'a Client,
    operation: &'static Operation,
    request: &'a dyn Object,
    extra: Vec<Extra>,
}

impl<'a> Link<'a> {
    pub(crate) fn new(client: &'a Client, operation: &'static Operation, request: &'a dyn Object) -> Self {
        Self {
            client,
            operation,
            request,
            extra: Vec::new(),
        }
    }

    /// Adds one more query parameter, for what the documentation lacks; see
    /// [`Call::field`](crate::Call::field). It is signed.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.extra.push(Extra {
            path: name.into(),
            value: value.into(),
        });
        self
    }

    /// The signed URL, to which the payer's browser is sent. With a `timestamp` it is valid for a few
    /// minutes. Nothing is sent from here.
    ///
    /// # Errors
    /// When the request can't be written or signed.
    pub fn url(self) -> Result<String, Error> {
        signed(self.client, self.operation, self.request, &self.extra)
            .map_err(|error| error.with_operation(self.operation))
    }
}

fn signed(
    client: &Client,
    operation: &'static Operation,
    request: &dyn Object,
    extra: &[Extra],
) -> Result<String, Error> {
    let keys = client.v2_credentials()?;
    if needs_encryption(request)? {
        return Err(Error::request("a link can't carry encrypted fields"));
    }
    let context = Context {
        credentials: keys,
        key: &keys.key,
        now: client.unix_now(),
        file_digest: None,
        encrypt: None,
    };
    let parameters = parameters(operation, request, extra, &context)?;
    let address = address_of(client, operation, &Options::default(), parameters.query)?;
    Ok(format!("{}{}{FRAGMENT}", address.origin, address.path_and_query))
}
