//! WeChat Pay on localhost.
