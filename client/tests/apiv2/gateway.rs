//! A gateway that emulates WeChat Pay's side of APIv2, over plain HTTP or over TLS that demands the
//! merchant's certificate. It keeps what it saw, and responds as a test says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use wechatpay_client::apiv2::{ApiV2Key, SignType, sign, verify};
use wechatpay_client::{Builder, Client};

pub const MCHID: &str = "1900000109";
pub const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A request as received.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The certificate that the client showed, DER.
    pub certificate: Option<Vec<u8>>,
}

impl Seen {
    pub fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The text of an element of the body.
    pub fn field(&self, name: &str) -> Option<String> {
        self.fields()
            .into_iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value)
    }

    /// The body's elements.
    pub fn fields(&self) -> Vec<(String, String)> {
        fields(&self.text())
    }

    /// Whether the body has a valid signature under `key`.
    pub fn is_signed(&self, key: &str) -> bool {
        let fields = self.fields();
        let sign = self.field("sign").unwrap_or_default();
        let key = ApiV2Key::new(key).unwrap();
        verify(
            &key,
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())),
            &sign,
        )
    }
}

/// The flat elements of a document that the client wrote: enough of a parser for that.
pub fn fields(xml: &str) -> Vec<(String, String)> {
    let mut rest = xml.strip_prefix("<xml>").unwrap().strip_suffix("</xml>").unwrap();
    let mut fields = Vec::new();
    while let Some((name, after)) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        let (value, after) = after.split_once(&format!("</{name}>")).unwrap();
        let value = value
            .replace("]]]]><![CDATA[>", "]]>")
            .replace("]]>&#13;<![CDATA[", "\r");
        let value = value
            .strip_prefix("<![CDATA[")
            .and_then(|value| value.strip_suffix("]]>"))
            .unwrap_or(&value);
        fields.push((name.to_owned(), value.to_owned()));
        rest = after;
    }
    assert_eq!(rest, "");
    fields
}

/// A signed document with `fields`.
pub fn signed(fields: &[(&str, &str)]) -> String {
    let sign = sign(
        &ApiV2Key::new(KEY).unwrap(),
        SignType::HmacSha256,
        fields.iter().copied(),
    );
    document(fields.iter().copied().chain([("sign", sign.as_str())]))
}

/// A document with `fields`, all as CDATA.
pub fn document<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let fields = fields
        .into_iter()
        .map(|(name, value)| format!("<{name}><![CDATA[{value}]]></{name}>\n"));
    format!("<xml>{}</xml>", fields.collect::<String>())
}

/// A running gateway.
pub struct Gateway {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

type Response = dyn Fn(&Seen) -> Vec<u8> + Send + Sync;

impl Gateway {
    /// Over plain HTTP.
    pub fn plain<B: Into<Vec<u8>>>(response: impl Fn(&Seen) -> B + Send + Sync + 'static) -> Self {
        Self::start(None, Arc::new(move |seen: &Seen| response(seen).into()))
    }

    /// Over TLS.
    pub fn tls<B: Into<Vec<u8>>>(
        config: rustls::ServerConfig,
        response: impl Fn(&Seen) -> B + Send + Sync + 'static,
    ) -> Self {
        Self::start(
            Some(Arc::new(config)),
            Arc::new(move |seen: &Seen| response(seen).into()),
        )
    }

    fn start(tls: Option<Arc<rustls::ServerConfig>>, response: Arc<Response>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let log = seen.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (tls, response, log) = (tls.clone(), response.clone(), log.clone());
                let Ok(mut stream) = stream else { return };
                std::thread::spawn(move || match tls {
                    None => serve(stream, None, &*response, &log),
                    Some(config) => {
                        let mut connection = rustls::ServerConnection::new(config).unwrap();
                        // A failed handshake is what some tests are about.
                        if connection.complete_io(&mut stream).is_err() {
                            return;
                        }
                        let certificates = connection.peer_certificates();
                        let certificate = certificates
                            .and_then(|chain| chain.first())
                            .map(|der| der.to_vec());
                        serve(
                            rustls::StreamOwned::new(connection, stream),
                            certificate,
                            &*response,
                            &log,
                        );
                    }
                });
            }
        });
        Self { url, seen }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen[0].clone()
    }

    pub fn builder(&self) -> Builder {
        builder().base_url(&self.url)
    }

    pub fn client(&self) -> Client {
        self.builder().build().unwrap()
    }
}

/// A client's settings but for where it sends to: nothing but the APIv2 key.
pub fn builder() -> Builder {
    Client::builder().mchid(MCHID).api_v2_key(KEY)
}

fn serve(
    stream: impl Read + Write,
    certificate: Option<Vec<u8>>,
    response: &Response,
    log: &Mutex<Vec<Seen>>,
) {
    let mut stream = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let headers: Vec<_> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().unwrap())];
    stream.read_exact(&mut body).unwrap();
    let seen = Seen {
        line: lines[0].clone(),
        headers,
        body,
        certificate,
    };
    log.lock().unwrap().push(seen.clone());
    let body = response(&seen);
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nRequest-ID: V2-TEST\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let stream = stream.get_mut();
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(&body))
        .and_then(|()| stream.flush());
}
