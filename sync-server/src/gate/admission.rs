//! Judges one action against the documents as the log has them.

use super::{
    fields::check_command,
    late::{self, Late},
    operations,
    reading::{ReadAction, ReadChange, Unread},
    seen::Seen,
    shelf::{Draft, Shelved},
    texts::{check_texts, check_typed},
};
use crate::log::{
    ActorBinding, ChangeName, KnownRecord, NewEntry,
    review::{Kept, Standing},
};
use automerge::ChangeHash;
use keyrack_document::DocumentError;
use keyrack_model::{
    action::Action,
    change::Entity,
    command::Command,
    identity::genesis_actor,
    ids::{ActorId, DeviceId, DocumentRef, HotelId, OperationId, UserId},
    invariants::{self, person, references},
    limits::{RETRY_MILLIS, SCHEMA},
    plan::Context,
    policy::{Role, allows},
    record::RecordRef,
    refusal::{GateReason, Refusal},
    rights::Rights,
    time::{BusinessDate, ClockReading, Timestamp},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Where actions come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Author {
    /// People on a device; each has the role that the hotel gives them.
    People(DeviceId),
    /// The server itself, under its own device.
    Server(DeviceId),
}

impl Author {
    pub fn device(self) -> DeviceId {
        match self {
            Self::People(device) | Self::Server(device) => device,
        }
    }
}

/// What the gate knows of the hotel beside its documents.
pub struct Gate<'a> {
    pub hotel: HotelId,
    pub actors: &'a HashMap<ActorId, ActorBinding>,
    /// Actions of the log: those that some action takes back, those that wrote over them as far as
    /// that was asked for, and those that any of them took back.
    pub past: &'a HashMap<OperationId, Action>,
    pub standing: &'a Standing,
    /// The present versions of the records that are to be written.
    pub records: &'a HashMap<RecordRef, KnownRecord>,
    pub now: Timestamp,
}

/// The gate's answer.
#[derive(Debug)]
pub enum Judgement {
    /// The draft holds it.
    Admitted(Box<NewEntry>),
    Refused(Refusal),
    /// Refused, and to be kept where there is room for it; else the refusal is `otherwise`.
    Kept {
        refusal: Refusal,
        kept: Box<Kept>,
        otherwise: Refusal,
    },
    /// One of the documents could not be read, or too much was pushed; nothing is known of the
    /// action.
    NotNow {
        millis: u32,
    },
    /// Who wrote what is to be taken back hangs on these actions of the log: they are to be among
    /// the past ones.
    Needs(BTreeSet<OperationId>),
}

/// Why an action does not pass.
pub(super) enum Stop {
    Refused(Refusal),
    /// One of the documents could not be read.
    NotNow,
    After {
        millis: u32,
    },
    /// Actions of the log that are not among the past ones.
    Needs(BTreeSet<OperationId>),
}

