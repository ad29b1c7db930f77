//! One client with two ways to talk: what it asks for is the same, and so is what it hears.

use super::super::{
    site::{Answer, Device, Site},
    socket::Socket,
};
use crate::pretend;
use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    action::{Action, LogEntry, Sequence},
    class::Class,
    identity,
    ids::LogEpoch,
    limits::PROTOCOL,
    wire::{ActorRegistration, ClientFrame, OperationVerdict, ServerFrame, Verdict},
};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    Socket,
    Requests,
}

/// The code with which the server turned something away.
pub type TurnedAway = String;

/// Somebody of the resort at a device of their own.
pub struct Client {
    pub site: Site,
    /// What this person writes with.
    pub hand: pretend::Device,
    way: Way,
    device: Device,
    token: String,
    socket: Option<Socket>,
}

/// Where a device stands, as a `Welcome` says it, and the entries that it lacked.
#[derive(Debug)]
pub struct Greeted {
    pub epoch: LogEpoch,
    pub after: u64,
    pub classes: Vec<Class>,
    pub entries: Vec<LogEntry>,
}

impl Client {
    pub async fn open(way: Way, who: &str) -> Self {
        let site = Site::open().await;
        pretend::open_house(site.hotels.log().as_ref(), identity::hotel("resort")).await;
        let device = Device::numbered(1);
        let token = site.token(&device, who).await;
        let parsed = token.parse().unwrap_or_else(|_| panic!());
        let me = site.accounts.authenticate(&parsed, pretend::NOW).await;
        let mut hand = pretend::Device::of(me.unwrap().user, 1);
        hand.id = device.id;
        Self {
            site,
            hand,
            way,
            device,
            token,
            socket: None,
        }
    }

    /// Says what it has of the log, and takes in the rest.
    pub async fn greet(
        &mut self,
        epoch: Option<LogEpoch>,
        after: u64,
        classes: &[Class],
    ) -> Result<Greeted, TurnedAway> {
        self.greet_in(PROTOCOL, epoch, after, classes).await
    }

    pub async fn greet_in(
        &mut self,
        protocol: u16,
        epoch: Option<LogEpoch>,
        after: u64,
        classes: &[Class],
    ) -> Result<Greeted, TurnedAway> {
        match self.way {
            Way::Socket => {
                let mut socket = Socket::open(&self.site, &self.token).await;
                let greeted = say_hello(&mut socket, protocol, epoch, after, classes).await;
                self.socket = Some(socket);
                greeted
            }
            Way::Requests => self.pull(protocol, epoch, after, classes).await,
        }
    }

    /// Begins with the whole log.
    pub async fn read_all(&mut self) -> Greeted {
        self.greet(None, 0, &[]).await.unwrap()
    }

    pub async fn register(&mut self, actors: Vec<ActorRegistration>) -> Result<(), TurnedAway> {
        let frame = ClientFrame::Register { actors };
        match &mut self.socket {
            Some(socket) => {
                socket.send(&cbor(&frame)).await;
                // Only a refusal is an answer to it.
                socket.send(&cbor(&ClientFrame::Ping)).await;
                let is_pong = |told: &_| *told == ServerFrame::Pong;
                receive_until(socket, is_pong).await.map(|_| ())
            }
            None => is_fine(&self.post("/v1/actors", &frame).await),
        }
    }

    pub async fn register_hand(&mut self) {
        let hand = self.hand.registration();
        self.register(vec![hand]).await.unwrap();
    }

    pub async fn push(&mut self, actions: &[Action]) -> Result<Vec<OperationVerdict>, TurnedAway> {
        self.push_signed(actions, self.device.key).await
    }

    pub async fn push_signed(
        &mut self,
        actions: &[Action],
        key: [u8; 32],
    ) -> Result<Vec<OperationVerdict>, TurnedAway> {
        let batch = cbor(actions);
        let signature = SigningKey::from_bytes(&key).sign(&batch);
        let signature = signature.to_bytes().to_vec();
        let frame = ClientFrame::Push {
            batch,
            signature,
            proofs: vec![],
        };
        let told = match &mut self.socket {
            Some(socket) => {
                socket.send(&cbor(&frame)).await;
                let is_answer = |told: &_| {
                    matches!(
                        told,
                        ServerFrame::Verdicts { .. } | ServerFrame::Stored { .. }
                    )
                };
                receive_until(socket, is_answer).await?
            }
            None => {
                let answer = self.post("/v1/push", &frame).await;
                is_fine(&answer)?;
                answer.frames().remove(0)
            }
        };
        match told {
            ServerFrame::Verdicts { verdicts } => Ok(verdicts),
            ServerFrame::Stored { first, received_at } => {
                let places = actions.iter().zip(first.0..);
                let verdict = |(action, place): (&Action, u64)| OperationVerdict {
                    operation: action.operation,
                    verdict: Verdict::Accepted {
                        sequence: Sequence(place),
                        received_at,
                    },
                };
                Ok(places.map(verdict).collect())
            }
            other => panic!("no verdicts: {other:?}"),
        }
    }

