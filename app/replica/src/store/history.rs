//! What each action did to each document.

use super::{actions, decode, encode, id};
use crate::error::StoreError;
use keyrack_model::{
    ids::{DocumentId, DocumentKind, DocumentRef, OperationId},
    rows::{HistoryEntry, HistoryField},
};
use rusqlite::{Connection, params};

/// One action's part in one document.
pub(crate) struct Part {
    pub(crate) document: DocumentRef,
    pub(crate) created: bool,
    pub(crate) fields: Vec<HistoryField>,
}

pub(crate) fn insert(
    db: &Connection,
    operation: OperationId,
    part: &Part,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "insert or replace into history (document, operation, created, fields)
         values (?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        part.document.id.0.as_bytes(),
        operation.0.as_bytes(),
        part.created,
        encode(&(part.document.kind, &part.fields))
    ])?;
    Ok(())
}

/// What an action did, document by document.
pub(crate) fn of_operation(
    db: &Connection,
    operation: OperationId,
) -> Result<Vec<Part>, StoreError> {
    let mut statement = db.prepare_cached(
        "select document, created, fields from history where operation = ?1 order by document",
    )?;
    let rows = statement.query_map([operation.0.as_bytes()], |row| {
        Ok((
            DocumentId(id(row.get(0)?)),
            row.get(1)?,
            row.get::<_, Vec<u8>>(2)?,
        ))
    })?;
    rows.map(|row| {
        let (id, created, fields) = row?;
        let (kind, fields): (DocumentKind, Vec<HistoryField>) = decode(&fields)?;
        Ok(Part {
            document: DocumentRef { kind, id },
            created,
            fields,
        })
    })
    .collect()
}

/// The story of some documents together, newest first.
pub(crate) fn story(
    db: &Connection,
    documents: &[DocumentRef],
    limit: usize,
) -> Result<Vec<HistoryEntry>, StoreError> {
    let mut entries = Vec::new();
    for document in documents {
        let mut statement = db.prepare_cached(
            "select operation, fields from history join action using (operation)
             where document = ?1 order by wall desc, counter desc, operation desc limit ?2",
        )?;
        let rows = statement.query_map(params![document.id.0.as_bytes(), limit as i64], |row| {
            Ok((OperationId(id(row.get(0)?)), row.get::<_, Vec<u8>>(1)?))
        })?;
        for row in rows {
            let (operation, fields) = row?;
            let action = actions::find(db, operation)?.ok_or(StoreError::Unreadable)?;
            let (_, fields): (DocumentKind, Vec<HistoryField>) = decode(&fields)?;
            entries.push((
                action.at,
                HistoryEntry {
                    document: *document,
                    operation,
                    command: action.command,
                    author: action.author,
                    device: action.device,
                    at: action.at.wall,
                    known_at: action.received_at,
                    fields,
                },
            ));
        }
    }
    entries.sort_by(|(a_at, a), (b_at, b)| {
        (b_at, b.operation, b.document).cmp(&(a_at, a.operation, a.document))
    });
    entries.truncate(limit);
    Ok(entries.into_iter().map(|(_, entry)| entry).collect())
}

pub(crate) fn delete_of_document(db: &Connection, document: DocumentId) -> Result<(), StoreError> {
    db.prepare_cached("delete from history where document = ?1")?
        .execute([document.0.as_bytes()])?;
    Ok(())
}
