//! A store that gets another key: all of it is in the copy, and nothing of it is at stake.

use crate::world::people::{fresh, new_device, person, session};
use keyrack_model::{
    command::{Command, WorkOrderDraft},
    ids::{OperationId, WorkOrderId},
    policy::Role,
    time::Timestamp,
};
use keyrack_replica::{
    Copied, KeyRenewal, OpenError, Replica, Sealed, StoreError, StoreKey, damaged_aside,
};
use rusqlite::{Connection, types::Value};
use std::{
    fs,
    path::{Path, PathBuf},
};
use uuid::Uuid;

const OLD: StoreKey = StoreKey([1; 32]);
const NEXT: StoreKey = StoreKey([2; 32]);

/// With a cursor, something that waits, something refused, guests and people.
const OF_A_HOTEL: &str = include_str!("stores/version-4.sql");

fn file(path: &Path, key: &StoreKey) -> Connection {
    let file = Connection::open(path).unwrap();
    let key: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
    file.execute_batch(&format!(
        "pragma cipher_log_level = none; pragma key = \"x'{key}'\";"
    ))
    .unwrap();
    file
}

fn open(path: &Path, key: &StoreKey) -> Result<Replica, StoreError> {
    Replica::open(path, key, new_device(9), fresh(70))
}

/// The store of a hotel that was worked in, closed.
fn store(folder: &Path) -> PathBuf {
    let path = folder.join("replica.db");
    file(&path, &OLD).execute_batch(OF_A_HOTEL).unwrap();
    drop(open(&path, &OLD).unwrap());
    path
}

/// What a store says of itself, its schema, and every row of every table.
fn everything(path: &Path, key: &StoreKey) -> Vec<Vec<Value>> {
    let file = file(path, key);
    let mut said = Vec::new();
    let mut ask = |question: &str| {
        let mut statement = file.prepare(question).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            said.push((0..columns).map(|at| row.get_unwrap(at)).collect());
        }
    };
    for what in [
        "user_version",
        "journal_mode",
        "page_size",
        "page_count",
        "freelist_count",
        "auto_vacuum",
        "encoding",
        "cipher_integrity_check",
    ] {
        ask(&format!("pragma {what}"));
    }
    ask("select type, name, tbl_name, rootpage, sql from sqlite_schema order by rowid");
    let tables: Vec<String> = {
        let mut names = file
            .prepare("select name from sqlite_schema where type = 'table' order by name")
            .unwrap();
        let names = names.query_map([], |row| row.get(0)).unwrap();
        names.collect::<Result<_, _>>().unwrap()
    };
    for table in tables {
        ask(&format!("select * from {table}"));
    }
    said
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn copy(path: &Path) -> Result<Copied, OpenError> {
    KeyRenewal { path }.copy(&OLD, &NEXT)
}

#[test]
fn under_another_key_every_row_is_there_and_every_page_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = store(folder.path());
    let before = everything(&path, &OLD);
    assert!(before.len() > 50, "there is something to lose");
    copy(&path).unwrap();
    assert_eq!(everything(&path, &OLD), before, "the store is as it was");
    KeyRenewal { path: &path }.put_in_place().unwrap();
    assert_eq!(everything(&path, &NEXT), before);
    assert_eq!(names(folder.path()), ["replica.db"]);
    let refused = open(&path, &OLD);
    assert!(matches!(refused, Err(StoreError::WrongKeyOrCorrupt(_))));
    assert_eq!(open(&path, &NEXT).unwrap().cursor().0, 16);
}

#[test]
fn a_copy_that_is_not_used_leaves_the_store_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = store(folder.path());
    let before = everything(&path, &OLD);
    copy(&path).unwrap();
    // What was broken off is begun anew, whatever it left.
    fs::write(path.with_extension("renewed"), b"half of it").unwrap();
    fs::write(path.with_extension("renewed-wal"), b"and more").unwrap();
    copy(&path).unwrap();
    assert_eq!(names(folder.path()), ["replica.db", "replica.renewed"]);
    let renewal = KeyRenewal { path: &path };
    renewal.drop_copy().unwrap();
    renewal.put_in_place().unwrap();
    assert_eq!(names(folder.path()), ["replica.db"]);
    assert_eq!(everything(&path, &OLD), before);
}

