//! Signing where many calls run at once.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::Signer;
use crate::crypto::{Algorithm, PrivateKey};
use crate::error::BoxError;
use crate::transport::BoxFuture;

/// Signs with a private key in memory: on the thread of the call while no other call signs, otherwise on
/// the runtime's threads for blocking work, on as many at a time as there are cores.
///
/// A signature is a few hundred microseconds of computing. Dozens of them on the threads that run the calls
/// delay every response that was received meanwhile. Calls wait for their turn in the order in which they
/// asked, each until its own deadline.
pub(crate) struct Pool {
    key: Arc<PrivateKey>,
    cores: usize,
    free: Arc<Semaphore>,
}

impl Pool {
    pub(crate) fn new(key: Arc<PrivateKey>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            key,
            cores,
            free: Arc::new(Semaphore::new(cores)),
        }
    }
}

impl Signer for Pool {
    fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, BoxError>> {
        Box::pin(async move {
            let permit = self.free.clone().acquire_owned().await?;
            let alone = self.free.available_permits() + 1 == self.cores;
            // With a transport of the caller's own there may be no such runtime.
            let runtime = Handle::try_current().ok().filter(|_| !alone);
            let Some(runtime) = runtime else {
                return Ok(self.key.sign(message)?);
            };
            let (key, message) = (self.key.clone(), message.to_vec());
            let signed = runtime.spawn_blocking(move || {
                // Held until the work is done, even if the call has ended by then.
                let _permit = permit;
                key.sign(&message)
            });
            Ok(signed.await??)
        })
    }

    fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn signatures_asked_for_at_once_are_made_in_turn() {
        let key = Arc::new(PrivateKey::generate().unwrap());
        let pool = Arc::new(Pool::new(key.clone()));
        let tasks = (0..50).map(|number: u32| {
            let pool = pool.clone();
            tokio::spawn(async move {
                let message = number.to_be_bytes();
                (message, pool.sign(&message).await.unwrap())
            })
        });
        let public = key.public_key().unwrap();
        for task in tasks.collect::<Vec<_>>() {
            let (message, signature) = task.await.unwrap();
            assert!(public.verifies(&message, &signature));
        }
        assert_eq!(pool.free.available_permits(), pool.cores);
        // A call that is given up while it waits leaves nothing behind.
        drop(pool.sign(b"given up"));
        let permits = pool.free.acquire_many(pool.cores as u32).await.unwrap();
        let given_up = tokio::time::timeout(std::time::Duration::from_millis(20), pool.sign(b"given up"));
        assert!(given_up.await.is_err());
        drop(permits);
        assert!(pool.sign(b"alone").await.is_ok());
        assert_eq!(pool.free.available_permits(), pool.cores);
    }
}
