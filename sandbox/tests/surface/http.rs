//! A bare HTTP/1.1 client, so that nothing between the test and the sandbox helps either of them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

/// One kept connection.
pub struct Connection {
    address: String,
    host: String,
    stream: Option<BufReader<TcpStream>>,
}

#[derive(Debug, Clone, Default)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> &str {
        let found = self
            .headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Connection {
    pub fn new(url: &str) -> Self {
        let address = url.trim_start_matches("http://").to_owned();
        Self {
            host: address.clone(),
            address,
            stream: None,
        }
    }

    /// Names another host than the one it connects to.
    pub fn host(self, host: &str) -> Self {
        Self {
            host: host.to_owned(),
            ..self
        }
    }

    pub fn send(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Response {
        self.try_send(method, target, headers, body).unwrap()
    }

    /// Nothing when the connection ends before the response does.
    pub fn try_send(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Option<Response> {
        let length = body.len();
        let mut head = format!(
            "{method} {target} HTTP/1.1\r\nHost: {}\r\nContent-Length: {length}\r\n",
            self.host
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        if self.stream.is_none() {
            self.stream = Some(BufReader::new(TcpStream::connect(&self.address).ok()?));
        }
        let mut stream = self.stream.take()?;
        stream
            .get_mut()
            .write_all(&[head.as_bytes(), body].concat())
            .ok()?;
        let response = read(&mut stream)?;
        self.stream = Some(stream);
        Some(response)
    }
}

/// Reads a response.
fn read(stream: &mut BufReader<TcpStream>) -> Option<Response> {
    let mut response = Response::default();
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    response.status = line.split(' ').nth(1)?.parse().ok()?;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => response.headers.push((name.to_owned(), value.to_owned())),
            None => break,
        }
    }
    response.body = vec![0; response.header("content-length").parse().unwrap_or(0)];
    stream.read_exact(&mut response.body).ok()?;
    Some(response)
}
