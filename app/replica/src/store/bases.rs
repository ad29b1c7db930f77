//! Documents as the server handed them out.

use super::{changes::document_ref, decode, encode};
use crate::error::StoreError;
use keyrack_model::{
    action::Sequence,
    ids::{DocumentId, DocumentRef},
    rows::Row,
    segment::{DocumentState, StoryPart},
};
use rusqlite::{Connection, OptionalExtension, params};

/// Puts a document in the place of an earlier state of it, as it was at an entry.
pub(crate) fn put(
    db: &Connection,
    state: &DocumentState,
    sequence: Sequence,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "insert or replace into base (document, kind, sequence, bytes, entity_row, story, is_whole)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        state.row.document.id.0.as_bytes(),
        state.row.document.kind as u8,
        sequence.0 as i64,
        state.snapshot,
        encode(&state.row),
        encode(&state.story),
        state.is_whole
    ])?;
    Ok(())
}

/// The saved document, if it came from the server.
pub(crate) fn bytes(db: &Connection, document: DocumentId) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(db
        .prepare_cached("select bytes from base where document = ?1")?
        .query_row([document.0.as_bytes()], |row| row.get(0))
        .optional()?)
}

/// The entry that a document is as of.
pub(crate) fn sequence(
    db: &Connection,
    document: DocumentId,
) -> Result<Option<Sequence>, StoreError> {
    Ok(db
        .prepare_cached("select sequence from base where document = ?1")?
        .query_row([document.0.as_bytes()], |row| {
            Ok(Sequence(row.get::<_, i64>(0)? as u64))
        })
        .optional()?)
}

/// What a document said when it came from the server.
pub(crate) fn row(db: &Connection, document: DocumentId) -> Result<Option<Row>, StoreError> {
    let bytes: Option<Vec<u8>> = db
        .prepare_cached("select entity_row from base where document = ?1")?
        .query_row([document.0.as_bytes()], |row| row.get(0))
        .optional()?;
    bytes.map(|bytes| decode(&bytes)).transpose()
}

/// What the server told of how a document came to be as it was, and whether that is all of it.
pub(crate) fn story(
    db: &Connection,
    document: DocumentId,
) -> Result<(Vec<StoryPart>, bool), StoreError> {
    let found: Option<(Vec<u8>, bool)> = db
        .prepare_cached("select story, is_whole from base where document = ?1")?
        .query_row([document.0.as_bytes()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    match found {
        Some((story, is_whole)) => Ok((decode(&story)?, is_whole)),
        None => Ok((Vec::new(), true)),
    }
}

/// Whether a document is here as the server handed it out, with all of its story.
pub(crate) fn is_whole(db: &Connection, document: DocumentId) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("select 1 from base where document = ?1 and is_whole")?
        .exists([document.0.as_bytes()])?)
}

/// What the stories say that the action of an entry did. Every story is looked at: it is asked
/// before an old action is undone, which is seldom.
pub(crate) fn told_of(
    db: &Connection,
    sequence: Sequence,
) -> Result<Vec<(DocumentRef, StoryPart)>, StoreError> {
    let mut statement = db.prepare_cached(
        "select document, kind, story from base where sequence >= ?1 order by document",
    )?;
    let rows = statement.query_map([sequence.0 as i64], |row| {
        Ok((document_ref(row)?, row.get::<_, Vec<u8>>(2)?))
    })?;
    let mut told = Vec::new();
    for row in rows {
        let (document, story) = row?;
        let document = document?;
        let parts = decode::<Vec<StoryPart>>(&story)?.into_iter();
        let parts = parts.filter(|part| part.sequence == sequence);
        told.extend(parts.map(|part| (document, part)));
    }
    Ok(told)
}

/// Whether the server handed anything out.
pub(crate) fn any(db: &Connection) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("select 1 from base limit 1")?
        .exists([])?)
}

/// Whether one of them has something that came after an entry.
pub(crate) fn any_after(db: &Connection, last: Sequence) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("select 1 from base where sequence > ?1 limit 1")?
        .exists([last.0 as i64])?)
}

pub(crate) fn delete(db: &Connection, document: DocumentId) -> Result<(), StoreError> {
    db.prepare_cached("delete from base where document = ?1")?
        .execute([document.0.as_bytes()])?;
    Ok(())
}
