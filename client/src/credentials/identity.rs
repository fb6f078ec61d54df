//! The credentials that sign requests of APIv3: those of a merchant or of a brand.

use std::sync::Arc;

use super::signer::{Decryptor, Signer};
use crate::crypto::{self, ApiV3Key};
use crate::error::Error;

/// Who signs, under which certificate.
pub(crate) struct Credentials {
    /// The merchant id or the brand id.
    pub id: String,
    /// The serial number of the API certificate.
    pub serial: String,
    pub signer: Arc<dyn Signer>,
    pub decryptor: Option<Arc<dyn Decryptor>>,
    pub api_v3_key: Option<ApiV3Key>,
}

impl Credentials {
    /// The signature over `message`, base64.
    pub(crate) async fn sign(&self, message: &[u8]) -> Result<String, Error> {
        let signature = self.signer.sign(message).await;
        let signature = signature
            .map_err(|error| Error::encryption("the request could not be signed").with_source(error))?;
        Ok(crypto::to_base64(&signature))
    }
}
