//! Faults on demand: by operation, or drawn by seed.
//!
//! In: rules (this operation, this fault, so many times) or a percentage. Out: for a request, the fault
//! that is to be played, and an answer spoilt by it. The same seed draws the same faults in the same
//! order.

use std::sync::Arc;

use serde_json::Value;

use crate::answer::{Reply, flat};
use crate::check::{Incoming, signing_key};
use crate::identity::Identity;
use crate::model::{Field, Operation};
use crate::{keys, text, xml};

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Two seconds late.
    Slow,
    /// Half of the answer, then the connection ends; the request has been carried out.
    CutOff,
    /// 429, before anything is done.
    TooMany,
    /// 500 `SYSTEM_ERROR`, after the request has been carried out.
    ServerError,
    /// 502 as a gateway's HTML, unsigned, before anything is done.
    BadGateway,
    WrongSignature,
    UnknownSerial,
    /// Signed ten minutes ago.
    OldTimestamp,
    /// Without `Wechatpay-Nonce`.
    MissingHeader,
    /// An enumeration has a value that no page has.
    NewValue,
    ExtraField,
    /// A required field is not there.
    MissingField,
    /// The platform certificate changes, and signs this answer.
    RotatedCertificate,
    /// `WECHATPAY/SIGNTEST/…`
    ProbeSignature,
}

/// Every fault with its name.
pub const ALL: [(&str, Fault); 14] = [
    ("slow", Fault::Slow),
    ("cut-off", Fault::CutOff),
    ("429", Fault::TooMany),
    ("500", Fault::ServerError),
    ("502", Fault::BadGateway),
    ("wrong-signature", Fault::WrongSignature),
    ("unknown-serial", Fault::UnknownSerial),
    ("old-timestamp", Fault::OldTimestamp),
    ("missing-header", Fault::MissingHeader),
    ("new-value", Fault::NewValue),
    ("extra-field", Fault::ExtraField),
    ("missing-field", Fault::MissingField),
    ("rotated-certificate", Fault::RotatedCertificate),
    ("probe-signature", Fault::ProbeSignature),
];

impl Fault {
    pub fn name(self) -> &'static str {
        ALL.iter()
            .find(|(_, fault)| *fault == self)
            .map_or("", |(name, _)| name)
    }

    pub fn from_name(name: &str) -> Option<Self> {
        ALL.iter()
            .find(|(other, _)| *other == name)
            .map(|(_, fault)| *fault)
    }

    /// Whether the request is not carried out.
    pub fn is_before(self) -> bool {
        matches!(self, Self::TooMany | Self::BadGateway)
    }
}

/// What can go wrong with a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotificationFault {
    /// It comes twice.
    Twice,
    /// It comes a second late, behind the next one.
    Late,
    /// Its signature is a probe's, then it comes again, right.
    Probe,
}

/// Every fault of notifications with its name.
pub const NOTIFICATIONS: [(&str, NotificationFault); 3] = [
    ("notification-twice", NotificationFault::Twice),
    ("notification-late", NotificationFault::Late),
    ("notification-probe", NotificationFault::Probe),
];

struct Rule {
    /// `None` is every operation.
    operation: Option<String>,
    fault: Fault,
    left: u32,
}

/// What is to go wrong.
pub struct Faults {
    rules: Vec<Rule>,
    percent: u8,
    kinds: Vec<Fault>,
    notifications: std::collections::VecDeque<NotificationFault>,
    state: u64,
}

impl Faults {
    pub fn new(seed: u64) -> Self {
        Self {
            rules: Vec::new(),
            percent: 0,
            kinds: Vec::new(),
            notifications: Default::default(),
            state: seed,
        }
    }

    /// The next `times` calls of an operation (`POST /v3/…`), or of any, go wrong.
    pub fn add(&mut self, operation: Option<String>, fault: Fault, times: u32) {
        self.rules.push(Rule {
            operation,
            fault,
            left: times,
        });
    }

    /// So many in a hundred calls go wrong in one of these ways.
    pub fn random(&mut self, percent: u8, kinds: Vec<Fault>) {
        (self.percent, self.kinds) = (percent.min(100), kinds);
    }

    /// The next notification goes wrong.
    pub fn notification(&mut self, fault: NotificationFault) {
        self.notifications.push_back(fault);
    }

    /// What happens to the next notification.
    pub fn pick_notification(&mut self) -> Option<NotificationFault> {
        self.notifications.pop_front()
    }

    pub fn clear(&mut self) {
        self.rules.clear();
        self.notifications.clear();
        self.random(0, Vec::new());
    }

    /// splitmix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// What happens to the next call of an operation.
    pub fn pick(&mut self, operation: &str) -> Option<Fault> {
        let fits = |rule: &Rule| rule.operation.as_deref().is_none_or(|name| name == operation);
        if let Some(at) = self.rules.iter().position(fits) {
            let fault = self.rules[at].fault;
            self.rules[at].left = self.rules[at].left.saturating_sub(1);
            self.rules.retain(|rule| rule.left > 0);
            return Some(fault);
        }
        if self.percent == 0 || self.kinds.is_empty() || self.next() % 100 >= u64::from(self.percent) {
            return None;
        }
        let draw = self.next() % self.kinds.len() as u64;
        usize::try_from(draw)
            .ok()
            .and_then(|at| self.kinds.get(at).copied())
    }
}

/// What a fault does to an answer.
pub struct Spoiler<'a> {
    pub identity: &'a Identity,
    pub operation: &'a Operation,
    pub incoming: &'a Incoming,
    pub hmac: bool,
}

