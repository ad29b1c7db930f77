//! A modified app: it signs in like any device, and then sends whatever it likes, each frame under
//! its own key.

use crate::{
    enrolment,
    hostile::encode,
    hotel::Somebody,
    http::{self, Answer},
    peer::{new_device, now},
    sign_in,
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
    wire::{
        ActorRegistration, ClientFrame, ErrorBody, ErrorCode, OperationVerdict, Proof, ServerFrame,
        SignIn, SignedIn, Verdict,
    },
};
use keyrack_replica::{NewDevice, UserKey};
use std::{collections::HashMap, net::SocketAddr};
use uuid::Uuid;

/// How a device talks to the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    Socket,
    Requests,
}

impl Way {
    pub const ALL: [Self; 2] = [Self::Socket, Self::Requests];
}

/// Somebody's account on a device that does as it likes.
#[derive(Clone)]
pub struct Attacker {
    server: SocketAddr,
    device: NewDevice,
    pub way: Way,
    pub token: String,
    pub user: UserId,
    pub actor: ActorId,
    /// What it sends with every push.
    pub proofs: Vec<Proof>,
    documents: HashMap<DocumentRef, Document>,
}

impl Attacker {
    /// Signs in and reads the whole log, as every device does.
    pub async fn signed_in(server: SocketAddr, who: &Somebody) -> Self {
        let device = new_device();
        let code = Some(enrolment::code(server).await);
        let shown = sign_in::fresh_key();
        let signed_in = sign_in(server, who, &device, code, &shown).await;
        let mut attacker = Self {
            server,
            device,
            way: Way::Socket,
            token: signed_in.token,
            user: signed_in.person.id,
            actor: ActorId(Uuid::new_v4()),
            proofs: Vec::new(),
            documents: HashMap::new(),
        };
        let log = wire::whole_log(server, &attacker.token).await;
        log.iter().for_each(|entry| attacker.receive(entry));
        attacker
    }

    /// Somebody else signs in on this device and shows a key of their own, which it can use only as
    /// long as they are there. What it does from here on it does in their name.
    pub async fn in_the_name_of(&mut self, who: &Somebody, key: &UserKey) {
        let other = sign_in(self.server, who, &self.device, None, key).await;
        self.user = other.person.id;
        self.actor = ActorId(Uuid::new_v4());
    }

    fn receive(&mut self, entry: &LogEntry) {
        for change in entry.action().iter().flat_map(|action| &action.changes) {
            let document = self.document(change.document);
            document.apply(&change.bytes).expect("the log is in order");
        }
    }

    pub fn server(&self) -> SocketAddr {
        self.server
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
        self.act_as(OperationId(Uuid::now_v7()), command, written)
    }

    /// The same under an operation that stands in what is written.
    pub fn act_as(
        &mut self,
        operation: OperationId,
        command: Command,
        written: &[Change],
    ) -> Action {
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
        assert!(socket.send(&self.hello()).await);
        match receive(&mut socket).await {
            Some(ServerFrame::Welcome { .. }) => socket,
            other => panic!("no welcome: {other:?}"),
        }
    }

    /// The frame that greets, and registers this device's actor.
    pub fn hello(&self) -> Vec<u8> {
        encode(&ClientFrame::Hello {
            protocol: PROTOCOL,
            epoch: None,
            cursor: Sequence(0),
            known: None,
            classes: Vec::new(),
            actors: vec![self.registration()],
        })
    }

    fn registration(&self) -> ActorRegistration {
        ActorRegistration {
            actor: self.actor,
            user: self.user,
        }
    }

    /// The frame that pushes these bytes, with whatever proofs it has.
    pub fn push(&self, batch: Vec<u8>) -> Vec<u8> {
        let key = SigningKey::from_bytes(&self.device.signing_key);
        let signature = key.sign(&batch).to_bytes().to_vec();
        let proofs = self.proofs.clone();
        encode(&ClientFrame::Push {
            batch,
            signature,
            proofs,
        })
    }

    /// What the server says to an action.
    pub async fn told(&self, action: &Action) -> Verdict {
        let frame = self.push(encode(&[action]));
        match self.way {
            Way::Socket => self.told_on_a_socket(&frame).await,
            Way::Requests => self.told_by_requests(&frame).await,
        }
    }

    async fn told_on_a_socket(&self, push: &[u8]) -> Verdict {
        let mut socket = self.connect().await;
        assert!(socket.send(push).await);
        loop {
            match receive(&mut socket).await {
                Some(ServerFrame::Stored { first, received_at }) => {
                    return Verdict::Accepted {
                        sequence: first,
                        received_at,
                    };
                }
                Some(ServerFrame::Verdicts { verdicts }) => return only(verdicts),
                Some(
                    ServerFrame::Deliver { .. } | ServerFrame::AuditHead(_) | ServerFrame::Pong,
                ) => {}
                other => panic!("no verdict: {other:?}"),
            }
        }
    }

