//! What a change does to a caller: a verdict, a version bump and the reason in a phrase.

use super::model::{Bump, Verdict};

/// Verdict, bump and reason.
pub type Judged = (Verdict, Bump, String);

/// Code that compiled may no longer compile.
pub fn breaks(reason: impl Into<String>) -> Judged {
    (Verdict::CompileTime, Bump::Major, reason.into())
}

/// A call that succeeded may fail or mean something else.
pub fn fails(reason: impl Into<String>) -> Judged {
    (Verdict::RunTime, Bump::Major, reason.into())
}

/// Callers need not do anything.
pub fn compatible(bump: Bump, reason: impl Into<String>) -> Judged {
    (Verdict::Compatible, bump, reason.into())
}

/// A change that the generated types do not show.
pub fn documentation() -> Judged {
    compatible(Bump::Patch, "documentation only")
}
