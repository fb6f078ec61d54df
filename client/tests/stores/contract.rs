//! The table in the documentation of `ReplayGuard`, row by row.

use std::time::Duration;

use wechatpay_client::webhook::{Claim, Lease, ReplayGuard};
use wechatpay_client::{CertificateStore, ErrorKind};

use super::{fresh, postgres_store, redis_store};

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(100);

async fn holds(guard: &(impl ReplayGuard + Clone + 'static)) {
    every_row(guard).await;
    leases_end(guard).await;
    one_of_many(guard).await;
    through_leases(guard).await;
}

async fn every_row(guard: &impl ReplayGuard) {
    let claim = async |id: &str, owner: &str| guard.claim(id, owner, LONG).await.unwrap();
    let renew = async |id: &str, owner: &str| guard.renew(id, owner, LONG).await.unwrap();
    let complete = async |id: &str, owner: &str| guard.complete(id, owner, LONG).await.unwrap();
    let release = async |id: &str, owner: &str| guard.release(id, owner).await.unwrap();

    // Unknown.
    let id = &fresh("row");
    assert!(!renew(id, "a").await);
    release(id, "a").await;
    assert_eq!(claim(id, "a").await, Claim::New);
    // Busy.
    assert_eq!(claim(id, "a").await, Claim::New, "its own owner again");
    assert_eq!(claim(id, "b").await, Claim::Busy);
    assert!(renew(id, "a").await && !renew(id, "b").await);
    assert!(!complete(id, "b").await);
    release(id, "b").await;
    assert_eq!(claim(id, "b").await, Claim::Busy, "released by somebody else");
    release(id, "a").await;
    assert_eq!(claim(id, "b").await, Claim::New);
    assert!(complete(id, "b").await);
    // Done.
    for owner in ["a", "b"] {
        assert_eq!(claim(id, owner).await, Claim::Done);
        assert!(!renew(id, owner).await);
        assert!(complete(id, owner).await);
        release(id, owner).await;
        assert_eq!(claim(id, owner).await, Claim::Done);
    }
    // Completed without a claim, as after a lease that ended.
    let id = &fresh("row");
    assert!(complete(id, "a").await);
    assert_eq!(claim(id, "a").await, Claim::Done);
    // An owner that reads like the mark of what is done.
    let id = &fresh("row");
    assert_eq!(claim(id, "done").await, Claim::New);
    assert_eq!(claim(id, "a").await, Claim::Busy);
    // Ids are any text.
    for id in ["", "中文 {tag} 'quoted' \"\\ %", &"long".repeat(250)] {
        let id = &format!("{}{id}", fresh("any"));
        assert_eq!(claim(id, "a").await, Claim::New);
        assert_eq!(claim(id, "b").await, Claim::Busy);
    }
}

async fn leases_end(guard: &impl ReplayGuard) {
    let id = &fresh("end");
    assert_eq!(guard.claim(id, "a", SHORT).await.unwrap(), Claim::New);
    tokio::time::sleep(SHORT * 2).await;
    assert!(!guard.renew(id, "a", SHORT).await.unwrap());
    assert_eq!(guard.claim(id, "b", LONG).await.unwrap(), Claim::New);
    assert!(!guard.complete(id, "a", LONG).await.unwrap());
    // Renewed in time, it stays.
    let id = &fresh("end");
    assert_eq!(guard.claim(id, "a", SHORT * 2).await.unwrap(), Claim::New);
    assert!(guard.renew(id, "a", LONG).await.unwrap());
    tokio::time::sleep(SHORT * 4).await;
    assert_eq!(guard.claim(id, "b", LONG).await.unwrap(), Claim::Busy);
    // What is done is remembered for its time.
    let id = &fresh("end");
    assert!(guard.complete(id, "a", SHORT).await.unwrap());
    tokio::time::sleep(SHORT * 2).await;
    assert_eq!(guard.claim(id, "b", LONG).await.unwrap(), Claim::New);
    // No time is refused.
    for time in [Duration::ZERO, Duration::MAX] {
        let id = &fresh("end");
        assert_eq!(guard.claim(id, "a", time).await.unwrap(), Claim::New);
        assert!(guard.complete(id, "a", time).await.unwrap());
    }
}

async fn one_of_many(guard: &(impl ReplayGuard + Clone + 'static)) {
    for _ in 0..8 {
        let id = fresh("many");
        let claims: Vec<_> = (0..32)
            .map(|owner| {
                let (guard, id) = (guard.clone(), id.clone());
                tokio::spawn(async move { guard.claim(&id, &owner.to_string(), LONG).await.unwrap() })
            })
            .collect();
        let mut new = 0;
        for claim in claims {
            new += usize::from(claim.await.unwrap() == Claim::New);
        }
        assert_eq!(new, 1);
    }
}

async fn through_leases(guard: &(impl ReplayGuard + Clone + 'static)) {
    let kind = async |id: &str| Lease::claim(guard, id).await.map(drop).unwrap_err().kind();
    let id = &fresh("lease");
    let lease = Lease::claim(guard, id).await.unwrap();
    assert_eq!(kind(id).await, ErrorKind::Busy);
    lease.renew().await.unwrap();
    // Given back on drop, in the background.
    drop(lease);
    let mut again = Lease::claim(guard, id).await;
    for _ in 0..100 {
        if again.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        again = Lease::claim(guard, id).await;
    }
    again.unwrap().complete().await.unwrap();
    assert_eq!(kind(id).await, ErrorKind::Replay);
}

async fn keeps_lists(store: &impl CertificateStore) {
    let [one, other] = ["one", "other"].map(fresh);
    assert_eq!(store.load(&one).await.unwrap(), None);
    for list in ["{}", r#"{"response":"中"}"#, ""] {
        store.save(&one, list).await.unwrap();
        assert_eq!(store.load(&one).await.unwrap().as_deref(), Some(list));
    }
    assert_eq!(store.load(&other).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_holds_the_contract() {
    let Some(store) = redis_store("redis_holds_the_contract").await else {
        return;
    };
    holds(&store.clone().prefix(fresh("test"))).await;
    keeps_lists(&store).await;
    // Another prefix is another store.
    let id = &fresh("prefix");
    assert_eq!(store.claim(id, "a", LONG).await.unwrap(), Claim::New);
    let other = store.prefix("other:");
    assert_eq!(other.claim(id, "b", LONG).await.unwrap(), Claim::New);
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_holds_the_contract() {
    let Some(store) = postgres_store("postgres_holds_the_contract").await else {
        return;
    };
    store.migrate().await.unwrap();
    holds(&store).await;
    keeps_lists(&store).await;
    // What is over goes, nothing else.
    let [over, busy, done] = ["over", "busy", "done"].map(fresh);
    store.claim(&over, "a", SHORT).await.unwrap();
    store.claim(&busy, "a", LONG).await.unwrap();
    store.complete(&done, "a", LONG).await.unwrap();
    tokio::time::sleep(SHORT * 2).await;
    assert!(store.forget().await.unwrap() >= 1);
    assert_eq!(store.claim(&busy, "b", LONG).await.unwrap(), Claim::Busy);
    assert_eq!(store.claim(&done, "b", LONG).await.unwrap(), Claim::Done);
    // It forgets by itself, now and then.
    for at in 0..256 {
        store
            .complete(&format!("{done}-{at}"), "a", Duration::ZERO)
            .await
            .unwrap();
    }
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert!(store.forget().await.unwrap() < 256, "the store never forgot");
}

/// A guard that cannot be asked is an error of its own, never "handled before" or "in progress".
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_is_an_error() {
    let address = "127.0.0.1:1";
    let client = redis::Client::open(format!("redis://{address}/")).unwrap();
    let config = redis::aio::ConnectionManagerConfig::new().set_number_of_retries(0);
    let connection = redis::aio::ConnectionManager::new_lazy_with_config(client, config).unwrap();
    let redis = wechatpay_client::store::RedisStore::new(connection);
    let error = Lease::claim(&redis, "EV-1").await.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Guard);
    let pool = sqlx::postgres::PgPoolOptions::new()
        .acquire_timeout(Duration::from_millis(500))
        .connect_lazy(&format!("postgres://test@{address}/test"))
        .unwrap();
    let postgres = wechatpay_client::store::PostgresStore::new(pool);
    let error = Lease::claim(&postgres, "EV-1").await.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Guard);
}
