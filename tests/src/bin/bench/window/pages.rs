//! A folder of files as a browser asks for them.

use std::{
    net::SocketAddr,
    path::{Component, Path, PathBuf},
};
use tokio::{
    fs,
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// The longest head of a request that is read.
const LONGEST_HEAD: usize = 16 * 1024;

/// Serves a folder until it is dropped.
pub struct Pages {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Pages {
    pub async fn of(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let folder = folder.to_owned();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, folder.clone()));
            }
        });
        Self { address, serving }
    }

    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Answers one request; a browser that goes away meanwhile is not waited for.
async fn answer(mut stream: TcpStream, folder: PathBuf) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < LONGEST_HEAD {
        match stream.read_buf(&mut head).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    let head = String::from_utf8_lossy(&head);
    let asked = head.split(' ').nth(1).unwrap_or_default();
    let name = asked.split(['?', '#']).next().unwrap_or_default();
    let name = Path::new(name.trim_start_matches('/'));
    let is_inside = name
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let content = match is_inside {
        true => fs::read(folder.join(name)).await.ok(),
        false => None,
    };
    let (status, content) = content.map_or(("404 Not Found", Vec::new()), |it| ("200 OK", it));
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        kind_of(name),
        content.len()
    );
    let _ = stream
        .write_all(&[head.as_bytes(), &content].concat())
        .await;
}

fn kind_of(name: &Path) -> &'static str {
    match name.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}
