//! The server as an author: rules and imports write through the same gate as everybody.
//!
//! **Architecture Invariant**: what is asked twice is written once. The operation of an import is
//! derived from what is asked and from the state it is asked on.

use crate::{
    gate::{Author, ReadAction},
    hotel::{Hotels, Stopped},
    log::{Log, LogError},
    review::Ground,
};
use keyrack_document::{Document, DocumentError, Stamp};
use keyrack_model::{
    action::{Action, DocumentChange},
    change::{Change, Entity, fields_of},
    command::{Command, ImportedRow, RoomCommand},
    identity::{self, SERVER, SERVER_DEVICE},
    ids::{ActorId, DocumentKind, DocumentRef, HotelId, OperationId, RoomId},
    limits::SCHEMA,
    plan::{Context, PastAction, Unplanned, View, plan},
    policy::Role,
    record::RecordRef,
    refusal::Refusal,
    time::{HybridClock, HybridTime},
    wire::{ActorRegistration, OperationVerdict, Verdict},
};
use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
    time::Duration,
};
use uuid::Uuid;

/// Actions that go to the hotel's loop together.
pub(crate) const TOGETHER: usize = 250;
/// Tries of a push that the server cannot judge at the moment.
const TRIES: u32 = 20;

#[derive(Debug, thiserror::Error)]
pub enum AuthorError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Stopped(#[from] Stopped),
    #[error("a document of the hotel cannot be written: {0}")]
    Document(#[from] DocumentError),
    #[error("{command} was refused: {reason}")]
    Refused {
        command: &'static str,
        reason: Refusal,
    },
    #[error(
        "the log could not take the actions; what was taken stays, and trying again completes it"
    )]
    Unavailable,
}

/// How many of the commands changed something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Written {
    pub changed: usize,
    pub unchanged: usize,
}

/// The server writing into one hotel, under an actor of its own.
pub struct ServerAuthor<'a, L> {
    hotels: &'a Hotels<L>,
    hotel: HotelId,
    actor: ActorId,
    clock: HybridClock,
}

impl<'a, L: Log> ServerAuthor<'a, L> {
    pub async fn at(hotels: &'a Hotels<L>, hotel: HotelId) -> Result<Self, AuthorError> {
        Self::under(hotels, hotel, ActorId(Uuid::new_v4())).await
    }

    /// Under an actor that nobody has written under.
    pub async fn under(
        hotels: &'a Hotels<L>,
        hotel: HotelId,
        actor: ActorId,
    ) -> Result<Self, AuthorError> {
        let registration = ActorRegistration {
            actor,
            user: SERVER,
        };
        hotels
            .log()
            .register_actors(hotel, SERVER_DEVICE, &[registration])
            .await?;
        Ok(Self {
            hotels,
            hotel,
            actor,
            clock: HybridClock::default(),
        })
    }

    /// Does what the commands say, in order; those that would change nothing are passed over.
    pub async fn act(&mut self, commands: &[Command]) -> Result<Written, AuthorError> {
        let mut written = Written::default();
        for commands in commands.chunks(TOGETHER) {
            let documents: Vec<DocumentRef> =
                commands.iter().flat_map(|it| self.subjects(it)).collect();
            let mut desk = self.desk(documents).await?;
            let mut actions = Vec::new();
            for command in commands {
                match self.write(&mut desk, command)? {
                    Some(action) => actions.push(action),
                    None => written.unchanged += 1,
                }
            }
            written.changed += actions.len();
            self.push(actions).await?;
        }
        Ok(written)
    }

    /// The documents that some commands are about.
    pub(crate) async fn documents(
        &self,
        documents: Vec<DocumentRef>,
    ) -> Result<Vec<Document>, AuthorError> {
        Ok(self.hotels.documents(self.hotel, documents).await?)
    }

