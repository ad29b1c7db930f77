//! A device that keeps its replica in memory, as the clients of other sync servers do: Automerge
//! documents, a cursor and an outbox. It begins with the working set, plans, writes, signs and takes
//! in like any device, and keeps no rows, no history and no file.

use crate::{
    beginning::Beginning,
    device::{Device, Frames, Progress, now},
    enrol::NewDevice,
    outbox::{Outbox, encode},
};
use keyrack_document::{Document, Stamp};
use keyrack_model::{
    action::{Action, Content, DocumentChange, LogEntry, Sequence},
    change::Entity,
    class::Class,
    command::Command,
    ids::{
        ActorId, DeviceId, DocumentKind, DocumentRef, HotelId, LogEpoch, OperationId, RoomId,
        UserId, WorkOrderId,
    },
    limits,
    plan::{Context, PastAction, View, plan},
    record::Record,
    rows::Person,
    time::HybridClock,
    wire::{ActorRegistration, ClientFrame, ServerFrame, SignedIn},
    work_order::WorkOrder,
};
use keyrack_replica::{Fetched, LeftOut, Wanted};
use std::{collections::HashMap, convert::Infallible, sync::Arc};
use uuid::Uuid;

pub struct Memory {
    hotel: HotelId,
    me: Person,
    device: DeviceId,
    actor: ActorId,
    clock: HybridClock,
    documents: Documents,
    people: Vec<UserId>,
    outbox: Outbox,
    progress: Progress,
    epoch: Option<LogEpoch>,
    beginning: Beginning,
    left_out: LeftOut,
}

/// What a device holds, for others to begin with.
pub struct Shared {
    documents: Arc<HashMap<DocumentRef, Document>>,
    people: Vec<UserId>,
    cursor: Sequence,
    epoch: Option<LogEpoch>,
}

impl Shared {
    pub fn cursor(&self) -> Sequence {
        self.cursor
    }

    pub fn epoch(&self) -> Option<LogEpoch> {
        self.epoch
    }
}

/// What this device has written or taken in, above what it shares with others of its process.
#[derive(Default)]
struct Documents {
    own: HashMap<DocumentRef, Document>,
    shared: Option<Arc<HashMap<DocumentRef, Document>>>,
}

impl Memory {
    pub fn new(device: &NewDevice, signed_in: &SignedIn) -> Self {
        Self {
            hotel: signed_in.hotel,
            me: signed_in.person.clone(),
            device: device.id,
            actor: ActorId(Uuid::new_v4()),
            clock: HybridClock::default(),
            documents: Documents::default(),
            people: Vec::new(),
            outbox: Outbox::signed_by(&device.signing_key),
            progress: Progress::default(),
            epoch: None,
            beginning: Beginning::default(),
            left_out: LeftOut::default(),
        }
    }

    /// Another device that has what this one has, and shares it.
    pub fn twin(shared: &Shared, device: &NewDevice, signed_in: &SignedIn) -> Self {
        let mut twin = Self::new(device, signed_in);
        twin.documents.shared = Some(shared.documents.clone());
        twin.people.clone_from(&shared.people);
        twin.progress.cursor = shared.cursor;
        twin.epoch = shared.epoch;
        twin
    }

    /// Gives up what it holds to its twins.
    pub fn share(self) -> Shared {
        Shared {
            documents: Arc::new(self.documents.own),
            people: self.people,
            cursor: self.progress.cursor,
            epoch: self.epoch,
        }
    }

    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Forgets its documents and keeps what it has to say.
    pub fn into_outbox(self) -> Outbox {
        self.outbox
    }

    /// Under which its changes are written.
    pub fn actor(&self) -> ActorRegistration {
        ActorRegistration {
            actor: self.actor,
            user: self.me.id,
        }
    }

    fn due(&mut self) -> Frames {
        if self.progress.greeted.is_none() {
            return Frames::new();
        }
        let due = self.outbox.due(now());
        self.progress.waiting = self.outbox.len();
        due
    }

