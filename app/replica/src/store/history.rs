//! What each action did to each document, kept beside its changes.

use super::{absent, actions, bases, changes, decode, id, lines};
use crate::error::StoreError;
use keyrack_model::{
    ids::{DocumentId, DocumentRef, OperationId},
    rows::{HistoryEntry, HistoryField},
    segment::StoryPart,
    time::HybridTime,
};
use rusqlite::{Connection, params};
use std::collections::HashSet;

/// One action's part in one document; empty while that is not known.
#[derive(Default)]
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

/// What an action did in all of its documents, as far as it is here and was told; None when some of
/// it is with the server only.
pub(crate) fn whole_of_operation(
    db: &Connection,
    operation: OperationId,
) -> Result<Option<Vec<(DocumentRef, Part)>>, StoreError> {
    let mut parts = of_operation(db, operation)?;
    for (document, _) in &parts {
        if absent::has(db, document.id)? {
            return Ok(None);
        }
    }
    let Some(line) = lines::of_operation(db, operation)? else {
        return Ok(Some(parts));
    };
    let here: HashSet<DocumentRef> = parts.iter().map(|(document, _)| *document).collect();
    let told = bases::told_of(db, line.sequence)?.into_iter();
    parts.extend(
        told.filter(|(document, _)| !here.contains(document))
            .map(|(document, part)| {
                let StoryPart {
                    created, fields, ..
                } = part;
                (document, Part { created, fields })
            }),
    );
    Ok((parts.len() >= usize::from(line.documents)).then_some(parts))
}

/// The story of some documents together, newest first: so many actions, each with all that it did
/// in these documents.
pub(crate) fn story(
    db: &Connection,
    documents: &[DocumentRef],
    limit: usize,
) -> Result<Vec<HistoryEntry>, StoreError> {
    told_of(db, documents, limit, Told::All)
}

/// The story of one field, newest first: so many actions that wrote it, with all that they did in its
/// document.
pub(crate) fn of_field(
    db: &Connection,
    document: DocumentRef,
    key: &str,
    limit: usize,
) -> Result<Vec<HistoryEntry>, StoreError> {
    told_of(db, &[document], limit, Told::Writing(key))
}

/// Which of a document's actions are told.
#[derive(Clone, Copy)]
enum Told<'a> {
    All,
    /// Those that wrote this field.
    Writing(&'a str),
}

impl Told<'_> {
    fn is_of(self, fields: &[HistoryField]) -> bool {
        match self {
            Self::All => true,
            Self::Writing(key) => fields.iter().any(|field| field.key == key),
        }
    }
}

fn told_of(
    db: &Connection,
    documents: &[DocumentRef],
    limit: usize,
    which: Told<'_>,
) -> Result<Vec<HistoryEntry>, StoreError> {
    let mut entries = Vec::new();
    for document in documents {
        let mut here = HashSet::new();
        for (operation, fields) in parts_of(db, document.id, limit, which)? {
            let action = actions::find(db, operation)?.ok_or(StoreError::Unreadable)?;
            here.insert(operation);
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
        let (told, _) = bases::story(db, document.id)?;
        let told = told.into_iter().rev();
        let told = told.filter(|part| which.is_of(&part.fields));
        for part in told.take(limit + here.len()) {
            let line = lines::at(db, part.sequence)?.ok_or(StoreError::Unreadable)?;
            if here.contains(&line.operation) {
                continue;
            }
            entries.push((
                line.at,
                HistoryEntry {
                    document: *document,
                    operation: line.operation,
                    command: line.command,
                    author: line.author,
                    device: line.device,
                    at: line.at.wall,
                    known_at: Some(line.received_at),
                    fields: part.fields,
                },
            ));
        }
    }
    entries.sort_by(|(a_at, a), (b_at, b)| {
        (b_at, b.operation, b.document).cmp(&(a_at, a.operation, a.document))
    });
    entries.truncate(whole_actions(&entries, limit));
    Ok(entries.into_iter().map(|(_, entry)| entry).collect())
}

/// How many of the ordered entries the first actions have.
fn whole_actions(entries: &[(HybridTime, HistoryEntry)], limit: usize) -> usize {
    let mut actions = 0;
    let mut last = None;
    let after = entries.iter().position(|(_, entry)| {
        actions += usize::from(last != Some(entry.operation));
        last = Some(entry.operation);
        actions > limit
    });
    after.unwrap_or(entries.len())
}

/// What the latest changes of a document that are here did to it, of those that are told.
fn parts_of(
    db: &Connection,
    document: DocumentId,
    limit: usize,
    which: Told<'_>,
) -> Result<Vec<(OperationId, Vec<HistoryField>)>, StoreError> {
    let mut statement = db.prepare_cached(
        "select operation, fields from change join action on id = position / 1024
         where document = ?1 order by wall desc, counter desc, operation desc limit ?2",
    )?;
    // SQL does not read what a change wrote, and takes a negative bound for none.
    let read = match which {
        Told::All => limit as i64,
        Told::Writing(_) => -1,
    };
    let rows = statement.query_map(params![document.0.as_bytes(), read], |row| {
        Ok((OperationId(id(row.get(0)?)), row.get::<_, Vec<u8>>(1)?))
    })?;
    let parts = rows.map(|row| {
        let (operation, fields) = row?;
        Ok((operation, decode::<Vec<HistoryField>>(&fields)?))
    });
    let is_told = |part: &Result<(OperationId, Vec<HistoryField>), StoreError>| match part {
        Ok((_, fields)) => which.is_of(fields),
        Err(_) => true,
    };
    parts.filter(is_told).take(limit).collect()
}
