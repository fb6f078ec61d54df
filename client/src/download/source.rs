//! Where a file comes from, and what was said about it beforehand.

use http::header::ACCEPT;
use http::{HeaderValue, Method, Uri};

use crate::apiv3::Encryptor;
use crate::call::prepare;
use crate::client::Client;
use crate::crypto::Digest;
use crate::error::Error;
use crate::exchange::{Address, Options, Payload, Prepared, SERIAL, header_value};
use crate::operation::{Operation, ResponseFormat};
use crate::transport::Connection;
use crate::wire::{Object, View};

/// What stands for a `download_url` in errors and spans.
static BY_URL: Operation = Operation {
    method: Method::GET,
    path: "/v3/billdownload/file",
    response: ResponseFormat::File,
    signed_response: false,
    ..Operation::V3
};

/// The hosts that a signed request may go to.
const HOSTS: [&str; 9] = [
    "api.mch.weixin.qq.com",
    "api2.mch.weixin.qq.com",
    "apihk.mch.weixin.qq.com",
    "apius.mch.weixin.qq.com",
    "apieu.mch.weixin.qq.com",
    "payapp.mch.weixin.qq.com",
    "pay.wechatpay.cn",
    "api.wechatpay.cn",
    "api2.wechatpay.cn",
];

pub(super) enum Source<'a> {
    Operation(&'static Operation, &'a dyn Object),
    Address(Address),
}

impl Source<'_> {
    pub fn operation(&self) -> &'static Operation {
        match self {
            Self::Operation(operation, _) => operation,
            Self::Address(_) => &BY_URL,
        }
    }

    pub async fn prepare(&self, client: &Client, options: &Options) -> Result<Prepared, Error> {
        match self {
            Self::Operation(operation, request) => prepare(client, operation, *request, options).await,
            Self::Address(_) if !options.extra.is_empty() => Err(Error::request(
                "a download by its URL has no fields; nothing was sent",
            )),
            Self::Address(address) => {
                let mut headers = client.base_headers();
                headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
                if let Some(serial) = Encryptor::new(client, BY_URL.identity).serial() {
                    headers.insert(SERIAL, header_value("Wechatpay-Serial", serial)?);
                }
                Ok(Prepared {
                    method: Method::GET,
                    address: address.clone(),
                    headers,
                    payload: Payload::Bytes(Default::default()),
                    signed_body: Some(Default::default()),
                    connection: Connection::Plain,
                    repeatable: true,
                })
            }
        }
    }
}

/// The address of a `download_url`, if it is WeChat Pay's.
pub(super) fn allowed(client: &Client, url: &str) -> Result<Address, Error> {
    let refused = |problem: &str| Error::request(format!("the `download_url`: {problem}; nothing was sent"));
    let uri: Uri = url.parse().map_err(|_| refused("it is not a URL"))?;
    let authority = uri.authority().ok_or_else(|| refused("it has no host"))?;
    let scheme = uri.scheme_str().unwrap_or_default();
    let path_and_query = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let origin = format!("{scheme}://{authority}");
    if client.base() == Some(origin.as_str()) {
        return Ok(Address {
            origin,
            fallback: None,
            path_and_query,
        });
    }
    if scheme != "https" {
        return Err(refused("it is not https"));
    }
    if !HOSTS.contains(&authority.as_str()) {
        return Err(refused("its host is not one of WeChat Pay's"));
    }
    let (origin, fallback) = client.route(&origin);
    Ok(Address {
        origin,
        fallback,
        path_and_query,
    })
}

/// What was said about a file beforehand.
#[derive(Default)]
pub(super) struct Announced {
    pub hash: Option<(Digest, String)>,
    pub seal: Option<Seal>,
}

/// How a file is encrypted.
pub(super) struct Seal {
    /// Encrypted itself, for the merchant's key.
    pub key: String,
    pub nonce: String,
}

impl Announced {
    pub fn read(announcement: &impl Object) -> Result<Self, Error> {
        let text = |name: &str| text(announcement, name).filter(|text| !text.is_empty());
        let hash = match (text("hash_type"), text("hash_value")) {
            (_, None) => None,
            (None, Some(value)) => Some((Digest::Sha1, value)),
            (Some(name), Some(value)) => {
                let digest = match name.to_ascii_uppercase().as_str() {
                    "SHA1" | "SHA-1" => Digest::Sha1,
                    "SHA256" | "SHA-256" => Digest::Sha256,
                    "SM3" => Digest::Sm3,
                    _ => {
                        return Err(Error::request(
                            "the file's hash is of an unknown kind: SHA1, SHA256 or SM3 is known",
                        ));
                    }
                };
                Some((digest, value))
            }
        };
        let seal = match (text("encrypt_key"), text("nonce")) {
            (Some(key), Some(nonce)) => Some(Seal { key, nonce }),
            (None, None) => None,
            _ => {
                return Err(Error::request(
                    "the file is encrypted, but its key or its nonce is missing",
                ));
            }
        };
        Ok(Self { hash, seal })
    }
}

/// The text of a field, encrypted or not.
pub(super) fn text(object: &dyn Object, name: &str) -> Option<String> {
    let fields = object.fields();
    let (_, value) = fields.iter().find(|(field, _)| *field == name)?;
    match value.view() {
        View::Text(text) => Some(text.to_owned()),
        View::Encrypted(text) => text.ciphertext().map(ToOwned::to_owned),
        _ => None,
    }
}
