//! Devices at real sockets, before the log in memory.

use super::*;
use crate::{
    access::{Access, Concerned},
    gate::{Author, ReadAction},
    log::memory::MemoryLog,
    pretend::*,
    session::Identity,
};
use axum::{Router, extract::WebSocketUpgrade, routing::get};
use ed25519_dalek::{Signer, SigningKey};
use futures_util::SinkExt;
use keyrack_model::{
    action::{Action, LogEntry, Sequence},
    cleanliness::Cleanliness,
    ids::SessionId,
    limits::{PROTOCOL, STREAM_WINDOW_LOG},
    policy::Role,
    time::Timestamp,
    wire::{ClientFrame, ErrorCode, OperationVerdict, Verdict},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite};

mod cost;
mod ended;
mod given;
mod reading;
mod room;

/// A server with one route, at which everybody is maria's device.
struct Server {
    address: String,
    hotels: Hotels<MemoryLog>,
    stop: watch::Sender<()>,
    access: Access,
    /// Whether maria's session has.
    ended: Arc<AtomicBool>,
    /// Whether maria has asked for all that she is given.
    crowded: Arc<AtomicBool>,
}

impl Server {
    async fn start() -> Self {
        let log = open_log().await;
        let hotels = Hotels::new(Arc::new(log), Arc::new(|| NOW));
        let (stop, stopping) = watch::channel(());
        let served = hotels.clone();
        let (access, ended) = (Access::default(), Arc::<AtomicBool>::default());
        let (news, has_ended) = (access.clone(), ended.clone());
        let crowded = Arc::<AtomicBool>::default();
        let is_crowded = crowded.clone();
        let serve = async move |upgrade: WebSocketUpgrade| {
            upgrade.on_upgrade(async move |socket| {
                let mut stopping = stopping.clone();
                let stopping = async move {
                    stopping.changed().await.ok();
                };
                let admitted = Admitted {
                    who: identity(),
                    until: Timestamp(i64::MAX),
                };
                let gives = move || match is_crowded.load(Ordering::Relaxed) {
                    true => Err(AccountError::crowded(1_000)),
                    false => Ok(()),
                };
                let opens = gives.clone();
                let nobody: Admit = Box::new(move |_| {
                    let given = opens();
                    Box::pin(async move { given.map(|()| None) })
                });
                let around = Around {
                    admit: nobody,
                    gave: Box::new(|_| {}),
                    binds: Box::new(move |_| gives()),
                    heads: AuditHeads::default(),
                    look: Box::new(move |_| {
                        let found = match has_ended.load(Ordering::Relaxed) {
                            true => Err(AccountError::SignedOut),
                            false => Ok(Seen::AsAdmitted),
                        };
                        Box::pin(async move { found })
                    }),
                    access: news.follow().of(HOTEL, MARIA, identity().device),
                    farewell: Box::new(|| {}),
                };
                run(socket, served, admitted, around, stopping).await;
            })
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("ws://{}/", listener.local_addr().unwrap());
        let app = Router::new().route("/", get(serve));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            address,
            hotels,
            stop,
            access,
            ended,
            crowded,
        }
    }

    async fn connect(&self) -> Socket {
        Socket {
            stream: connect_async(&self.address).await.unwrap().0,
            outgoing: Outgoing::default(),
            incoming: Incoming::default(),
        }
    }
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn identity() -> Identity {
    Identity {
        hotel: HOTEL,
        user: MARIA,
        device: Device::of(MARIA, 1).id,
        session: SessionId(uuid::Uuid::from_u128(0x5e)),
        key: key().verifying_key(),
        people: vec![MARIA],
        keys: vec![],
        unkeyed: vec![MARIA],
    }
}

/// The device's end.
struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    outgoing: Outgoing,
    incoming: Incoming,
}

impl Socket {
    async fn send(&mut self, frame: &ClientFrame) {
        let mut bytes = Vec::new();
        ciborium::into_writer(frame, &mut bytes).unwrap();
        let message = self.outgoing.pack(&bytes).unwrap();
        self.send_bytes(message).await;
    }

    async fn send_bytes(&mut self, message: Vec<u8>) {
        let message = tungstenite::Message::Binary(message.into());
        self.stream.send(message).await.unwrap();
    }

    /// The next frame; None when the server hung up.
    async fn receive(&mut self) -> Option<ServerFrame> {
        let bytes = self.receive_bytes().await?;
        Some(ciborium::from_reader(&bytes[..]).unwrap())
    }

    /// The bytes of the next frame as they leave the server, unpacked.
    async fn receive_bytes(&mut self) -> Option<Vec<u8>> {
        let message = self.receive_message().await?;
        Some(self.incoming.unpack(&message).unwrap())
    }