impl Stop {
    fn of(unread: &Unread) -> Self {
        match unread {
            Unread::Refused(refusal) => Self::Refused(refusal.clone()),
            Unread::NotNow { millis } => Self::After { millis: *millis },
        }
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<GateReason> for Stop {
    fn from(reason: GateReason) -> Self {
        Self::Refused(Refusal::Gate { reason })
    }
}

impl Gate<'_> {
    /// Judges an action on top of the draft, and adds it there when it is admitted.
    pub fn judge(&self, read: &ReadAction, from: Author, draft: &mut Draft<'_>) -> Judgement {
        #[cfg(test)]
        super::stumble::over(read.action.operation);
        let judged = match self.admit(read, from, draft) {
            Ok(entry) => Ok(Judgement::Admitted(Box::new(entry))),
            Err(Stop::Refused(otherwise)) => self.refuse(read, from, otherwise, draft),
            Err(stop) => Err(stop),
        };
        judged.unwrap_or_else(|stop| match stop {
            Stop::Refused(refusal) => Judgement::Refused(refusal),
            Stop::NotNow => Judgement::NotNow {
                millis: RETRY_MILLIS,
            },
            Stop::After { millis } => Judgement::NotNow { millis },
            Stop::Needs(earlier) => Judgement::Needs(earlier),
        })
    }

    fn refuse(
        &self,
        read: &ReadAction,
        from: Author,
        otherwise: Refusal,
        draft: &Draft<'_>,
    ) -> Result<Judgement, Stop> {
        Ok(match self.late(read, from, &otherwise, draft)? {
            Late::Kept(kept) => Judgement::Kept {
                refusal: late::verdict(kept.cause),
                kept,
                otherwise,
            },
            Late::Refused(refusal) => Judgement::Refused(refusal),
            Late::AsEver => Judgement::Refused(otherwise),
        })
    }

    fn admit(
        &self,
        read: &ReadAction,
        from: Author,
        draft: &mut Draft<'_>,
    ) -> Result<NewEntry, Stop> {
        read.changes.as_ref().map_err(Stop::of)?;
        let role = self.role(&read.action, from)?;
        if self.is_distrusted(from) {
            return Err(GateReason::WrongAuthor.into());
        }
        let (entry, scratch) = self.examine(read, from, role, draft)?;
        draft.admit(&entry, scratch);
        Ok(entry)
    }

    /// What an action comes to when its author has a role; nothing is written.
    pub(super) fn examine(
        &self,
        read: &ReadAction,
        from: Author,
        role: Role,
        draft: &Draft<'_>,
    ) -> Result<(NewEntry, HashMap<DocumentRef, Shelved>), Stop> {
        let action = &read.action;
        let changes = read.changes.as_ref().map_err(Stop::of)?;
        if !(1..=SCHEMA).contains(&action.schema) {
            return Err(GateReason::Schema.into());
        }
        allows(role, &action.command)?;
        check_command(&action.command)?;
        if let Some(record) = action.command.record() {
            let entry = self.next_version(action, role, record, from, draft)?;
            return Ok((entry, HashMap::new()));
        }
        let before = self.before(action, changes, from, draft)?;
        let undone = self.undone(action, changes, draft)?;
        let rights = Rights {
            command: &action.command,
            context: Context {
                hotel: self.hotel,
                operation: action.operation,
                author: action.author,
                role,
                at: action.at.wall,
            },
            before: &before,
            today: self.today(&action.command, draft)?,
            undone: undone.as_ref(),
            self_check: self.self_check(action, role, draft)?,
        };
        rights.allows_command()?;
        self.check_awaited(action, &before, draft)?;
        let mut scratch = HashMap::new();
        for change in changes {
            let shelved = draft.get(change.document).ok_or(Stop::NotNow)?;
            let shelved = self.next(shelved.clone(), change, &rights)?;
            scratch.insert(change.document, shelved);
        }
        check_references(&action.command, &scratch, draft)?;
        let entry = NewEntry {
            action: action.clone(),
            role,
            device: from.device(),
            received_at: self.now,
            clock: ClockReading::of(action.at.wall, self.now),
            changes: changes.iter().map(name).collect(),
            record: None,
            names_hotel: self.named_by(&scratch, draft),
        };
        Ok((entry, scratch))
    }

    /// What the hotel is called once an action is in the log, where that is something else.
    fn named_by(
        &self,
        scratch: &HashMap<DocumentRef, Shelved>,
        draft: &Draft<'_>,
    ) -> Option<String> {
        let hotel = DocumentRef::from(self.hotel);
        let called = |shelved: &Shelved| match shelved.document.reading().entity {
            Entity::Hotel(hotel) => Some(hotel.name),
            _ => None,
        };
        let name = called(scratch.get(&hotel)?)?;
        let before = draft.get(hotel).and_then(called);
        (before.as_ref() != Some(&name)).then_some(name)
    }

    fn role(&self, action: &Action, from: Author) -> Result<Role, Stop> {
        match from {
            Author::Server(_) => Ok(Role::Server),
            // Derived operations are the server's: nobody takes the name of one beforehand.
            Author::People(_) if action.operation.0.get_version_num() == DERIVED => {
                Err(GateReason::WrongOperation.into())
            }
            Author::People(_) => {
                let role = self.standing.role(action.author);
                Ok(role.ok_or(GateReason::WrongAuthor)?)
            }
        }
    }

    pub(super) fn check_actor(
        &self,
        change: &ReadChange,
        author: UserId,
        from: Author,
    ) -> Result<(), GateReason> {
        let actor = change.header.actor;
        let binding = self.actors.get(&actor);
        let is_genesis = actor.0 == genesis_actor(change.document);
        match binding {
            Some(binding) if binding.device == from.device() && !is_genesis => {
                if binding.user == author {
                    Ok(())
                } else {
                    Err(GateReason::WrongAuthor)
                }
            }
            _ => Err(GateReason::UnregisteredActor),
        }
    }

    /// The documents as the author saw them, once every change is in its place.
    fn before(
        &self,
        action: &Action,
        changes: &[ReadChange],
        from: Author,
        draft: &Draft<'_>,
    ) -> Result<BTreeMap<DocumentRef, Option<Entity>>, Stop> {
        let mut before = BTreeMap::new();
        for change in changes {
            self.check_actor(change, action.author, from)?;
            if change.header.at != action.at.wall {
                return Err(GateReason::Timestamp.into());
            }
            let shelved = draft.get(change.document).ok_or(Stop::NotNow)?;
            check_place(shelved, change)?;
            let seen = Seen::by(&shelved.document, &change.header);
            if before.insert(change.document, seen.entity()).is_some() {
                return Err(GateReason::NotOfCommand.into());
            }
        }
        Ok(before)
    }

    /// The business date, for the commands that depend on it.
    fn today(&self, command: &Command, draft: &Draft<'_>) -> Result<BusinessDate, Stop> {
        if !command.depends_on_day() {
            return Ok(BusinessDate::default());
        }
        let hotel = draft.get(self.hotel.into()).ok_or(Stop::NotNow)?;
        match hotel.document.reading().entity {
            Entity::Hotel(hotel) => Ok(hotel.business_date),
            _ => Err(Stop::NotNow),
        }
    }

    /// The document with the change, once nothing speaks against it.
    fn next(
        &self,
        mut shelved: Shelved,
        change: &ReadChange,
        rights: &Rights<'_>,
    ) -> Result<Shelved, Stop> {
        let by = (change.header.actor, rights.context.role);
        let size = shelved.size_with(by, change.size)?;
        let seen = Seen::by(&shelved.document, &change.header);
        let written = operations::check(&shelved.document, change, &seen, rights)?;
        let mut people = written.registers.iter().filter_map(person);
        if people.any(|person| !self.standing.knows(person)) {
            return Err(GateReason::MissingDependency.into());
        }
        match shelved.document.apply_read(&change.header, &change.change) {
            Ok(true) => {}
            Ok(false) => return Err(GateReason::Sequence.into()),
            Err(DocumentError::Panicked) => return Err(GateReason::Panicked.into()),
            Err(_) => return Err(GateReason::Unreadable.into()),
        }
        if !written.texts.is_empty() {
            check_texts(&shelved.document)?;
        }
        for key in written.texts {
            check_typed(&shelved.document, change, key, rights)?;
        }
        let present = Seen::present(&shelved.document).entity();
        invariants::check(&present.ok_or(GateReason::Unreadable)?)?;
        let header = &change.header;
        shelved.last.insert(header.actor, header.seq);
        shelved.size = size;
        Ok(shelved)
    }
}

/// Refuses a command that names a document which nobody has made.
pub(super) fn check_references(
    command: &Command,
    scratch: &HashMap<DocumentRef, Shelved>,
    draft: &Draft<'_>,
) -> Result<(), Stop> {
    for named in references(command) {
        let is_there = match scratch.get(&named) {
            Some(_) => true,
            None => draft.get(named).ok_or(Stop::NotNow)?.exists(),
        };
        if !is_there {
            return Err(GateReason::MissingDependency.into());
        }
    }
    Ok(())
}

/// UUID version of what is derived and not drawn.
const DERIVED: usize = 8;

fn name(change: &ReadChange) -> ChangeName {
    ChangeName {
        document: change.document,
        actor: change.header.actor,
        seq: change.header.seq,
        hash: change.header.hash,
    }
}

/// The change follows its actor's last one and builds on admitted changes alone.
fn check_place(shelved: &Shelved, change: &ReadChange) -> Result<(), GateReason> {
    let header = &change.header;
    let last = shelved.last.get(&header.actor).copied().unwrap_or_default();
    if header.seq != last + 1 {
        return Err(GateReason::Sequence);
    }
    let mut highest = None;
    for dep in &header.deps {
        let dep = shelved
            .document
            .crdt()
            .get_change_meta_by_hash(&ChangeHash(*dep))
            .ok_or(GateReason::MissingDependency)?;
        highest = highest.max(Some(dep.max_op));
    }
    // Even the first change builds on the genesis.
    let highest = highest.ok_or(GateReason::MissingDependency)?;
    if header.start_op != highest + 1 {
        return Err(GateReason::StartOp);
    }
    Ok(())
}
