//! Requests to a running sandbox, with the merchant's keys.
//!
//! In: the sandbox's `config.json`, a request. Out: its response, and whether its signature is right.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use wechatpay_sandbox::crypto::{PublicKey, Rsa};

use super::{Given, now};

/// A response.
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    fn header(&self, name: &str) -> &str {
        let mut all = self.headers.iter();
        all.find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value)
    }
}

/// A running sandbox.
pub struct Remote {
    pub url: String,
    /// The merchant's settings; `null` when no file names them.
    pub config: Value,
}

impl Remote {
    /// Finds it by the options, or the environment.
    pub fn new(given: &Given) -> Result<Self, String> {
        let named = std::env::var_os("WECHATPAY_SANDBOX").map(PathBuf::from);
        let config = match given.config.clone().or(named) {
            Some(path) => read_config(&path)?,
            None => Value::Null,
        };
        let url = given
            .url
            .clone()
            .or_else(|| config["url"].as_str().map(str::to_owned));
        let url = url
            .filter(|url| !url.is_empty())
            .ok_or("name the sandbox with --url URL, or --config FILE that has a url")?;
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            config,
        })
    }

    fn text(&self, name: &str) -> Result<&str, String> {
        let value = self.config[name].as_str();
        value.ok_or_else(|| format!("the configuration has no {name}: name its file with --config"))
    }

    fn file(&self, name: &str) -> Result<String, String> {
        let path = self.config["files"][name].as_str();
        let path = path.ok_or_else(|| format!("the configuration names no file for {name}"))?;
        std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))
    }

    /// The headers of an APIv3 request.
    pub fn signed(&self, method: &str, path: &str, body: &str) -> Result<Vec<(String, String)>, String> {
        let key = Rsa::from_pem(&self.file("private_key")?).ok_or("the private key can't be read")?;
        let (nonce, timestamp) = now();
        let signature = key.sign(format!("{method}\n{path}\n{timestamp}\n{nonce}\n{body}\n").as_bytes());
        let authorization = format!(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",nonce_str=\"{nonce}\",signature=\"{signature}\",timestamp=\"{timestamp}\",serial_no=\"{}\"",
            self.text("mchid")?,
            self.text("serial_no")?,
        );
        let mut headers = vec![
            ("Authorization".to_owned(), authorization),
            ("Accept".to_owned(), "application/json".to_owned()),
            ("User-Agent".to_owned(), "wechatpay-sandbox".to_owned()),
        ];
        if !body.is_empty() {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        Ok(headers)
    }

    /// Whether a response is signed by the platform.
    pub fn verify(&self, response: &Response) -> Result<(), String> {
        let serial = response.header("wechatpay-serial");
        let pem = match serial == self.text("public_key_id")? {
            true => self.file("public_key")?,
            false => self.file("platform_certificate")?,
        };
        let key = PublicKey::from_pem(&pem).ok_or("the platform's key can't be read")?;
        let head = format!(
            "{}\n{}\n",
            response.header("wechatpay-timestamp"),
            response.header("wechatpay-nonce")
        );
        let message = [head.as_bytes(), &response.body, b"\n"].concat();
        match key.verifies(&message, response.header("wechatpay-signature")) {
            true => Ok(()),
            false => Err(format!("it does not fit the key {serial}")),
        }
    }

    /// Sends a request.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: &str,
    ) -> Result<Response, String> {
        let text = |error: &dyn std::fmt::Display| format!("{}: {error}", self.url);
        let uri: hyper::Uri = format!("{}{path}", self.url)
            .parse()
            .map_err(|_| "not a URL".to_owned())?;
        let tls = uri.scheme_str() == Some("https");
        let host = uri.host().ok_or("the URL has no host")?.trim_matches(['[', ']']);
        let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let mut request = hyper::Request::builder()
            .method(method)
            .uri(path)
            .header("Host", uri.authority().map_or("", |authority| authority.as_str()));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let body = Full::new(bytes::Bytes::copy_from_slice(body.as_bytes()));
        let request = request.body(body).map_err(|error| text(&error))?;
        let stream = tokio::net::TcpStream::connect((host, port))
            .await
            .map_err(|error| text(&error))?;
        if !tls {
            return exchange(stream, request).await.map_err(|error| text(&error));
        }
        let name = ServerName::try_from(host.to_owned()).map_err(|error| text(&error))?;
        let connector = tokio_rustls::TlsConnector::from(Arc::new(self.tls()?));
        let stream = connector
            .connect(name, stream)
            .await
            .map_err(|error| text(&error))?;
        exchange(stream, request).await.map_err(|error| text(&error))
    }

    /// Trusts the sandbox's test CA.
    fn tls(&self) -> Result<ClientConfig, String> {
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from_pem_slice(self.file("ca")?.as_bytes());
        let authority = authority.map_err(|error| error.to_string())?;
        roots.add(authority).map_err(|error| error.to_string())?;
        let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        Ok(builder.with_root_certificates(roots).with_no_client_auth())
    }
}

fn read_config(path: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    request: hyper::Request<Full<bytes::Bytes>>,
) -> Result<Response, hyper::Error> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let response = sender.send_request(request).await?;
    let (parts, body) = response.into_parts();
    let body = body.collect().await?.to_bytes().to_vec();
    driver.abort();
    let headers = parts.headers.iter();
    Ok(Response {
        status: parts.status.as_u16(),
        headers: headers
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect(),
        body,
    })
}
