//! Links: in goes the request of a GET page that answers with a redirect, out comes the signed URL
//! for the payer's browser. Nothing is sent.

use super::{fetched, request};
use crate::apiv3::address_of;
use crate::send::Options;
use crate::{Error, Link};

/// What the documentation puts behind these links, so that they open inside WeChat.
const FRAGMENT: &str = "#wechat_redirect";

impl Link<'_> {
    /// The signed URL, good for a few minutes where it bears a `timestamp`.
    ///
    /// # Errors
    /// When the client was made without the APIv2 key.
    pub fn url(&self) -> Result<String, Error> {
        self.write().map_err(|error| error.with_operation(self.operation))
    }

    fn write(&self) -> Result<String, Error> {
        let keys = self.client.v2().keys()?;
        if fetched::needs_encryption(self.request) {
            return Err(Error::encode("a link cannot carry encrypted fields"));
        }
        let context = request::Context {
            keys,
            key: &keys.key,
            now: self.client.unix_now(),
            file_digest: None,
            encrypt: None,
        };
        let parameters = request::parameters(self.operation, self.request, &context)?;
        let address = address_of(self.client, self.operation, &Options::default(), parameters.query)?;
        Ok(format!("{}{}{FRAGMENT}", address.origin, address.path_and_query))
    }
}
