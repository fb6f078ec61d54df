//! Control.
pub(crate) mod http;
use std::sync::Arc;
use crate::Inner;
/// The payer's and the platform's side.
pub struct Control { pub(crate) inner: Arc<Inner> }
impl Control {
    pub(crate) fn new(inner: Arc<Inner>) -> Self { Self { inner } }
}
pub(crate) fn is_control(path: &str) -> bool { path == "/" || path.starts_with("/sandbox/") || path.starts_with("/control/") }
