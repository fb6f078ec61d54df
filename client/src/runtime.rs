//! The async runtime that a client owns for `.wait()`.
//!
//! In: a future. Out: its result, on the calling thread.

use std::future::Future;
use std::sync::OnceLock;

use crate::error::Error;

/// The client's own runtime, made when it is needed first.
#[derive(Default)]
pub(crate) struct Runtime(OnceLock<tokio::runtime::Runtime>);

impl Runtime {
    /// Drives `future` to its end on the calling thread.
    pub(crate) fn wait<T>(&self, future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        if tokio::runtime::Handle::try_current().is_ok() {
            return Err(Error::configuration(
                "`.wait()` was called inside an async runtime, which it would block; use `.await` there",
            ));
        }
        self.runtime()?.block_on(future)
    }

    fn runtime(&self) -> Result<&tokio::runtime::Runtime, Error> {
        if let Some(runtime) = self.0.get() {
            return Ok(runtime);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("wechatpay")
            .enable_all()
            .build()
            .map_err(|error| Error::configuration("no runtime could be started").with_source(error))?;
        if let Err(surplus) = self.0.set(runtime) {
            surplus.shutdown_background();
        }
        self.0
            .get()
            .ok_or_else(|| Error::configuration("no runtime could be started"))
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // The last client may be dropped inside an async runtime, where waiting is not allowed.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
