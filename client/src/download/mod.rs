//! Downloads: bills, vouchers, pictures.
//!
//! In: an operation whose response is a file, or what announced one (`download_url`, its hash, the
//! key of an encrypted part). Out: the file in a writer, on disk or in memory, gunzipped, its hash
//! checked, never more than allowed.

mod pipe;
mod source;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::AsyncWrite;

use crate::client::Client;
use crate::crypto::Digest;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Extra, Options};
use crate::operation::Operation;
use crate::wire::{Json, Object};

use pipe::Job;
use source::{Announced, Source};

pub use pipe::Downloaded;

/// A download that is about to be made: choose where the file goes.
#[must_use = "a download does nothing until it is told where to"]
pub struct Download<'a>(Job<'a>);

impl<'a> Download<'a> {
    pub(crate) fn new(client: &'a Client, operation: &'static Operation, request: &'a dyn Object) -> Self {
        Self::from_source(client, Source::Operation(operation, request))
    }

    fn from_source(client: &'a Client, source: Source<'a>) -> Self {
        Self(Job {
            limit: client.download_limit(),
            client,
            source,
            options: Options {
                streamed: true,
                ..Options::default()
            },
            announced: Announced::default(),
        })
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn client(&self) -> &'a Client {
        self.0.client
    }

    /// Goes to another of the hosts that the operation's page names.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.0.options.host = Some(host.into());
        self
    }

    /// How long the download may take as a whole. Without it there is a limit to the first response (the
    /// client's) and to the pause between two pieces (an attempt's).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.0.options.timeout = Some(timeout);
        self
    }

    /// Sends one more field, for what the documentation lacks; see [`Call::field`](crate::Call::field).
    ///
    /// A download by its URL has no fields: there it is an error.
    pub fn field(mut self, path: impl Into<String>, value: impl Into<Json>) -> Self {
        self.0.options.extra.push(Extra {
            path: path.into(),
            value: value.into(),
        });
        self
    }

    /// How many bytes the file may have, after gunzip, instead of the client's own limit.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.0.limit = bytes;
        self
    }

    /// The hash that the file must have, after gunzip, in hexadecimal.
    pub fn hash(mut self, digest: Digest, expected: impl Into<String>) -> Self {
        self.0.announced.hash = Some((digest, expected.into()));
        self
    }

    /// Writes the file to `writer` as it comes.
    ///
    /// # Errors
    /// Everything that a call may fail with, and: the file is too large, is not valid gzip, or its hash
    /// differs. Then what was written must not be used.
    pub async fn to_writer<W: AsyncWrite + Unpin + Send>(self, writer: &mut W) -> Result<Downloaded, Error> {
        pipe::run(self.0, writer).await
    }

    /// Writes the file to `path`. It appears there only once it is complete and its hash is right; on Unix
    /// only its owner may read it.
    ///
    /// # Errors
    /// See [`Download::to_writer`]; also when the file can't be written.
    pub async fn to_path(self, path: impl AsRef<Path>) -> Result<Downloaded, Error> {
        let path = path.as_ref();
        let suffix = crate::crypto::hex(&crate::crypto::random::<6>()?);
        let mut partial = path.as_os_str().to_owned();
        partial.push(format!(".{suffix}.part"));
        let failed = |error: std::io::Error| {
            Error::new(
                ErrorKind::File,
                format!("`{}` can't be written: {error}", path.display()),
            )
            .with_source(error)
        };
        let partial = Partial(partial.into());
        let mut file = partial.create().map_err(failed)?;
        let downloaded = self.to_writer(&mut file).await?;
        file.sync_all().await.map_err(failed)?;
        tokio::fs::rename(&partial.0, path).await.map_err(failed)?;
        Ok(downloaded)
    }

    /// The file in memory.
    ///
    /// # Errors
    /// See [`Download::to_writer`].
    pub async fn to_bytes(self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.to_writer(&mut bytes).await?;
        Ok(bytes)
    }
}

/// A file that is removed when the download is over, whichever way: failed, cancelled, or renamed, which
/// leaves nothing to remove.
struct Partial(PathBuf);

impl Partial {
    /// Creates the file, on Unix for its owner alone: bills hold personal data.
    fn create(&self) -> std::io::Result<tokio::fs::File> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        // Not in the background: a cancelled download would leave the file behind.
        options.open(&self.0).map(tokio::fs::File::from_std)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // The error that led here matters more than one from tidying up.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Client {
    /// Downloads what a response announces: a bill, or one part of several.
    ///
    /// `announcement` is the response, or the element of its list, with the fields `download_url`,
    /// `hash_type` and `hash_value`; with `encrypt_key` and `nonce` the file is decrypted too, which
    /// takes it into memory as a whole.
    ///
    /// # Errors
    /// When there is no `download_url`, it leads to a host that is not WeChat Pay's, or the hash is of
    /// an unknown kind.
    pub fn download<'a>(&'a self, announcement: &impl Object) -> Result<Download<'a>, Error> {
        let url = source::text(announcement, "download_url")
            .ok_or_else(|| Error::request("there is no `download_url` in it"))?;
        let mut download = self.download_url(&url)?;
        download.0.announced = Announced::read(announcement)?;
        Ok(download)
    }

    /// Downloads from a `download_url`, without a hash to check: prefer [`Client::download`].
    ///
    /// # Errors
    /// When it leads to a host that is not WeChat Pay's: the request is signed, and goes nowhere else.
    pub fn download_url(&self, url: &str) -> Result<Download<'_>, Error> {
        let address = source::allowed(self, url)?;
        Ok(Download::from_source(self, Source::Address(address)))
    }
}
