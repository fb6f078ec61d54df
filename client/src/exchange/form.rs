//! Multipart forms with one file.
//!
//! In: an [`Upload`] and the text parts of the form. Out: the file's digest, and the form as a body
//! that can be produced again for every attempt. A file on disk is streamed, never held in memory.

use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncReadExt as _, ReadBuf};

use crate::crypto::{self, Digest, Hasher};
use crate::error::{BoxError, Error, ErrorKind};
use crate::transport::Body;
use crate::wire::{Content, Upload};

/// How much of a file is in memory at a time.
const PIECE: usize = 64 * 1024;

/// The digest of a file's content in lower-case hexadecimal.
pub(crate) async fn digest(upload: &Upload, digest: Digest) -> Result<String, Error> {
    let path = match &upload.content {
        Content::Bytes(bytes) => return Ok(digest.of(bytes)),
        Content::Path(path) => path,
    };
    let mut file = open(path).await?.0;
    let mut hasher = Hasher::new(digest);
    let mut piece = vec![0; PIECE];
    loop {
        let read = file.read(&mut piece).await.map_err(|error| failed(path, error))?;
        if read == 0 {
            return Ok(hasher.finish());
        }
        hasher.update(&piece[..read]);
    }
}

async fn open(path: &Path) -> Result<(tokio::fs::File, Metadata), Error> {
    let file = tokio::fs::File::open(path)
        .await
        .map_err(|error| failed(path, error))?;
    let metadata = file.metadata().await.map_err(|error| failed(path, error))?;
    Ok((file, metadata))
}

fn failed(path: &Path, error: io::Error) -> Error {
    Error::new(
        ErrorKind::File,
        format!("`{}` can't be read: {error}", path.display()),
    )
    .with_source(error)
}

/// A multipart form with one file.
pub(crate) struct Form {
    boundary: String,
    head: Bytes,
    content: Content,
    tail: Bytes,
}

/// A part of a form that is text.
pub(crate) struct TextPart<'a> {
    pub name: &'a str,
    pub content_type: Option<&'a str>,
    pub text: &'a [u8],
}

impl Form {
    /// Text parts first, in their order, then the file under `part`.
    pub(crate) fn new(texts: &[TextPart<'_>], part: &str, file: &Upload) -> Result<Self, Error> {
        let boundary = crypto::hex(&crypto::random::<16>()?);
        let mut head = Vec::new();
        for text in texts {
            let name = escape(text.name);
            head.extend_from_slice(
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n").as_bytes(),
            );
            if let Some(content_type) = text.content_type {
                head.extend_from_slice(format!("Content-Type: {content_type}\r\n").as_bytes());
            }
            head.extend_from_slice(b"\r\n");
            head.extend_from_slice(text.text);
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
                escape(part),
                escape(&file.name),
                media_type(&file.name),
            )
            .as_bytes(),
        );
        Ok(Self {
            tail: format!("\r\n--{boundary}--\r\n").into(),
            boundary,
            head: head.into(),
            content: file.content.clone(),
        })
    }

    /// What `Content-Type` says.
    pub(crate) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// The whole form, once more.
    pub(crate) async fn body(&self) -> Result<Body, Error> {
        let path = match &self.content {
            Content::Bytes(bytes) => {
                return Ok([&self.head[..], bytes, &self.tail].concat().into());
            }
            Content::Path(path) => path,
        };
        let (file, metadata) = open(path).await?;
        Ok(Body::wrap(FileBody {
            head: Some(self.head.clone()),
            left: metadata.len(),
            file,
            tail: Some(self.tail.clone()),
        }))
    }
}

/// As browsers write names in forms, so that none can break out of its quotes.
fn escape(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

fn media_type(name: &str) -> &'static str {
    let extension = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match extension.as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "bmp" => "image/bmp",
        "gif" => "image/gif",
        "mp4" => "video/mp4",
        "avi" => "video/x-msvideo",
        "mov" => "video/quicktime",
        "pdf" => "application/pdf",
        "csv" => "text/csv",
        "txt" => "text/plain",
        _ => "application/octet-stream",
    }
}

/// A form whose file is read while it is sent.
struct FileBody {
    head: Option<Bytes>,
    file: tokio::fs::File,
    left: u64,
    tail: Option<Bytes>,
}

impl FileBody {
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        let mut piece = vec![0; PIECE.min(usize::try_from(self.left).unwrap_or(PIECE))];
        let mut buffer = ReadBuf::new(&mut piece);
        std::task::ready!(Pin::new(&mut self.file).poll_read(context, &mut buffer))?;
        let read = buffer.filled().len();
        if read == 0 {
            let changed = io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter meanwhile");
            return Poll::Ready(Err(changed));
        }
        self.left -= read as u64;
        piece.truncate(read);
        Poll::Ready(Ok(piece.into()))
    }
}

impl http_body::Body for FileBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        if let Some(head) = this.head.take() {
            return Poll::Ready(Some(Ok(Frame::data(head))));
        }
        if this.left > 0 {
            return this
                .poll_piece(context)
                .map(|piece| Some(piece.map(Frame::data).map_err(Into::into)));
        }
        Poll::Ready(this.tail.take().map(|tail| Ok(Frame::data(tail))))
    }

    fn size_hint(&self) -> SizeHint {
        let length = |part: &Option<Bytes>| part.as_ref().map_or(0, |part| part.len() as u64);
        SizeHint::with_exact(length(&self.head) + self.left + length(&self.tail))
    }
}
