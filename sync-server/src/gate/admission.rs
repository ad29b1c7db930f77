//! Judges one action against the documents as the log has them.

use super::{
    fields::{check_command, check_length},
    operations::{self, Reach, Unfit},
    reading::{ReadAction, ReadChange, Unread},
    shelf::{Draft, Shelved},
};
use crate::log::{ActorBinding, ChangeName, ClockReading, NewEntry};
use automerge::ChangeHash;
use keyrack_document::{Document, DocumentError};
use keyrack_model::{
    action::{Action, DocumentChange},
    change::fields_of,
    command::Command,
    field::FieldValue,
    identity::genesis_actor,
    ids::{ActorId, DeviceId, DocumentRef, UserId},
    limits::{CLOCK_AHEAD_MILLIS, CLOCK_BEHIND_MILLIS, MAX_MERGED_TEXT},
    merge::MergeRule,
    policy::{Role, allows},
    refusal::{GateReason, Refusal},
    time::Timestamp,
};
use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

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
    pub roles: &'a HashMap<UserId, Role>,
    pub actors: &'a HashMap<ActorId, ActorBinding>,
    pub now: Timestamp,
}

/// The gate's answer.
#[derive(Debug)]
pub enum Judgement {
    /// The draft holds it.
    Admitted(Box<NewEntry>),
    Refused(Refusal),
    /// One of the documents could not be read; nothing is known of the action.
    NotNow,
}

/// Why an action does not pass.
enum Stop {
    Refused(Refusal),
    NotNow,
}

impl Stop {
    fn of(unread: &Unread) -> Self {
        match unread {
            Unread::Refused(refusal) => Self::Refused(refusal.clone()),
            Unread::NotNow => Self::NotNow,
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
        match self.admit(read, from, draft) {
            Ok(entry) => Judgement::Admitted(Box::new(entry)),
            Err(Stop::Refused(refusal)) => Judgement::Refused(refusal),
            Err(Stop::NotNow) => Judgement::NotNow,
        }
    }

    fn admit(
        &self,
        read: &ReadAction,
        from: Author,
        draft: &mut Draft<'_>,
    ) -> Result<NewEntry, Stop> {
        let action = &read.action;
        let changes = read.changes.as_ref().map_err(Stop::of)?;
        let role = self.role(action, from)?;
        allows(role, &action.command)?;
        check_command(&action.command)?;
        let mut scratch = HashMap::new();
        for (sent, change) in action.changes.iter().zip(changes) {
            self.check_actor(change, action.author, from)?;
            let shelved = match scratch.remove(&change.document) {
                Some(shelved) => shelved,
                None => draft.get(change.document).ok_or(Stop::NotNow)?.clone(),
            };
            let shelved = next(shelved, sent, change, role, &action.command)?;
            scratch.insert(change.document, shelved);
        }
        draft.write(scratch);
        Ok(NewEntry {
            action: action.clone(),
            role,
            device: from.device(),
            received_at: self.now,
            clock: self.clock(action.at.wall),
            changes: changes.iter().map(name).collect(),
        })
    }

    fn role(&self, action: &Action, from: Author) -> Result<Role, Stop> {
        match from {
            Author::Server(_) => Ok(Role::Server),
            // Derived operations are the server's: nobody takes the name of one beforehand.
            Author::People(_) if action.operation.0.get_version_num() == DERIVED => {
                Err(GateReason::WrongOperation.into())
            }
            Author::People(_) => {
                let role = self.roles.get(&action.author).copied();
                Ok(role.ok_or(GateReason::WrongAuthor)?)
            }
        }
    }

    fn check_actor(
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

    fn clock(&self, at: Timestamp) -> ClockReading {
        if at.millis_since(self.now) > CLOCK_AHEAD_MILLIS {
            ClockReading::Ahead
        } else if self.now.millis_since(at) > CLOCK_BEHIND_MILLIS {
            ClockReading::Behind
        } else {
            ClockReading::Plausible
        }
    }
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

/// The document with the change, once nothing speaks against it.
fn next(
    mut shelved: Shelved,
    sent: &DocumentChange,
    change: &ReadChange,
    role: Role,
    command: &Command,
) -> Result<Shelved, Stop> {
    check_place(&shelved, change)?;
    let reach =
        operations::check(&shelved.document, change, role).map_err(|unfit| match unfit {
            Unfit::Refused(refusal) => refusal,
            Unfit::NotAllowed => Refusal::NotAllowed {
                command: command.name().to_owned(),
                role,
            },
        })?;
    match shelved.document.apply(&sent.bytes) {
        Ok(true) => {}
        Ok(false) => return Err(GateReason::Sequence.into()),
        Err(DocumentError::Panicked) => return Err(GateReason::Panicked.into()),
        Err(_) => return Err(GateReason::Unreadable.into()),
    }
    if reach == Reach::Texts {
        check_texts(&shelved.document)?;
    }
    let header = &change.header;
    shelved.last.insert(header.actor, header.seq);
    Ok(shelved)
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

/// Operations in a Text refer to each other, so the document must also survive its own saving;
/// what several people wrote at once must stay readable.
fn check_texts(document: &Document) -> Result<(), Stop> {
    let reference = document.reference();
    let again = catch_unwind(AssertUnwindSafe(|| {
        let again = Document::load(reference, &document.save()).ok()?;
        (again.heads() == document.heads() && again.reading() == document.reading())
            .then(|| document.reading().entity)
    }));
    let entity = again
        .map_err(|_| GateReason::Panicked)?
        .ok_or(GateReason::Unreadable)?;
    for key in texts_of(reference) {
        if let Some(FieldValue::Text(text)) = entity.field(key) {
            check_length(key, &text, MAX_MERGED_TEXT)?;
        }
    }
    Ok(())
}

fn texts_of(reference: DocumentRef) -> impl Iterator<Item = &'static str> {
    let fields = fields_of(reference.kind).iter();
    fields
        .filter(|(_, rule)| matches!(rule, MergeRule::Text))
        .map(|(key, _)| *key)
}
