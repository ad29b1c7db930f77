//! What each action did to each document, kept beside its changes.

use super::{actions, changes, decode, id};
use crate::error::StoreError;
use keyrack_model::{
    ids::{DocumentRef, OperationId},
    rows::{HistoryEntry, HistoryField},
};
use rusqlite::{Connection, params};

/// One action's part in one document.
pub(crate) struct Part {
    pub(crate) created: bool,
    pub(crate) fields: Vec<HistoryField>,
}

/// What an action did, document by document.
pub(crate) fn of_operation(
    db: &Connection,
    operation: OperationId,
) -> Result<Vec<(DocumentRef, Part)>, StoreError> {
    let Some(action) = actions::id_of(db, operation)? else {
        return Ok(Vec::new());
    };
    let mut statement = db.prepare_cached(
        "select document, kind, created, fields from change
         where position between ?1 and ?2 order by position",
    )?;
    let positions = changes::positions_of(action);
    let rows = statement.query_map(params![positions.start(), positions.end()], |row| {
        Ok((
            changes::document_ref(row)?,
            row.get(2)?,
            row.get::<_, Vec<u8>>(3)?,
        ))
    })?;
    rows.map(|row| {
        let (document, created, fields) = row?;
        let fields = decode(&fields)?;
        Ok((document?, Part { created, fields }))
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
            "select operation, fields from change join action on id = position / 1024
             where document = ?1 order by wall desc, counter desc, operation desc limit ?2",
        )?;
        let rows = statement.query_map(params![document.id.0.as_bytes(), limit as i64], |row| {
            Ok((OperationId(id(row.get(0)?)), row.get::<_, Vec<u8>>(1)?))
        })?;
        for row in rows {
            let (operation, fields) = row?;
            let action = actions::find(db, operation)?.ok_or(StoreError::Unreadable)?;
            let fields: Vec<HistoryField> = decode(&fields)?;
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
