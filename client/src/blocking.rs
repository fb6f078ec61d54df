//! Blocking calls, for programs without an async runtime.
//!
//! In: anything that can be awaited. Out: its result, on a runtime that the client owns.

use std::future::{Future, IntoFuture as _};

#[cfg(feature = "apiv2")]
use crate::call::UntypedV2Call;
use crate::call::{Call, FromResponse, PageStream, Received, UntypedCall};
use crate::client::Client;
use crate::download::{Download, Downloaded};
use crate::error::Error;
use crate::pay::{AppParameters, AppPayment, JsapiParameters, JsapiPayment};
use crate::webhook::{FromEvent, Incoming, Notification};
use crate::wire::{Json, Object, Value};

impl Client {
    /// Drives any future of this crate to its end on the calling thread.
    ///
    /// # Errors
    /// The future's own; and a configuration error inside an async runtime, which waiting would block.
    pub fn wait<T>(&self, future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.runtime().wait(future)
    }
}

impl<T: FromResponse> Call<'_, T> {
    /// Makes the call and waits for its response.
    ///
    /// # Errors
    /// As `.await`; and a configuration error inside an async runtime.
    pub fn wait(self) -> Result<T, Error> {
        self.client.wait(self.into_future())
    }

    /// [`Call::received`], waiting for it.
    ///
    /// # Errors
    /// As [`Call::received`]; and a configuration error inside an async runtime.
    pub fn wait_received(self) -> Result<Received<T>, Error> {
        self.client.wait(self.received())
    }
}

impl UntypedCall<'_> {
    /// Makes the call and waits for its response.
    ///
    /// # Errors
    /// As `.await`; and a configuration error inside an async runtime.
    pub fn wait(self) -> Result<Json, Error> {
        self.client().wait(self.into_future())
    }
}

#[cfg(feature = "apiv2")]
impl UntypedV2Call<'_> {
    /// Makes the call and waits for its response.
    ///
    /// # Errors
    /// As `.await`; and a configuration error inside an async runtime.
    pub fn wait(self) -> Result<Vec<(String, String)>, Error> {
        self.client().wait(self.into_future())
    }
}

impl<E: FromEvent> Incoming<'_, E> {
    /// Verifies and opens the notification.
    ///
    /// # Errors
    /// As `.await`; and a configuration error inside an async runtime.
    pub fn wait(self) -> Result<Notification<E>, Error> {
        self.client().wait(self.into_future())
    }
}

impl JsapiPayment<'_> {
    /// Signs the parameters.
    ///
    /// # Errors
    /// As `.await`; and a configuration error inside an async runtime.
    pub fn wait(self) -> Result<JsapiParameters, Error> {
        self.client().wait(self.run())
    }
}

impl AppPayment<'_> {
    /// Signs the parameters.
    ///
    /// # Errors
    /// As `.await`; and a configuration error inside an async runtime.
    pub fn wait(self) -> Result<AppParameters, Error> {
        self.client().wait(self.run())
    }
}

impl Download<'_> {
    /// [`Download::to_path`], waiting for it.
    ///
    /// # Errors
    /// Its own; and a configuration error inside an async runtime.
    pub fn wait_to_path(self, path: impl AsRef<std::path::Path>) -> Result<Downloaded, Error> {
        self.client().wait(self.to_path(path))
    }

    /// [`Download::to_bytes`], waiting for it.
    ///
    /// # Errors
    /// Its own; and a configuration error inside an async runtime.
    pub fn wait_to_bytes(self) -> Result<Vec<u8>, Error> {
        self.client().wait(self.to_bytes())
    }
}

impl<'a, T: Value + Object + 'a> PageStream<'a, T> {
    /// The pages one by one, waiting for each.
    pub fn wait(mut self) -> impl Iterator<Item = Result<T, Error>> {
        let client = self.client().clone();
        std::iter::from_fn(move || {
            if self.has_ended() {
                return None;
            }
            match client.wait(async { self.next().await.transpose() }) {
                Ok(page) => page.map(Ok),
                Err(error) => {
                    self.end();
                    Some(Err(error))
                }
            }
        })
    }
}
