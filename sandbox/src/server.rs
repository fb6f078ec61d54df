//! The socket. In: connections. Out: requests read, judged, answered and logged; faults played.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited, StreamBody};
use hyper::body::{Frame, Incoming as HyperBody};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::check::{self, Checked, Incoming};
use crate::faults::{Fault, Spoiler};
use crate::log::{Call, shown};
use crate::model::Operation;
use crate::refusal::Refusal;
use crate::response::{Reply, Writer};
use crate::{Inner, business, control, crypto, lock, text};

/// Larger bodies are refused.
const MOST: usize = 64 << 20;

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
                    None => serve(inner, stream, None).await,
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            let certificate = stream.get_ref().1.peer_certificates().is_some();
                            serve(inner, stream, Some(certificate)).await;
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

async fn serve(inner: Arc<Inner>, stream: impl AsyncRead + AsyncWrite + Unpin, certificate: Option<bool>) {
    let service = service_fn(move |request| {
        let inner = inner.clone();
        async move { Ok::<_, Infallible>(respond_to(inner, request, certificate).await) }
    });
    // A connection that breaks is the peer's business.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn respond_to(
    inner: Arc<Inner>,
    request: Request<HyperBody>,
    certificate: Option<bool>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, MOST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => {
            return respond(
                Reply::new(413, "text/plain", "the body is too large, or was cut off"),
                false,
            );
        }
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
        return respond(control::http::respond(&inner, &incoming).await, false);
    }
    let (reply, fault, verdict) = play(&inner, &incoming);
    log(&inner, &incoming, &reply, verdict, fault);
    if fault == Some(Fault::Slow) {
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    respond(reply, fault == Some(Fault::CutOff))
}

/// Finds the operation, checks, carries out, answers, spoils.
pub(crate) fn play(inner: &Arc<Inner>, incoming: &Incoming) -> (Reply, Option<Fault>, String) {
    let candidates = inner.pages.find(&incoming.method, incoming.path());
    let Some((operation, _)) = candidates.first() else {
        let reply = undocumented(inner, incoming);
        return (reply, None, "no page documents it".into());
    };
    let fault = lock(&inner.faults).pick(&operation.name());
    // Of pages that share a path, the first whose rules the request keeps.
    let mut judged = None;
    for (operation, path) in &candidates {
        let checked = check_one(inner, operation, path, incoming);
        let right = checked.is_ok();
        if right || judged.is_none() {
            judged = Some((operation.clone(), checked));
        }
        if right {
            break;
        }
    }
    let (operation, checked) = judged.unwrap_or_else(|| (operation.clone(), Ok(Checked::default())));
    let writer = Writer {
        identity: &inner.identity,
        operation: &operation,
        incoming,
        base: &inner.base,
        answers: inner.settings.answers,
    };
    let hmac = checked.as_ref().is_ok_and(|checked| checked.hmac);
    let (reply, verdict) = match checked {
        Err(refusal) => (writer.refusal(&refusal, None), worded(&refusal)),
        Ok(_) if fault.is_some_and(Fault::is_before) => (Reply::new(500, "", ""), "right".to_owned()),
        Ok(checked) => match business::carry_out(inner, &writer, &checked) {
            Ok(reply) => (reply, "right".to_owned()),
            Err(refusal) => {
                let refusal = refusal.at(operation.row(operation.line));
                (writer.refusal(&refusal, Some(&checked)), worded(&refusal))
            }
        },
    };
    let reply = match fault {
        Some(fault) => Spoiler {
            identity: &inner.identity,
            operation: &operation,
            incoming,
            hmac,
        }
        .spoil(fault, reply),
        None => reply,
    };
    (
        reply.header(
            "Request-ID",
            format!("SANDBOX-{}", crypto::random(24).to_uppercase()),
        ),
        fault,
        verdict,
    )
}

fn check_one(
    inner: &Inner,
    operation: &Operation,
    path: &[(String, String)],
    incoming: &Incoming,
) -> Result<Checked, Refusal> {
    match operation.v3 {
        true => check::v3(&inner.identity, operation, path, incoming, text::now()),
        false => check::v2::check(&inner.identity, operation, incoming),
    }
}

fn worded(refusal: &Refusal) -> String {
    let row = refusal
        .row
        .as_deref()
        .map(|row| format!(" ({row})"))
        .unwrap_or_default();
    format!("{}: {}{row}", refusal.code, refusal.message)
}

fn undocumented(inner: &Inner, incoming: &Incoming) -> Reply {
    let refusal = match inner.pages.has_path(incoming.path()) {
        true => Refusal::new(
            405,
            "METHOD_NOT_ALLOWED",
            "no page documents this method for this path",
        ),
        false => Refusal::new(404, "RESOURCE_NOT_EXISTS", "no page documents this path"),
    };
    let body = refusal.json().to_string().into_bytes();
    let key = check::signing_key(&inner.identity, incoming);
    Reply::new(refusal.status, "application/json", body.clone()).signed_over(&key, &body)
}

fn log(inner: &Inner, incoming: &Incoming, reply: &Reply, verdict: String, fault: Option<Fault>) {
    let verdict = match fault {
        Some(fault) => format!("{verdict}; fault: {}", fault.name()),
        None => verdict,
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
        status: reply.status,
        verdict,
        response_headers: reply.headers.clone(),
        response: shown(&reply.body),
    });
}

/// As hyper wants it; a cut answer has its length announced and half of its bytes.
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
