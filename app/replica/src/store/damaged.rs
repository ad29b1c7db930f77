//! A store whose file is damaged: what can still be read of it, row by row.
//!
//! **Architecture Invariant**: a damaged file is only read. Not even what its write-ahead log holds
//! is moved into it.

use super::{StoreKey, actions, decode, id, unlock};
use crate::error::StoreError;
use keyrack_model::{
    action::Action,
    ids::{OperationId, UserId},
    ipc::RefusedAction,
    time::{HybridTime, Timestamp},
};
use rusqlite::{Connection, Row, config::DbConfig, params};
use std::path::Path;

/// Opens a file that the usual way refuses. What is missing is found by whoever reads it.
pub(crate) fn open(path: &Path, key: &StoreKey) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // Lets a file be read that is shorter than it says.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, true)?;
    unlock(&connection, key)?;
    connection.execute_batch("pragma query_only = on; pragma wal_autocheckpoint = 0;")?;
    Ok(connection)
}

/// Whether every page of the file is as it was written.
pub(crate) fn is_sound(db: &Connection) -> Result<bool, StoreError> {
    let mut check = db.prepare("pragma cipher_integrity_check")?;
    Ok(check.query([])?.next()?.is_none())
}

/// The actions that wait to be sent, without their changes, as far as they can be read.
pub(crate) fn waiting(db: &Connection) -> Vec<Action> {
    let sql = "select operation, author, wall, counter, schema, command from action
               where id between ?1 and ?2 and sequence is null and received_at is null
               order by id";
    let read = |row: &Row<'_>| {
        Ok((
            OperationId(id(row.get(0)?)),
            UserId(id(row.get(1)?)),
            HybridTime {
                wall: Timestamp(row.get(2)?),
                counter: row.get(3)?,
            },
            row.get(4)?,
            row.get::<_, Vec<u8>>(5)?,
        ))
    };
    let found = walk(db, |from, to| {
        let mut statement = db.prepare_cached(sql)?;
        let rows = statement.query_map(params![from, to], read)?;
        rows.collect()
    });
    let actions = found.into_iter().filter_map(|action| {
        let (operation, author, at, schema, command) = action;
        Some(Action {
            operation,
            author,
            at,
            schema,
            // One that does not decode is lost: its page was whole, so nobody damaged it.
            command: decode(&command).ok()?,
            changes: Vec::new(),
        })
    });
    actions.collect()
}

/// What was refused and not read yet; nothing when it cannot be read.
pub(crate) fn refused(db: &Connection) -> Vec<RefusedAction> {
    actions::refused(db).unwrap_or_default()
}

/// Reads all numbers up to the last by halves, so that what lies on a damaged page is passed over
/// and nothing beside it.
fn walk<T>(db: &Connection, read: impl Fn(i64, i64) -> Result<Vec<T>, rusqlite::Error>) -> Vec<T> {
    // The end of the table may be what is damaged.
    let last = [
        "select max(id) from action",
        "select seq from sqlite_sequence where name = 'action'",
    ];
    let last = last
        .into_iter()
        .find_map(|sql| db.query_row(sql, [], |row| row.get(0)).ok())
        .unwrap_or(MOST_ACTIONS);
    let mut found = Vec::new();
    let mut spans = vec![(1, last)];
    while let Some((from, to)) = spans.pop() {
        match read(from, to) {
            Ok(rows) => found.extend(rows),
            Err(_) if from >= to => {}
            Err(_) => {
                let middle = from + (to - from) / 2;
                spans.push((middle + 1, to));
                spans.push((from, middle));
            }
        }
    }
    found
}

/// Where the search ends when the file does not say any more how many there are.
const MOST_ACTIONS: i64 = 1 << 20;
