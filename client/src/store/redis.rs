//! The store on Redis. Each method is one Lua script, which Redis runs alone.
//!
//! A notification is one key that expires: `b:OWNER` while it is busy, `done` afterwards.

use std::sync::LazyLock;
use std::time::Duration;

use ::redis::aio::{ConnectionLike, ConnectionManager};
use ::redis::{AsyncCommands as _, Script};

use super::milliseconds;
use crate::error::BoxError;
use crate::transport::BoxFuture;
use crate::trust::CertificateStore;
use crate::webhook::{Claim, ReplayGuard};

const NEW: i64 = 0;
const BUSY: i64 = 1;
const DONE: i64 = 2;

static CLAIM: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local value = redis.call('GET', KEYS[1])
        if value == 'done' then return 2 end
        if value and value ~= ARGV[1] then return 1 end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return 0",
    )
});

static RENEW: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        return 1",
    )
});

static COMPLETE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local value = redis.call('GET', KEYS[1])
        if value and value ~= 'done' and value ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], 'done', 'PX', ARGV[2])
        return 1",
    )
});

static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
        return 0",
    )
});

/// Shared state on Redis 2.6.12 or newer, or a server compatible with it.
///
/// A [`ConnectionManager`] reconnects and gives up on a request after half a second, unless set up
/// otherwise; a connection of a cluster does as well.
///
/// Redis forgets what it evicts: let `maxmemory-policy` be `noeviction`, or give the store an instance of
/// its own. One notification takes about 150 bytes for 26 hours.
///
/// ```no_run
/// # async fn example(headers: &http::HeaderMap, body: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
/// use wechatpay_client::store::RedisStore;
/// use wechatpay_client::webhook::Lease;
///
/// let redis = redis::Client::open("redis://127.0.0.1/")?;
/// let store = RedisStore::new(redis.get_connection_manager().await?);
/// let lease = Lease::claim(&store, "EV-2018022511223320873").await?;
/// // … handle the notification …
/// lease.complete().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisStore<C = ConnectionManager> {
    connection: C,
    prefix: String,
}

impl<C> RedisStore<C> {
    /// A store on this connection. Its keys begin with `wechatpay:`.
    pub fn new(connection: C) -> Self {
        Self {
            connection,
            prefix: "wechatpay:".to_owned(),
        }
    }

    /// Lets the keys begin with `prefix` instead of `wechatpay:`.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }
}

impl<C: ConnectionLike + Clone + Send + Sync> RedisStore<C> {
    /// Runs `script` on the key of `id`.
    async fn run(&self, script: &Script, id: &str, owner: &str, time: Duration) -> Result<i64, BoxError> {
        let mut invocation = script.key(format!("{}notification:{id}", self.prefix));
        invocation.arg(format!("b:{owner}")).arg(milliseconds(time));
        Ok(invocation.invoke_async(&mut self.connection.clone()).await?)
    }
}

impl<C: ConnectionLike + Clone + Send + Sync> ReplayGuard for RedisStore<C> {
    fn claim<'a>(
        &'a self,
        id: &'a str,
        owner: &'a str,
        lease: Duration,
    ) -> BoxFuture<'a, Result<Claim, BoxError>> {
        Box::pin(async move {
            match self.run(&CLAIM, id, owner, lease).await? {
                NEW => Ok(Claim::New),
                BUSY => Ok(Claim::Busy),
                DONE => Ok(Claim::Done),
                other => Err(format!("Redis returned {other} for a claim").into()),
            }
        })
    }

    fn renew<'a>(
        &'a self,
        id: &'a str,
        owner: &'a str,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool, BoxError>> {
        Box::pin(async move { Ok(self.run(&RENEW, id, owner, lease).await? == 1) })
    }

    fn complete<'a>(
        &'a self,
        id: &'a str,
        owner: &'a str,
        memory: Duration,
    ) -> BoxFuture<'a, Result<bool, BoxError>> {
        Box::pin(async move { Ok(self.run(&COMPLETE, id, owner, memory).await? == 1) })
    }

    fn release<'a>(&'a self, id: &'a str, owner: &'a str) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async move { self.run(&RELEASE, id, owner, Duration::ZERO).await.map(drop) })
    }
}

impl<C: ConnectionLike + Clone + Send + Sync> CertificateStore for RedisStore<C> {
    fn load<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, BoxError>> {
        Box::pin(async move {
            let key = format!("{}certificates:{name}", self.prefix);
            Ok(self.connection.clone().get(key).await?)
        })
    }

    fn save<'a>(&'a self, name: &'a str, list: &'a str) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async move {
            let key = format!("{}certificates:{name}", self.prefix);
            Ok(self.connection.clone().set(key, list).await?)
        })
    }
}

impl<C> std::fmt::Debug for RedisStore<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisStore")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}