    async fn desk(&self, documents: Vec<DocumentRef>) -> Result<Desk, AuthorError> {
        let distinct: HashSet<DocumentRef> = documents.into_iter().collect();
        let documents = self.documents(distinct.into_iter().collect()).await?;
        let writers: HashSet<ActorId> = documents
            .iter()
            .flat_map(|document| {
                let fields = fields_of(document.reference().kind).iter();
                fields.filter_map(|(key, _)| document.last_writer(key))
            })
            .collect();
        let writers: Vec<ActorId> = writers.into_iter().collect();
        let bindings = self.hotels.log().actors(self.hotel, &writers).await?;
        Ok(Desk {
            documents: documents
                .into_iter()
                .map(|document| (document.reference(), document))
                .collect(),
            own: bindings
                .into_iter()
                .filter(|binding| binding.user == SERVER)
                .map(|binding| binding.actor)
                .chain([self.actor])
                .collect(),
        })
    }

    /// The action of a command; None when everything is so already.
    fn write(&mut self, desk: &mut Desk, command: &Command) -> Result<Option<Action>, AuthorError> {
        let at = self.clock.tick(self.hotels.now());
        if let Some(record) = command.record() {
            return Ok(Some(self.version(record, at, command)));
        }
        let operation = self.operation(desk, command);
        let planned = match self.plan(operation, at, command, desk) {
            Ok(planned) => planned,
            Err(Refusal::NothingToDo) => return Ok(None),
            Err(reason) => {
                let command = command.name();
                return Err(AuthorError::Refused { command, reason });
            }
        };
        let action = self.action(operation, at, command, &planned, &mut desk.documents)?;
        Ok((!action.changes.is_empty()).then_some(action))
    }

    /// The first version of a record, which is no change of a document. Its name says nothing of
    /// its content, which has to be erasable.
    fn version(&self, record: RecordRef, at: HybridTime, command: &Command) -> Action {
        Action {
            operation: identity::record_operation(self.hotel, record, 1),
            author: SERVER,
            at,
            schema: SCHEMA,
            command: command.clone(),
            changes: Vec::new(),
        }
    }

    /// Carries out what somebody approved, under the operation of what was asked for.
    pub(crate) async fn carry_out(
        &mut self,
        operation: OperationId,
        command: &Command,
        mut ground: Ground,
    ) -> Result<(), AuthorError> {
        let at = self.clock.tick(self.hotels.now());
        let refused = |reason| AuthorError::Refused {
            command: command.name(),
            reason,
        };
        let planned = self
            .plan(operation, at, command, &ground)
            .map_err(refused)?;
        let action = self.action(operation, at, command, &planned, &mut ground.documents)?;
        if action.changes.is_empty() {
            return Err(refused(Refusal::NothingToDo));
        }
        self.push(vec![action]).await
    }

    fn plan(
        &self,
        operation: OperationId,
        at: HybridTime,
        command: &Command,
        view: &impl View<Error = Infallible>,
    ) -> Result<Vec<Change>, Refusal> {
        let context = Context {
            hotel: self.hotel,
            operation,
            author: SERVER,
            role: Role::Server,
            at: at.wall,
        };
        plan(command, context, view).map_err(|unplanned| match unplanned {
            Unplanned::Refused(reason) => reason,
            Unplanned::Unread(never) => match never {},
        })
    }

    /// The action that writes what was planned into the documents.
    fn action(
        &self,
        operation: OperationId,
        at: HybridTime,
        command: &Command,
        planned: &[Change],
        documents: &mut HashMap<DocumentRef, Document>,
    ) -> Result<Action, AuthorError> {
        let stamp = Stamp {
            operation,
            at: at.wall,
        };
        let mut changes = Vec::new();
        for reference in distinct(planned) {
            let fields: Vec<Change> = planned
                .iter()
                .filter(|change| change.document() == reference)
                .cloned()
                .collect();
            let document = documents
                .entry(reference)
                .or_insert_with(|| Document::genesis(reference));
            if let Some(bytes) = document.write(self.actor, stamp, &fields)? {
                changes.push(DocumentChange {
                    document: reference,
                    bytes,
                });
            }
        }
        Ok(Action {
            operation,
            author: SERVER,
            at,
            schema: SCHEMA,
            command: command.clone(),
            changes,
        })
    }

    fn operation(&self, desk: &Desk, command: &Command) -> OperationId {
        let subjects = self.subjects(command);
        let document = subjects.first().copied();
        let document = document.unwrap_or_else(|| self.hotel.into());
        let heads = desk.documents.get(&document).map(Document::heads);
        let mut asked = blake3::Hasher::new();
        ciborium::into_writer(command, &mut asked)
            .unwrap_or_else(|error| unreachable!("hashing does not fail: {error}"));
        for head in heads.unwrap_or_default() {
            asked.update(&head);
        }
        identity::import_operation(self.hotel, document, asked.finalize().as_bytes())
    }

