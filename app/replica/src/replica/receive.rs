//! What the server has sequenced: others' actions, and the places of this device's own.

use super::{CURSOR, Replica, act::keep, begin, distinct};
use crate::{
    documents::Documents,
    error::StoreError,
    store::{actions, changes::Place},
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    ids::{DocumentRef, OperationId},
    limits,
    time::Timestamp,
};
use rusqlite::Connection;

impl Replica {
    /// Takes in log entries in one transaction; those it has already are passed over. Returns
    /// the documents whose rows changed.
    ///
    /// # Errors
    /// `Gap` when an entry is missing before these, and what the store and the documents say;
    /// nothing has changed then.
    pub fn receive(
        &mut self,
        entries: &[LogEntry],
        now: Timestamp,
    ) -> Result<Vec<DocumentRef>, StoreError> {
        let mut cursor = self.cursor;
        let tx = begin(&mut self.db)?;
        let documents = &mut self.documents;
        let taken = (|| {
            let mut touched = Vec::new();
            for entry in entries.iter().filter(|entry| entry.sequence > self.cursor) {
                if entry.sequence != cursor.next() {
                    return Err(StoreError::Gap);
                }
                cursor = entry.sequence;
                take_in(&tx, documents, entry)?;
                touched.extend(entry.action.changes.iter().map(|change| change.document));
            }
            CURSOR.set(&tx, &cursor)?;
            tx.commit()?;
            Ok(touched)
        })();
        match taken {
            Ok(touched) => {
                self.cursor = cursor;
                for entry in entries {
                    self.clock.observe(entry.action.at, now);
                }
                Ok(distinct(touched))
            }
            Err(error) => {
                self.documents.evict_all();
                Err(error)
            }
        }
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

fn take_in(db: &Connection, documents: &mut Documents, entry: &LogEntry) -> Result<(), StoreError> {
    let action = &entry.action;
    if actions::find(db, action.operation)?.is_some() {
        return actions::accept(db, action.operation, entry.sequence, entry.received_at);
    }
    if action.changes.len() > limits::MAX_ACTION_CHANGES {
        return Err(StoreError::TooManyChanges);
    }
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
