//! Error categories.

use std::fmt;

/// The category of an [`Error`](crate::Error).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client is not set up correctly.
    Configuration,
    /// The request can't be written: an empty path parameter, say. Nothing was sent.
    Request,
    /// A field could not be encrypted or decrypted.
    Encryption,
    /// No connection could be made, and no attempt of the call was sent.
    Connect,
    /// The time allowed ran out.
    Timeout,
    /// The connection failed after the request may have been sent.
    Transport,
    /// WeChat Pay, or a gateway on the way, responded with an error.
    Api,
    /// A response or a notification is not verifiably from WeChat Pay.
    Verification,
    /// WeChat Pay's test traffic, signed wrongly on purpose.
    Probe,
    /// A notification was handled before.
    Replay,
    /// Another worker is handling the notification.
    Busy,
    /// The replay guard failed, so that it is not known whether the notification was handled before.
    Guard,
    /// A response or notification can't be read as its documented type.
    Decode,
    /// A response or file exceeds the size limit.
    TooLarge,
    /// A file's hash differs from the announced one.
    Integrity,
    /// The content is genuine but not what was expected.
    Unexpected,
    /// A file on this machine could not be read or written.
    File,
}

impl ErrorKind {
    /// A short name in lower case, stable between versions: for labels of metrics and for logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Request => "request",
            Self::Encryption => "encryption",
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Transport => "transport",
            Self::Api => "api",
            Self::Verification => "verification",
            Self::Probe => "probe",
            Self::Replay => "replay",
            Self::Busy => "busy",
            Self::Guard => "guard",
            Self::Decode => "decode",
            Self::TooLarge => "too_large",
            Self::Integrity => "integrity",
            Self::Unexpected => "unexpected",
            Self::File => "file",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Configuration => "configuration",
            Self::Request => "the request can't be sent as it is",
            Self::Encryption => "encryption",
            Self::Connect => "no connection, nothing was sent",
            Self::Timeout => "timeout",
            Self::Transport => "the connection failed",
            Self::Api => "WeChat Pay refused",
            Self::Verification => "not verifiably from WeChat Pay",
            Self::Probe => "a signature test by WeChat Pay, rightly refused",
            Self::Replay => "handled before",
            Self::Busy => "in progress",
            Self::Guard => "the replay guard failed",
            Self::Decode => "unexpected content",
            Self::TooLarge => "too large",
            Self::Integrity => "the file is not the one that was announced",
            Self::Unexpected => "genuine, but not as expected",
            Self::File => "local file",
        })
    }
}
