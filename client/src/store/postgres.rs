//! The store on PostgreSQL. Each method is one statement, committed when it returns.
//!
//! A notification is one row: with an owner it is busy, without one it is done, and past `until` it is
//! as good as absent. `now()` is when the statement began, so that a statement that waited for another
//! one's lock takes a lease for longer than it lasts, never for shorter.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sqlx::PgPool;

use super::milliseconds;
use crate::error::BoxError;
use crate::transport::BoxFuture;
use crate::trust::CertificateStore;
use crate::webhook::{Claim, ReplayGuard};

/// Says whether the id was claimed, and whether it is done. An id that somebody holds is only read, so that
/// a thousand deliveries of one notification do not queue for its row. If two claims overlap, the row decides
/// for one; the other one may read the state before, and then says "busy" of what is done by now.
const CLAIM: &str = "
    WITH held AS (
        SELECT owner FROM wechatpay_notification
        WHERE id = $1 AND until > now() AND owner IS DISTINCT FROM $2
    ), claimed AS (
        INSERT INTO wechatpay_notification AS known (id, owner, until)
        SELECT $1, $2, now() + $3 * interval '1 millisecond' WHERE NOT EXISTS (SELECT FROM held)
        ON CONFLICT (id) DO UPDATE SET owner = EXCLUDED.owner, until = EXCLUDED.until
        WHERE known.until <= now() OR known.owner = EXCLUDED.owner
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM claimed), EXISTS (SELECT FROM held WHERE owner IS NULL)";

const RENEW: &str = "
    UPDATE wechatpay_notification SET until = now() + $3 * interval '1 millisecond'
    WHERE id = $1 AND owner = $2 AND until > now()";

const COMPLETE: &str = "
    INSERT INTO wechatpay_notification AS known (id, owner, until)
    VALUES ($1, NULL, now() + $3 * interval '1 millisecond')
    ON CONFLICT (id) DO UPDATE SET owner = NULL, until = EXCLUDED.until
    WHERE known.owner = $2 OR known.owner IS NULL OR known.until <= now()";

const RELEASE: &str = "DELETE FROM wechatpay_notification WHERE id = $1 AND owner = $2";

/// At most a thousand rows, none that another statement is working on.
const FORGET: &str = "
    DELETE FROM wechatpay_notification WHERE id IN (
        SELECT id FROM wechatpay_notification WHERE until <= now()
        LIMIT 1000 FOR UPDATE SKIP LOCKED)";

const LOAD: &str = "SELECT list FROM wechatpay_certificates WHERE name = $1";

const SAVE: &str = "
    INSERT INTO wechatpay_certificates (name, list, saved) VALUES ($1, $2, now())
    ON CONFLICT (name) DO UPDATE SET list = EXCLUDED.list, saved = EXCLUDED.saved";

/// After so many completed notifications those that are over are removed.
const FORGET_EVERY: u32 = 256;

/// Shared state on PostgreSQL 9.5 or newer.
///
/// Run [`PostgresStore::MIGRATION`] with your own migrations, or call [`PostgresStore::migrate`]. The
/// feature `postgres` needs Rust 1.94, as sqlx does; TLS is sqlx's own feature.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use wechatpay_client::store::PostgresStore;
/// use wechatpay_client::webhook::Lease;
///
/// let store = PostgresStore::new(sqlx::PgPool::connect("postgres://localhost/shop").await?);
/// store.migrate().await?;
/// let lease = Lease::claim(&store, "EV-2018022511223320873").await?;
/// // … handle the notification …
/// lease.complete().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct PostgresStore {
    pool: PgPool,
    completed: Arc<AtomicU32>,
}

impl PostgresStore {
    /// The statements that make the two tables; running them again changes nothing.
    pub const MIGRATION: &str = include_str!("migration.sql");

    /// A store in this database. The tables must be there.
    pub fn new(pool: PgPool) -> Self {
        Self {
            pool,
            completed: Arc::default(),
        }
    }

    /// Makes the tables where they are missing.
    ///
    /// # Errors
    /// When the database can't be reached, or its user may not make tables.
    pub async fn migrate(&self) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(Self::MIGRATION).execute(&self.pool).await?;
        Ok(())
    }

    /// Removes up to a thousand notifications whose time is over; how many they were. The store does so
    /// after every 256th completed notification.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget(&self) -> Result<u64, sqlx::Error> {
        let removed = sqlx::query(FORGET).execute(&self.pool).await?;
        Ok(removed.rows_affected())
    }
}

impl ReplayGuard for PostgresStore {
    fn claim<'a>(
        &'a self,
        id: &'a str,
        owner: &'a str,
        lease: Duration,
    ) -> BoxFuture<'a, Result<Claim, BoxError>> {
        Box::pin(async move {
            let claim = sqlx::query_as(CLAIM)
                .bind(id)
                .bind(owner)
                .bind(milliseconds(lease));
            Ok(match claim.fetch_one(&self.pool).await? {
                (true, _) => Claim::New,
                (false, true) => Claim::Done,
                (false, false) => Claim::Busy,
            })
        })
    }

    fn renew<'a>(
        &'a self,
        id: &'a str,
        owner: &'a str,
        lease: Duration,
    ) -> BoxFuture<'a, Result<bool, BoxError>> {
        Box::pin(async move {
            let renew = sqlx::query(RENEW).bind(id).bind(owner).bind(milliseconds(lease));
            Ok(renew.execute(&self.pool).await?.rows_affected() == 1)
        })
    }

    fn complete<'a>(
        &'a self,
        id: &'a str,
        owner: &'a str,
        memory: Duration,
    ) -> BoxFuture<'a, Result<bool, BoxError>> {
        Box::pin(async move {
            let complete = sqlx::query(COMPLETE)
                .bind(id)
                .bind(owner)
                .bind(milliseconds(memory));
            let completed = complete.execute(&self.pool).await?.rows_affected() == 1;
            let count = self.completed.fetch_add(1, Ordering::Relaxed);
            if count % FORGET_EVERY == FORGET_EVERY - 1
                && let Err(error) = self.forget().await
            {
                tracing::warn!(%error, "notifications whose time is over could not be removed");
            }
            Ok(completed)
        })
    }

    fn release<'a>(&'a self, id: &'a str, owner: &'a str) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async move {
            sqlx::query(RELEASE)
                .bind(id)
                .bind(owner)
                .execute(&self.pool)
                .await?;
            Ok(())
        })
    }
}

impl CertificateStore for PostgresStore {
    fn load<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, BoxError>> {
        Box::pin(async move {
            let load = sqlx::query_scalar(LOAD).bind(name);
            Ok(load.fetch_optional(&self.pool).await?)
        })
    }

    fn save<'a>(&'a self, name: &'a str, list: &'a str) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async move {
            sqlx::query(SAVE)
                .bind(name)
                .bind(list)
                .execute(&self.pool)
                .await?;
            Ok(())
        })
    }
}