impl Spoiler<'_> {
    /// The answer, spoilt. Delays and cuts are the server's business.
    pub fn spoil(&self, fault: Fault, reply: Reply) -> Reply {
        match fault {
            Fault::Slow | Fault::CutOff => reply,
            Fault::TooMany => self.error(429, "FREQUENCY_LIMITED", "Too many requests (SANDBOX fault)"),
            Fault::ServerError => self.error(500, "SYSTEM_ERROR", "System busy (SANDBOX fault)"),
            Fault::BadGateway => {
                let html = "<html><head><title>502 Bad Gateway</title></head><body><center>SANDBOX fault</center></body></html>";
                Reply::new(502, "text/html", html)
            }
            Fault::NewValue => self.edit(reply, |body, fields| {
                new_value(body, fields);
            }),
            Fault::ExtraField => self.edit(reply, |body, _| {
                body["sandbox_extra_field"] = "new".into();
            }),
            Fault::MissingField => self.edit(reply, |body, fields| {
                let codes = ["return_code", "result_code", "return_msg", "sign", "nonce_str"];
                let required = fields
                    .iter()
                    .find(|field| field.required && !codes.contains(&field.name.as_str()));
                if let (Some(object), Some(field)) = (body.as_object_mut(), required) {
                    object.shift_remove(&field.name);
                }
            }),
            Fault::RotatedCertificate => match self.identity.rotate() {
                Ok(key) if has_signature(&reply) => {
                    let body = reply.body.clone();
                    reply.signed_over(&key, &body)
                }
                _ => reply,
            },
            fault => self.headers(fault, reply),
        }
    }

    fn headers(&self, fault: Fault, mut reply: Reply) -> Reply {
        if !has_signature(&reply) {
            if fault == Fault::WrongSignature {
                return self.edit_unsigned(reply);
            }
            return reply;
        }
        let mut set = |name: &str, value: String| {
            for header in reply.headers.iter_mut().filter(|(other, _)| other == name) {
                header.1.clone_from(&value);
            }
        };
        match fault {
            Fault::WrongSignature => set("Wechatpay-Signature", keys::to_base64(&[7; 256])),
            Fault::UnknownSerial => set("Wechatpay-Serial", "5A".repeat(20)),
            Fault::ProbeSignature => set(
                "Wechatpay-Signature",
                format!("WECHATPAY/SIGNTEST/{}", keys::to_base64(&[7; 256])),
            ),
            Fault::MissingHeader => reply.headers.retain(|(name, _)| name != "Wechatpay-Nonce"),
            Fault::OldTimestamp => {
                let (key, body) = (signing_key(self.identity, self.incoming), reply.body.clone());
                return reply.signed_at(&key, &body, text::now().saturating_sub(600));
            }
            _ => {}
        }
        reply
    }

    /// APIv2: another signature in the body.
    fn edit_unsigned(&self, reply: Reply) -> Reply {
        let Ok(mut fields) = xml::parse(&reply.body) else {
            return reply;
        };
        for (_, value) in fields.iter_mut().filter(|(name, _)| name == "sign") {
            *value = "0".repeat(value.len());
        }
        Reply {
            body: xml::write("xml", &fields).into_bytes(),
            ..reply
        }
    }

    fn error(&self, status: u16, code: &'static str, message: &str) -> Reply {
        let refusal = crate::refusal::Refusal::new(status, code, message);
        let writer = crate::answer::Writer {
            identity: self.identity,
            operation: self.operation,
            incoming: self.incoming,
            base: "",
        };
        writer.refusal(&refusal, None)
    }

    /// Changes the body and signs it again.
    fn edit(&self, reply: Reply, change: impl FnOnce(&mut Value, &[Field])) -> Reply {
        let fields = &self.operation.answer_fields;
        if let Ok(mut body @ Value::Object(_)) = serde_json::from_slice::<Value>(&reply.body) {
            change(&mut body, fields);
            let body = body.to_string().into_bytes();
            let key: Arc<_> = signing_key(self.identity, self.incoming);
            return Reply {
                body: body.clone(),
                ..reply
            }
            .signed_over(&key, &body);
        }
        let Ok(found) = xml::parse(&reply.body) else {
            return reply;
        };
        let signed = found.iter().any(|(name, _)| name == "sign");
        let mut body = crate::check::pairs(found);
        change(&mut body, fields);
        let mut found: Vec<_> = flat(&body)
            .into_iter()
            .filter(|(name, _)| name != "sign")
            .collect();
        if signed {
            let pairs = found.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let sign = keys::sign_v2(&self.identity.api_v2_key, self.hmac, pairs);
            found.push(("sign".into(), sign));
        }
        Reply {
            body: xml::write("xml", &found).into_bytes(),
            ..reply
        }
    }
}

fn has_signature(reply: &Reply) -> bool {
    reply
        .headers
        .iter()
        .any(|(name, _)| name == "Wechatpay-Signature")
}

/// Gives the first enumeration in a body a value that nobody knows.
fn new_value(body: &mut Value, fields: &[Field]) -> bool {
    let codes = ["return_code", "result_code"];
    fields.iter().any(|field| {
        let Some(value) = body
            .get_mut(&field.name)
            .filter(|_| !codes.contains(&field.name.as_str()))
        else {
            return false;
        };
        match value {
            Value::String(text) if !field.values.is_empty() => {
                *text = "SANDBOX_NEW_VALUE".into();
                true
            }
            Value::Array(items) => items.iter_mut().any(|item| new_value(item, &field.fields)),
            Value::Object(_) => new_value(value, &field.fields),
            _ => false,
        }
    })
}
