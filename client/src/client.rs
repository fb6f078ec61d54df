//! The client.

/// A merchant's client.
#[derive(Clone)]
pub struct Client {}
