//! The file of a device's store, looked at from outside.

use crate::traces;
use keyrack_model::{action::Action, ids::OperationId};
use keyrack_replica::StoreKey;
use rusqlite::{Connection, OpenFlags, Row, types::Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// The key of every store of a test.
pub const KEY: StoreKey = StoreKey([7; 32]);

/// Opens a store beside its device, which must not run.
pub fn open(store: &Path) -> rusqlite::Result<Connection> {
    open_with(store, &KEY)
}

/// Opens a store that is under another key.
pub fn open_with(store: &Path, key: &StoreKey) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let file = Connection::open_with_flags(store, flags)?;
    let key: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
    file.execute_batch(&format!(
        "pragma cipher_log_level = none; pragma key = \"x'{key}'\";"
    ))?;
    Ok(file)
}

/// The key of the app's stores whose secret is in this file.
pub fn key_from(key_file: &str) -> StoreKey {
    let hex = key_file.trim().as_bytes().chunks(2);
    let secret: Vec<u8> = hex
        .map(|digits| {
            let digits = std::str::from_utf8(digits).expect("digits");
            u8::from_str_radix(digits, 16).expect("a secret in hexadecimal digits")
        })
        .collect();
    StoreKey(blake3::derive_key("Keyrack 2026 store key", &secret))
}

/// The files below a folder that open with a key.
pub fn opened_by(key: &StoreKey, folder: &Path) -> Vec<PathBuf> {
    let files = traces::search(folder, &[]).files.into_iter();
    let opens = |path: &PathBuf| {
        let tables = open_with(path, key).and_then(|file| {
            file.query_row("select count(*) from sqlite_schema", [], |row| {
                row.get::<_, i64>(0)
            })
        });
        tables.is_ok_and(|tables| tables > 0)
    };
    files.filter(opens).collect()
}

/// What is wrong with the file, as a database and page by page. Pages count as they are once the
/// write-ahead log is worked in: before that, those that a power cut tore still stand in the log.
pub fn faults(file: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut faults = Vec::new();
    for check in [
        "pragma integrity_check",
        "pragma wal_checkpoint(truncate)",
        "pragma cipher_integrity_check",
    ] {
        let mut check = file.prepare(check)?;
        let said = check.query_map([], |row| row.get::<_, Value>(0))?;
        for said in said {
            match said? {
                Value::Text(said) if said != "ok" => faults.push(said),
                _ => {}
            }
        }
    }
    Ok(faults)
}

/// Whether the file has its tables; before that it is as if nobody had begun with it.
pub fn is_begun(file: &Connection) -> rusqlite::Result<bool> {
    let version: i64 = file.query_row("pragma user_version", [], |row| row.get(0))?;
    Ok(version > 0)
}

/// Whether more is to come of what the device begins with.
pub fn is_incomplete(file: &Connection) -> rusqlite::Result<bool> {
    file.prepare("select 1 from setting where key = 'segments-to-come'")?
        .exists([])
}

/// The actions that the store has, wherever they came from and whatever became of them.
pub fn operations(file: &Connection) -> rusqlite::Result<BTreeSet<OperationId>> {
    let mut select = file.prepare(
        "select operation from action union select operation from refused order by operation",
    )?;
    select.query_map([], operation)?.collect()
}

/// How many changes of documents the store has of each of these actions.
pub fn changes(file: &Connection) -> rusqlite::Result<BTreeMap<OperationId, usize>> {
    let mut changes = BTreeMap::new();
    let mut select = file.prepare(
        "select operation, (
             select count(*) from change where position between id * 1024 and id * 1024 + 1023
         ) from action order by operation",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let count: i64 = row.get(1)?;
        changes.insert(operation(row)?, count as usize);
    }
    let mut select = file.prepare("select operation, action from refused order by operation")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let action: Vec<u8> = row.get(1)?;
        let action = ciborium::from_reader::<Action, _>(&action[..]);
        // One that does not read has never been whole.
        let count = action.map_or(usize::MAX, |action| action.changes.len());
        changes.insert(operation(row)?, count);
    }
    Ok(changes)
}

fn operation(row: &Row<'_>) -> rusqlite::Result<OperationId> {
    row.get(0).map(|bytes| OperationId(Uuid::from_bytes(bytes)))
}