    /// The next message as it is.
    async fn receive_message(&mut self) -> Option<Vec<u8>> {
        loop {
            let message = timeout(Duration::from_secs(10), self.stream.next())
                .await
                .unwrap();
            match message {
                Some(Ok(tungstenite::Message::Binary(bytes))) => {
                    return Some(bytes.into());
                }
                Some(Ok(tungstenite::Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    async fn hello(&mut self, protocol: u16) {
        let frame = ClientFrame::Hello {
            protocol,
            epoch: Some(EPOCH),
            cursor: Sequence(OPENED),
            known: None,
            classes: Reading::of(Role::Housekeeper).classes(),
            actors: vec![Device::of(MARIA, 1).registration()],
        };
        self.send(&frame).await;
    }

    async fn push(&mut self, actions: &[Action]) {
        let mut batch = Vec::new();
        ciborium::into_writer(actions, &mut batch).unwrap();
        let signature = key().sign(&batch).to_bytes().to_vec();
        self.send(&ClientFrame::Push {
            batch,
            signature,
            proofs: vec![],
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_is_told_of_where_it_came_from_and_delivered_to_everybody_else() {
    let server = Server::start().await;
    let mut maria = Device::of(MARIA, 1);
    let (mut one, mut two) = (server.connect().await, server.connect().await);
    for socket in [&mut one, &mut two] {
        socket.hello(PROTOCOL).await;
        let welcome = socket.receive().await;
        assert!(matches!(welcome, Some(ServerFrame::Welcome { .. })));
    }
    let actions: Vec<Action> = (0..3).map(|_| maria.mark(Cleanliness::Clean)).collect();
    one.push(&actions[..2]).await;
    one.push(&actions[2..]).await;
    for first in [OPENED + 1, OPENED + 3] {
        match one.receive().await {
            Some(ServerFrame::Stored { first: place, .. }) => assert_eq!(place, Sequence(first)),
            other => panic!("{other:?}"),
        }
    }
    let mut seen = Vec::new();
    while seen.len() < 3 {
        match two.receive().await {
            Some(ServerFrame::Deliver { entries }) => seen.extend(entries),
            other => panic!("{other:?}"),
        }
    }
    assert!(seen.iter().filter_map(LogEntry::action).eq(&actions));
    // Of a push that is not all new, each action has its verdict, and is delivered as well.
    let more = maria.mark(Cleanliness::Dirty);
    one.push(&[actions[0].clone(), more.clone()]).await;
    let mut verdicts = Vec::new();
    let mut told = Vec::new();
    while verdicts.is_empty() || told.is_empty() {
        match one.receive().await {
            Some(ServerFrame::Verdicts { verdicts: come }) => verdicts.extend(come),
            Some(ServerFrame::Deliver { entries }) => told.extend(entries),
            other => panic!("{other:?}"),
        }
    }
    let is_accepted = |told: &OperationVerdict| matches!(told.verdict, Verdict::Accepted { .. });
    assert!(verdicts.len() == 2 && verdicts.iter().all(is_accepted));
    assert!(told.iter().filter_map(LogEntry::action).eq([&more]));
    one.send(&ClientFrame::Ping).await;
    assert_eq!(one.receive().await, Some(ServerFrame::Pong));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_delivery_is_one_message_for_all_and_a_piece_of_the_stream_for_an_older_device() {
    let server = Server::start().await;
    let mut sockets = Vec::new();
    for protocol in [PROTOCOL, PROTOCOL, 3] {
        let mut socket = server.connect().await;
        socket.hello(protocol).await;
        socket.receive().await;
        sockets.push(socket);
    }
    let mut maria = Device::of(MARIA, 1);
    let from = Author::People(maria.id);
    let marks = (0..50).map(|_| ReadAction::of(maria.mark(Cleanliness::Clean)));
    let pushed = server.hotels.push(HOTEL, from, marks.collect()).await;
    assert_eq!(pushed.unwrap().len(), 50);
    let (mut messages, mut frames) = (Vec::new(), Vec::new());
    for socket in &mut sockets {
        let message = socket.receive_message().await.unwrap();
        frames.push(socket.incoming.unpack(&message).unwrap());
        messages.push(message);
    }
    assert!(frames.iter().all(|frame| *frame == frames[0]));
    assert_eq!(messages[0], keyrack_wire::alone::pack(&frames[0]).unwrap());
    assert!(messages[1] == messages[0] && messages[2] != messages[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_refused_gets_the_sentence_before_the_end() {
    let server = Server::start().await;
    let mut socket = server.connect().await;
    socket.hello(PROTOCOL + 1).await;
    match socket.receive().await {
        Some(ServerFrame::Refuse(body)) => assert_eq!(body.code, ErrorCode::NewProtocol),
        other => panic!("{other:?}"),
    }
    assert_eq!(socket.receive().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_says_so() {
    let server = Server::start().await;
    let mut socket = server.connect().await;
    socket.hello(PROTOCOL).await;
    socket.receive().await;
    server.stop.send(()).unwrap();
    let told = socket.receive().await;
    assert!(matches!(told, Some(ServerFrame::GoAway { .. })));
    assert_eq!(socket.receive().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_unpacks_to_more_than_a_frame_ends_the_connection() {
    let server = Server::start().await;
    let mut socket = server.connect().await;
    socket.hello(PROTOCOL).await;
    socket.receive().await;
    // A stream of the right window whose one block repeats a byte three million times over.
    let mut bomb = vec![
        0x28,
        0xb5,
        0x2f,
        0xfd,
        0x00,
        (STREAM_WINDOW_LOG as u8 - 10) << 3,
    ];
    let block_of_one_byte = |size: u32| [&(size << 3 | 1 << 1).to_le_bytes()[..3], &[7]].concat();
    for _ in 0..200 {
        bomb.extend(block_of_one_byte(1 << STREAM_WINDOW_LOG));
    }
    assert!(bomb.len() < 1_000);
    socket.send_bytes(bomb).await;
    match socket.receive().await {
        Some(ServerFrame::Refuse(body)) => assert_eq!(body.code, ErrorCode::TooLarge),
        other => panic!("{other:?}"),
    }
    assert_eq!(socket.receive().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_no_piece_of_the_stream_ends_the_connection() {
    let server = Server::start().await;
    let mut socket = server.connect().await;
    socket.hello(PROTOCOL).await;
    socket.receive().await;
    let mut plain = Vec::new();
    ciborium::into_writer(&ClientFrame::Ping, &mut plain).unwrap();
    socket.send_bytes(plain).await;
    match socket.receive().await {
        Some(ServerFrame::Refuse(body)) => assert_eq!(body.code, ErrorCode::BadRequest),
        other => panic!("{other:?}"),
    }
    assert_eq!(socket.receive().await, None);
}
