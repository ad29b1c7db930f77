//! Changes of documents in order of arrival, and snapshots of long-lived documents.

use super::{actions::ActionId, encode, history::Part, id};
use crate::error::StoreError;
use keyrack_model::{
    action::DocumentChange,
    ids::{DocumentId, DocumentKind, DocumentRef, OperationId},
    limits,
    time::Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::ops::RangeInclusive;

/// A snapshot with the position of the last change in it.
pub(crate) struct Snapshot {
    pub(crate) position: i64,
    pub(crate) bytes: Vec<u8>,
}

/// Positions between one action's first change and the next action's.
const PLACES: i64 = 1024;
const _: () = assert!(limits::MAX_ACTION_CHANGES < PLACES as usize);

/// The positions that an action's changes may have.
pub(crate) fn positions_of(action: ActionId) -> RangeInclusive<i64> {
    let first = action.0 * PLACES;
    first..=first + PLACES - 1
}

/// Where a change stands: in which action, and which of its changes it is.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) action: ActionId,
    pub(crate) number: usize,
}

/// Keeps a change with what it did.
pub(crate) fn insert(
    db: &Connection,
    place: Place,
    change: &DocumentChange,
    part: &Part,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "insert into change (position, document, kind, bytes, created, fields)
         values (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        positions_of(place.action).start() + place.number as i64,
        change.document.id.0.as_bytes(),
        change.document.kind as u8,
        change.bytes,
        part.created,
        encode(&part.fields)
    ])?;
    Ok(())
}

/// Says anew what a change did.
pub(crate) fn explain(db: &Connection, position: i64, part: &Part) -> Result<(), StoreError> {
    db.prepare_cached("update change set created = ?2, fields = ?3 where position = ?1")?
        .execute(params![position, part.created, encode(&part.fields)])?;
    Ok(())
}

/// Changes of a document after a position, with the position of each.
pub(crate) fn after(
    db: &Connection,
    document: DocumentId,
    position: i64,
) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let mut statement = db.prepare_cached(
        "select position, bytes from change where document = ?1 and position > ?2
         order by position",
    )?;
    let rows = statement.query_map(params![document.0.as_bytes(), position], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn of_action(
    db: &Connection,
    action: ActionId,
) -> Result<Vec<DocumentChange>, StoreError> {
    let mut statement = db.prepare_cached(
        "select document, kind, bytes from change where position between ?1 and ?2
         order by position",
    )?;
    let positions = positions_of(action);
    let rows = statement.query_map(params![positions.start(), positions.end()], |row| {
        Ok((document_ref(row)?, row.get::<_, Vec<u8>>(2)?))
    })?;
    rows.map(|row| {
        let (document, bytes) = row?;
        Ok(DocumentChange {
            document: document?,
            bytes,
        })
    })
    .collect()
}

pub(crate) fn documents_of(
    db: &Connection,
    action: ActionId,
) -> Result<Vec<DocumentRef>, StoreError> {
    let mut statement =
        db.prepare_cached("select document, kind from change where position between ?1 and ?2")?;
    let positions = positions_of(action);
    let rows = statement.query_map(params![positions.start(), positions.end()], document_ref)?;
    rows.map(|row| row?).collect()
}

/// Every document that has a change or came from the server.
pub(crate) fn documents(db: &Connection) -> Result<Vec<DocumentRef>, StoreError> {
    let mut statement = db.prepare_cached(
        "select document, kind from change union select document, kind from base
         order by document",
    )?;
    let rows = statement.query_map([], document_ref)?;
    rows.map(|row| row?).collect()
}

/// A change for making its document's row again.
pub(crate) struct Stored {
    pub(crate) position: i64,
    pub(crate) acted_at: Timestamp,
    pub(crate) bytes: Vec<u8>,
}

/// The changes of one document, oldest first.
pub(crate) fn of_document(
    db: &Connection,
    document: DocumentId,
) -> Result<Vec<Stored>, StoreError> {
    let mut statement = db.prepare_cached(
        "select position, wall, bytes from change join action on id = position / 1024
         where document = ?1 order by position",
    )?;
    let rows = statement.query_map([document.0.as_bytes()], |row| {
        Ok(Stored {
            position: row.get(0)?,
            acted_at: Timestamp(row.get(1)?),
            bytes: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn delete_of_action(db: &Connection, action: ActionId) -> Result<(), StoreError> {
    let positions = positions_of(action);
    db.prepare_cached("delete from change where position between ?1 and ?2")?
        .execute(params![positions.start(), positions.end()])?;
    Ok(())
}

pub(crate) fn snapshot(
    db: &Connection,
    document: DocumentId,
) -> Result<Option<Snapshot>, StoreError> {
    Ok(db
        .prepare_cached("select position, bytes from snapshot where document = ?1")?
        .query_row([document.0.as_bytes()], |row| {
            Ok(Snapshot {
                position: row.get(0)?,
                bytes: row.get(1)?,
            })
        })
        .optional()?)
}

/// Keeps a snapshot of a document as it is now, unless some change of it still waits and may yet
/// be refused.
pub(crate) fn save_snapshot(
    db: &Connection,
    document: DocumentId,
    bytes: &[u8],
) -> Result<(), StoreError> {
    db.prepare_cached(
        "insert or replace into snapshot (document, position, bytes)
         select ?1, (select max(position) from change where document = ?1), ?2
         where not exists (
             select 1 from change join action on id = position / 1024
             where document = ?1 and sequence is null
         )",
    )?
    .execute(params![document.0.as_bytes(), bytes])?;
    Ok(())
}

/// Drops the snapshot of a document: something in it may be taken back.
pub(crate) fn drop_snapshot(db: &Connection, document: DocumentId) -> Result<(), StoreError> {
    db.prepare_cached("delete from snapshot where document = ?1")?
        .execute([document.0.as_bytes()])?;
    Ok(())
}

/// The actions of which a change of the document is here.
pub(crate) fn operations_of(
    db: &Connection,
    document: DocumentId,
) -> Result<Vec<OperationId>, StoreError> {
    let mut statement = db.prepare_cached(
        "select operation from change join action on id = position / 1024
         where document = ?1 order by position",
    )?;
    let rows = statement.query_map([document.0.as_bytes()], |row| {
        Ok(OperationId(id(row.get(0)?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether an action changed something that there is a row of.
pub(crate) fn is_shown_of(db: &Connection, action: ActionId) -> Result<bool, StoreError> {
    let positions = positions_of(action);
    Ok(db
        .prepare_cached(
            "select 1 from change join entity using (document)
             where position between ?1 and ?2 limit 1",
        )?
        .exists(params![positions.start(), positions.end()])?)
}

pub(crate) fn has_any_of(db: &Connection, document: DocumentId) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("select 1 from change where document = ?1 limit 1")?
        .exists([document.0.as_bytes()])?)
}

/// Whether something is here under a document's id that is a document of another kind.
pub(crate) fn is_of_another_kind(
    db: &Connection,
    document: DocumentRef,
) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached(
            "select 1 from change where document = ?1 and kind <> ?2
             union all select 1 from base where document = ?1 and kind <> ?2 limit 1",
        )?
        .exists(params![document.id.0.as_bytes(), document.kind as u8])?)
}

pub(crate) fn document_ref(
    row: &Row<'_>,
) -> Result<Result<DocumentRef, StoreError>, rusqlite::Error> {
    let id = DocumentId(id(row.get(0)?));
    let kind: u8 = row.get(1)?;
    Ok(DocumentKind::try_from(kind)
        .map(|kind| DocumentRef { kind, id })
        .map_err(|_| StoreError::Unreadable))
}
