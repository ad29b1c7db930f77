//! What the server has sequenced: others' actions, and the places of this device's own.

use super::{
    CURSOR, Replica, Withdrawal,
    act::keep,
    begin, distinct,
    refuse::{Hand, TakenBack, missing_ground, take_back},
};
use crate::{
    documents::Documents,
    error::StoreError,
    store::{
        actions::{self, ActionId},
        changes::{self, Place},
        records,
    },
};
use keyrack_model::{
    action::{Action, Content, LogEntry, Sequence},
    command::Command,
    ids::{ActorId, DeviceId, DocumentRef, OperationId},
    limits,
    record::{Payload, RecordRef},
    time::Timestamp,
};
use rusqlite::Connection;

/// What a delivery led to.
#[derive(Debug, Default)]
pub struct Received {
    /// Documents whose rows changed.
    pub touched: Vec<DocumentRef>,
    /// What was taken back because the log has other contents of it, and what was built on that.
    pub overtaken: Option<Withdrawal>,
    /// Records that are in another version.
    pub records: Vec<RecordRef>,
}

/// What was taken in.
#[derive(Debug, Default)]
struct Taken {
    touched: Vec<DocumentRef>,
    records: Vec<RecordRef>,
}

impl Replica {
    /// Takes in log entries in one transaction; those it has already are passed over.
    ///
    /// The log may have an action of this device with other contents: the device did it again
    /// after a refusal, and was then brought back to a copy of its store from before. What the log
    /// has stands, and what waits on top of it is done again.
    ///
    /// # Errors
    /// `Gap` when an entry is missing before these, and what the store and the documents say;
    /// nothing has changed then.
    pub fn receive(
        &mut self,
        entries: &[LogEntry],
        now: Timestamp,
    ) -> Result<Received, StoreError> {
        let from = entries.partition_point(|entry| entry.sequence <= self.cursor);
        let entries = &entries[from..];
        let overtaken = overtaken(&self.db, entries)?;
        if overtaken.is_empty() {
            let taken = self.take_in_all(entries);
            return self.taken(entries, now, taken).map(|taken| Received {
                touched: taken.touched,
                overtaken: None,
                records: taken.records,
            });
        }
        self.documents.evict_all();
        let actor = ActorId((self.fresh)());
        let withdrawal = self.take_in_over(entries, &overtaken, actor);
        let (withdrawal, records) = self.taken(entries, now, withdrawal)?;
        self.actor = actor;
        Ok(Received {
            touched: withdrawal.touched.clone(),
            overtaken: Some(withdrawal),
            records,
        })
    }

    fn take_in_all(&mut self, entries: &[LogEntry]) -> Result<Taken, StoreError> {
        let tx = begin(&mut self.db)?;
        let taken = take_in_after(&tx, &mut self.documents, self.cursor, entries)?;
        tx.commit()?;
        Ok(taken)
    }

    /// Takes entries in after what they overtake was taken back; the signed-in person goes on
    /// under `actor`.
    fn take_in_over(
        &mut self,
        entries: &[LogEntry],
        overtaken: &[OperationId],
        actor: ActorId,
    ) -> Result<(Withdrawal, Vec<RecordRef>), StoreError> {
        let tx = begin(&mut self.db)?;
        let TakenBack {
            dependents,
            touched,
            ..
        } = take_back(&tx, overtaken, self.cursor)?;
        let delivered = take_in_after(&tx, &mut self.documents, self.cursor, entries)?;
        let mut waiting = Vec::new();
        for action in dependents {
            // The entries may have it too.
            if actions::id_of(&tx, action.operation)?.is_none() {
                waiting.push(action);
            }
        }
        let mut withdrawal = Hand {
            session: self.session.as_ref(),
            device: self.device.id,
            documents: &mut self.documents,
            fresh: &mut self.fresh,
            actor,
        }
        .do_again(&tx, &waiting, &missing_ground())?;
        tx.commit()?;
        let all = touched.into_iter().chain(delivered.touched);
        withdrawal.touched = distinct(all.chain(withdrawal.touched));
        Ok((withdrawal, delivered.records))
    }