#[test]
fn what_was_only_in_the_log_of_a_store_is_in_its_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replica.db");
    let mut replica = open(&path, &OLD).unwrap();
    replica
        .begin_session(session(person(1, Role::FrontDesk)))
        .unwrap();
    report(&mut replica);
    // As a process leaves it that is killed.
    let killed = folder.path().join("killed");
    fs::create_dir(&killed).unwrap();
    for part in ["replica.db", "replica.db-wal"] {
        fs::copy(folder.path().join(part), killed.join(part)).unwrap();
    }
    let path = killed.join("replica.db");
    copy(&path).unwrap();
    KeyRenewal { path: &path }.put_in_place().unwrap();
    assert_eq!(open(&path, &NEXT).unwrap().waiting().unwrap(), 1);
}

#[test]
fn a_damaged_store_and_one_of_another_key_are_not_copied() {
    let folder = tempfile::tempdir().unwrap();
    let path = store(folder.path());
    let wrong = KeyRenewal { path: &path }.copy(&NEXT, &OLD);
    assert!(matches!(
        wrong,
        Err(OpenError::Store(StoreError::WrongKeyOrCorrupt(_)))
    ));
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let refused = copy(&path);
    assert!(matches!(
        refused,
        Err(OpenError::Store(StoreError::Damaged))
    ));
    assert_eq!(fs::read(&path).unwrap(), bytes);
    assert!(!path.with_extension("renewed").exists());
    // One that is gone but for its log is a damaged one.
    fs::rename(&path, path.with_extension("db-wal")).unwrap();
    assert!(KeyRenewal { path: &path }.is_of_something().unwrap());
    assert!(matches!(
        copy(&path),
        Err(OpenError::Store(StoreError::Damaged))
    ));
    assert!(!path.exists());
}

#[test]
fn a_folder_without_a_store_has_nothing_to_renew_and_a_damaged_file_in_it_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replica.db");
    assert!(!KeyRenewal { path: &path }.is_of_something().unwrap());
    assert_eq!(damaged_aside(&path).unwrap(), None);
    let aside = folder.path().join("damaged-7.db");
    fs::write(&aside, b"what was not read").unwrap();
    assert_eq!(damaged_aside(&path).unwrap(), Some(aside));
}

#[test]
fn sessions_behind_a_pin_are_left_behind_and_the_work_of_their_people_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replica.db");
    let mut replica = open(&path, &OLD).unwrap();
    replica
        .begin_session(session(person(1, Role::FrontDesk)))
        .unwrap();
    report(&mut replica);
    let sealed = Sealed {
        salt: [1; 16],
        bytes: vec![1; 80],
    };
    replica.seal(&sealed).unwrap();
    let device = replica.registration();
    drop(replica);
    let copied = copy(&path).unwrap();
    assert_eq!(copied, Copied { sealed_sessions: 1 });
    KeyRenewal { path: &path }.put_in_place().unwrap();
    let replica = open(&path, &NEXT).unwrap();
    assert!(replica.faces().unwrap().is_empty());
    assert_eq!(replica.waiting().unwrap(), 1);
    assert_eq!(replica.registration(), device);
}

fn report(replica: &mut Replica) {
    let command = Command::CreateWorkOrder {
        work_order: WorkOrderId(Uuid::from_u128(1)),
        draft: WorkOrderDraft {
            title: "The lamp in 204 flickers".to_owned(),
            ..WorkOrderDraft::default()
        },
    };
    let operation = OperationId(Uuid::from_u128(2));
    replica.act(&command, operation, Timestamp(1)).unwrap();
}
