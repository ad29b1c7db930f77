//! Single HTTP requests as any client would send them, whatever version it was made for.

use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long a client waits for more.
const SILENCE: Duration = Duration::from_secs(20);

/// After which a server that has answered says no more.
const SHORT_SILENCE: Duration = Duration::from_secs(2);

/// What a server answered.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub body: String,
}

impl Response {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.body))
    }
}

/// What a server answered, byte for byte.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    head: String,
}

impl Answer {
    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }
}

/// Gets a path with further headers; an error when nobody answers.
pub async fn get_bytes(
    server: SocketAddr,
    path: &str,
    headers: &[&str],
) -> std::io::Result<Answer> {
    let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let head =
        format!("GET {path} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n{headers}\r\n");
    exchange(server, head.as_bytes()).await
}

/// Posts bytes with further headers; an error when nobody answers.
pub async fn post_bytes(
    server: SocketAddr,
    path: &str,
    headers: &[&str],
    body: &[u8],
) -> std::io::Result<Answer> {
    let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n\
         content-length: {length}\r\n{headers}\r\n"
    );
    exchange(server, &[head.as_bytes(), body].concat()).await
}

/// Gets a path; an error when nobody answers.
pub async fn get(server: SocketAddr, path: &str) -> std::io::Result<Response> {
    let head = format!("GET {path} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n\r\n");
    exchange(server, head.as_bytes()).await.map(Response::from)
}

/// Posts JSON.
pub async fn post(
    server: SocketAddr,
    path: &str,
    body: &serde_json::Value,
) -> std::io::Result<Response> {
    let body = body.to_string();
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    exchange(server, request.as_bytes())
        .await
        .map(Response::from)
}

/// All that a server says to bytes until it hangs up or says no more.
pub async fn said(server: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(server).await.expect("it listens");
    stream.write_all(request).await.expect("it takes bytes");
    let mut said = Vec::new();
    while let Ok(Ok(1..)) = timeout(SHORT_SILENCE, stream.read_buf(&mut said)).await {}
    String::from_utf8_lossy(&said).into_owned()
}

async fn exchange(server: SocketAddr, request: &[u8]) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(request).await?;
    let mut answer = Vec::new();
    while timeout(SILENCE, stream.read_buf(&mut answer)).await?? > 0 {}
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let end = end.ok_or_else(|| std::io::Error::other("not HTTP"))?;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| std::io::Error::other(format!("no status: {head:?}")))?;
    let answer = Answer {
        status,
        body: answer.split_off(end + 4),
        head,
    };
    let length = answer.header("content-length");
    if length.is_some_and(|length| length != answer.body.len().to_string()) {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(answer)
}

impl From<Answer> for Response {
    fn from(answer: Answer) -> Self {
        Self {
            status: answer.status,
            body: String::from_utf8_lossy(&answer.body).into_owned(),
        }
    }
}
