//! A store's file that is rewritten under another key.
//!
//! **Architecture Invariant**: only a copy is rewritten. SQLCipher rewrites page by page, says that
//! all went well whatever happened, and what it leaves half done no key opens; so the copy is
//! believed when every page of it was read under the other key.

use super::{StoreKey, raw, refuse_other_sqlite, unlock};
use crate::error::StoreError;
use rusqlite::Connection;
use std::path::Path;
use zeroize::Zeroizing;

/// Rewrites a copy of a store that was closed whole. Pages keep their places and contents, so that
/// what damage to one costs stays the same.
pub(crate) fn rewrite(copy: &Path, present: &StoreKey, next: &StoreKey) -> Result<(), StoreError> {
    let connection = Connection::open(copy)?;
    refuse_other_sqlite(&connection)?;
    unlock(&connection, present)?;
    // Of a copy nothing is to be rolled back: it is thrown away. A journal would take as much room
    // once more, and stand there under the present key.
    let mode: String = connection.query_row("pragma journal_mode = off", [], |row| row.get(0))?;
    if mode != "off" {
        return Err(StoreError::NotCopied);
    }
    let pragma = Zeroizing::new(format!("pragma rekey = {}", raw(next).as_str()));
    connection.execute_batch(&pragma)?;
    connection.close().map_err(|(_, error)| error.into())
}

/// Whether tables and indexes are what SQLite takes for whole.
pub(crate) fn is_consistent(db: &Connection) -> Result<bool, StoreError> {
    let said: String = db.query_row("pragma integrity_check(1)", [], |row| row.get(0))?;
    Ok(said == "ok")
}
