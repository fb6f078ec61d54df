//! Notifications that arrive more than once are handled once, and none is lost.

use std::time::Duration;

use http::HeaderMap;

use super::gateway::{Reply, STRANGER, builder};
use super::notifications::{body, headers};
use crate::error::BoxError;
use crate::transport::BoxFuture;
use crate::webhook::{Acknowledgement, Claim, Lease, MemoryReplayGuard, Notification, ReplayGuard};
use crate::{Client, Error, ErrorKind, Json};

/// A client and a notification with this id.
struct Delivery {
    client: Client,
    headers: HeaderMap,
    body: String,
}

impl Delivery {
    fn new(id: &str) -> Self {
        let mut body = body("TRANSACTION.SUCCESS", r#"{"a":1}"#);
        body["id"] = id.into();
        let body = body.to_string();
        Self {
            client: builder().build().unwrap(),
            headers: headers(&Reply::ok(body.clone())),
            body,
        }
    }

    async fn open(&self, guard: &(impl ReplayGuard + Clone + 'static)) -> Result<Notification<Json>, Error> {
        self.client
            .webhook(&self.headers, self.body.as_bytes())
            .guard(guard)
            .lease(LEASE)
            .await
    }
}

const LEASE: Duration = Duration::from_millis(150);

#[tokio::test]
async fn a_notification_is_handled_once() {
    let (delivery, guard) = (Delivery::new("EV-1"), MemoryReplayGuard::new(10));
    let first = delivery.open(&guard).await.unwrap();

    let busy = delivery.open(&guard).await.unwrap_err();
    assert!(busy.is_busy() && !busy.is_replay(), "{busy}");
    let refused = Acknowledgement::from(&busy).status();
    assert!(refused.is_server_error(), "acknowledged before it was handled");

    first.complete().await.unwrap();
    drop(first);
    let done = delivery.open(&guard).await.unwrap_err();
    assert!(done.is_replay() && !done.is_busy(), "{done}");
    assert!(Acknowledgement::from(&done).status().is_success());
}

#[tokio::test]
async fn a_notification_whose_handler_died_is_opened_again() {
    let (delivery, guard) = (Delivery::new("EV-1"), MemoryReplayGuard::new(10));
    // The handler's future is dropped: an error, a panic, a sender that hung up.
    drop(delivery.open(&guard).await.unwrap());
    let copy = delivery.open(&guard).await.unwrap();
    drop(copy.clone());
    assert!(
        delivery.open(&guard).await.unwrap_err().is_busy(),
        "a copy is alive"
    );
    let lease = copy.lease().unwrap();
    drop(copy);
    assert!(
        delivery.open(&guard).await.unwrap_err().is_busy(),
        "its lease is alive"
    );
    drop(lease);
    delivery.open(&guard).await.unwrap();
}

#[tokio::test]
async fn a_killed_process_keeps_a_notification_for_the_lease_only() {
    let (delivery, guard) = (Delivery::new("EV-1"), MemoryReplayGuard::new(10));
    let killed = delivery.open(&guard).await.unwrap();
    tokio::time::sleep(LEASE * 2 / 3).await;
    killed.lease().unwrap().renew().await.unwrap();
    tokio::time::sleep(LEASE * 2 / 3).await;
    assert!(
        delivery.open(&guard).await.unwrap_err().is_busy(),
        "it was renewed"
    );
    tokio::time::sleep(LEASE).await;
    let second = delivery.open(&guard).await.unwrap();

    // The first worker was only slow: it learns that the notification is another worker's now, and
    // neither completes it nor gives it away.
    let lost = killed.complete().await.unwrap_err();
    assert!(lost.is_busy(), "{lost}");
    assert!(killed.lease().unwrap().renew().await.unwrap_err().is_busy());
    drop(killed);
    assert!(delivery.open(&guard).await.unwrap_err().is_busy());
    second.complete().await.unwrap();
    assert!(delivery.open(&guard).await.unwrap_err().is_replay());
}

#[derive(Clone)]
struct Down;

impl ReplayGuard for Down {
    fn claim<'a>(&'a self, _: &'a str, _: &'a str, _: Duration) -> BoxFuture<'a, Result<Claim, BoxError>> {
        Box::pin(async { Err("the database is down".into()) })
    }
    fn renew<'a>(&'a self, _: &'a str, _: &'a str, _: Duration) -> BoxFuture<'a, Result<bool, BoxError>> {
        Box::pin(async { Err("the database is down".into()) })
    }
    fn complete<'a>(&'a self, _: &'a str, _: &'a str, _: Duration) -> BoxFuture<'a, Result<bool, BoxError>> {
        Box::pin(async { Err("the database is down".into()) })
    }
    fn release<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async { Err("the database is down".into()) })
    }
}