    async fn post(&self, path: &str, frame: &ClientFrame) -> Answer {
        let line = format!("POST {path}");
        let body = cbor(frame);
        self.site.ask(&line, PROTOCOL, &self.token, &body).await
    }

    /// Pulls until the end of the log.
    async fn pull(
        &self,
        protocol: u16,
        mut epoch: Option<LogEpoch>,
        mut after: u64,
        classes: &[Class],
    ) -> Result<Greeted, TurnedAway> {
        let words: Vec<&str> = classes.iter().map(|class| class.word()).collect();
        let words = words.join(",");
        let mut greeted: Option<Greeted> = None;
        loop {
            let epoch_asked = epoch.map_or_else(String::new, |epoch| format!("&epoch={epoch}"));
            // What it has been told meanwhile it has of every class that the first answer named.
            let held = match &greeted {
                None => format!("&classes={words}"),
                Some(_) => String::new(),
            };
            let line = format!("GET /v1/pull?after={after}{epoch_asked}{held}");
            let answer = self.site.ask(&line, protocol, &self.token, b"").await;
            is_fine(&answer)?;
            let mut frames = answer.frames();
            let entries = match frames.pop() {
                Some(ServerFrame::Deliver { entries }) => entries,
                welcome => {
                    frames.extend(welcome);
                    Vec::new()
                }
            };
            let Some(ServerFrame::Welcome {
                epoch: present,
                after: from,
                head,
                classes,
                ..
            }) = frames.pop()
            else {
                panic!("no welcome: {answer:?}");
            };
            let greeted = greeted.get_or_insert(Greeted {
                epoch: present,
                after: from.0,
                classes,
                entries: Vec::new(),
            });
            greeted.entries.extend(entries);
            epoch = Some(present);
            after = greeted.entries.last().map_or(from.0, |it| it.sequence.0);
            if after >= head.0 {
                break;
            }
        }
        Ok(greeted.unwrap())
    }
}

/// The next frame; the code, when it is a refusal.
async fn receive(socket: &mut Socket) -> Result<ServerFrame, TurnedAway> {
    let frame = socket.receive().await;
    match ciborium::from_reader(&frame[..]).unwrap() {
        ServerFrame::Refuse(body) => Err(body.code.to_string()),
        frame => Ok(frame),
    }
}

/// The next frame of a kind; what is delivered before it is heard at the next greeting.
async fn receive_until(
    socket: &mut Socket,
    is_awaited: impl Fn(&ServerFrame) -> bool,
) -> Result<ServerFrame, TurnedAway> {
    loop {
        let frame = receive(socket).await?;
        if is_awaited(&frame) {
            return Ok(frame);
        }
    }
}

async fn say_hello(
    socket: &mut Socket,
    protocol: u16,
    epoch: Option<LogEpoch>,
    after: u64,
    classes: &[Class],
) -> Result<Greeted, TurnedAway> {
    let hello = ClientFrame::Hello {
        protocol,
        epoch,
        cursor: Sequence(after),
        known: None,
        classes: classes.to_vec(),
        actors: vec![],
    };
    socket.send(&cbor(&hello)).await;
    let ServerFrame::Welcome {
        epoch,
        after,
        head,
        classes,
        ..
    } = receive(socket).await?
    else {
        panic!("no welcome");
    };
    let mut entries: Vec<LogEntry> = Vec::new();
    while entries.last().map_or(after, |last| last.sequence) < head {
        match receive(socket).await? {
            ServerFrame::Deliver { entries: more } => entries.extend(more),
            other => panic!("no entries: {other:?}"),
        }
    }
    Ok(Greeted {
        epoch,
        after: after.0,
        classes,
        entries,
    })
}

fn is_fine(answer: &Answer) -> Result<(), TurnedAway> {
    if answer.status < 300 {
        Ok(())
    } else {
        Err(answer.code())
    }
}

fn cbor<T: serde::Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}
