//! XML in and out.
