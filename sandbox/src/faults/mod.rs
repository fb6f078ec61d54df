//! Faults on demand: by operation, or drawn by seed.
//!
//! In: rules (this operation, this fault, so many times) or a percentage. Out: for a request, the fault
//! that is to be injected, and a response spoilt by it. The same seed draws the same faults in the same
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
    /// Half of the response, then the connection ends; the request has been carried out.
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
    /// The platform certificate changes, and signs this response.
    RotatedCertificate,
    /// `WECHATPAY/SIGNTEST/…`
    ProbeSignature,
    /// The response is late by so many milliseconds.
    Delay(u32),
    /// This status with the matching code, before anything is done.
    Status(u16),
    /// The connection is reset; the request has been carried out.
    Reset,
    /// There is no response at all; the request has been carried out.
    Hang,
}

/// The faults with a name that need no parameter and end by themselves.
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
        match self {
            Self::Delay(_) => "delay",
            Self::Status(_) => "status",
            Self::Reset => "reset",
            Self::Hang => "hang",
            _ => ALL
                .iter()
                .find(|(_, fault)| *fault == self)
                .map_or("", |(name, _)| name),
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "reset" => Some(Self::Reset),
            "hang" => Some(Self::Hang),
            _ => ALL
                .iter()
                .find(|(other, _)| *other == name)
                .map(|(_, fault)| *fault),
        }
    }

    /// A fault with its parameter: `delay` with milliseconds, `status` with an HTTP status.
    pub fn with_parameter(name: &str, parameter: Option<u64>) -> Option<Self> {
        match (name, parameter) {
            ("delay" | "slow", Some(millis)) => Some(Self::Delay(u32::try_from(millis).ok()?)),
            ("status", Some(status)) => {
                let status = u16::try_from(status).ok()?;
                (400..600).contains(&status).then_some(Self::Status(status))
            }
            _ => Self::from_name(name),
        }
    }

    /// Whether the request is not carried out.
    pub fn is_before(self) -> bool {
        matches!(self, Self::TooMany | Self::BadGateway | Self::Status(_))
    }
}

/// What the payer does with the next code payment, instead of paying at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Payer {
    Pays,
    /// Of a code payment, the payment fails; other orders go on waiting.
    Fails,
    /// Of a code payment, the payer has to enter the password first.
    Hesitates,
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

impl NotificationFault {
    /// As in the control API.
    pub fn name(self) -> &'static str {
        let known = NOTIFICATIONS.iter().find(|(_, fault)| *fault == self);
        known.map_or("", |(name, _)| name)
    }
}

/// Every fault of notifications with its name.
pub const NOTIFICATIONS: [(&str, NotificationFault); 3] = [
    ("notification-twice", NotificationFault::Twice),
    ("notification-late", NotificationFault::Late),
    ("notification-probe", NotificationFault::Probe),
];
