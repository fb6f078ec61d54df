//! HTTP.
use std::sync::Arc;
use crate::Inner;
use crate::answer::Reply;
use crate::check::Incoming;
pub(crate) async fn answer(_inner: &Arc<Inner>, _incoming: &Incoming) -> Reply { Reply::new(200, "text/plain", "sandbox") }