    /// The transaction is over: memory follows the store, or forgets what the store does not have.
    fn taken<T>(
        &mut self,
        entries: &[LogEntry],
        now: Timestamp,
        taken: Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if taken.is_err() {
            self.documents.evict_all();
        } else {
            for entry in entries {
                self.cursor = entry.sequence;
                if let Some(action) = entry.action() {
                    self.clock.observe(action.at, now);
                }
            }
        }
        taken
    }

    /// The server has accepted an action of this device.
    pub fn accepted(
        &mut self,
        operation: OperationId,
        sequence: Sequence,
        received_at: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = begin(&mut self.db)?;
        actions::accept(&tx, operation, sequence, received_at)?;
        tx.commit()?;
        Ok(())
    }
}

/// Operations among the entries that the store has with other contents.
fn overtaken(db: &Connection, entries: &[LogEntry]) -> Result<Vec<OperationId>, StoreError> {
    let mut overtaken = Vec::new();
    for action in entries.iter().filter_map(LogEntry::action) {
        if let Some(id) = actions::id_of(db, action.operation)?
            && !has_changes_of(db, id, action)?
        {
            overtaken.push(action.operation);
        }
    }
    Ok(overtaken)
}

fn has_changes_of(db: &Connection, id: ActionId, action: &Action) -> Result<bool, StoreError> {
    let known = changes::of_action(db, id)?;
    if action.command == Command::Redacted {
        // Only a part of it is told.
        return Ok(action.changes.iter().all(|told| known.contains(told)));
    }
    Ok(known == action.changes)
}

/// Takes in entries that follow a cursor.
fn take_in_after(
    db: &Connection,
    documents: &mut Documents,
    mut cursor: Sequence,
    entries: &[LogEntry],
) -> Result<Taken, StoreError> {
    let mut taken = Taken::default();
    for entry in entries {
        if entry.first() > cursor.next() {
            return Err(StoreError::Gap);
        }
        cursor = entry.sequence;
        match &entry.content {
            Content::Action {
                received_at,
                device,
                action,
            } => {
                let place = (entry.sequence, *received_at);
                take_in(db, documents, action, *device, place)?;
                let changes = action.changes.iter();
                taken.touched.extend(changes.map(|change| change.document));
            }
            Content::Record {
                received_at,
                operation,
                record,
                ..
            } => {
                actions::accept(db, *operation, entry.sequence, *received_at)?;
                if records::take_in(db, entry.sequence, record)? {
                    if record.payload == Payload::Erased {
                        records::forget_edits(db, record.reference())?;
                    }
                    taken.records.push(record.reference());
                }
            }
            Content::Hidden { .. } => {}
        }
    }
    CURSOR.set(db, &cursor)?;
    taken.touched = distinct(taken.touched);
    Ok(taken)
}

fn take_in(
    db: &Connection,
    documents: &mut Documents,
    action: &Action,
    device: DeviceId,
    place: (Sequence, Timestamp),
) -> Result<(), StoreError> {
    if actions::find(db, action.operation)?.is_some() {
        let (sequence, received_at) = place;
        return actions::accept(db, action.operation, sequence, received_at);
    }
    if action.changes.len() > limits::MAX_ACTION_CHANGES {
        return Err(StoreError::TooManyChanges);
    }
    actions::unrefuse(db, action.operation)?;
    let id = actions::insert(db, action, device, Some(place))?;
    for (number, change) in action.changes.iter().enumerate() {
        let document = documents.open(db, change.document)?;
        if let Some(effects) = document.take_in(&change.bytes)? {
            let place = Place { action: id, number };
            keep(db, documents, place, change, effects, action.at.wall)?;
        }
    }
    Ok(())
}
