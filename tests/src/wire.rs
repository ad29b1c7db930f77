//! Frames on the socket, sent and read as any client would.

use futures_util::{SinkExt, StreamExt};
use keyrack_model::{
    action::{LogEntry, Sequence},
    class::Class,
    ids::LogEpoch,
    ipc::Problem,
    limits,
    wire::{ClientFrame, ErrorBody, ErrorCode, ServerFrame},
};
use keyrack_wire::{Incoming, Outgoing, pieces};
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Bytes, Message,
        client::IntoClientRequest,
        http::HeaderValue,
        protocol::frame::{
            Frame,
            coding::{Data, OpCode},
        },
    },
};

/// The sync socket of one device, as frames.
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    incoming: Incoming,
    outgoing: Outgoing,
    taken_in: usize,
    closed_with: Option<u16>,
}

impl Socket {
    /// Bytes of messages that have come.
    pub fn taken_in(&self) -> usize {
        self.taken_in
    }

    /// The code with which the server closed it, if it gave one.
    pub fn closed_with(&self) -> Option<u16> {
        self.closed_with
    }

    /// False at the end of the connection.
    pub async fn send(&mut self, frame: &[u8]) -> bool {
        let message = self.outgoing.pack(frame).expect("a frame within its bound");
        self.send_message(message).await
    }

    /// Sends a message as it is, whether a frame is in it or not. False at the end of the connection.
    pub async fn send_message(&mut self, message: Vec<u8>) -> bool {
        let message = Bytes::from(message);
        for piece in pieces(message.len()) {
            let kind = OpCode::Data(match piece.is_first {
                true => Data::Binary,
                false => Data::Continue,
            });
            let frame = Frame::message(message.slice(piece.bytes), kind, piece.is_last);
            if self.stream.feed(Message::Frame(frame)).await.is_err() {
                return false;
            }
        }
        self.stream.flush().await.is_ok()
    }

    /// The next frame; None at the end of the connection. Dropped before it returns, it has taken
    /// nothing.
    pub async fn receive(&mut self) -> Option<Vec<u8>> {
        loop {
            match self.stream.next().await? {
                Ok(Message::Binary(message)) => {
                    self.taken_in += message.len();
                    let frame = self.incoming.unpack(&message);
                    return Some(frame.expect("a piece of the stream"));
                }
                Ok(Message::Close(why)) => {
                    self.closed_with = why.map(|why| why.code.into());
                    return None;
                }
                Err(_) => return None,
                Ok(_) => {}
            }
        }
    }
}

/// What a person should know of a connection that was not made.
pub fn problem_of(error: &tungstenite::Error) -> Option<Problem> {
    let tungstenite::Error::Http(answer) = error else {
        return None;
    };
    let said = answer.body().as_deref().unwrap_or_default();
    let refusal: ErrorBody = serde_json::from_slice(said).ok()?;
    (refusal.code == ErrorCode::SignedOut).then_some(Problem::SignedOut)
}

/// What the server says first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Greeting {
    pub epoch: LogEpoch,
    pub head: Sequence,
}

/// Opens the sync socket of a signed-in device.
pub async fn connect(server: SocketAddr, token: &str) -> Result<Socket, tungstenite::Error> {
    let mut request = format!("ws://{server}/v1/sync").into_client_request()?;
    let bearer = HeaderValue::from_str(&format!("Bearer {token}"))?;
    request.headers_mut().insert("authorization", bearer);
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let (stream, _) = tokio_tungstenite::client_async(request, stream).await?;
    Ok(Socket {
        stream,
        incoming: Incoming::default(),
        outgoing: Outgoing::default(),
        taken_in: 0,
        closed_with: None,
    })
}

/// Says hello in a protocol version, as a device that has seen no log, and returns the answer.
pub async fn greet(server: SocketAddr, token: &str, protocol: u16) -> Result<Greeting, ErrorBody> {
    let mut socket = connect(server, token).await.expect("the socket opens");
    hello(&mut socket, protocol, None).await
}

/// Reads the log from its first entry to the head that the server greets with.
pub async fn whole_log(server: SocketAddr, token: &str) -> Vec<LogEntry> {
    let mut socket = connect(server, token).await.expect("the socket opens");
    let greeting = hello(&mut socket, limits::PROTOCOL, None)
        .await
        .expect("the server greets a signed-in device");
    let mut log: Vec<LogEntry> = Vec::new();
    while log.last().map_or(Sequence(0), |entry| entry.sequence) < greeting.head {
        if let ServerFrame::Deliver { entries } = receive(&mut socket).await {
            log.extend(entries);
        }
    }
    log
}

/// Opens a socket that is told of everything after the log's present end.
pub async fn follow(server: SocketAddr, token: &str) -> Socket {
    let known = greet(server, token, limits::PROTOCOL).await;
    let mut socket = connect(server, token).await.expect("the socket opens");
    let greeting = hello(&mut socket, limits::PROTOCOL, known.ok()).await;
    greeting.expect("the server greets a signed-in device");
    socket
}

/// `known` is as far as the device has the log.
async fn hello(
    socket: &mut Socket,
    protocol: u16,
    known: Option<Greeting>,
) -> Result<Greeting, ErrorBody> {
    let hello = ClientFrame::Hello {
        protocol,
        epoch: known.map(|known| known.epoch),
        cursor: known.map(|known| known.head).unwrap_or_default(),
        known: None,
        classes: Class::ALL.to_vec(),
        actors: Vec::new(),
    };
    let mut frame = Vec::new();
    ciborium::into_writer(&hello, &mut frame).expect("a frame encodes");
    assert!(socket.send(&frame).await, "the socket takes a frame");
    match receive(socket).await {
        ServerFrame::Welcome { epoch, head, .. } => Ok(Greeting { epoch, head }),
        ServerFrame::Refuse(body) => Err(body),
        other => panic!("neither a welcome nor a refusal: {other:?}"),
    }
}

async fn receive(socket: &mut Socket) -> ServerFrame {
    let frame = socket.receive().await.expect("the socket stays open");
    ciborium::from_reader(&frame[..]).expect("a frame of the protocol")
}
