//! The encrypted SQLite file: how it is opened, and what its tables are asked.
//!
//! **Architecture Invariant**: one connection, in one process, writes a store. Another may take its
//! place when it has failed. Every acknowledged
//! transaction is on the disk (`synchronous = FULL`).

pub(crate) mod absent;
pub(crate) mod actions;
pub(crate) mod actors;
pub(crate) mod another_key;
pub(crate) mod bases;
pub(crate) mod changes;
pub(crate) mod damaged;
pub(crate) mod done_here;
pub(crate) mod heard;
pub(crate) mod history;
pub(crate) mod lines;
pub(crate) mod places;
pub(crate) mod records;
pub(crate) mod refused;
pub(crate) mod rows;
pub(crate) mod settings;
pub(crate) mod signatures;
pub(crate) mod vault;
pub(crate) mod waiting;

use crate::error::StoreError;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use serde::{Serialize, de::DeserializeOwned};
use std::path::Path;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The raw key of a store.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct StoreKey(pub [u8; 32]);

/// The steps to the newest schema, each with the version that it leads to.
const STEPS: [(i64, &str); 6] = [
    (OLDEST_VERSION, include_str!("store/schema.sql")),
    (5, include_str!("store/segments.sql")),
    (6, include_str!("store/outbox.sql")),
    (7, include_str!("store/opened.sql")),
    (8, include_str!("store/done_here.sql")),
    (SCHEMA_VERSION, include_str!("store/proof.sql")),
];
/// The SQLite of which it was shown what a power cut and a failing disk leave, as it numbers itself: 3.50.4.
/// Two connections that write at once can damage a store of it: whoever takes another reads what that
/// mends, and runs those tests again.
const TRIED_SQLITE: i32 = 3_050_004;
/// A store of an older one cannot be brought up.
const OLDEST_VERSION: i64 = 4;
const SCHEMA_VERSION: i64 = 9;

/// Opens or makes the store at `path`. Every page of it is checked first: damage that is found
/// later would be found in the middle of somebody's work.
pub(crate) fn open(path: &Path, key: &StoreKey) -> Result<Connection, StoreError> {
    let connection = unlocked(path, key)?;
    if !damaged::is_sound(&connection)? {
        // A page that a power cut tore while it was written from the log is whole in there.
        work_log_in(&connection)?;
        if is_damaged(&connection)? {
            return Err(StoreError::Damaged);
        }
    }
    prepare(connection)
}

/// Opens a store that is open already, over another connection. What its pages are like was looked at
/// when it was opened first.
///
/// # Errors
/// `Damaged` for a file that is empty or gone by now: SQLite would begin it anew, and throw away what
/// stands in the write-ahead log. The next start rescues that.
pub(crate) fn open_again(path: &Path, key: &StoreKey) -> Result<Connection, StoreError> {
    if std::fs::metadata(path).map_or(0, |found| found.len()) == 0 {
        return Err(StoreError::Damaged);
    }
    let connection = look_into(path, key)?;
    let found: i64 = connection.query_row("pragma user_version", [], |row| row.get(0))?;
    if found != SCHEMA_VERSION {
        return Err(StoreError::Damaged);
    }
    settings_of_connection(&connection)?;
    Ok(connection)
}

/// Writes something that says nothing over what a commit that failed left behind the end of the
/// write-ahead log: the next start must not find that done which was said not to be.
pub(crate) fn bury_failed_commit(connection: &Connection) -> Result<(), StoreError> {
    Ok(connection.execute_batch(&format!(
        "begin immediate; pragma user_version = {SCHEMA_VERSION}; commit;"
    ))?)
}

/// How often a store is looked at before it counts as damaged, or as under another key.
const LOOKS: usize = 3;

/// The file under its key. A first page that the disk does not give for once says the same as one
/// under another key, for as long as the connection lasts.
fn unlocked(path: &Path, key: &StoreKey) -> Result<Connection, StoreError> {
    let mut looks = 1;
    loop {
        let connection = Connection::open(path)?;
        refuse_other_sqlite(&connection)?;
        match unlock(&connection, key) {
            Err(StoreError::WrongKeyOrCorrupt(_)) if looks < LOOKS => looks += 1,
            ended => return ended.map(|()| connection),
        }
    }
}

/// Whether some page is wrong however often it is looked at. One that the disk does not give for
/// once says the same as one that is damaged, and all of it may be there the next time.
fn is_damaged(connection: &Connection) -> Result<bool, StoreError> {
    let mut wrong = damaged::unsound(connection)?;
    for _ in 1..LOOKS {
        if wrong.is_empty() {
            break;
        }
        let again = damaged::unsound(connection)?;
        wrong.retain(|page| again.contains(page));
    }
    Ok(!wrong.is_empty())
}

/// Opens a store to look something up in it, whether or not every page of it is sound.
pub(crate) fn look_into(path: &Path, key: &StoreKey) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    refuse_other_sqlite(&connection)?;
    unlock(&connection, key)?;
    Ok(connection)
}

