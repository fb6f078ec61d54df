//! The socket. In: connections. Out: requests read, handed on, and logged; delays, cuts and resets.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited, StreamBody};
use hyper::body::{Frame, Incoming as HyperBody};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::check::Incoming;
use crate::control::{self, guard};
use crate::faults::Fault;
use crate::lock;
use crate::log::{Call, shown};
use crate::play::{Played, play};
use crate::response::Reply;
use crate::{Inner, text};

/// Larger bodies are refused.
const MOST: usize = 64 << 20;
/// How long the head or the body of a request may take.
const PATIENCE: Duration = Duration::from_secs(30);

type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, io::Error>;

/// Accepts connections until the task is aborted.
pub(crate) fn start(inner: Arc<Inner>, listener: TcpListener) -> io::Result<tokio::task::JoinHandle<()>> {
    let tls = if inner.settings.tls {
        Some(acceptor(&inner)?)
    } else {
        None
    };
    Ok(tokio::spawn(async move {
        // The connections end with the sandbox.
        let mut connections = tokio::task::JoinSet::new();
        loop {
            while connections.try_join_next().is_some() {}
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            let (inner, tls) = (inner.clone(), tls.clone());
            connections.spawn(async move {
                match tls {
                    None => serve(inner, stream, None, |stream| stream).await,
                    Some(tls) => {
                        let accepted = tokio::time::timeout(PATIENCE, tls.accept(stream)).await;
                        if let Ok(Ok(stream)) = accepted {
                            let certificate = stream.get_ref().1.peer_certificates().is_some();
                            serve(inner, stream, Some(certificate), |stream| stream.get_ref().0).await;
                        }
                    }
                }
            });
        }
    }))
}

fn acceptor(inner: &Inner) -> io::Result<TlsAcceptor> {
    let broken = |error: &dyn std::fmt::Display| io::Error::other(format!("TLS: {error}"));
    let identity = &inner.identity;
    let chain = CertificateDer::from_pem_slice(identity.tls.0.as_bytes()).map_err(|error| broken(&error))?;
    let key = PrivateKeyDer::from_pem_slice(identity.tls.1.as_bytes()).map_err(|error| broken(&error))?;
    let authority =
        CertificateDer::from_pem_slice(identity.ca_pem.as_bytes()).map_err(|error| broken(&error))?;
    let mut roots = RootCertStore::empty();
    roots.add(authority).map_err(|error| broken(&error))?;
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone())
        .allow_unauthenticated()
        .build()
        .map_err(|error| broken(&error))?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| broken(&error))?
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![chain], key)
        .map_err(|error| broken(&error))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Serves a connection. `socket` finds the socket below the stream, to reset it.
async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    inner: Arc<Inner>,
    stream: S,
    certificate: Option<bool>,
    socket: fn(&S) -> &TcpStream,
) {
    let reset = Arc::new(AtomicBool::new(false));
    let wanted = reset.clone();
    let service = service_fn(move |request| {
        let (inner, wanted) = (inner.clone(), wanted.clone());
        Box::pin(async move {
            let response = respond_to(inner, request, certificate).await;
            wanted.store(response.is_none(), Ordering::Relaxed);
            response.ok_or_else(|| io::Error::other("reset"))
        })
    });
    let mut connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service);
    // A connection that breaks is the client's concern.
    let _ = std::future::poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let mut stream = connection.into_parts().io.into_inner();
    if reset.load(Ordering::Relaxed) {
        // Closing a socket that does not linger resets the connection.
        #[allow(deprecated)]
        let _ = socket(&stream).set_linger(Some(Duration::ZERO));
    } else {
        let _ = stream.shutdown().await;
    }
}

/// The response to a request, or none where the connection is to be reset.
async fn respond_to(
    inner: Arc<Inner>,
    request: Request<HyperBody>,
    certificate: Option<bool>,
) -> Option<Response<Body>> {
    let (parts, body) = request.into_parts();
    let plain = |status, text: &str| Some(respond(Reply::new(status, "text/plain", text), false));
    let body = match tokio::time::timeout(PATIENCE, Limited::new(body, MOST).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return plain(413, "the body is too large, or was cut off"),
        Err(_) => return plain(408, "the body did not arrive in time"),
    };
    let target = parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str())
        .to_owned();
    let incoming = Incoming {
        method: parts.method.to_string(),
        target,
        headers: parts.headers,
        body,
        certificate,
    };
    if control::is_control(incoming.path()) {
        let reply = match guard::check(&inner, &incoming) {
            Ok(()) => control::http::respond(&inner, &incoming).await,
            Err(problem) => Reply::new(403, "text/plain", problem),
        };
        return Some(respond(guard::with_policy(reply), false));
    }
    let played = play(&inner, &incoming);
    let (reply, fault) = (played.reply.clone(), played.fault);
    log(&inner, &incoming, played);
    match fault {
        Some(Fault::Slow) => tokio::time::sleep(Duration::from_secs(2)).await,
        Some(Fault::Delay(millis)) => tokio::time::sleep(Duration::from_millis(millis.into())).await,
        // Until the client gives up.
        Some(Fault::Hang) => std::future::pending::<()>().await,
        Some(Fault::Reset) => return None,
        _ => {}
    }
    Some(respond(reply, fault == Some(Fault::CutOff)))
}

fn log(inner: &Inner, incoming: &Incoming, played: Played) {
    let verdict = match played.fault {
        Some(fault) => format!("{}; fault: {}", played.verdict, fault.name()),
        None => played.verdict,
    };
    let headers = incoming.headers.iter();
    lock(&inner.log).push(Call {
        number: 0,
        time: text::rfc3339(text::now()),
        what: format!("{} {}", incoming.method, incoming.target),
        headers: headers
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect(),
        body: shown(&incoming.body),
        status: played.reply.status,
        verdict,
        response_headers: played.reply.headers.clone(),
        response: shown(&played.reply.body),
        clear: played.clear,
    });
}

/// For hyper. A truncated response announces its full length.
fn respond(reply: Reply, cut: bool) -> Response<Body> {
    let mut response = Response::builder()
        .status(reply.status)
        .header("Server", "wechatpay-sandbox");
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    let body = Bytes::from(reply.body);
    let body = if cut {
        response = response.header("Content-Length", body.len() + 1);
        let half = body.slice(..body.len() / 2);
        let frames = [Ok(Frame::data(half)), Err(io::Error::other("cut off"))];
        StreamBody::new(Frames(frames.into_iter().collect())).boxed_unsync()
    } else {
        http_body_util::Full::new(body)
            .map_err(|never| match never {})
            .boxed_unsync()
    };
    response.body(body).unwrap_or_default()
}

/// Frames one after the other.
struct Frames(std::collections::VecDeque<Result<Frame<Bytes>, io::Error>>);

impl futures_core::Stream for Frames {
    type Item = Result<Frame<Bytes>, io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(self.0.pop_front())
    }
}
