//! A client for WeChat Pay in which every documented operation is typed: APIv3, APIv2 and webhooks.
//!
//! # Calling an operation
//!
//! The path is the name: `POST /v3/pay/transactions/jsapi` is [`v3::pay::transactions::jsapi::post`](fn@v3::pay::transactions::jsapi::post),
//! and a path parameter `{id}` is a module `by_id`. The types of an operation are in the module beside its
//! function. A request is made from its required fields, by `new` or from a struct of that purpose; a method
//! of each optional field's name sets it.
//!
//! ```no_run
//! use wechatpay_client::v3::pay::transactions::native;
//! use wechatpay_client::{Client, Result};
//!
//! # async fn order() -> Result<()> {
//! let client = Client::builder()
//!     .mchid("1900000001")
//!     .certificate_serial("5157F09EFDC096DE15EBE81A47057A7232F1B8E1")
//!     .private_key_file("apiclient_key.pem")
//!     .api_v3_key("an APIv3 key is 32 bytes of text")
//!     .public_key_file("PUB_KEY_ID_0119000000012026112200000000000001", "pub_key.pem")
//!     .build()?;
//! let order = native::post::Request::from(native::post::RequestInit {
//!     appid: "wxd678efh567hg6787".into(),
//!     description: "A pair of socks".into(),
//!     out_trade_no: "20260101-0001".into(),
//!     notify_url: "https://shop.example/notify".into(),
//!     amount: native::post::Amount::new(1280), // fen
//! });
//! let link = native::post(&client, &order).await?.code_url;
//! # Ok(()) }
//! ```
//!
//! A function returns a [`Call`], which can be given options before it is awaited, or a [`Download`]. With the
//! feature `blocking`, `.wait()` does what `.await` does.
//!
//! # Finding an operation
//!
//! Operations are grouped as in their URLs: [`v3`], [`v2`] and [`brand`]; notifications are in [`webhook`].
//! The page of each product (such as [`v3::pay`], [`v3::refund`], [`v3::payscore`]) has its official name and a
//! table of its operations. The search finds official Chinese titles, too: try `申请退款`.
//!
//! # Building a client
//!
//! [`Client::builder`] takes the merchant's credentials and checks them. The [`Builder`] says for each setter
//! which file of the merchant platform it wants. Give a WeChat Pay public key if the account has one; without
//! one, the platform certificates are downloaded and kept fresh. One client is one merchant; it is cheap to clone.
//!
//! # What types mean
//!
//! * Every generated type is `Clone` and `Debug`, and with the feature `serde` `Serialize` and `Deserialize`.
//! * Amounts are `i64` in the smallest unit of their currency (fen); rates are [`Decimal`].
//! * Times are [`Timestamp`]: the text as it is written, compared and converted on demand.
//! * Enumerations are open: a value that is not documented is `Unknown`, and sets without documented values
//!   are [`OpenText`].
//! * [`same`] compares two values; [`convert`] makes one type from another with the same fields, such as the
//!   refund that was made into a refund that is queried.
//! * Sensitive fields are [`Encrypted`]: clear text in a request, [`Client::decrypt`] for a response.
//! * The caller's own `mchid`, `sp_mchid` or `combine_mchid` is optional where a page requires it: the client's
//!   merchant ID is filled in. A request that sets one of them is sent as it is.
//!
//! # Errors
//!
//! Every call returns [`Result`]. [`Error::kind`] says what kind of error it is, [`Error::api`] what WeChat Pay
//! responded. If [`Error::is_outcome_unknown`] is true, the order may exist: query it before
//! anything else; calls that may safely be repeated are retried by the client. A response whose fields differ from the
//! documentation is not an error: [`Call::received`] lists each [`Deviation`].
//!
//! # Notifications
//!
//! [`Client::webhook`] verifies and decrypts a notification from its headers and its body, both exactly as they
//! were received. See [`webhook`], also for handling each notification once.
//!
//! # Tests
//!
//! [`Builder::base_url`] sends requests to a sandbox such as `wechatpay-sandbox`, which emulates WeChat Pay on
//! localhost; [`Builder::transport`] replaces the network, and the feature `testing` has a transport that responds
//! as WeChat Pay does.
//!
//! # Features
//!
//! Each product is a feature of the name of its first folder (`pay`, `marketing`, `v2-papay`, `webhook-refund`);
//! `full` has all. `serde` (on by default) implements `Serialize` and `Deserialize` for the generated types;
//! `blocking` adds `.wait()`, `axum` an extractor for notifications, `time`, `jiff` and `chrono` conversions of
//! [`Timestamp`]. `apiv2`, `p12`, `metrics`, `tower`, `testing`, `redis`, `postgres` and `shangmi` are described
//! in the README.
#![cfg_attr(docsrs, feature(doc_cfg))]
// A product uses its part of the runtime; with all products, where all of it is in use, lints watch.
#![cfg_attr(
    not(feature = "full"),
    allow(dead_code, unused_imports, unused_macros, unused_mut)
)]

#[macro_use]
mod wire;
#[macro_use]
pub mod webhook;

#[cfg(feature = "apiv2")]
pub mod apiv2;
mod apiv3;
#[cfg(feature = "blocking")]
mod blocking;
mod builder;
mod call;
mod client;
mod clock;
mod credentials;
pub mod crypto;
mod download;
mod error;
mod exchange;
#[allow(missing_docs)]
#[rustfmt::skip]
mod generated;
pub mod observe;
mod operation;
mod orders;
pub mod pay;
mod retry;
#[cfg(feature = "blocking")]
mod runtime;
#[cfg(any(feature = "postgres", feature = "redis"))]
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(test)]
mod tests;
pub mod traffic;
pub mod transport;
mod trust;

#[cfg(feature = "apiv2")]
pub use apiv2::Link;
pub use apiv3::read_certificates;
pub use builder::{Brand, Builder};
#[cfg(feature = "apiv2")]
pub use call::UntypedV2Call;
pub use call::{Call, FromResponse, ItemStream, PageStream, Received, UntypedCall};
pub use client::Client;
pub use clock::Clock;
pub use credentials::{Decryptor, Signer};
pub use download::{Download, Downloaded};
pub use error::{ApiError, Error, ErrorCode, ErrorKind, Result};
pub use generated::{brand, v2, v3};
pub use operation::{BodyFormat, Identity, Operation, Pages, Protocol, ResponseFormat};
pub use orders::Order;
pub use trust::{CertificateStore, PlatformKey, TrustStatus};
pub use wire::{
    Decimal, Decoded, Deviation, Encrypted, Json, JsonText, Mismatch, OpenText, ParseDecimalError, Sealed,
    Timestamp, TimestampError, TimestampForm, Unknown, UnknownInteger, Upload, UrlEncoded, convert, same,
};

/// The programs in the READMEs, compiled as tests.
#[cfg(all(doctest, feature = "full", feature = "testing", feature = "p12"))]
mod readme {
    #[doc = include_str!("../../README.md")]
    struct English;
    #[doc = include_str!("../../README.zh-CN.md")]
    struct Chinese;
}
