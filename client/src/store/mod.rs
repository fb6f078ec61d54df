//! State that several processes share: which notifications were handled, and WeChat Pay's certificates.
//!
//! A store is a [`ReplayGuard`](crate::webhook::ReplayGuard) and a
//! [`CertificateStore`](crate::CertificateStore): a cheap handle on a connection that the program has anyway;
//! clones share it.
//!
//! | | [`RedisStore`], feature `redis` | [`PostgresStore`], feature `postgres` |
//! | --- | --- | --- |
//! | each step is atomic by | one Lua script | one statement |
//! | time is | the server's | the server's |
//! | what is over is removed by | Redis | the store, now and then |
//! | what is done is kept | as safely as that Redis is set up: replication is asynchronous, and eviction forgets | as any committed row |
//!
//! Neither takes the place of what WeChat Pay asks for: a handler that finds its order already paid does
//! nothing. A lease ends by its time although its worker may still run, and the worker learns so when it
//! renews or completes.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;

use std::time::Duration;

#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
#[cfg(feature = "redis")]
pub use redis::RedisStore;

/// A time in milliseconds, from one to a year: no server refuses it.
fn milliseconds(time: Duration) -> i64 {
    const YEAR: i64 = 365 * 24 * 60 * 60 * 1000;
    i64::try_from(time.as_millis()).map_or(YEAR, |time| time.clamp(1, YEAR))
}
