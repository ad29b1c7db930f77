//! Documents of which this device has changes at most, and the server the rest; and those that it is
//! to be asked for.

use super::changes::document_ref;
use crate::error::StoreError;
use keyrack_model::ids::{DocumentId, DocumentRef};
use rusqlite::{Connection, OptionalExtension, params};

pub(crate) fn has(db: &Connection, document: DocumentId) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("select 1 from absent where document = ?1")?
        .exists([document.0.as_bytes()])?)
}

/// Takes note that a document is not here.
pub(crate) fn note(db: &Connection, document: DocumentId) -> Result<(), StoreError> {
    db.prepare_cached("insert or ignore into absent (document) values (?1)")?
        .execute([document.0.as_bytes()])?;
    Ok(())
}

pub(crate) fn remove(db: &Connection, document: DocumentId) -> Result<(), StoreError> {
    db.prepare_cached("delete from absent where document = ?1")?
        .execute([document.0.as_bytes()])?;
    Ok(())
}

pub(crate) fn want(db: &Connection, document: DocumentRef) -> Result<(), StoreError> {
    db.prepare_cached("insert or ignore into wanted (document, kind) values (?1, ?2)")?
        .execute(params![document.id.0.as_bytes(), document.kind as u8])?;
    Ok(())
}

pub(crate) fn next_wanted(db: &Connection) -> Result<Option<DocumentRef>, StoreError> {
    db.prepare_cached("select document, kind from wanted order by turn, document limit 1")?
        .query_row([], document_ref)
        .optional()?
        .transpose()
}

/// It did not come; whatever else is wanted comes first.
pub(crate) fn want_later(db: &Connection, document: DocumentId) -> Result<(), StoreError> {
    db.prepare_cached(
        "update wanted set turn = (select max(turn) + 1 from wanted) where document = ?1",
    )?
    .execute([document.0.as_bytes()])?;
    Ok(())
}

/// It has come, or is not to be had.
pub(crate) fn want_no_more(db: &Connection, document: DocumentId) -> Result<(), StoreError> {
    db.prepare_cached("delete from wanted where document = ?1")?
        .execute([document.0.as_bytes()])?;
    Ok(())
}
