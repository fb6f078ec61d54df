//! The transport that the client uses unless told otherwise: reqwest over rustls.
//!
//! In: what the builder was told about proxies and connections. Out: up to two clients, one for all
//! requests, one that shows the merchant's certificate. Redirects and TLS leniency are off in both,
//! whatever the caller's own settings say.

use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::{Body, BoxFuture, Connection, Failure, Transport};
use crate::error::Error;

/// The caller's own settings of a reqwest client.
pub(crate) type Configure = Arc<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;

/// The merchant's API certificate and its key, for mutual TLS.
#[derive(Clone)]
pub(crate) struct ClientCertificate {
    /// PEM: the certificate, then the private key (PKCS#8).
    pub pem: Zeroizing<Vec<u8>>,
}

/// What the builder was told.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub configure: Option<Configure>,
    pub proxy: Option<String>,
    pub connect_timeout: Option<Duration>,
    /// Plain http is allowed: the base URL is on loopback.
    pub loopback: bool,
}

/// How long a connection may take unless the builder says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The time between two pings of an idle connection.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// How long the response to a ping may take.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// [`Transport`] over reqwest: what a client makes for itself unless it is given a transport.
#[derive(Debug, Clone)]
pub struct ReqwestTransport {
    plain: reqwest::Client,
    mutual: Option<reqwest::Client>,
}

impl ReqwestTransport {
    /// A transport that several clients share, each of which gets a clone or an `Arc` of it: one pool of
    /// connections for all merchants of a process. `configure` changes the reqwest client as
    /// [`Builder::configure_reqwest`](crate::Builder::configure_reqwest) does.
    ///
    /// It has no client certificate, so that operations of APIv2 which need one fail, and sends over HTTPS
    /// only.
    ///
    /// # Errors
    /// When the reqwest client can't be built.
    pub fn shared(
        configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let settings = Settings {
            configure: Some(Arc::new(configure)),
            ..Settings::default()
        };
        Self::new(&settings, None)
    }

    pub(crate) fn new(settings: &Settings, certificate: Option<&ClientCertificate>) -> Result<Self, Error> {
        let mutual = certificate
            .map(|certificate| {
                let identity = reqwest::Identity::from_pem(&certificate.pem).map_err(|_| {
                    Error::configuration("the API certificate and its key can't be used for mutual TLS")
                })?;
                build(client(settings)?.identity(identity))
            })
            .transpose()?;
        Ok(Self {
            plain: build(client(settings)?)?,
            mutual,
        })
    }
}

fn client(settings: &Settings) -> Result<reqwest::ClientBuilder, Error> {
    let mut builder = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        // A connection that died unnoticed is found while it is idle, not by the next payment.
        .http2_keep_alive_interval(KEEP_ALIVE)
        .http2_keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
        .http2_keep_alive_while_idle(true)
        .tcp_keepalive(KEEP_ALIVE);
    if let Some(configure) = &settings.configure {
        builder = configure(builder);
    }
    if let Some(timeout) = settings.connect_timeout {
        builder = builder.connect_timeout(timeout);
    }
    if let Some(proxy) = &settings.proxy {
        // The URL may hold a password, so that neither it nor reqwest's error is repeated.
        let proxy = reqwest::Proxy::all(proxy).map_err(|_| {
            Error::configuration("the proxy: expected a URL like http://user:password@host:port")
        })?;
        builder = builder.proxy(proxy);
    }
    Ok(builder
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // The client decides what is sent again: a payment without a number never is.
        .retry(reqwest::retry::never())
        // In place of any TLS backend that was brought along.
        .tls_backend_rustls()
        .tls_danger_accept_invalid_certs(false)
        .tls_danger_accept_invalid_hostnames(false)
        .https_only(!settings.loopback))
}

fn build(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, Error> {
    builder
        .build()
        .map_err(|error| Error::configuration("the HTTP client could not be made").with_source(error))
}

impl Transport for ReqwestTransport {
    fn send(
        &self,
        request: http::Request<Body>,
        connection: Connection,
    ) -> BoxFuture<'_, Result<http::Response<Body>, Failure>> {
        Box::pin(async move {
            let client = match connection {
                Connection::Plain => &self.plain,
                Connection::MutualTls => self.mutual.as_ref().ok_or_else(|| {
                    Failure::configuration(
                        "this operation needs the merchant's API certificate and private key: give the builder \
                         `certificate_pem` and `private_key_pem`, or `certificate_p12`",
                    )
                })?,
            };
            let request = request.map(|body| match body.as_bytes() {
                Some(bytes) => bytes.clone().into(),
                None => reqwest::Body::wrap(body),
            });
            let request = reqwest::Request::try_from(request).map_err(Failure::configuration)?;
            let response = client.execute(request).await.map_err(failure)?;
            Ok(http::Response::<reqwest::Body>::from(response).map(Body::wrap))
        })
    }
}

/// reqwest's errors repeat the URL, whose path may hold personal data (an openid, say).
fn failure(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    if error.is_connect() {
        Failure::connect(error)
    } else if error.is_timeout() {
        Failure::timeout(error)
    } else {
        Failure::other(error)
    }
}