    fn meet(&mut self, entry: &LogEntry) {
        if let Some(person) = entry.record().and_then(Record::person)
            && !self.people.contains(&person.id)
        {
            self.people.push(person.id);
        }
    }

    /// Takes in a part of what it begins with.
    fn begin_with(&mut self, fetched: Fetched) -> Result<(), String> {
        match fetched {
            Fetched::WorkingSet(set) => {
                self.epoch = Some(set.epoch);
                self.progress.cursor = set.sequence;
            }
            Fetched::Records(page) => page.entries.iter().for_each(|entry| self.meet(entry)),
            Fetched::Segment(segment) => {
                for state in segment.documents {
                    let reference = state.row.document;
                    let document = Document::load(reference, &state.snapshot);
                    let document = document.map_err(|error| error.to_string())?;
                    self.documents.own.insert(reference, document);
                }
            }
            other => return Err(format!("not what it begins with: {other:?}")),
        }
        Ok(())
    }

    fn greeting(&mut self) -> Frames {
        vec![encode(&ClientFrame::Hello {
            protocol: limits::PROTOCOL,
            epoch: self.epoch,
            cursor: self.progress.cursor,
            known: None,
            classes: Class::ALL.to_vec(),
            actors: vec![self.actor()],
        })]
    }

    fn receive(&mut self, entries: &[LogEntry]) -> Result<(), String> {
        for entry in entries {
            if self.left_out.reach(self.progress.cursor).next() < entry.first() {
                return Err(format!("a gap before {:?}", entry.sequence));
            }
            self.progress.cursor = entry.sequence;
            self.meet(entry);
            let Content::Action { device, action, .. } = &entry.content else {
                continue;
            };
            if *device == self.device {
                continue;
            }
            for change in &action.changes {
                let taken = self.documents.open(change.document).apply(&change.bytes);
                taken.map_err(|error| error.to_string())?;
            }
            self.clock.observe(action.at, now());
        }
        self.pass_own();
        Ok(())
    }

    /// Its own actions that the log does not tell it are passed when the log has come to them.
    fn pass_own(&mut self) {
        self.progress.cursor = self.left_out.reach(self.progress.cursor);
        self.left_out.forget_up_to(self.progress.cursor);
    }
}

impl Documents {
    fn open(&mut self, reference: DocumentRef) -> &mut Document {
        let shared = self.shared.as_ref();
        self.own.entry(reference).or_insert_with(|| {
            let shared = shared.and_then(|shared| shared.get(&reference));
            shared.map_or_else(|| Document::genesis(reference), Clone::clone)
        })
    }

    fn get(&self, reference: DocumentRef) -> Option<&Document> {
        let shared = || self.shared.as_ref()?.get(&reference);
        self.own.get(&reference).or_else(shared)
    }

    fn of_kind(&self, kind: DocumentKind) -> impl Iterator<Item = &DocumentRef> {
        let shared = self.shared.iter().flat_map(|shared| shared.keys());
        let references = self.own.keys().chain(shared);
        references.filter(move |reference| reference.kind == kind)
    }
}

impl Device for Memory {
    fn hello(&mut self) -> Result<Frames, String> {
        self.outbox.begin();
        self.left_out = LeftOut::default();
        if self.progress.cursor == Sequence::default() {
            self.beginning = Beginning::new();
            return Ok(Frames::new());
        }
        Ok(self.greeting())
    }

    fn wanted(&mut self) -> Option<Wanted> {
        self.beginning.wanted()
    }

    fn fetched(&mut self, wanted: Wanted, fetched: Fetched) -> Result<Frames, String> {
        self.beginning.go_on(wanted, &fetched);
        self.begin_with(fetched)?;
        match self.beginning.is_over() {
            true => Ok(self.greeting()),
            false => Ok(Frames::new()),
        }
    }

