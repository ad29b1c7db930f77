//! A store whose file is damaged: what can still be read of it, row by row.
//!
//! **Architecture Invariant**: here a damaged file is only read. Opening has tried before whether it
//! is sound once its write-ahead log is worked in.

use super::{StoreKey, decode, id, refused, unlock};
use crate::error::StoreError;
use keyrack_model::{
    action::Action,
    ids::{OperationId, UserId},
    ipc::RefusedAction,
    time::{HybridTime, Timestamp},
};
use rusqlite::{Connection, config::DbConfig, params};
use std::{collections::BTreeSet, path::Path};

/// A file that the usual way of opening refuses.
pub(crate) struct Damaged<'a> {
    pub(crate) path: &'a Path,
    pub(crate) key: &'a StoreKey,
}

impl Damaged<'_> {
    /// Asks over a connection of its own: one that has met a damaged page answers nothing more.
    pub(crate) fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let connection = Connection::open(self.path)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        // Lets a file be read that is shorter than it says.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, true)?;
        unlock(&connection, self.key)?;
        connection.execute_batch("pragma query_only = on; pragma wal_autocheckpoint = 0;")?;
        question(&connection)
    }

    /// The actions that wait to be sent, without their changes, as far as they can be read.
    pub(crate) fn waiting(&self) -> Vec<Action> {
        let found = self.walk(|db, from, to| {
            // Past the index of what waits, whose pages may be damaged as well.
            let mut statement = db.prepare(
                "select operation, author, wall, counter, schema, command from action not indexed
                 where id between ?1 and ?2 and sequence is null and received_at is null
                 order by id",
            )?;
            let rows = statement.query_map(params![from, to], |row| {
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
            })?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
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
    pub(crate) fn refused(&self) -> Vec<RefusedAction> {
        self.ask(refused::all).unwrap_or_default()
    }

    /// Reads all numbers up to the last by halves, so that what lies on a damaged page is passed
    /// over and nothing beside it.
    fn walk<T>(
        &self,
        read: impl Fn(&Connection, i64, i64) -> Result<Vec<T>, StoreError>,
    ) -> Vec<T> {
        // The end of the table may be what is damaged.
        let ends = [
            "select max(id) from action",
            "select seq from sqlite_sequence where name = 'action'",
        ];
        let end = |sql| self.ask(|db| Ok(db.query_row(sql, [], |row| row.get(0))?));
        let last = ends.into_iter().find_map(|sql| end(sql).ok());
        let mut found = Vec::new();
        let mut spans = vec![(1, last.unwrap_or(MOST_ACTIONS))];
        for _ in 0..MOST_QUESTIONS {
            let Some((from, to)) = spans.pop() else {
                break;
            };
            match self.ask(|db| read(db, from, to)) {
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
}

/// Where the search ends when the file does not say any more how many there are.
const MOST_ACTIONS: i64 = 1 << 16;
/// Where it ends when nearly nothing can be found: the page through which all are found may be the
/// damaged one.
const MOST_QUESTIONS: usize = 4_096;

/// Whether every page of the file is as it was written.
pub(crate) fn is_sound(db: &Connection) -> Result<bool, StoreError> {
    let mut check = db.prepare("pragma cipher_integrity_check")?;
    Ok(check.query([])?.next()?.is_none())
}

/// What is wrong with which page, in SQLCipher's words.
pub(crate) fn unsound(db: &Connection) -> Result<BTreeSet<String>, StoreError> {
    let mut check = db.prepare("pragma cipher_integrity_check")?;
    let wrong = check.query_map([], |row| row.get(0))?;
    Ok(wrong.collect::<Result<_, _>>()?)
}
