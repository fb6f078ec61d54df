//! Links: in goes the request of a GET page that answers with a redirect, out comes the signed URL
//! for the payer's browser. Nothing is sent.

use super::parameters::{Context, parameters};
use super::remote_keys::needs_encryption;
use crate::client::Client;
use crate::error::Error;
use crate::exchange::{Options, address_of};
use crate::operation::Operation;
use crate::wire::Object;

/// What the documentation puts behind these links, so that they open inside WeChat.
const FRAGMENT: &str = "#wechat_redirect";

/// A signed link for the payer's browser.
#[must_use = "a link does nothing until it is given to the payer"]
pub struct Link<'a> {
    client: &'a Client,
    operation: &'static Operation,
    request: &'a dyn Object,
}

impl<'a> Link<'a> {
    pub(crate) fn new(client: &'a Client, operation: &'static Operation, request: &'a dyn Object) -> Self {
        Self {
            client,
            operation,
            request,
        }
    }

    /// The signed URL: send the payer's browser there. It is good for a few minutes where it bears a
    /// `timestamp`. Nothing is sent from here.
    ///
    /// # Errors
    /// When the request can't be written or signed.
    pub fn url(self) -> Result<String, Error> {
        signed(self.client, self.operation, self.request)
            .map_err(|error| error.with_operation(self.operation))
    }
}

fn signed(client: &Client, operation: &'static Operation, request: &dyn Object) -> Result<String, Error> {
    let keys = client.v2_credentials()?;
    if needs_encryption(request) {
        return Err(Error::request("a link can't carry encrypted fields"));
    }
    let context = Context {
        credentials: keys,
        key: &keys.key,
        now: client.unix_now(),
        file_digest: None,
        encrypt: None,
    };
    let parameters = parameters(operation, request, &[], &context)?;
    let address = address_of(client, operation, &Options::default(), parameters.query)?;
    Ok(format!("{}{}{FRAGMENT}", address.origin, address.path_and_query))
}
