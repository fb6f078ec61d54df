//! The sorts of errors.

use std::fmt;

/// Of which sort an [`Error`](crate::Error) is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client is not set up rightly; nothing was sent.
    Configuration,
    /// The request can't be written: an empty path parameter, a text that is too long; nothing was sent.
    Request,
    /// A field could not be encrypted or decrypted.
    Encryption,
    /// No connection; nothing was sent.
    Connect,
    /// The time allowed ran out.
    Timeout,
    /// The connection failed after the request may have been sent.
    Transport,
    /// WeChat Pay refused the request.
    Api,
    /// An answer or a notification is not verifiably from WeChat Pay.
    Verification,
    /// WeChat Pay's own test of whether wrong signatures are refused.
    Probe,
    /// A notification came a second time.
    Replay,
    /// What came does not fit its documented type.
    Decode,
    /// More came than is allowed.
    TooLarge,
    /// A file is not the one that was announced: its hash differs.
    Integrity,
    /// A notification is genuine but not about what was expected.
    Unexpected,
    /// A file on this machine could not be read or written.
    File,
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
            Self::Replay => "seen before",
            Self::Decode => "unexpected content",
            Self::TooLarge => "too large",
            Self::Integrity => "the file is not the one that was announced",
            Self::Unexpected => "genuine, but not as expected",
            Self::File => "local file",
        })
    }
}
