//! APIv2: XML, a symmetric signature and, where money leaves, mutual TLS.

mod sign;

pub use sign::{ApiV2Key, SignType, sign, sign_work_wechat, verify};
