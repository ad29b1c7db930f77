//! Changes of documents in order of arrival, and snapshots of long-lived documents.

use super::id;
use crate::error::StoreError;
use keyrack_document::ChangeHash;
use keyrack_model::{
    action::DocumentChange,
    ids::{DocumentId, DocumentKind, DocumentRef, OperationId},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A snapshot with the position of the last change in it.
pub(crate) struct Snapshot {
    pub(crate) position: i64,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) fn insert(
    db: &Connection,
    document: DocumentRef,
    operation: OperationId,
    hash: &ChangeHash,
    bytes: &[u8],
) -> Result<(), StoreError> {
    db.prepare_cached(
        "insert into change (document, kind, operation, hash, bytes) values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        document.id.0.as_bytes(),
        document.kind as u8,
        operation.0.as_bytes(),
        hash,
        bytes
    ])?;
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

pub(crate) fn of_operation(
    db: &Connection,
    operation: OperationId,
) -> Result<Vec<DocumentChange>, StoreError> {
    let mut statement = db.prepare_cached(
        "select document, kind, bytes from change where operation = ?1 order by position",
    )?;
    let rows = statement.query_map([operation.0.as_bytes()], |row| {
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

/// Every document that has a change, in order of its first.
pub(crate) fn documents(db: &Connection) -> Result<Vec<DocumentRef>, StoreError> {
    let mut statement = db.prepare_cached(
        "select document, kind from change group by document order by min(position)",
    )?;
    let rows = statement.query_map([], document_ref)?;
    rows.map(|row| row?).collect()
}

/// Everything about the changes of one document, oldest first, for rebuilding its rows.
pub(crate) fn with_operations(
    db: &Connection,
    document: DocumentId,
) -> Result<Vec<(OperationId, Vec<u8>)>, StoreError> {
    let mut statement = db.prepare_cached(
        "select operation, bytes from change where document = ?1 order by position",
    )?;
    let rows = statement.query_map([document.0.as_bytes()], |row| {
        Ok((OperationId(id(row.get(0)?)), row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn delete_of_operation(
    db: &Connection,
    operation: OperationId,
) -> Result<(), StoreError> {
    db.prepare_cached("delete from change where operation = ?1")?
        .execute([operation.0.as_bytes()])?;
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
             select 1 from change join outbox using (operation) where document = ?1
         )",
    )?
    .execute(params![document.0.as_bytes(), bytes])?;
    Ok(())
}

fn document_ref(row: &Row<'_>) -> Result<Result<DocumentRef, StoreError>, rusqlite::Error> {
    let id = DocumentId(id(row.get(0)?));
    let kind: u8 = row.get(1)?;
    Ok(DocumentKind::try_from(kind)
        .map(|kind| DocumentRef { kind, id })
        .map_err(|_| StoreError::Unreadable))
}