    async fn told_by_requests(&self, push: &[u8]) -> Verdict {
        let actors = vec![self.registration()];
        let register = encode(&ClientFrame::Register { actors });
        let registered = self.post("/v1/actors", &register).await;
        assert_eq!(registered.status, 204, "{registered:?}");
        let answer = self.post("/v1/push", push).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let frames: Vec<ServerFrame> =
            ciborium::from_reader(&answer.body[..]).expect("frames of the protocol");
        match <[ServerFrame; 1]>::try_from(frames) {
            Ok([ServerFrame::Verdicts { verdicts }]) => only(verdicts),
            other => panic!("no verdict: {other:?}"),
        }
    }

    /// The code with which the server turns a frame away, if it does; a connection ends with it.
    pub async fn turned_away(&self, frame: &[u8]) -> Option<ErrorCode> {
        match self.way {
            Way::Socket => {
                let mut socket = self.connect().await;
                assert!(socket.send(frame).await);
                let told = loop {
                    match receive(&mut socket).await? {
                        ServerFrame::Deliver { .. } | ServerFrame::AuditHead(_) => {}
                        told => break told,
                    }
                };
                let ServerFrame::Refuse(body) = told else {
                    return None;
                };
                let is_over = receive(&mut socket).await.is_none();
                is_over.then_some(body.code)
            }
            Way::Requests => {
                let answer = self.post("/v1/push", frame).await;
                let body: ErrorBody = serde_json::from_slice(&answer.body).ok()?;
                (answer.status >= 400).then_some(body.code)
            }
        }
    }

    /// The server's last word to frames that were recorded, when they are said on this device's token
    /// up to the first that it answers with more than a welcome: a verdict, or why it turned the frame
    /// away. None when it hangs up without a word.
    pub async fn says_again(&self, recorded: &[Vec<u8>]) -> Option<Result<Verdict, ErrorCode>> {
        let opened = wire::connect(self.server, &self.token).await;
        let mut socket = opened.expect("the socket opens");
        for frame in recorded {
            assert!(socket.send(frame).await);
            loop {
                match receive(&mut socket).await? {
                    ServerFrame::Welcome { .. } => break,
                    ServerFrame::Stored { first, received_at } => {
                        return Some(Ok(Verdict::Accepted {
                            sequence: first,
                            received_at,
                        }));
                    }
                    ServerFrame::Verdicts { verdicts } => return Some(Ok(only(verdicts))),
                    ServerFrame::Refuse(body) => return Some(Err(body.code)),
                    ServerFrame::Deliver { .. } | ServerFrame::AuditHead(_) | ServerFrame::Pong => {
                    }
                    told @ ServerFrame::GoAway { .. } => panic!("no answer: {told:?}"),
                }
            }
        }
        None
    }

    /// Sends one message that is no frame at all; what the server says before it hangs up.
    pub async fn told_before_the_end(socket: &mut Socket, message: Vec<u8>) -> Vec<ServerFrame> {
        // It may hang up before it has all of it.
        socket.send_message(message).await;
        let mut told = Vec::new();
        while let Some(frame) = receive(socket).await {
            told.push(frame);
        }
        told
    }

    async fn post(&self, path: &str, frame: &[u8]) -> Answer {
        let bearer = format!("authorization: Bearer {}", self.token);
        let protocol = format!("keyrack-protocol: {PROTOCOL}");
        let answer = http::post_bytes(self.server, path, &[&bearer, &protocol], frame).await;
        answer.expect("the server answers")
    }
}

async fn sign_in(
    server: SocketAddr,
    who: &Somebody,
    device: &NewDevice,
    code: Option<String>,
    key: &UserKey,
) -> SignedIn {
    let asked = SignIn {
        code,
        person_key: Some(key.public_key()),
        ..sign_in::asked(who, device)
    };
    let answer = sign_in::answer(server, asked, device, now()).await;
    serde_json::from_value(answer.expect("the server answers").json()).expect("a session")
}

/// The verdict of the one action that was pushed.
fn only(verdicts: Vec<OperationVerdict>) -> Verdict {
    match <[OperationVerdict; 1]>::try_from(verdicts) {
        Ok([told]) => told.verdict,
        Err(verdicts) => panic!("not one verdict: {verdicts:?}"),
    }
}

/// The next frame; None at the end of the connection.
async fn receive(socket: &mut Socket) -> Option<ServerFrame> {
    let frame = socket.receive().await?;
    Some(ciborium::from_reader(&frame[..]).expect("a frame of the protocol"))
}
