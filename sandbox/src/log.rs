//! What happened: calls and notifications, the newest last.
//!
//! In: one [`Call`] per request. Out: the last thousand, for the page, the control API and tests.

use std::collections::VecDeque;

use serde_json::{Value, json};

/// More than this are forgotten: memory stays flat.
const KEPT: usize = 1000;
/// Of a body, this much is kept.
const BODY: usize = 16 << 10;

/// One request and its answer, or one notification and the merchant's.
#[derive(Debug, Clone)]
pub struct Call {
    pub number: u64,
    pub time: String,
    /// `POST /v3/pay/transactions/jsapi`, or `→ TRANSACTION.SUCCESS`.
    pub what: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub status: u16,
    /// `right`, or what was wrong, or the fault that was played.
    pub verdict: String,
    pub response_headers: Vec<(String, String)>,
    pub response: String,
}

/// The log.
#[derive(Debug, Default)]
pub struct Log {
    calls: VecDeque<Call>,
    next: u64,
}

impl Log {
    pub fn push(&mut self, mut call: Call) {
        self.next += 1;
        call.number = self.next;
        if self.calls.len() == KEPT {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    pub fn calls(&self) -> impl DoubleEndedIterator<Item = &Call> {
        self.calls.iter()
    }

    pub fn total(&self) -> u64 {
        self.next
    }
}

/// Bytes as text for people, cut.
pub fn shown(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(BODY)];
    let mut text = String::from_utf8_lossy(cut).into_owned();
    if bytes.len() > BODY {
        text.push_str(&format!("… ({} bytes)", bytes.len()));
    }
    text
}

impl Call {
    pub fn json(&self) -> Value {
        let pairs = |pairs: &[(String, String)]| {
            pairs
                .iter()
                .map(|(name, value)| json!([name, value]))
                .collect::<Value>()
        };
        json!({
            "number": self.number,
            "time": self.time,
            "what": self.what,
            "headers": pairs(&self.headers),
            "body": self.body,
            "status": self.status,
            "verdict": self.verdict,
            "response_headers": pairs(&self.response_headers),
            "response": self.response,
        })
    }
}
