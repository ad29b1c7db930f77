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

/// Somebody wants to see all of it.
pub(crate) fn want_whole(db: &Connection, document: DocumentRef) -> Result<(), StoreError> {
    db.prepare_cached(
        "insert into wanted (document, kind, whole) values (?1, ?2, 1)
         on conflict (document) do update set whole = 1",
    )?
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

/// It has come, with all of its story or without: then whoever wants to see all of it waits on.
pub(crate) fn has_come(
    db: &Connection,
    document: DocumentId,
    is_whole: bool,
) -> Result<(), StoreError> {
    db.prepare_cached("delete from wanted where document = ?1 and whole <= ?2")?
        .execute(params![document.0.as_bytes(), is_whole])?;
    Ok(())
}

/// It is not to be had.
pub(crate) fn want_no_more(db: &Connection, document: DocumentId) -> Result<(), StoreError> {
    db.prepare_cached("delete from wanted where document = ?1")?
        .execute([document.0.as_bytes()])?;
    Ok(())
}
