//! Whether the outcome of a call is unknown: the table in the docs of [`Error`], for every sequence of
//! attempts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::fake::fake;
use super::gateway::{MERCHANT, Reply, STRANGER};
use super::ops::{get_order, order, post_close, post_order, post_payment, query};
use crate::error::BoxError;
use crate::transport::{BoxFuture, Failure};
use crate::{Error, ErrorCode, ErrorKind, Signer};

const PREPAY: &str = r#"{"prepay_id":"wx0"}"#;
const REFUSED: &str = r#"{"code":"INVALID_REQUEST","message":"auth_code is used"}"#;

/// How an attempt ends.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Attempt {
    NotSigned,
    NoConnection,
    Misconfigured,
    Timeout,
    Broken,
    Busy,
    ServerError,
    SignedServerError,
    UnsignedRefusal,
    ForgedRefusal,
    Refusal,
    RefusalUnderSuccess,
    SuccessUnderError,
    Undecided,
    Unreadable,
    Forged,
    Success,
}

const ALL: [Attempt; 17] = [
    Attempt::NotSigned,
    Attempt::NoConnection,
    Attempt::Misconfigured,
    Attempt::Timeout,
    Attempt::Broken,
    Attempt::Busy,
    Attempt::ServerError,
    Attempt::SignedServerError,
    Attempt::UnsignedRefusal,
    Attempt::ForgedRefusal,
    Attempt::Refusal,
    Attempt::RefusalUnderSuccess,
    Attempt::SuccessUnderError,
    Attempt::Undecided,
    Attempt::Unreadable,
    Attempt::Forged,
    Attempt::Success,
];

/// What the table says about one attempt.
#[derive(Clone, Copy, PartialEq)]
enum Effect {
    None,
    Unknown,
    Done,
}

impl Attempt {
    /// The third column of the table.
    fn effect(self) -> Effect {
        match self {
            Self::NotSigned | Self::NoConnection | Self::Misconfigured => Effect::None,
            Self::Refusal | Self::RefusalUnderSuccess => Effect::None,
            Self::Success => Effect::Done,
            _ => Effect::Unknown,
        }
    }

    /// Whether another attempt follows, of a request that may be repeated or not.
    fn is_retried(self, repeatable: bool) -> bool {
        match self {
            Self::NoConnection => true,
            Self::Timeout | Self::Broken | Self::Busy | Self::ServerError | Self::SignedServerError => {
                repeatable
            }
            _ => false,
        }
    }

    fn reply(self) -> Result<Reply, Failure> {
        match self {
            Self::NotSigned => Err(Failure::other("an unsigned request was sent")),
            Self::NoConnection => Err(Failure::connect("refused")),
            Self::Misconfigured => Err(Failure::configuration("no certificate")),
            Self::Timeout => Err(Failure::timeout("slow")),
            Self::Broken => Err(Failure::other("reset after the request was written")),
            _ => Ok(REPLIES[ALL.iter().position(|one| *one == self).unwrap()].clone()),
        }
    }
}

