//! The path of a file: response → decrypted if it is encrypted → gunzipped if it is gzip → counted,
//! hashed, written.

use std::io::Write as _;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use flate2::write::MultiGzDecoder;
use http::{HeaderMap, StatusCode};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use super::source::{Announced, Seal, Source};
use crate::apiv3::{self, Signed};
use crate::call::refusal;
use crate::client::Client;
use crate::crypto::{self, Digest, Hasher};
use crate::error::{Error, ErrorKind};
use crate::exchange::{Options, Progress, RawResponse, request_id, send};
use crate::operation::{Operation, Protocol};
use crate::transport::Body;

/// What a gzip file begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// How much is gunzipped at a time: a bomb of a thousand to one makes four megabytes of it.
const PIECE: usize = 4096;

/// The header that a signed file's digest stands in: it is what the signature is over.
const STATEMENT_SHA1: &str = "wechatpay-statement-sha1";

/// What to download, from where, and what is known about it.
pub(super) struct Job<'a> {
    pub client: &'a Client,
    pub source: Source<'a>,
    pub options: Options,
    pub announced: Announced,
    pub limit: u64,
}

/// A finished download.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Downloaded {
    /// Bytes of the file, after gunzip.
    pub bytes: u64,
    /// The `Content-Type` that the file came with.
    pub content_type: Option<String>,
    /// A hash was announced, or signed, and it is the file's.
    pub hash_checked: bool,
}

pub(super) async fn run<W: AsyncWrite + Unpin + Send>(
    download: Job<'_>,
    writer: &mut W,
) -> Result<Downloaded, Error> {
    let (client, operation) = (download.client, download.source.operation());
    let total = download.options.timeout;
    let progress = Progress::new(total.unwrap_or(client.timeouts().total));
    let work = receive(download, writer, &progress);
    let result = match total {
        None => work.await,
        Some(total) => tokio::time::timeout(total, work).await.unwrap_or_else(|_| {
            Err(Error::new(
                ErrorKind::Timeout,
                "the file was not complete in the time allowed",
            ))
        }),
    };
    let result = result.map_err(|error| error.with_operation(operation));
    let seen = result.as_ref().map(|_| (StatusCode::OK, 0));
    let event = progress.event(operation, seen);
    client.observe(|observer| observer.response(&event));
    result
}

async fn receive<W: AsyncWrite + Unpin + Send>(
    download: Job<'_>,
    writer: &mut W,
    progress: &Progress,
) -> Result<Downloaded, Error> {
    let Job {
        client,
        source,
        options,
        announced,
        limit,
    } = download;
    let operation = source.operation();
    if operation.protocol == Protocol::V3 {
        client.credentials(operation.identity)?;
        progress.limit(client.ensure_trust(operation.identity)).await?;
    }
    let prepared = source.prepare(client, &options).await?;
    let mut response = send(client, operation, &prepared, &options, progress).await?;
    if !response.status.is_success() {
        return Err(refusal(client, operation, &response).await);
    }
    let signed = signed_hash(client, operation, &response).await?;
    let hash_checked = signed.is_some() || announced.hash.is_some();
    let content_type = response.headers.get(http::header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| Some(value.to_str().ok()?.to_owned()));
    let mut body = Pieces {
        body: response.rest.take().unwrap_or_else(Body::empty),
        pause: client.timeouts().attempt,
        ahead: Bytes::new(),
    };
    if operation.protocol != Protocol::V3 && body.peek(4).await?.starts_with(b"<") {
        response.body = body.rest(client.body_limit()).await?;
        return Err(refusal(client, operation, &response).await);
    }
    if let Some(seal) = &announced.seal {
        let sealed = body.rest(usize::try_from(limit).unwrap_or(usize::MAX)).await?;
        body.ahead = Bytes::from(open(client, seal, sealed)?);
        body.body = Body::empty();
    }
    let mut sink = Sink {
        writer,
        hashers: signed
            .into_iter()
            .chain(announced.hash)
            .map(|(digest, expected)| (Hasher::new(digest), expected))
            .collect(),
        bytes: 0,
        limit,
    };
    pour(&mut body, &mut sink).await?;
    Ok(Downloaded {
        bytes: sink.finish().await?,
        content_type,
        hash_checked,
    })
}

/// The hash that the signature of the response covers, if it has one.
async fn signed_hash(
    client: &Client,
    operation: &Operation,
    response: &RawResponse,
) -> Result<Option<(Digest, String)>, Error> {
    if operation.protocol != Protocol::V3 || !operation.signed_response {
        return Ok(None);
    }
    let id = request_id(&response.headers);
    let sha1 = statement_sha1(&response.headers).ok_or_else(|| {
        Error::verification("there is not exactly one `Wechatpay-Statement-Sha1` header")
            .with_response(response.status, id)
    })?;
    let signed = format!("{{\"sha1\":\"{sha1}\"}}");
    apiv3::verify(client, &response.headers, Signed::Response(signed.as_bytes())).await?;
    Ok(Some((Digest::Sha1, sha1.to_owned())))
}