    /// The documents that a command of the server is about, the one that it writes first.
    fn subjects(&self, command: &Command) -> Vec<DocumentRef> {
        match command {
            Command::OpenHotel { hotel, .. }
            | Command::Import(ImportedRow::BusinessDate { hotel, .. }) => vec![(*hotel).into()],
            Command::Import(ImportedRow::Room { room, .. }) => vec![(*room).into()],
            Command::Import(ImportedRow::Stay { stay, .. }) => vec![(*stay).into()],
            Command::Import(ImportedRow::Task { task, .. }) => vec![(*task).into()],
            Command::Rooms(RoomCommand::Link { first, second, .. }) => {
                let link = identity::room_link(self.hotel, *first, *second);
                vec![link.into(), (*first).into(), (*second).into()]
            }
            _ => Vec::new(),
        }
    }

    async fn push(&self, mut actions: Vec<Action>) -> Result<(), AuthorError> {
        for _ in 0..TRIES {
            if actions.is_empty() {
                return Ok(());
            }
            let read = actions.iter().cloned().map(ReadAction::of).collect();
            let from = Author::Server(SERVER_DEVICE);
            let verdicts = self.hotels.push(self.hotel, from, read).await?;
            let wait = self.settle(&mut actions, verdicts)?;
            tokio::time::sleep(wait).await;
        }
        Err(AuthorError::Unavailable)
    }

    /// Leaves the actions that must be asked for again, and returns how long to wait first.
    fn settle(
        &self,
        actions: &mut Vec<Action>,
        verdicts: Vec<OperationVerdict>,
    ) -> Result<Duration, AuthorError> {
        let mut again = HashSet::new();
        let mut wait = Duration::ZERO;
        for OperationVerdict { operation, verdict } in verdicts {
            match verdict {
                Verdict::Accepted { .. } => {}
                Verdict::RetryAfter { millis } => {
                    again.insert(operation);
                    wait = wait.max(Duration::from_millis(u64::from(millis)));
                }
                // Somebody has said it meanwhile, or had it forgotten: theirs stays.
                Verdict::Refused(Refusal::RecordChanged { .. } | Refusal::RecordErased) => {}
                Verdict::Refused(reason) => {
                    let refused = actions.iter().find(|action| action.operation == operation);
                    let command = refused.map_or("an action", |action| action.command.name());
                    return Err(AuthorError::Refused { command, reason });
                }
            }
        }
        actions.retain(|action| again.contains(&action.operation));
        Ok(wait)
    }
}

fn distinct(changes: &[Change]) -> Vec<DocumentRef> {
    let mut seen = HashSet::new();
    let documents = changes.iter().map(Change::document);
    documents
        .filter(|document| seen.insert(*document))
        .collect()
}

/// The documents that are being worked on, as they will be after what was written so far.
struct Desk {
    documents: HashMap<DocumentRef, Document>,
    /// Actors of the server.
    own: HashSet<ActorId>,
}

impl View for Desk {
    type Error = Infallible;

    fn entity(&self, document: DocumentRef) -> Result<Option<Entity>, Infallible> {
        let untouched = Document::genesis(document).heads();
        Ok(self
            .documents
            .get(&document)
            .filter(|found| found.heads() != untouched)
            .map(|found| found.reading().entity))
    }

    /// An import settles nothing that people should decide.
    fn is_contested(&self, _: DocumentRef, _: &str) -> Result<bool, Infallible> {
        Ok(false)
    }

    /// The server takes nothing back.
    fn writers(&self, _: DocumentRef, _: &str) -> Result<Vec<OperationId>, Infallible> {
        Ok(Vec::new())
    }

    fn written_by_person(&self, document: DocumentRef, key: &str) -> Result<bool, Infallible> {
        let writer = self
            .documents
            .get(&document)
            .and_then(|document| document.last_writer(key));
        Ok(writer.is_some_and(|writer| !self.own.contains(&writer)))
    }

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
}