/// Writes what stands in the write-ahead log into the file.
fn work_log_in(connection: &Connection) -> Result<(), StoreError> {
    connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
    Ok(())
}

/// Closes a store so that all of it is in the one file.
pub(crate) fn close_whole(connection: Connection) -> Result<(), StoreError> {
    work_log_in(&connection)?;
    connection.close().map_err(|(_, error)| error.into())
}

pub(crate) fn open_in_memory() -> Result<Connection, StoreError> {
    prepare(Connection::open_in_memory()?)
}

/// An SQLite that was not tried, which a system may put in the place of the one that is built in; and one
/// without SQLCipher, which takes a key in silence and writes plain text.
fn refuse_other_sqlite(connection: &Connection) -> Result<(), StoreError> {
    refuse_untried(rusqlite::version_number())?;
    connection
        .query_row("pragma cipher_version", [], |_| Ok(()))
        .optional()?
        .ok_or(StoreError::NoEncryption)
}

fn refuse_untried(found: i32) -> Result<(), StoreError> {
    if found == TRIED_SQLITE {
        Ok(())
    } else {
        Err(StoreError::UntriedSqlite { found })
    }
}

fn unlock(connection: &Connection, key: &StoreKey) -> Result<(), StoreError> {
    // What goes wrong is told by the error, not by SQLCipher on standard error.
    connection.execute_batch("pragma cipher_log_level = none")?;
    let pragma = Zeroizing::new(format!("pragma key = {}", raw(key).as_str()));
    connection.execute_batch(&pragma)?;
    // The first read is what tells a wrong key.
    connection.query_row("select count(*) from sqlite_schema", [], |_| Ok(()))?;
    Ok(())
}

/// A key as SQLCipher takes one that is not to be derived from a password.
fn raw(key: &StoreKey) -> Zeroizing<String> {
    use std::fmt::Write;
    let mut text = Zeroizing::new(String::with_capacity(2 * key.0.len() + 5));
    text.push_str("\"x'");
    for byte in key.0 {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.push_str("'\"");
    text
}

fn prepare(connection: Connection) -> Result<Connection, StoreError> {
    settings_of_connection(&connection)?;
    let found: i64 = connection.query_row("pragma user_version", [], |row| row.get(0))?;
    match found {
        SCHEMA_VERSION => Ok(connection),
        0 | OLDEST_VERSION..SCHEMA_VERSION => {
            bring_up(&connection, found)?;
            Ok(connection)
        }
        found if found > SCHEMA_VERSION => Err(StoreError::NewerSchema { found }),
        found => Err(StoreError::RetiredSchema { found }),
    }
}

fn settings_of_connection(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(
        "pragma journal_mode = wal;
         pragma synchronous = full;
         pragma foreign_keys = on;
         pragma trusted_schema = off;
         pragma cell_size_check = on;
         pragma mmap_size = 0;
         pragma temp_store = memory;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Takes the steps that a store of a version lacks. SQLite keeps the text of each statement, remarks
/// included; without them all of it stays on the file's first page, and damage to another costs no
/// more than what lies on it.
fn bring_up(connection: &Connection, found: i64) -> Result<(), StoreError> {
    let steps = STEPS.iter().filter(|(version, _)| *version > found);
    let lines = steps.flat_map(|(_, step)| step.lines()).map(str::trim);
    let statements: Vec<&str> = lines.filter(|line| !line.starts_with("--")).collect();
    let statements = statements.join(" ");
    Ok(connection.execute_batch(&format!(
        "begin immediate; {statements} pragma user_version = {SCHEMA_VERSION}; commit;"
    ))?)
}

/// Forgets everything that the server can tell again. What was refused stays, for its authors, and
/// what this device did itself.
pub(crate) fn forget_all(db: &Connection) -> Result<(), StoreError> {
    Ok(db.execute_batch(
        "delete from change; delete from action; delete from record_edit; delete from record;
         delete from snapshot; delete from entity; delete from base; delete from line;
         delete from absent; delete from wanted;",
    )?)
}

/// A value as the bytes that a column holds.
pub(crate) fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes)
        .unwrap_or_else(|error| unreachable!("a value of the model encodes: {error}"));
    bytes
}

pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    ciborium::from_reader(bytes).map_err(|_| StoreError::Unreadable)
}

/// An id from a 16-byte column.
pub(crate) fn id(bytes: [u8; 16]) -> uuid::Uuid {
    uuid::Uuid::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_is_of_the_sqlite_that_was_tried() {
        let connection = open_in_memory().unwrap();
        refuse_other_sqlite(&connection).unwrap();
    }

    #[test]
    fn no_store_is_opened_with_another_sqlite_and_it_is_said_which() {
        for other in [3_050_003, 3_050_005, 3_051_002] {
            let refused = refuse_untried(other).unwrap_err();
            assert!(refused.to_string().contains(&other.to_string()));
        }
    }
}
