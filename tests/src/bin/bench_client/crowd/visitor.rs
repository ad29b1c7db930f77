//! One device of a crowd, and what all of them may share of what they are told.

use crate::{
    device::{Device, now},
    memory::{Memory, Shared},
    outbox::{Outbox, encode},
    told::Told,
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    class::Class,
    ids::{LogEpoch, WorkOrderId},
    limits,
    wire::{ActorRegistration, ClientFrame, ServerFrame},
};
use keyrack_replica::LeftOut;
use keyrack_tests::wire::{self, Socket};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::Semaphore, time::timeout};

pub struct Visitor {
    token: String,
    socket: Option<Socket>,
    mind: Mind,
    told: Told,
}

/// What a device says at the end, by which it is compared with others.
pub struct Account {
    pub told: Told,
    /// Of one that holds the documents.
    pub held: Option<blake3::Hash>,
}

/// What a device makes of what it is told.
enum Mind {
    Witness(Box<Memory>),
    Listener(Box<Listener>),
}

/// Holds no documents.
struct Listener {
    outbox: Outbox,
    actor: ActorRegistration,
    epoch: Option<LogEpoch>,
    cursor: Sequence,
    left_out: LeftOut,
}

/// Deliveries that some device has read: the same bytes are the same to all, and a thousand
/// devices of one process need not decode each of them a thousand times.
#[derive(Default)]
pub struct Ledger(Mutex<HashMap<blake3::Hash, Arc<Page>>>);

struct Page {
    /// Places one after another, from the first to the last of each run.
    runs: Vec<(Sequence, Sequence)>,
    told: Told,
}

/// Said to no frame in particular.
const PULSE: Duration = Duration::from_millis(500);

impl Visitor {
    pub fn with_documents(memory: Memory, token: String) -> Self {
        Self::of(Mind::Witness(Box::new(memory)), token)
    }

    pub fn without_documents(memory: Memory, token: String, shared: &Shared) -> Self {
        let listener = Listener {
            actor: memory.actor(),
            outbox: memory.into_outbox(),
            epoch: shared.epoch(),
            cursor: shared.cursor(),
            left_out: LeftOut::default(),
        };
        Self::of(Mind::Listener(Box::new(listener)), token)
    }

    fn of(mind: Mind, token: String) -> Self {
        Self {
            token,
            socket: None,
            mind,
            told: Told::default(),
        }
    }

    /// What it has come to.
    pub fn account(&self, work_orders: &[WorkOrderId]) -> Account {
        let mut told = self.told;
        told += match &self.mind {
            Mind::Witness(memory) => memory.outbox().told(),
            Mind::Listener(listener) => listener.outbox.told(),
        };
        let held = match &self.mind {
            Mind::Witness(memory) => Some(memory.digest(work_orders)),
            Mind::Listener(_) => None,
        };
        Account { told, held }
    }

    /// Lets go of all but the connection, and listens until the server hangs up.
    pub async fn stay(self) {
        let Some(mut socket) = self.socket else {
            return;
        };
        drop(self.mind);
        while socket.receive().await.is_some() {}
    }

    pub async fn connect(&mut self, server: SocketAddr, doors: &Semaphore) -> Result<(), String> {
        let _door = doors.acquire().await.map_err(|error| error.to_string())?;
        let socket = wire::connect(server, &self.token).await;
        self.socket = Some(socket.map_err(|error| format!("no connection: {error}"))?);
        Ok(())
    }

    pub async fn talk_until(&mut self, head: Sequence, ledger: &Ledger) -> Result<(), String> {
        let hello = match &mut self.mind {
            Mind::Witness(memory) => memory.hello()?,
            Mind::Listener(listener) => listener.hello(),
        };
        self.send(hello).await?;
        let mut is_greeted = false;
        while !(is_greeted && self.is_done(head)) {
            let socket = self.socket.as_mut().ok_or("no connection")?;
            let due = match timeout(PULSE, socket.receive()).await {
                Ok(Some(frame)) => {
                    is_greeted = true;
                    self.take_in(&frame, ledger)?
                }
                Ok(None) => return Err("the server hung up".to_owned()),
                Err(_) if is_greeted => self.due(),
                Err(_) => Vec::new(),
            };
            self.send(due).await?;
        }
        Ok(())
    }

    fn is_done(&self, head: Sequence) -> bool {
        match &self.mind {
            Mind::Witness(memory) => {
                let progress = memory.progress();
                progress.waiting == 0 && progress.cursor >= head
            }
            Mind::Listener(listener) => listener.outbox.len() == 0 && listener.cursor >= head,
        }
    }

