//! Faults on demand: by operation, or drawn by seed.
//!
//! In: rules (this operation, this fault, so many times) or a percentage. Out: for a request, the fault
//! that is to be played, and an answer spoilt by it. The same seed draws the same faults in the same
//! order.

mod draw;
mod spoil;

pub use draw::Faults;
pub use spoil::Spoiler;

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
