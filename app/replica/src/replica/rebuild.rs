//! Rows and history from documents: one document after a change, or all of them anew.
//!
//! **Architecture Invariant**: rebuilding gives the same rows as keeping them up to date did.

use super::{Replica, act::part, begin};
use crate::{
    documents,
    error::StoreError,
    store::{actions, changes, rows},
};
use keyrack_document::Document;
use keyrack_model::{
    ids::{DocumentRef, UserId},
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
    let author_of = |operation| {
        let action = actions::find(db, operation)?;
        Ok::<_, StoreError>(action.map_or_else(UserId::default, |action| action.author))
    };
    let changed_at = before.map_or(at, |before| before.max(at));
    let row = reading.into_row(reference, changed_at, author_of)?;
    rows::upsert(db, &row)
}