    fn due(&mut self) -> Vec<Vec<u8>> {
        match &mut self.mind {
            Mind::Witness(memory) => memory.tick().unwrap_or_default(),
            Mind::Listener(listener) => listener.outbox.due(now()),
        }
    }

    fn take_in(&mut self, frame: &[u8], ledger: &Ledger) -> Result<Vec<Vec<u8>>, String> {
        if let Some(page) = ledger.page(frame)? {
            self.told += page.told;
            if let Mind::Listener(listener) = &mut self.mind {
                listener.turn(&page)?;
                return Ok(Vec::new());
            }
        }
        match &mut self.mind {
            Mind::Witness(memory) => memory.take_in(frame),
            Mind::Listener(listener) => listener.take_in(frame),
        }
    }

    async fn send(&mut self, frames: Vec<Vec<u8>>) -> Result<(), String> {
        let socket = self.socket.as_mut().ok_or("no connection")?;
        for frame in frames {
            if !socket.send(&frame).await {
                return Err("the server hung up".to_owned());
            }
        }
        Ok(())
    }
}

impl Listener {
    fn hello(&mut self) -> Vec<Vec<u8>> {
        self.outbox.begin();
        self.left_out = LeftOut::default();
        vec![encode(&ClientFrame::Hello {
            protocol: limits::PROTOCOL,
            epoch: self.epoch,
            cursor: self.cursor,
            known: None,
            classes: Class::ALL.to_vec(),
            actors: vec![self.actor],
        })]
    }

    fn turn(&mut self, page: &Page) -> Result<(), String> {
        for (first, last) in &page.runs {
            if self.left_out.reach(self.cursor).next() < *first || *first <= self.cursor {
                return Err(format!("{first:?} after {:?}", self.cursor));
            }
            self.cursor = *last;
        }
        self.pass_own();
        Ok(())
    }

    fn pass_own(&mut self) {
        self.cursor = self.left_out.reach(self.cursor);
        self.left_out.forget_up_to(self.cursor);
    }

    fn take_in(&mut self, frame: &[u8]) -> Result<Vec<Vec<u8>>, String> {
        let frame: ServerFrame =
            ciborium::from_reader(frame).map_err(|error| format!("a frame: {error}"))?;
        match frame {
            ServerFrame::Stored { first, .. } => {
                let stored = self.outbox.stored(first)?;
                if !self.left_out.add(first, stored) {
                    return Err(format!("{first:?} twice"));
                }
                self.pass_own();
            }
            ServerFrame::Verdicts { verdicts } => self.outbox.judged(&verdicts, now())?,
            ServerFrame::Welcome { .. } | ServerFrame::AuditHead(_) | ServerFrame::Pong => {}
            other => return Err(format!("the server says {other:?}")),
        }
        Ok(self.outbox.due(now()))
    }
}

impl Ledger {
    /// What a frame delivers; None for a frame that is no delivery.
    fn page(&self, frame: &[u8]) -> Result<Option<Arc<Page>>, String> {
        /// CBOR of a map with one key, and the key.
        const DELIVER: &[u8] = b"\xa1\x67Deliver";
        if !frame.starts_with(DELIVER) {
            return Ok(None);
        }
        let hash = blake3::hash(frame);
        let known = |pages: &Mutex<HashMap<blake3::Hash, Arc<Page>>>| {
            let pages = pages.lock().unwrap_or_else(PoisonError::into_inner);
            pages.get(&hash).cloned()
        };
        if let Some(page) = known(&self.0) {
            return Ok(Some(page));
        }
        let frame: ServerFrame =
            ciborium::from_reader(frame).map_err(|error| format!("a frame: {error}"))?;
        let ServerFrame::Deliver { entries } = frame else {
            return Ok(None);
        };
        let page = Arc::new(Page::of(&entries));
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pages.insert(hash, page.clone());
        Ok(Some(page))
    }
}

impl Page {
    fn of(entries: &[LogEntry]) -> Self {
        let runs = entries.chunk_by(|one, next| next.sequence == one.sequence.next());
        let ends = |run: &[LogEntry]| Some((run.first()?.sequence, run.last()?.sequence));
        let mut told = Told::default();
        for entry in entries {
            told += Told::entry(entry);
        }
        Self {
            runs: runs.filter_map(ends).collect(),
            told,
        }
    }
}
