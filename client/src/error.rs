//! Errors.

/// What went wrong.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    pub(crate) fn encode(problem: String) -> Self {
        Self(problem)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
