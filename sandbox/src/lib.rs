#![doc = include_str!("../README.md")]
//!
//! WeChat Pay on localhost, emulated from the documentation pages. **It is a test double**: no money
//! moves, its keys are made up, its certificates are issued by an untrusted test CA, and it listens on
//! loopback unless told otherwise.
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
//! strictly, against the very row of the page; every documented operation has a response. What the payer
//! and WeChat Pay do is driven by [`Sandbox::control`], or by a browser at the sandbox's `/`.
//!
//! # The modules
//!
//! `pages` (built from `model`) says what operations there are; `server` reads a request; `check`
//! judges it; `business` knows orders, refunds and the like, and `response` writes what comes back; `faults`
//! spoils it on demand; `control` is the payer's and the platform's side, `notify` what they send.

mod business;
pub mod check;
pub mod clock;
pub mod control;
mod convert;
pub mod crypto;
pub mod faults;
mod files;
pub mod identity;
pub mod key;
pub mod log;
pub mod model;
pub mod notify;
pub mod pages;
mod play;
mod progress;
pub mod refusal;
pub mod response;
mod schedule;
mod server;
pub mod settings;
mod sm;
mod store;
pub mod text;
pub mod xml;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinHandle;

use clock::Clock;
pub use files::temporary_folder;
use identity::Identity;
use pages::Pages;
use schedule::Job;
pub use settings::{Answers, Settings};

/// A running sandbox; it stops when it is dropped.
pub struct Sandbox {
    inner: Arc<Inner>,
    server: JoinHandle<()>,
    progress: JoinHandle<()>,
}

/// What all parts share.
pub(crate) struct Inner {
    pub settings: Settings,
    pub pages: Arc<Pages>,
    pub identity: Arc<Identity>,
    pub base: String,
    pub clock: Clock,
    pub store: Mutex<store::Store>,
    pub log: Mutex<log::Log>,
    pub faults: Mutex<faults::Faults>,
    pub schedule: Mutex<schedule::Schedule>,
    /// Tells of new jobs, and of changes of the clock.
    pub wake: Arc<tokio::sync::Notify>,
    /// What runs in the background runs there, whoever asks for it.
    pub runtime: tokio::runtime::Handle,
}

/// How long something takes that goes on automatically, in milliseconds.
const SETTLES_AFTER: u64 = 1000;

impl Inner {
    /// Something is to be done at a time of the business, in milliseconds.
    pub(crate) fn add_job(&self, at: u64, job: Job) {
        lock(&self.schedule).add(at, job);
        self.wake.notify_one();
    }

    /// With automatic progress, something of this kind and key goes on a little later.
    pub(crate) fn settle_later(&self, kind: &'static str, key: &str) {
        if self.settings.automatic {
            let at = self.clock.now_millis() + SETTLES_AFTER;
            self.add_job(at, Job::Settle(kind, key.to_owned()));
        }
    }

    /// Writes the identity to its folder again, after its keys have changed.
    pub(crate) fn keep_identity(&self) {
        if let Some(folder) = &self.settings.state
            && let Err(error) = self.identity.write(folder, &self.base)
        {
            eprintln!("wechatpay-sandbox: the keys can't be written: {error}");
        }
    }
}

/// Locks, ignoring poisoning.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is read from the settings and from disk.
struct Loaded {
    pages: Arc<Pages>,
    identity: Arc<Identity>,
    store: store::Store,
    log: log::Log,
}

impl Loaded {
    fn new(settings: &Settings) -> io::Result<Self> {
        let folder = settings.state.as_deref();
        if let Some(folder) = folder {
            files::make_folder(folder)?;
        }
        let (mchid, platform) = (settings.mchid.as_deref(), settings.platform);
        let algorithm = settings.algorithm;
        let identity = match (&settings.identity, folder) {
            (Some(identity), _) => identity.clone(),
            (None, Some(folder)) => Identity::open(folder, mchid, platform, algorithm)?.into(),
            (None, None) => Identity::generate(mchid, platform, algorithm)?.into(),
        };
        Ok(Self {
            pages: match &settings.specs {
                Some(folder) => Pages::load(folder).map_err(io::Error::other)?,
                None => Pages::built_in(),
            },
            identity,
            store: store::Store::open(folder)?,
            log: log::Log::open(folder)?,
        })
    }
}

impl Sandbox {
    /// Starts one on a free port of 127.0.0.1, with a new identity and the built-in pages.
    ///
    /// # Errors
    /// When no port or no key is to be had.
    pub async fn start() -> io::Result<Self> {
        Self::with(Settings::default()).await
    }

    /// Starts one. Keys are made on a thread of their own, so that the executor is not held up.
    ///
    /// # Errors
    /// When the address is taken, or the folders can't be read or written.
    pub async fn with(settings: Settings) -> io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(settings.listen).await?;
        let loading = settings.clone();
        let loaded = tokio::task::spawn_blocking(move || Loaded::new(&loading)).await;
        let loaded = loaded.map_err(io::Error::other)??;
        let scheme = if settings.tls { "https" } else { "http" };
        let base = match &settings.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("{scheme}://{}", listener.local_addr()?),
        };
        let inner = Arc::new(Inner {
            base,
            clock: settings.clock.clone(),
            store: Mutex::new(loaded.store),
            log: Mutex::new(loaded.log),
            faults: Mutex::new(faults::Faults::new(settings.seed)),
            schedule: Mutex::default(),
            wake: Arc::default(),
            runtime: tokio::runtime::Handle::current(),
            pages: loaded.pages,
            identity: loaded.identity,
            settings,
        });
        if inner.settings.identity.is_none() {
            // The folder's settings say where the sandbox is now.
            inner.keep_identity();
        }
        progress::resume(&inner);
        let server = server::start(inner.clone(), listener)?;
        let progress = tokio::spawn(progress::run(Arc::downgrade(&inner)));
        Ok(Self {
            inner,
            server,
            progress,
        })
    }

    /// `http://127.0.0.1:PORT`, or the public URL of the settings.
    pub fn url(&self) -> &str {
        &self.inner.base
    }

    /// Ids, keys and certificates.
    pub fn identity(&self) -> &Identity {
        &self.inner.identity
    }

    /// The pages that are emulated.
    pub fn pages(&self) -> &Pages {
        &self.inner.pages
    }

    /// The payer's and the platform's side.
    pub fn control(&self) -> control::Control {
        control::Control::new(self.inner.clone())
    }

    /// Runs until the sandbox is dropped.
    pub async fn join(mut self) {
        let _ = (&mut self.server).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
        self.progress.abort();
        // Connections may outlive it for a moment; the next one opens the same folder.
        lock(&self.inner.store).close();
    }
}
