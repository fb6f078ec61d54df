//! The business that is played with state: orders, refunds, bills and the like.
//!
//! In: a checked request. Out: its answer, or a refusal in WeChat Pay's codes. What no module here
//! knows is answered from its page.

use std::sync::Arc;

use crate::Inner;
use crate::answer::{Reply, Writer};
use crate::check::Checked;
use crate::refusal::Refusal;

/// Carries a request out.
pub(crate) fn carry_out(inner: &Arc<Inner>, writer: &Writer<'_>, checked: &Checked) -> Result<Reply, Refusal> {
    let _ = inner;
    Ok(writer.generic(checked))
}
