//! Files to be uploaded: bytes in memory or a path, under a name.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// A file to be uploaded; the client computes its digest.
#[derive(Clone)]
pub struct Upload {
    pub(crate) name: String,
    pub(crate) content: Content,
}

/// Where the bytes are.
#[derive(Clone)]
pub(crate) enum Content {
    Bytes(Arc<[u8]>),
    Path(PathBuf),
}

impl Upload {
    /// A file in memory, under the name that WeChat Pay shall see.
    pub fn from_bytes(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            content: Content::Bytes(bytes.into().into()),
        }
    }

    /// A file on disk, read when it is sent.
    pub fn from_path(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        Self {
            name,
            content: Content::Path(path),
        }
    }

    /// The name that WeChat Pay shall see.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
