//! Rows and history from documents: one document after a change, or all of them anew.
//!
//! **Architecture Invariant**: rebuilding gives the same rows as keeping them up to date did.

use super::{Replica, act::part, begin};
use crate::{
    documents,
    error::StoreError,
    store::{absent, actions, bases, changes, lines, rows},
};
use keyrack_document::Document;
use keyrack_model::{
    ids::{DocumentRef, OperationId, UserId},
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

/// Makes the row of one document again from what the server handed out and its changes; removes it
/// when there is nothing, or not enough to read it.
pub(super) fn rebuild_document(db: &Connection, reference: DocumentRef) -> Result<(), StoreError> {
    changes::drop_snapshot(db, reference.id)?;
    rows::delete(db, reference.id)?;
    if absent::has(db, reference.id)? {
        return Ok(());
    }
    if let Some(row) = bases::row(db, reference.id)? {
        rows::upsert(db, &row)?;
    }
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
    let author_of = |operation| author_of(db, reference, operation);
    let changed_at = before.map_or(at, |before| before.max(at));
    let row = reading.into_row(reference, changed_at, author_of)?;
    rows::upsert(db, &row)
}

/// Who did an action of which a document's row tells.
fn author_of(
    db: &Connection,
    document: DocumentRef,
    operation: OperationId,
) -> Result<UserId, StoreError> {
    if let Some(action) = actions::find(db, operation)? {
        return Ok(action.author);
    }
    if let Some(line) = lines::of_operation(db, operation)? {
        return Ok(line.author);
    }
    let told = bases::row(db, document.id)?;
    let conflicts = told.into_iter().flat_map(|row| row.conflicts);
    let sides = conflicts.flat_map(|conflict| [vec![conflict.shown], conflict.gave_way].concat());
    let mut authors = sides.filter(|side| side.operation == operation);
    Ok(authors.next().map(|side| side.author).unwrap_or_default())
}
