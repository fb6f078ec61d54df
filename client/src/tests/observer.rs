//! What observers are told.

use std::sync::{Arc, Mutex};

use super::fake::fake;
use super::gateway::{API_V3_KEY, PLATFORM, Reply};
use super::notifications::{body, headers};
use super::openssl::certificate;
use super::ops::{get_order, order, post_order, query};
use super::trust::{ONE, entry, list, signed};
use crate::observe::{AttemptEvent, NotificationEvent, Observer, RefreshEvent, ResponseEvent};
use crate::transport::Failure;
use crate::{Client, ErrorKind, Json};

const PREPAY: &str = r#"{"prepay_id":"wx-secret-prepay"}"#;

/// Everything that was observed, as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, text: String) {
        self.0.lock().unwrap().push(text);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Observer for Log {
    fn attempt(&self, event: &AttemptEvent) {
        let (status, error) = (event.status.map(|status| status.as_u16()), event.error);
        self.add(format!(
            "attempt {} {status:?} {error:?} retried={}",
            event.number, event.is_retried
        ));
    }

    fn response(&self, event: &ResponseEvent) {
        let (status, error) = (event.status.map(|status| status.as_u16()), event.error);
        self.add(format!(
            "response {} attempts={} {status:?} {error:?} unknown={} deviations={}",
            event.operation.path, event.attempts, event.outcome_unknown, event.deviations
        ));
    }

    fn notification(&self, event: &NotificationEvent<'_>) {
        self.add(format!("notification {:?} {:?}", event.event_type, event.error));
    }

    fn refresh(&self, event: &RefreshEvent) {
        self.add(format!("refresh {:?} {:?}", event.certificates, event.error));
    }
}

#[tokio::test]
async fn observers_see_every_attempt_and_the_end_of_the_call() {
    let log = Log::default();
    let client = fake(|_, count| match count {
        0 => Ok(Reply::new(500, "").unsigned()),
        1 => Ok(Reply::ok(PREPAY)),
        2 => Ok(Reply::ok("{}")),
        3 => Ok(Reply::ok("{")),
        _ => Err(Failure::connect("refused")),
    });
    let client = client
        .observer(log.clone())
        .observer(log.clone())
        .max_attempts(2)
        .build()
        .unwrap();
    let path = "response /v3/pay/transactions/jsapi";
    post_order(&client, &order()).await.unwrap();
    let events = log.take();
    assert_eq!(
        events.len(),
        6,
        "each of two observers sees three events: {events:?}"
    );
    let events: Vec<_> = events.into_iter().step_by(2).collect();
    assert_eq!(
        events,
        [
            "attempt 1 Some(500) None retried=true".to_owned(),
            "attempt 2 Some(200) None retried=false".to_owned(),
            format!("{path} attempts=2 Some(200) None unknown=false deviations=0"),
        ]
    );
    post_order(&client, &order()).await.unwrap();
    let deviates = log.take().pop().unwrap();
    assert_eq!(
        deviates,
        format!("{path} attempts=1 Some(200) None unknown=false deviations=1")
    );
    post_order(&client, &order()).await.map(drop).unwrap_err();
    let unread = log.take().pop().unwrap();
    assert_eq!(
        unread,
        format!("{path} attempts=1 Some(200) Some(Decode) unknown=true deviations=0")
    );
    get_order(&client, &query("1")).await.map(drop).unwrap_err();
    let events = log.take();
    assert!(
        events[0].ends_with("None Some(Connect) retried=true"),
        "{events:?}"
    );
    let end = events.last().unwrap();
    assert!(
        end.ends_with("attempts=2 None Some(Connect) unknown=false deviations=0"),
        "{end}"
    );
}

#[tokio::test]
async fn observers_see_notifications_and_refreshes() {
    let log = Log::default();
    let certificates = list(&[entry(&certificate(&PLATFORM, ONE), ONE)]);
    let client = Client::builder()
        .mchid(super::gateway::MCHID)
        .certificate_serial(super::gateway::SERIAL)
        .private_key_pem(super::gateway::MERCHANT.to_pem().unwrap().to_string())
        .api_v3_key(API_V3_KEY)
        .observer(log.clone())
        .transport(super::fake::Fake::new(move |_: &str, count| match count {
            0 => Ok(Reply::new(500, "").unsigned()),
            _ => Ok(signed(certificates.clone(), &PLATFORM, ONE)),
        }))
        .max_attempts(1)
        .build()
        .unwrap();
    assert!(client.refresh_certificates().await.is_err());
    client.refresh_certificates().await.unwrap();
    let events: Vec<_> = log
        .take()
        .into_iter()
        .filter(|event| event.starts_with("refresh"))
        .collect();
    assert_eq!(events, ["refresh None Some(Api)", "refresh Some(1) None"]);

    let text = body("TRANSACTION.SUCCESS", r#"{"name":"secret"}"#).to_string();
    let headers = headers(&signed(text.clone(), &PLATFORM, ONE));
    client.webhook::<Json>(&headers, text.as_bytes()).await.unwrap();
    client.webhook::<Json>(&headers, b"forged").await.unwrap_err();
    assert_eq!(
        log.take(),
        [
            "notification Some(\"TRANSACTION.SUCCESS\") None",
            "notification None Some(Verification)",
        ]
    );
}

#[test]
fn names_of_error_kinds_fit_for_labels() {
    for kind in [ErrorKind::Api, ErrorKind::TooLarge, ErrorKind::Guard] {
        assert!(
            kind.name()
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        );
    }
}
