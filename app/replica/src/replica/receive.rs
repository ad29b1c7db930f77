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
    },
};
use keyrack_model::{
    action::{Action, LogEntry, Sequence},
    ids::{ActorId, DocumentRef, OperationId},
    limits,
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
            let touched = self.take_in_all(entries);
            return self.taken(entries, now, touched).map(|touched| Received {
                touched,
                overtaken: None,
            });
        }
        self.documents.evict_all();
        let actor = ActorId((self.fresh)());
        let withdrawal = self.take_in_over(entries, &overtaken, actor);
        let withdrawal = self.taken(entries, now, withdrawal)?;
        self.actor = actor;
        Ok(Received {
            touched: withdrawal.touched.clone(),
            overtaken: Some(withdrawal),
        })
    }

    fn take_in_all(&mut self, entries: &[LogEntry]) -> Result<Vec<DocumentRef>, StoreError> {
        let tx = begin(&mut self.db)?;
        let touched = take_in_after(&tx, &mut self.documents, self.cursor, entries)?;
        tx.commit()?;
        Ok(touched)
    }

    /// Takes entries in after what they overtake was taken back; the signed-in person goes on
    /// under `actor`.
    fn take_in_over(
        &mut self,
        entries: &[LogEntry],
        overtaken: &[OperationId],
        actor: ActorId,
    ) -> Result<Withdrawal, StoreError> {
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
        let all = touched.into_iter().chain(delivered);
        withdrawal.touched = distinct(all.chain(withdrawal.touched));
        Ok(withdrawal)
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
                self.clock.observe(entry.action.at, now);
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
    for LogEntry { action, .. } in entries {
        if let Some(id) = actions::id_of(db, action.operation)?
            && !has_changes_of(db, id, action)?
        {
            overtaken.push(action.operation);
        }
    }
    Ok(overtaken)
}

fn has_changes_of(db: &Connection, id: ActionId, action: &Action) -> Result<bool, StoreError> {
    Ok(changes::of_action(db, id)? == action.changes)
}

/// Takes in entries that follow a cursor.
fn take_in_after(
    db: &Connection,
    documents: &mut Documents,
    mut cursor: Sequence,
    entries: &[LogEntry],
) -> Result<Vec<DocumentRef>, StoreError> {
    let mut touched = Vec::new();
    for entry in entries {
        if entry.sequence != cursor.next() {
            return Err(StoreError::Gap);
        }
        cursor = entry.sequence;
        take_in(db, documents, entry)?;
        touched.extend(entry.action.changes.iter().map(|change| change.document));
    }
    CURSOR.set(db, &cursor)?;
    Ok(distinct(touched))
}

fn take_in(db: &Connection, documents: &mut Documents, entry: &LogEntry) -> Result<(), StoreError> {
    let action = &entry.action;
    if actions::find(db, action.operation)?.is_some() {
        return actions::accept(db, action.operation, entry.sequence, entry.received_at);
    }
    if action.changes.len() > limits::MAX_ACTION_CHANGES {
        return Err(StoreError::TooManyChanges);
    }
    actions::unrefuse(db, action.operation)?;
    let place = Some((entry.sequence, entry.received_at));
    let id = actions::insert(db, action, entry.device, place)?;
    for (number, change) in action.changes.iter().enumerate() {
        let document = documents.open(db, change.document)?;
        if let Some(effects) = document.take_in(&change.bytes)? {
            let place = Place { action: id, number };
            keep(db, documents, place, change, effects, action.at.wall)?;
        }
    }
    Ok(())
}
