//! What the generated code says about an operation: data only. [`Client`](crate::Client) does the rest.

/// A documented API operation.
#[derive(Debug)]
pub struct Operation {
    /// Which of the two protocols it speaks.
    pub protocol: Protocol,
    /// Whose key signs the request.
    pub identity: Identity,
    /// HTTP method.
    pub method: http::Method,
    /// URL path as documented, with `{name}` where a path parameter stands.
    pub path: &'static str,
    /// Base URLs, the default first; a path after the host is part of what is signed.
    pub hosts: &'static [&'static str],
    /// Fields of the request that are query parameters.
    pub query: &'static [&'static str],
    /// Fields of the request that are headers.
    pub headers: &'static [&'static str],
    /// Fields of the path that the body holds, too.
    pub in_path_and_body: &'static [&'static str],
    /// How the other fields are sent, except for those named in `path`.
    pub body: BodyFormat,
    /// Fields that the client fills in when the caller has not.
    pub filled_by_client: &'static [&'static str],
    /// The values of `sign_type` that the page allows (v2); without the field, MD5 it is.
    pub sign_types: &'static [&'static str],
    /// What comes back on success.
    pub response: ResponseFormat,
    /// Whether the response is signed.
    pub signed_response: bool,
    /// The merchant's API certificate is needed on the connection (v2).
    pub mutual_tls: bool,
    /// A `nonce_str` is added (v2).
    pub nonce: bool,
    /// The merchant's own number in the request that makes a repetition harmless:
    /// the same number with the same parameters is the same transaction.
    pub idempotent_by: Option<&'static str>,
    /// How the pages of a list are asked for.
    pub pages: Pages,
}

/// The two protocols of WeChat Pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// XML and a symmetric signature.
    #[cfg(feature = "apiv2")]
    V2,
    /// JSON and RSA signatures.
    V3,
}

/// Whose key signs the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Identity {
    /// The merchant's, as in all of APIv2 and almost all of APIv3.
    Merchant,
    /// The brand's: operations under `/brand/`.
    Brand,
}

/// How a request's body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFormat {
    /// There is none.
    None,
    /// JSON.
    Json,
    /// XML with one level of elements.
    Xml,
    /// A form with a file.
    Multipart,
}

/// How the pages of a list are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    /// There are none.
    None,
    /// By the first row: `offset`, a position.
    Row,
    /// By the page's number: an `offset` that is one (分页页码), from 0; `page_index`, from 1.
    Number,
    /// By a token that the page before ended with: `page_token`, `next_page_token`.
    Token,
}

/// What comes back on success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseFormat {
    /// JSON.
    Json,
    /// XML.
    Xml,
    /// No body.
    Empty,
    /// A file.
    File,
    /// Nothing: the signed URL is for the payer's browser.
    Redirect,
}

impl Operation {
    /// What most APIv3 operations have in common.
    #[doc(hidden)]
    pub const V3: Self = Self {
        protocol: Protocol::V3,
        identity: Identity::Merchant,
        method: http::Method::POST,
        path: "",
        hosts: &["https://api.mch.weixin.qq.com/"],
        query: &[],
        headers: &[],
        in_path_and_body: &[],
        body: BodyFormat::None,
        filled_by_client: &[],
        sign_types: &[],
        response: ResponseFormat::Json,
        signed_response: true,
        mutual_tls: false,
        nonce: false,
        idempotent_by: None,
        pages: Pages::None,
    };

    /// What most APIv2 operations have in common.
    #[cfg(feature = "apiv2")]
    #[doc(hidden)]
    pub const V2: Self = Self {
        protocol: Protocol::V2,
        body: BodyFormat::Xml,
        response: ResponseFormat::Xml,
        nonce: true,
        ..Self::V3
    };
}
