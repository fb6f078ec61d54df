//! Verifying and decrypting. In: headers, raw body. Out: the envelope with the clear bytes of its
//! resource. Nothing of the body is read before its signature is proven.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use zeroize::Zeroizing;

use super::notification::Notification;
use crate::apiv3::{Signed, verify};
use crate::crypto::Algorithm;
use crate::exchange::Progress;
use crate::transport::BoxFuture;
use crate::wire::{self, Decoded, Deviation, Value as _};
use crate::{Client, Error};

/// How long WeChat Pay waits for the response to a notification.
const RESPONSE_TIME: Duration = Duration::from_secs(5);

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

/// A notification that was verified and decrypted, before its resource is decoded.
pub(super) struct Opened {
    id: String,
    create_time: String,
    pub event_type: String,
    resource_type: String,
    summary: String,
    original_type: String,
    /// The clear resource.
    pub resource: Zeroizing<Vec<u8>>,
    deviations: Vec<Deviation>,
}

impl Opened {
    /// The notification with its decoded resource.
    pub fn decoded<R>(self, resource: Decoded<R>) -> Notification<R> {
        let mut deviations = self.deviations;
        deviations.extend(resource.deviations.into_iter().map(|mut deviation| {
            deviation.path.insert_str(0, "resource.");
            deviation
        }));
        Notification {
            id: self.id,
            create_time: self.create_time,
            event_type: self.event_type,
            resource_type: self.resource_type,
            summary: self.summary,
            original_type: self.original_type,
            resource: resource.value,
            deviations,
            clear: self.resource,
            lease: None,
        }
    }
}

/// Boxed here, so that the compiler sees through it once, not once for each generic caller.
pub(super) fn open<'a>(
    client: &'a Client,
    headers: &'a HeaderMap,
    body: &'a [u8],
) -> BoxFuture<'a, Result<Opened, Error>> {
    Box::pin(async move {
        // The sender does not wait longer, should certificates be downloaded meanwhile.
        let progress = Progress::new(RESPONSE_TIME);
        progress
            .limit(verify(client, headers, Signed::Notification(body)))
            .await?;
        let mut envelope = Envelope::empty();
        let deviations = wire::from_json(body, &mut envelope)
            .map_err(|mismatch| Error::decode(mismatch, Bytes::copy_from_slice(body)))?;
        decrypt(client, envelope, deviations)
    })
}

fn decrypt(client: &Client, envelope: Envelope, deviations: Vec<Deviation>) -> Result<Opened, Error> {
    let sealed = &envelope.resource;
    let algorithm = Algorithm::from_aead(&sealed.algorithm).ok_or_else(|| {
        Error::encryption(format!(
            "the notification's algorithm is not known, expected {}",
            Algorithm::aead_names()
        ))
    })?;
    let clear = client.open(
        algorithm,
        &sealed.nonce,
        sealed.associated_data.as_deref().unwrap_or_default(),
        &sealed.ciphertext,
    )?;
    Ok(Opened {
        id: envelope.id,
        create_time: envelope.create_time.unwrap_or_default(),
        event_type: envelope.event_type,
        resource_type: envelope.resource_type.unwrap_or_default(),
        summary: envelope.summary.unwrap_or_default(),
        original_type: envelope.resource.original_type.unwrap_or_default(),
        resource: clear,
        deviations,
    })
}