#[tokio::test]
async fn a_guard_that_failed_is_not_a_replay() {
    let error = Delivery::new("EV-1").open(&Down).await.unwrap_err();
    assert!(!error.is_replay() && !error.is_busy(), "{error}");
    assert_eq!(error.kind(), ErrorKind::Guard);
    assert!(!Acknowledgement::from(&error).status().is_success());
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "the database is down");
}

#[tokio::test]
async fn a_notification_without_an_id_is_not_claimed() {
    for id in ["", " "] {
        let error = Delivery::new(id).open(&MemoryReplayGuard::default()).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Decode);
    }
}

#[tokio::test]
async fn a_forgery_does_not_claim_the_id() {
    let (delivery, guard) = (Delivery::new("EV-1"), MemoryReplayGuard::default());
    let forged = headers(&Reply {
        signer: Some(&STRANGER),
        ..Reply::ok(delivery.body.clone())
    });
    let forged = delivery.client.webhook::<Json>(&forged, delivery.body.as_bytes());
    let error = forged.guard(&guard).await.unwrap_err();
    assert!(error.is_verification(), "{error}");
    delivery.open(&guard).await.unwrap();
}

#[tokio::test]
async fn the_memory_guard_is_bounded_and_forgets_nothing_in_progress() {
    let guard = MemoryReplayGuard::new(2);
    for id in ["1", "2", "3"] {
        Lease::claim(&guard, id).await.unwrap().complete().await.unwrap();
    }
    let oldest = Lease::claim(&guard, "1").await.unwrap();
    assert!(Lease::claim(&guard, "3").await.unwrap_err().is_replay());
    let second = Lease::claim(&guard, "4").await.unwrap();
    let full = Lease::claim(&guard, "5").await.unwrap_err();
    assert_eq!(full.kind(), ErrorKind::Guard);
    assert!(Lease::claim(&guard, "1").await.unwrap_err().is_busy());
    drop((oldest, second));
    Lease::claim(&guard, "5").await.unwrap();
    assert_eq!(
        Lease::claim(&guard, "").await.unwrap_err().kind(),
        ErrorKind::Request
    );
}

/// Whoever completes, expires or loses what: no sequence of steps lets two owners hold one id, or
/// forgets that it is done.
#[tokio::test]
async fn the_memory_guard_follows_its_table() {
    let (long, memory) = (Duration::from_secs(60), Duration::from_secs(60));
    let guard = MemoryReplayGuard::new(10);
    assert!(!guard.renew("id", "a", long).await.unwrap());
    assert_eq!(guard.claim("id", "a", long).await.unwrap(), Claim::New);
    assert_eq!(guard.claim("id", "a", long).await.unwrap(), Claim::New);
    assert_eq!(guard.claim("id", "b", long).await.unwrap(), Claim::Busy);
    assert!(!guard.renew("id", "b", long).await.unwrap());
    assert!(!guard.complete("id", "b", memory).await.unwrap());
    guard.release("id", "b").await.unwrap();
    assert_eq!(guard.claim("id", "b", long).await.unwrap(), Claim::Busy);
    guard.release("id", "a").await.unwrap();
    assert!(!guard.renew("id", "a", long).await.unwrap());
    // Completing does not need a lease that nobody else holds.
    assert!(guard.complete("id", "a", memory).await.unwrap());
    assert!(guard.complete("id", "b", memory).await.unwrap());
    assert_eq!(guard.claim("id", "a", long).await.unwrap(), Claim::Done);
    guard.release("id", "a").await.unwrap();
    assert_eq!(guard.claim("id", "a", Duration::MAX).await.unwrap(), Claim::Done);
    assert!(guard.complete("short", "a", Duration::ZERO).await.unwrap());
    assert_eq!(
        guard.claim("short", "b", Duration::MAX).await.unwrap(),
        Claim::New
    );
}