fn statement_sha1(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(STATEMENT_SHA1).iter();
    let value = values.next()?.to_str().ok()?;
    let hex = value.len() == 40 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    (hex && values.next().is_none()).then_some(value)
}

/// Opens a part of a bill: its key is encrypted for the merchant.
fn open(client: &Client, seal: &Seal, sealed: Bytes) -> Result<Vec<u8>, Error> {
    let key = client.decrypt_bytes(&seal.key)?;
    let nonce = seal.nonce.as_bytes();
    let clear = match key.len() {
        #[cfg(feature = "shangmi")]
        16 => crypto::open_sm4_gcm(&key, nonce, b"", sealed.into())?,
        #[cfg(not(feature = "shangmi"))]
        16 => {
            return Err(Error::encryption(
                "the file is sealed with SM4_GCM: ask for AEAD_AES_256_GCM, or turn on the feature `shangmi`",
            ));
        }
        _ => crypto::open_aes_256_gcm(&key, nonce, b"", sealed.into())?,
    };
    Ok(clear.to_vec())
}

/// A response's body, and what was read of it already.
struct Pieces {
    body: Body,
    /// The longest pause between two pieces.
    pause: Duration,
    ahead: Bytes,
}

impl Pieces {
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        if !self.ahead.is_empty() {
            return Ok(Some(std::mem::take(&mut self.ahead)));
        }
        match tokio::time::timeout(self.pause, self.body.next()).await {
            Ok(Some(Ok(piece))) => Ok(Some(piece)),
            Ok(None) => Ok(None),
            Ok(Some(Err(error))) => {
                Err(Error::new(ErrorKind::Transport, "the file broke off").with_source(error))
            }
            Err(_) => Err(Error::new(ErrorKind::Timeout, "the file stopped coming")),
        }
    }

    /// The first bytes, which stay to be read.
    async fn peek(&mut self, count: usize) -> Result<&[u8], Error> {
        while self.ahead.len() < count {
            let before = std::mem::take(&mut self.ahead);
            let Some(piece) = self.next().await? else {
                self.ahead = before;
                break;
            };
            self.ahead = if before.is_empty() {
                piece
            } else {
                [before, piece].concat().into()
            };
        }
        Ok(&self.ahead)
    }

    /// Everything that is left.
    async fn rest(&mut self, limit: usize) -> Result<Bytes, Error> {
        let mut all = BytesMut::new();
        while let Some(piece) = self.next().await? {
            if all.len().saturating_add(piece.len()) > limit {
                return Err(too_large(limit as u64));
            }
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }
}

/// Where a file ends.
struct Sink<'a, W> {
    writer: &'a mut W,
    /// What is hashed, and the expected results.
    hashers: Vec<(Hasher, String)>,
    bytes: u64,
    limit: u64,
}

impl<W: AsyncWrite + Unpin> Sink<'_, W> {
    /// Compares the hashes; the number of bytes written.
    async fn finish(self) -> Result<u64, Error> {
        self.writer.flush().await.map_err(unwritable)?;
        for (hasher, expected) in self.hashers {
            if !hasher.finish().eq_ignore_ascii_case(expected.trim()) {
                return Err(Error::new(
                    ErrorKind::Integrity,
                    "the file's hash differs from the announced one; do not use the file",
                ));
            }
        }
        Ok(self.bytes)
    }

    async fn take(&mut self, piece: &[u8]) -> Result<(), Error> {
        self.bytes = self.bytes.saturating_add(piece.len() as u64);
        if self.bytes > self.limit {
            return Err(too_large(self.limit));
        }
        for (hasher, _) in &mut self.hashers {
            hasher.update(piece);
        }
        write(self.writer, piece).await
    }
}

async fn pour<W: AsyncWrite + Unpin>(body: &mut Pieces, sink: &mut Sink<'_, W>) -> Result<(), Error> {
    if !body.peek(GZIP.len()).await?.starts_with(&GZIP) {
        while let Some(piece) = body.next().await? {
            sink.take(&piece).await?;
        }
        return Ok(());
    }
    let invalid = |error: std::io::Error| {
        Error::new(ErrorKind::Integrity, "the file is not valid gzip").with_source(error)
    };
    let mut gunzip = MultiGzDecoder::new(Vec::new());
    while let Some(piece) = body.next().await? {
        for slice in piece.chunks(PIECE) {
            gunzip.write_all(slice).map_err(invalid)?;
            let clear = std::mem::take(gunzip.get_mut());
            sink.take(&clear).await?;
        }
    }
    gunzip.try_finish().map_err(invalid)?;
    let clear = std::mem::take(gunzip.get_mut());
    sink.take(&clear).await
}

fn too_large(limit: u64) -> Error {
    Error::new(
        ErrorKind::TooLarge,
        format!("the file has more than {limit} bytes"),
    )
}

/// Writes; a failure is an error of the file.
async fn write<W: AsyncWrite + Unpin>(writer: &mut W, bytes: &[u8]) -> Result<(), Error> {
    writer.write_all(bytes).await.map_err(unwritable)
}

fn unwritable(error: std::io::Error) -> Error {
    Error::new(ErrorKind::File, format!("the file can't be written: {error}")).with_source(error)
}
