//! One error for several callers who waited for the same work.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use super::{BoxError, Detail, Error, Inner};

impl Error {
    /// The error of work that several callers waited for.
    pub(crate) fn copy_of(shared: &Arc<Self>) -> Self {
        let inner = &shared.0;
        let detail = match &inner.detail {
            Detail::None => Detail::None,
            Detail::Api(api) => Detail::Api(api.clone()),
            Detail::Decode(mismatch) => Detail::Decode(mismatch.clone()),
            Detail::Deviations(mismatch, all) => Detail::Deviations(mismatch.clone(), all.clone()),
        };
        let source = inner
            .source
            .as_ref()
            .map(|_| Box::new(SharedSource(shared.clone())) as BoxError);
        Self(Box::new(Inner {
            kind: inner.kind,
            problem: inner.problem.clone(),
            operation: inner.operation,
            request_id: inner.request_id.clone(),
            status: inner.status,
            body: inner.body.clone(),
            sent: inner.sent,
            in_doubt: inner.in_doubt,
            detail,
            source,
        }))
    }
}

/// The source of an error that several callers have.
struct SharedSource(Arc<Error>);

impl SharedSource {
    fn get(&self) -> &(dyn StdError + 'static) {
        self.0.source().unwrap_or(&*self.0)
    }
}

impl fmt::Display for SharedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.get(), f)
    }
}

impl fmt::Debug for SharedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.get(), f)
    }
}

impl StdError for SharedSource {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.get().source()
    }
}
