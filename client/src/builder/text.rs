//! Text that a setter takes, or that a file holds.

use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::error::Error;

/// Text that is given, or stands in a file.
pub(super) enum Text {
    Given(Zeroizing<String>),
    File(PathBuf),
}

impl Text {
    pub fn given(text: impl Into<String>) -> Self {
        Self::Given(Zeroizing::new(text.into()))
    }

    pub fn read(&self, what: &str) -> Result<Zeroizing<String>, Error> {
        match self {
            Self::Given(text) => Ok(text.clone()),
            Self::File(path) => std::fs::read_to_string(path)
                .map(Zeroizing::new)
                .map_err(|error| {
                    Error::configuration(format!("{what}: `{}` can't be read: {error}", path.display()))
                        .with_source(error)
                }),
        }
    }
}
