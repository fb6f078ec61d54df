//! How a sandbox is set up.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::Clock;
use crate::identity::{Identity, Platform};
use crate::key::Algorithm;

/// Which of the documented fields responses and notifications have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Answers {
    /// All that make sense.
    #[default]
    Documented,
    /// Those that are always there: a field that its page or another reading of the API has as optional
    /// is left out, unless it tells what became of the request.
    Sparse,
}

impl std::str::FromStr for Answers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "documented" => Ok(Self::Documented),
            "sparse" => Ok(Self::Sparse),
            _ => Err("answers are `documented` or `sparse`".into()),
        }
    }
}

/// How a sandbox is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen; port 0 is any free one.
    pub listen: SocketAddr,
    /// Where identity and business are kept; without it they are gone with the sandbox.
    pub state: Option<PathBuf>,
    /// Pages to emulate instead of the built-in ones.
    pub specs: Option<PathBuf>,
    /// What random faults are drawn with.
    pub seed: u64,
    /// HTTPS with the test CA.
    pub tls: bool,
    /// The merchant's id, instead of one that is made up.
    pub mchid: Option<String>,
    /// Keeps no orders: responds to every valid request from its page alone.
    pub stateless: bool,
    /// Notifications go to addresses other than loopback, too.
    pub notify_anywhere: bool,
    /// How many seconds of WeChat Pay's retry schedule are one of the sandbox's.
    pub speed: u32,
    /// Which of the documented fields responses and notifications have.
    pub answers: Answers,
    /// What the merchant verifies the platform's signatures with.
    pub platform: Platform,
    /// What merchant and platform sign and encrypt with. SM implies [`Platform::Certificate`].
    pub algorithm: Algorithm,
    /// Applications that are bound to the merchant, beside the one that is made up; `*` is any.
    pub appids: Vec<String>,
    /// The base of addresses in responses, instead of the one that a request was sent to.
    pub public_url: Option<String>,
    /// Every notification is sent to this address too.
    pub notify_to: Option<String>,
    /// Refunds arrive, transfers are confirmed and deductions are paid without being told to.
    pub automatic: bool,
    /// The clock of the business.
    pub clock: Clock,
    /// The merchant, instead of a new one or the one in the folder.
    pub identity: Option<Arc<Identity>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            state: None,
            specs: None,
            seed: 0,
            tls: false,
            mchid: None,
            stateless: false,
            notify_anywhere: false,
            speed: 100,
            answers: Answers::Documented,
            platform: Platform::default(),
            algorithm: Algorithm::default(),
            appids: Vec::new(),
            public_url: None,
            notify_to: None,
            automatic: false,
            clock: Clock::default(),
            identity: None,
        }
    }
}