/// The responses, signed once.
static REPLIES: LazyLock<Vec<Reply>> = LazyLock::new(|| {
    let forged = |reply: Reply| Reply {
        signer: Some(&STRANGER),
        ..reply
    };
    let reply = |attempt| match attempt {
        Attempt::Busy => Reply::new(429, "").unsigned(),
        Attempt::ServerError => Reply::new(502, "<html>").unsigned(),
        Attempt::SignedServerError => Reply::new(500, r#"{"code":"SYSTEM_ERROR","message":""}"#),
        Attempt::UnsignedRefusal => Reply::new(400, REFUSED).unsigned(),
        Attempt::ForgedRefusal => forged(Reply::new(400, REFUSED)),
        Attempt::Refusal => Reply::new(403, REFUSED),
        Attempt::RefusalUnderSuccess => Reply::new(200, REFUSED),
        Attempt::SuccessUnderError => Reply::new(400, PREPAY),
        Attempt::Undecided => Reply::new(400, r#"{"code":"USERPAYING","message":""}"#),
        Attempt::Unreadable => Reply::new(200, "{"),
        Attempt::Forged => forged(Reply::new(200, PREPAY)),
        _ => Reply::new(200, PREPAY),
    };
    let signed = |attempt| {
        let mut reply: Reply = reply(attempt);
        let headers = reply.signature_headers();
        reply.headers.extend(headers);
        reply.unsigned()
    };
    ALL.into_iter().map(signed).collect()
});

/// Signs, except for the attempts that are `NotSigned`.
struct Pen(Vec<Attempt>, AtomicUsize);

impl Signer for Pen {
    fn sign<'a>(&'a self, _: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, BoxError>> {
        let attempt = self.1.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            match self.0.get(attempt) {
                Some(Attempt::NotSigned) => Err("the KMS is down".into()),
                _ => Ok(vec![0; 256]),
            }
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Request {
    Query,
    Order,
    Payment,
}

/// The error of a call whose attempts end like this.
async fn call(request: Request, sequence: Vec<Attempt>) -> Option<Error> {
    let replies = sequence.clone();
    let sent = Arc::new(AtomicUsize::new(0));
    let pen = Pen(sequence, AtomicUsize::new(0));
    let builder = fake(move |_, _| {
        let attempts = replies.iter().filter(|attempt| **attempt != Attempt::NotSigned);
        let next = attempts.clone().nth(sent.fetch_add(1, Ordering::SeqCst));
        next.copied().unwrap_or(Attempt::Success).reply()
    });
    let client = builder.signer(pen).build().unwrap();
    let result = match request {
        Request::Query => get_order(&client, &query("1")).await,
        Request::Order => post_order(&client, &order()).await,
        Request::Payment => post_payment(&client, &order()).await,
    };
    result.map(drop).err()
}

/// Checks one call against the model.
async fn check(request: Request, sequence: Vec<Attempt>) {
    let error = call(request, sequence.clone()).await;
    let repeatable = request != Request::Payment;
    let mut made = Vec::new();
    for attempt in sequence {
        made.push(attempt);
        if !attempt.is_retried(repeatable) {
            break;
        }
    }
    let last = *made.last().unwrap();
    let case = format!("{request:?} {made:?}: {error:?}");
    let Some(error) = error else {
        assert_eq!(last, Attempt::Success, "{case}");
        return;
    };
    assert_ne!(last, Attempt::Success, "{case}");
    let unknown = made.iter().any(|attempt| attempt.effect() == Effect::Unknown);
    assert_eq!(
        error.is_outcome_unknown(),
        unknown && request != Request::Query,
        "{case}"
    );
    let nothing_sent = made.iter().all(|attempt| *attempt == Attempt::NoConnection);
    assert_eq!(error.is_connect(), nothing_sent, "{case}");
    assert_eq!(
        error.to_string().contains("query before"),
        error.is_outcome_unknown(),
        "{case}"
    );
}

#[tokio::test]
async fn the_outcome_follows_the_table_for_every_sequence_of_attempts() {
    let mut sequences = Vec::new();
    for first in ALL {
        for second in ALL {
            for third in ALL {
                // What follows a final attempt makes no difference.
                let second_is_made = first.is_retried(true);
                let third_is_made = second_is_made && second.is_retried(true);
                if (second_is_made || second == ALL[0]) && (third_is_made || third == ALL[0]) {
                    sequences.push(vec![first, second, third]);
                }
            }
        }
    }
    // All at once: they wait for their pauses together.
    let mut tasks = tokio::task::JoinSet::new();
    for sequence in sequences {
        for request in [Request::Query, Request::Order, Request::Payment] {
            tasks.spawn(check(request, sequence.clone()));
        }
    }
    let count = tasks.len();
    tasks.join_all().await;
    assert!(count > 1000, "{count} sequences");
}

#[tokio::test]
async fn a_refusal_under_a_success_status_is_a_refusal() {
    let body = r#"{"code":"ORDER_PAID","message":"paid"}"#;
    let client = fake(move |_, _| Ok(Reply::new(200, body))).build().unwrap();
    let error = post_close(&client, &query("1")).await.unwrap_err();
    assert_eq!(error.api().unwrap().code, ErrorCode::OrderPaid);
    assert!(error.api().unwrap().authenticated && !error.is_outcome_unknown());
    // What some operations say when all is well.
    let client = fake(|_, _| Ok(Reply::new(200, r#"{"code":"SUCCESS","message":"OK"}"#)));
    post_close(&client.build().unwrap(), &query("1")).await.unwrap();
}

#[test]
fn a_code_is_one_code_in_both_spellings() {
    for (text, code) in [
        ("ORDERPAID", ErrorCode::OrderPaid),
        ("ORDER_PAID", ErrorCode::OrderPaid),
        ("SYSTEMERROR", ErrorCode::SystemError),
        ("SYSTEM_ERROR", ErrorCode::SystemError),
        ("USER_PAYING", ErrorCode::UserPaying),
        ("ORDERNOTEXIST", ErrorCode::OrderNotExist),
        ("TRADE_STATE_ERROR", ErrorCode::TradeError),
        ("FREQ_LIMIT", ErrorCode::FrequencyLimited),
        ("BIZERR_NEED_RETRY", ErrorCode::BizErrNeedRetry),
    ] {
        assert_eq!(ErrorCode::read(text), code, "{text}");
    }
    let new = ErrorCode::read("SOMETHING_NEW");
    assert!(matches!(&new, ErrorCode::Unknown(code) if code.as_str() == "SOMETHING_NEW"));
}

/// Real time: the deadline ends the call while the signer works, before anything was sent.
#[tokio::test]
async fn a_timeout_before_anything_was_sent_leaves_nothing_unknown() {
    struct Slow(AtomicUsize);
    impl Signer for Slow {
        fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, BoxError>> {
            let first = self.0.fetch_add(1, Ordering::SeqCst) == 0;
            Box::pin(async move {
                if !first {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
                MERCHANT.sign(message).map_err(Into::into)
            })
        }
    }
    for (signed_before, unknown) in [(1, false), (0, true)] {
        let client = fake(|_, _| Err(Failure::other("reset")));
        let client = client
            .signer(Slow(AtomicUsize::new(signed_before)))
            .build()
            .unwrap();
        let request = order();
        let call = post_order(&client, &request).timeout(Duration::from_millis(700));
        let error = call.await.map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        assert_eq!(error.is_outcome_unknown(), unknown, "{error}");
    }
}

#[tokio::test]
async fn retry_after_of_any_length_is_survived() {
    for value in ["18446744073709551615", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let client = fake(move |_, _| {
            Ok(Reply {
                delay_ms: 20,
                ..Reply::new(503, "").unsigned().header("Retry-After", value)
            })
        });
        let client = client.build().unwrap();
        let error = get_order(&client, &query("1")).await.map(drop).unwrap_err();
        assert_eq!(error.status().unwrap(), 503);
        // A caller can add it to a time.
        let _ = std::time::SystemTime::now() + error.api().unwrap().retry_after.unwrap();
    }
}
