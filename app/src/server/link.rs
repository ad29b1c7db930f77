//! One WebSocket to the server: opened, used and closed by a task of its own.
//!
//! **Architecture Invariant**: both directions are bounded. A server that sends faster than the
//! engine takes is slowed by its own socket; one that does not read loses the connection.

use super::{ServerAddress, answer};
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use keyrack_model::{ipc::Problem, limits};
use keyrack_wire::{Incoming, Outgoing, pieces};
use std::time::Duration;
use tokio::{
    net::TcpStream,
    sync::mpsc::{self, Receiver, Sender},
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{
        Bytes, Error, Message,
        client::IntoClientRequest,
        http::{HeaderValue, header},
        protocol::{
            WebSocketConfig,
            frame::{
                Frame,
                coding::{Data, OpCode},
            },
        },
    },
};

const CONNECT_PATIENCE: Duration = Duration::from_secs(15);
const WRITE_PATIENCE: Duration = Duration::from_secs(30);
const STREAM_REST: Duration = Duration::from_millis(limits::STREAM_REST_MILLIS);
const FAREWELL_PATIENCE: Duration = Duration::from_secs(1);

/// What happened on the socket.
#[derive(Debug)]
pub(crate) enum LinkEvent {
    Opened,
    Received(Vec<u8>),
    /// The last one; with what a person should know.
    Closed(Option<Problem>),
}

/// Dropping it closes the socket.
pub(crate) struct Link {
    events: Receiver<LinkEvent>,
    frames: Sender<Vec<u8>>,
}

/// The server does not read what is sent to it.
#[derive(Debug)]
pub(crate) struct Stuck;

impl Link {
    /// Begins to connect; must be called within a runtime.
    pub(crate) fn open(address: String, token: String) -> Self {
        let (tell, events) = mpsc::channel(limits::LINK_QUEUE);
        let (frames, to_send) = mpsc::channel(limits::LINK_QUEUE);
        tokio::spawn(async move {
            let end = converse(&address, &token, &tell, to_send).await;
            // Nobody listens when the link was dropped.
            let _ = tell.send(LinkEvent::Closed(end)).await;
        });
        Self { events, frames }
    }

    /// The next event; after the last one, closed again and again.
    pub(crate) async fn event(&mut self) -> LinkEvent {
        self.events.recv().await.unwrap_or(LinkEvent::Closed(None))
    }

    pub(crate) fn send(&self, frame: Vec<u8>) -> Result<(), Stuck> {
        self.frames.try_send(frame).map_err(|_| Stuck)
    }
}

/// Returns when the socket is closed, with what a person should know.
async fn converse(
    address: &str,
    token: &str,
    tell: &Sender<LinkEvent>,
    to_send: Receiver<Vec<u8>>,
) -> Option<Problem> {
    let address = match ServerAddress::parse(address) {
        Ok(address) => address,
        Err(problem) => return Some(problem),
    };
    let socket = match timeout(CONNECT_PATIENCE, connect(&address, token)).await {
        Ok(Ok(socket)) => socket,
        Ok(Err(problem)) => return Some(problem),
        Err(_) => return Some(answer::unreachable(&address)),
    };
    tell.send(LinkEvent::Opened).await.ok()?;
    let (sink, stream) = socket.split();
    tokio::select! {
        end = read(stream, tell) => end,
        () = write(sink, to_send) => None,
    }
}

async fn connect(
    address: &ServerAddress,
    token: &str,
) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, Problem> {
    let confused = |error: Error| {
        tracing::warn!(%error, "the connection to the server was not made");
        Problem::ServerConfused
    };
    let mut request = address
        .sync()
        .as_str()
        .into_client_request()
        .map_err(confused)?;
    let mut bearer =
        HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| Problem::SignedOut)?;
    bearer.set_sensitive(true);
    request.headers_mut().insert(header::AUTHORIZATION, bearer);
    let bounds = WebSocketConfig::default()
        .max_message_size(Some(limits::MAX_FRAME))
        .max_frame_size(Some(limits::MAX_FRAME));
    match connect_async_with_config(request, Some(bounds), true).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => {
            let retry_after = response
                .headers()
                .get(header::RETRY_AFTER)
                .and_then(|value| value.to_str().ok());
            let body = response.body().as_deref().unwrap_or_default();
            let status = response.status().as_u16();
            Err(answer::problem(address, status, retry_after, body))
        }
        Err(error @ (Error::Io(_) | Error::Tls(_) | Error::Url(_))) => {
            tracing::debug!(%error, "the server cannot be reached");
            Err(answer::unreachable(address))
        }
        Err(error) => Err(confused(error)),
    }
}

/// Hands on what arrives, in order, no faster than it is taken.
async fn read(
    mut stream: impl Stream<Item = Result<Message, Error>> + Unpin,
    tell: &Sender<LinkEvent>,
) -> Option<Problem> {
    let mut incoming = Incoming::default();
    while let Some(message) = stream.next().await {
        match message {
            Ok(Message::Binary(message)) => match incoming.unpack(&message) {
                Ok(frame) => tell.send(LinkEvent::Received(frame)).await.ok()?,
                Err(error) => {
                    tracing::warn!(%error, "the server sent what cannot be read");
                    return Some(Problem::ServerConfused);
                }
            },
            Ok(Message::Ping(_) | Message::Pong(_)) => {}
            Ok(Message::Close(_)) => return None,
            Ok(Message::Text(_) | Message::Frame(_)) => return Some(Problem::ServerConfused),
            Err(error @ (Error::Capacity(_) | Error::Utf8(_) | Error::Protocol(_))) => {
                tracing::warn!(%error, "the server broke off");
                return None;
            }
            Err(error) => {
                tracing::info!(%error, "the connection ended");
                return None;
            }
        }
    }
    None
}

/// Sends until there is nobody left who has something to send, then says goodbye.
async fn write(
    mut sink: impl Sink<Message, Error = Error> + Unpin,
    mut to_send: Receiver<Vec<u8>>,
) {
    let mut outgoing = Outgoing::default();
    loop {
        let frame = match timeout(STREAM_REST, to_send.recv()).await {
            Ok(Some(frame)) => frame,
            Ok(None) => break,
            Err(_) => {
                outgoing.rest();
                continue;
            }
        };
        let message = match outgoing.pack(&frame) {
            Ok(message) => message,
            Err(error) => {
                tracing::error!(%error, "a frame cannot be sent");
                return;
            }
        };
        match timeout(WRITE_PATIENCE, send(&mut sink, message)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::info!(%error, "the connection ended");
                return;
            }
            Err(_) => {
                tracing::warn!("the server does not read");
                return;
            }
        }
    }
    let _ = timeout(FAREWELL_PATIENCE, sink.close()).await;
}

/// Sends a message in as many frames as it takes.
async fn send(
    sink: &mut (impl Sink<Message, Error = Error> + Unpin),
    message: Vec<u8>,
) -> Result<(), Error> {
    let message = Bytes::from(message);
    for piece in pieces(message.len()) {
        let kind = OpCode::Data(match piece.is_first {
            true => Data::Binary,
            false => Data::Continue,
        });
        let frame = Frame::message(message.slice(piece.bytes), kind, piece.is_last);
        sink.feed(Message::Frame(frame)).await?;
    }
    sink.flush().await
}

#[cfg(test)]
mod tests;