    fn take_in(&mut self, frame: &[u8]) -> Result<Frames, String> {
        let frame: ServerFrame =
            ciborium::from_reader(frame).map_err(|error| format!("a frame: {error}"))?;
        match frame {
            ServerFrame::Welcome { epoch, head, .. } => {
                self.epoch = Some(epoch);
                self.progress.greeted = Some(head);
            }
            ServerFrame::Deliver { entries } => self.receive(&entries)?,
            ServerFrame::Verdicts { verdicts } => self.outbox.judged(&verdicts, now())?,
            ServerFrame::Stored { first, .. } => {
                let stored = self.outbox.stored(first)?;
                if !self.left_out.add(first, stored) {
                    return Err(format!("{first:?} twice"));
                }
                self.pass_own();
            }
            ServerFrame::AuditHead(_) | ServerFrame::Pong => {}
            other => return Err(format!("the server says {other:?}")),
        }
        Ok(self.due())
    }

    fn act(&mut self, command: &Command) -> Result<Frames, String> {
        let at = self.clock.tick(now());
        let operation = OperationId(Uuid::now_v7());
        let context = Context {
            hotel: self.hotel,
            operation,
            author: self.me.id,
            role: self.me.role,
            at: at.wall,
        };
        let planned = plan(command, context, &self.documents);
        let planned = planned.map_err(|error| error.to_string())?;
        let stamp = Stamp {
            operation,
            at: at.wall,
        };
        let mut changes = Vec::new();
        for fields in planned.chunk_by(|one, next| one.document() == next.document()) {
            let document = fields[0].document();
            let written = self.documents.open(document);
            let written = written.write(self.actor, stamp, fields);
            if let Some(bytes) = written.map_err(|error| error.to_string())? {
                changes.push(DocumentChange { document, bytes });
            }
        }
        self.outbox.add(&Action {
            operation,
            author: self.me.id,
            at,
            schema: limits::SCHEMA,
            command: command.clone(),
            changes,
        });
        Ok(self.due())
    }

    fn tick(&mut self) -> Result<Frames, String> {
        Ok(self.due())
    }

    fn progress(&self) -> Progress {
        Progress {
            waiting: self.outbox.len(),
            ..self.progress
        }
    }

    fn work_order(&self, id: WorkOrderId) -> Option<WorkOrder> {
        match self.documents.entity(id.into()) {
            Ok(Some(Entity::WorkOrder(work_order))) => Some(work_order),
            _ => None,
        }
    }

    fn rooms(&self) -> Vec<RoomId> {
        let rooms = self.documents.of_kind(DocumentKind::Room);
        let mut rooms: Vec<_> = rooms.map(|room| RoomId(room.id.0)).collect();
        rooms.sort_unstable();
        rooms
    }

    fn people(&self) -> Vec<UserId> {
        self.people.clone()
    }

    fn digest(&self, work_orders: &[WorkOrderId]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for id in work_orders {
            let document = self.documents.get(DocumentRef::from(*id));
            for head in document.map(Document::heads).unwrap_or_default() {
                hasher.update(&head);
            }
            hasher.update(&[0]);
        }
        hasher.finalize()
    }
}

impl View for Documents {
    type Error = Infallible;

    fn entity(&self, document: DocumentRef) -> Result<Option<Entity>, Infallible> {
        Ok(self.get(document).map(|found| found.reading().entity))
    }

    fn is_contested(&self, document: DocumentRef, key: &str) -> Result<bool, Infallible> {
        let document = self.get(document);
        Ok(document.is_some_and(|document| {
            let contested = document.reading().contested;
            contested.iter().any(|field| field.key == key)
        }))
    }

    // What work orders do not ask for.

    fn about_room(
        &self,
        _: RoomId,
        _: DocumentKind,
    ) -> Result<Vec<(DocumentRef, Entity)>, Infallible> {
        Ok(Vec::new())
    }

    fn past_action(&self, _: OperationId) -> Result<Option<PastAction>, Infallible> {
        Ok(None)
    }

    fn writers(&self, _: DocumentRef, _: &str) -> Result<Vec<OperationId>, Infallible> {
        Ok(Vec::new())
    }

    fn written_by_person(&self, _: DocumentRef, _: &str) -> Result<bool, Infallible> {
        Ok(false)
    }
}
