//! A modified app: it signs in like any device, and then sends whatever it likes, each frame under
//! its own key.

use crate::{
    hostile::encode,
    hotel::{self, Somebody},
    http,
    peer::{new_device, now},
    wire::{self, Socket},
};
use ed25519_dalek::{Signer, SigningKey};
use keyrack_document::{Document, Stamp};
use keyrack_model::{
    action::{Action, DocumentChange, LogEntry, Sequence},
    change::Change,
    command::Command,
    ids::{ActorId, DeviceId, DocumentRef, OperationId, RoomId, UserId},
    limits::{PROTOCOL, SCHEMA},
    room::{RoomChange, ServiceStatus},
    time::HybridTime,
    wire::{ActorRegistration, ClientFrame, ServerFrame, SignIn, SignedIn, Verdict},
};
use keyrack_replica::NewDevice;
use std::{collections::HashMap, net::SocketAddr};
use uuid::Uuid;

/// Somebody's account on a device that does as it likes.
#[derive(Clone)]
pub struct Attacker {
    server: SocketAddr,
    device: NewDevice,
    pub token: String,
    pub user: UserId,
    pub actor: ActorId,
    documents: HashMap<DocumentRef, Document>,
}

impl Attacker {
    /// Signs in and reads the whole log, as every device does.
    pub async fn signed_in(server: SocketAddr, who: &Somebody) -> Self {
        let device = new_device();
        let body = SignIn {
            protocol: PROTOCOL,
            hotel: hotel::CODE.to_owned(),
            name: who.name.to_owned(),
            password: who.password(),
            device: device.registration(),
        };
        let body = serde_json::to_value(body).expect("a sign-in is JSON");
        let answer = http::post(server, "/v1/sign-in", &body).await;
        let signed_in: SignedIn =
            serde_json::from_value(answer.expect("the server answers").json()).expect("a session");
        let mut attacker = Self {
            server,
            device,
            token: signed_in.token,
            user: signed_in.person.id,
            actor: ActorId(Uuid::new_v4()),
            documents: HashMap::new(),
        };
        let log = wire::whole_log(server, &attacker.token).await;
        log.iter().for_each(|entry| attacker.receive(entry));
        attacker
    }

    fn receive(&mut self, entry: &LogEntry) {
        for change in entry.action().iter().flat_map(|action| &action.changes) {
            let document = self.document(change.document);
            document.apply(&change.bytes).expect("the log is in order");
        }
    }

    pub fn id(&self) -> DeviceId {
        self.device.id
    }

    pub fn document(&mut self, reference: DocumentRef) -> &mut Document {
        let document = self.documents.entry(reference);
        document.or_insert_with(|| Document::genesis(reference))
    }

    /// What an honest app sends when the room's guest wants something.
    pub fn service(&mut self, room: RoomId, value: ServiceStatus) -> Action {
        let command = Command::SetServiceStatus { room, value };
        let written = Change::Room(room, RoomChange::ServiceStatus(value));
        self.act(command, &[written])
    }

    /// An action with one change, whatever its command.
    pub fn act(&mut self, command: Command, written: &[Change]) -> Action {
        let operation = OperationId(Uuid::now_v7());
        let (actor, at) = (self.actor, now());
        let document = written[0].document();
        let stamp = Stamp { operation, at };
        let bytes = self.document(document).write(actor, stamp, written);
        let bytes = bytes.expect("Automerge writes").expect("something changes");
        Action {
            operation,
            author: self.user,
            at: HybridTime {
                wall: at,
                counter: 0,
            },
            schema: SCHEMA,
            command,
            changes: vec![DocumentChange { document, bytes }],
        }
    }

    /// A connection that was greeted, with this device's actor registered.
    pub async fn connect(&self) -> Socket {
        let opened = wire::connect(self.server, &self.token).await;
        let mut socket = opened.expect("the socket opens");
        let registration = ActorRegistration {
            actor: self.actor,
            user: self.user,
        };
        let hello = ClientFrame::Hello {
            protocol: PROTOCOL,
            epoch: None,
            cursor: Sequence(0),
            known: None,
            classes: Vec::new(),
            actors: vec![registration],
        };
        assert!(socket.send(&encode(&hello)).await);
        match receive(&mut socket).await {
            Some(ServerFrame::Welcome { .. }) => socket,
            other => panic!("no welcome: {other:?}"),
        }
    }

    /// The frame that pushes these bytes.
    pub fn push(&self, batch: Vec<u8>) -> Vec<u8> {
        let key = SigningKey::from_bytes(&self.device.signing_key);
        let signature = key.sign(&batch).to_bytes().to_vec();
        encode(&ClientFrame::Push { batch, signature })
    }

    /// What the server says to an action.
    pub async fn told(&self, action: &Action) -> Verdict {
        let mut socket = self.connect().await;
        assert!(socket.send(&self.push(encode(&[action]))).await);
        loop {
            match receive(&mut socket).await {
                Some(ServerFrame::Stored { first, received_at }) => {
                    return Verdict::Accepted {
                        sequence: first,
                        received_at,
                    };
                }
                Some(ServerFrame::Verdicts { mut verdicts }) => {
                    assert_eq!(verdicts.len(), 1);
                    return verdicts.remove(0).verdict;
                }
                Some(ServerFrame::Deliver { .. } | ServerFrame::Pong) => {}
                other => panic!("no verdict: {other:?}"),
            }
        }
    }
}

/// The next frame; None at the end of the connection.
pub async fn receive(socket: &mut Socket) -> Option<ServerFrame> {
    let frame = socket.receive().await?;
    Some(ciborium::from_reader(&frame[..]).expect("a frame of the protocol"))
}
