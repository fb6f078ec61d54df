#![doc = include_str!("../README.md")]
//!
//! WeChat Pay on localhost, played from the documentation pages. **It is a test double**: no money
//! moves, its keys are made up, its certificates are issued by a CA that calls itself worthless, and it
//! listens on loopback unless told otherwise.
//!
//! ```no_run
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let sandbox = wechatpay_sandbox::Sandbox::start().await?;
//! println!("{} for merchant {}", sandbox.url(), sandbox.identity().mchid);
//! # Ok(())
//! # }
//! ```
//!
//! Point any SDK at [`Sandbox::url`] with the keys of [`Sandbox::identity`]. Requests are checked
//! strictly, against the very row of the page; every documented operation is answered. What the payer
//! and WeChat Pay do is driven by [`Sandbox::control`], or by a browser at the sandbox's `/`.
//!
//! # The modules
//!
//! `pages` (built from `model`) says what operations there are; `server` reads a request; `check`
//! judges it; `business` knows orders, refunds and the like, and `response` writes what comes back; `faults`
//! spoils it on demand; `control` is the payer's and the platform's side, `notify` what they send.

mod business;
pub mod check;
pub mod control;
mod convert;
pub mod crypto;
pub mod faults;
pub mod identity;
pub mod log;
pub mod model;
pub mod notify;
pub mod pages;
pub mod refusal;
pub mod response;
mod server;
pub mod settings;
mod store;
pub mod text;
pub mod xml;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use identity::Identity;
use pages::Pages;
pub use settings::{Answers, Settings};

/// A running sandbox; it stops when it is dropped.
pub struct Sandbox {
    inner: Arc<Inner>,
    server: tokio::task::JoinHandle<()>,
}

/// What all parts share.
pub(crate) struct Inner {
    pub settings: Settings,
    pub pages: Arc<Pages>,
    pub identity: Identity,
    pub base: String,
    pub store: Mutex<store::Store>,
    pub log: Mutex<log::Log>,
    pub faults: Mutex<faults::Faults>,
}

/// A lock, whoever panicked under it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sandbox {
    /// Starts one on a free port of 127.0.0.1, with a new identity and the built-in pages.
    ///
    /// # Errors
    /// When no port or no key is to be had.
    pub async fn start() -> io::Result<Self> {
        Self::with(Settings::default()).await
    }

    /// Starts one.
    ///
    /// # Errors
    /// When the address is taken, or the folders can't be read or written.
    pub async fn with(settings: Settings) -> io::Result<Self> {
        let pages = match &settings.specs {
            Some(folder) => Pages::load(folder).map_err(io::Error::other)?,
            None => Pages::built_in(),
        };
        let mchid = settings.mchid.as_deref();
        let identity = match &settings.state {
            Some(folder) => Identity::open(folder, mchid)?,
            None => Identity::generate(mchid)?,
        };
        let listener = tokio::net::TcpListener::bind(settings.listen).await?;
        let scheme = if settings.tls { "https" } else { "http" };
        let inner = Arc::new(Inner {
            base: format!("{scheme}://{}", listener.local_addr()?),
            store: Mutex::new(store::Store::open(settings.state.as_deref())?),
            log: Mutex::default(),
            faults: Mutex::new(faults::Faults::new(settings.seed)),
            pages,
            identity,
            settings,
        });
        let server = server::start(inner.clone(), listener)?;
        Ok(Self { inner, server })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.inner.base
    }

    /// Ids, keys and certificates.
    pub fn identity(&self) -> &Identity {
        &self.inner.identity
    }

    /// The pages that are played.
    pub fn pages(&self) -> &Pages {
        &self.inner.pages
    }

    /// The payer's and the platform's side.
    pub fn control(&self) -> control::Control {
        control::Control::new(self.inner.clone())
    }

    /// Runs until the task ends, which it does not by itself.
    pub async fn join(mut self) {
        let _ = (&mut self.server).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
        // Connections may outlive it for a moment; the next one opens the same folder.
        lock(&self.inner.store).close();
    }
}
