//! Rows and history from documents: one document after a change, or all of them anew.
//!
//! **Architecture Invariant**: rebuilding gives the same rows as keeping them up to date did.

use super::{Replica, act::part, begin};
use crate::{
    documents,
    error::StoreError,
    store::{actions, changes, rows},
};
use keyrack_document::{Contested, Document, Written};
use keyrack_model::{
    ids::{DocumentRef, UserId},
    rows::{ConflictSide, FieldConflict, Row},
    time::Timestamp,
};
use rusqlite::Connection;

impl Replica {
    /// Drops every row and makes it again from the changes.
    pub fn rebuild(&mut self) -> Result<(), StoreError> {
        self.documents.evict_all();
        let tx = begin(&mut self.db)?;
        for document in changes::documents(&tx)? {
            rebuild_document(&tx, document)?;
        }
        tx.commit()?;
        Ok(())
    }
}

/// Makes the rows of one document again from its changes; removes them when it has none.
pub(super) fn rebuild_document(db: &Connection, reference: DocumentRef) -> Result<(), StoreError> {
    rows::delete(db, reference.id)?;
    let (document, _) = documents::load(db, reference)?;
    for change in changes::of_document(db, reference.id)? {
        changes::explain(db, change.position, &part(document.effects(&change.bytes)?))?;
        project(db, &document, change.acted_at)?;
    }
    Ok(())
}

/// Brings the row of a document up to date after an action that happened at `at`.
pub(super) fn project(
    db: &Connection,
    document: &Document,
    at: Timestamp,
) -> Result<(), StoreError> {
    let reading = document.reading();
    let reference = document.reference();
    let before = rows::find(db, reference.id)?.map(|row| row.changed_at);
    let conflicts = reading
        .contested
        .into_iter()
        .map(|contested| conflict(db, contested))
        .collect::<Result<_, _>>()?;
    rows::upsert(
        db,
        &Row {
            document: reference,
            entity: reading.entity,
            conflicts,
            changed_at: before.map_or(at, |before| before.max(at)),
        },
    )
}

fn conflict(db: &Connection, contested: Contested) -> Result<FieldConflict, StoreError> {
    Ok(FieldConflict {
        key: contested.key.to_owned(),
        shown: side(db, contested.shown)?,
        gave_way: contested
            .gave_way
            .into_iter()
            .map(|written| side(db, written))
            .collect::<Result<_, _>>()?,
    })
}

fn side(db: &Connection, written: Written) -> Result<ConflictSide, StoreError> {
    let operation = written.operation.unwrap_or_default();
    let author = actions::find(db, operation)?.map_or_else(UserId::default, |action| action.author);
    Ok(ConflictSide {
        value: written.value,
        operation,
        author,
        at: written.at,
    })
}
