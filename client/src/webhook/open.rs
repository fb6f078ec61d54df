//! Verifying and decrypting. In: headers, raw body. Out: the envelope with the clear bytes of its
//! resource. Nothing of the body is read before its signature is proven.

use bytes::Bytes;
use http::HeaderMap;
use zeroize::Zeroizing;

use super::notification::Notification;
use crate::apiv3::{Signed, verify};
use crate::transport::BoxFuture;
use crate::wire::{self, Value as _};
use crate::{Client, Error};

/// The one algorithm that resources are sealed with.
const ALGORITHM: &str = "AEAD_AES_256_GCM";

/// What is signed.
struct Envelope {
    id: String,
    create_time: Option<String>,
    event_type: String,
    resource_type: Option<String>,
    summary: Option<String>,
    resource: Sealed,
}
object!(Envelope {
    id,
    create_time,
    event_type,
    resource_type,
    summary,
    resource
});

/// The resource as it travels.
struct Sealed {
    original_type: Option<String>,
    algorithm: String,
    associated_data: Option<String>,
    nonce: String,
    ciphertext: String,
}
object!(Sealed {
    original_type,
    algorithm,
    associated_data,
    nonce,
    ciphertext
});

/// Boxed here, so that the compiler sees through it once, not once for each generic caller.
pub(super) fn open<'a>(
    client: &'a Client,
    headers: &'a HeaderMap,
    body: &'a [u8],
) -> BoxFuture<'a, Result<Notification<Zeroizing<Vec<u8>>>, Error>> {
    Box::pin(async move {
        verify(client, headers, Signed::Notification(body)).await?;
        let mut envelope = Envelope::empty();
        wire::from_json(body, &mut envelope)
            .map_err(|mismatch| Error::decode(mismatch, Bytes::copy_from_slice(body)))?;
        decrypt(client, envelope)
    })
}

fn decrypt(client: &Client, envelope: Envelope) -> Result<Notification<Zeroizing<Vec<u8>>>, Error> {
    let sealed = &envelope.resource;
    if sealed.algorithm != ALGORITHM {
        return Err(Error::encryption(format!(
            "the notification's algorithm is not {ALGORITHM}, the only one that is opened"
        )));
    }
    let clear = client.open(
        &sealed.nonce,
        sealed.associated_data.as_deref().unwrap_or_default(),
        &sealed.ciphertext,
    )?;
    Ok(Notification {
        id: envelope.id,
        create_time: envelope.create_time.unwrap_or_default(),
        event_type: envelope.event_type,
        resource_type: envelope.resource_type.unwrap_or_default(),
        summary: envelope.summary.unwrap_or_default(),
        original_type: envelope.resource.original_type.unwrap_or_default(),
        resource: clear,
    })
}
