//! The async runtime that a client owns for `.wait()`.
//!
//! In: a future. Out: its result, on the calling thread.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use crate::error::Error;

/// The client's own runtime, made when it is needed first.
#[derive(Default)]
pub(crate) struct Runtime(OnceLock<tokio::runtime::Runtime>);

impl Runtime {
    /// Drives `future` to its end on the calling thread.
    pub(crate) fn wait<T>(&self, future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        if is_in_task() {
            return Err(Error::configuration(
                "`.wait()` was called inside an async task, which it would block; use `.await` there",
            ));
        }
        // The runtime's own thread drives timers and connections. Its `block_on` would panic on threads
        // of another runtime, such as those of `spawn_blocking`, where blocking is allowed.
        let _entered = self.runtime()?.enter();
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        let mut future = pin!(future);
        loop {
            match future.as_mut().poll(&mut context) {
                Poll::Ready(result) => return result,
                Poll::Pending => std::thread::park(),
            }
        }
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

/// Wakes a thread.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Whether the calling thread is polling a task of tokio. Only a task has a budget that ends; a thread of
/// `spawn_blocking` has none, although it belongs to a runtime as well.
fn is_in_task() -> bool {
    /// More than the budget of a task, which is 128.
    const STEPS: usize = 1024;
    if tokio::runtime::Handle::try_current().is_err() {
        return false;
    }
    let mut context = Context::from_waker(Waker::noop());
    (0..STEPS).any(|_| {
        pin!(tokio::task::consume_budget())
            .poll(&mut context)
            .is_pending()
    })
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // The last client may be dropped inside an async runtime, where waiting is not allowed.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
