//! Records as the log has them, and the edits of them that are on their way.
//!
//! **Architecture Invariant**: of each record the highest version that was told, and no other; of
//! an erased one no content, nor of an edit of what was erased; of what may not be on this device none,
//! but in an edit of it that waits to be sent.

use super::{actions, decode, done_here, encode, id, refused, settings::Setting, waiting};
use crate::error::StoreError;
use keyrack_model::{
    action::{Action, Sequence},
    class::{Class, Reading},
    command::Command,
    ids::{DeviceId, OperationId},
    record::{Payload, Record, RecordKind, RecordRef},
    refusal::Refusal,
    rows::{DeviceRow, Person},
};
use rusqlite::{Connection, OptionalExtension, params};

/// The last action that was here when the log was last brought back.
const BROUGHT_BACK_UNDER: Setting<i64> = Setting::named("brought-back-under");

/// Keeps a version that is higher than the one that is here; false for any other.
pub(crate) fn take_in(
    db: &Connection,
    sequence: Sequence,
    record: &Record,
) -> Result<bool, StoreError> {
    let changed = db
        .prepare_cached(
            "insert into record (kind, id, version, sequence, record) values (?1, ?2, ?3, ?4, ?5)
             on conflict (kind, id) do update
             set version = excluded.version, sequence = excluded.sequence, record = excluded.record
             where excluded.version > version",
        )?
        .execute(params![
            record.kind.word(),
            record.id.0.as_bytes(),
            record.version as i64,
            sequence.0 as i64,
            encode(record)
        ])?;
    Ok(changed > 0)
}

pub(crate) fn find(db: &Connection, record: RecordRef) -> Result<Option<Record>, StoreError> {
    let bytes: Option<Vec<u8>> = db
        .prepare_cached("select record from record where kind = ?1 and id = ?2")?
        .query_row(params![record.kind.word(), record.id.0.as_bytes()], |row| {
            row.get(0)
        })
        .optional()?;
    bytes.map(|bytes| decode(&bytes)).transpose()
}

/// The people of the hotel.
pub(crate) fn people(db: &Connection) -> Result<Vec<Person>, StoreError> {
    all_of(db, RecordKind::Person, Record::person)
}

/// The devices of the hotel, those that are not trusted any more too.
pub(crate) fn devices(db: &Connection) -> Result<Vec<DeviceRow>, StoreError> {
    all_of(db, RecordKind::Device, Record::device)
}

/// What the records of a kind tell of.
fn all_of<T>(
    db: &Connection,
    kind: RecordKind,
    told: fn(&Record) -> Option<T>,
) -> Result<Vec<T>, StoreError> {
    let mut statement =
        db.prepare_cached("select record from record where kind = ?1 order by id")?;
    let rows = statement.query_map([kind.word()], |row| row.get::<_, Vec<u8>>(0))?;
    let mut all = Vec::new();
    for bytes in rows {
        all.extend(told(&decode(&bytes?)?));
    }
    Ok(all)
}

/// Whether there is anything of a kind, told or about to be.
pub(crate) fn has_any(db: &Connection, kind: RecordKind) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached(
            "select 1 from record where kind = ?1 union all
             select 1 from record_edit where kind = ?1 limit 1",
        )?
        .exists([kind.word()])?)
}

/// Drops what may not be read; true when there was something. What this device wrote itself stays,
/// unseen: the log may lose it, and is sent it again then. Where it may not even lie,
/// [`forget_own`] takes it away.
pub(crate) fn keep_only(db: &Connection, reading: Reading) -> Result<bool, StoreError> {
    let mut dropped = 0;
    for kind in RecordKind::ALL {
        if !reading.has(Class::of_record(*kind)) {
            dropped += db
                .prepare_cached("delete from record where kind = ?1")?
                .execute([kind.word()])?;
        }
    }
    Ok(dropped > 0)
}

/// Takes what was written here of what may not be here out of the store: what the server has of it goes,
/// and what it refused is kept for its author without its content. What waits to be sent stays whole:
/// nobody else has it. True when there was something.
pub(crate) fn forget_own(db: &Connection, reading: Reading) -> Result<bool, StoreError> {
    if reading == Reading::all() {
        return Ok(false);
    }
    let goes = |command: &Command| {
        let class = command.record().map(|record| Class::of_record(record.kind));
        class.is_some_and(|class| !reading.has(class)) && has_personal_data(command)
    };
    let mut forgotten = done_here::forget(db, goes)?;
    for operation in settled_edits(db)? {
        let edit = actions::find(db, operation)?.ok_or(StoreError::Unreadable)?;
        if goes(&edit.command) {
            delete_edit(db, operation)?;
            forgotten = true;
        }
    }
    Ok(forgotten | bare_refused(db, |action| Ok(goes(&action.command)))?)
}

/// Drops what the log told after one of its places; true when there was something.
pub(crate) fn drop_after(db: &Connection, last: Sequence) -> Result<bool, StoreError> {
    let dropped = db.execute("delete from record where sequence > ?1", [last.0 as i64])?;
    Ok(dropped > 0)
}

/// Takes note that an action writes a record.
pub(crate) fn insert_edit(
    db: &Connection,
    operation: OperationId,
    record: RecordRef,
) -> Result<(), StoreError> {
    db.prepare_cached("insert into record_edit (operation, kind, id) values (?1, ?2, ?3)")?
        .execute(params![
            operation.0.as_bytes(),
            record.kind.word(),
            record.id.0.as_bytes()
        ])?;
    Ok(())
}

/// Has an edit of this device wait again for what the server says; of one of what is erased only what
/// it was about.
pub(crate) fn wait_again(
    db: &Connection,
    action: &Action,
    own: DeviceId,
    record: RecordRef,
) -> Result<(), StoreError> {
    // It was done on another log.
    let is_erased = match find(db, record)? {
        Some(known) if is_edit_of(&known, &action.command) => {
            !follows_own_erasure(db, record, action.operation)?
        }
        _ => false,
    };
    let action = if is_erased {
        bare(action.clone())
    } else {
        action.clone()
    };
    actions::insert(db, &action, own, None)?;
    insert_edit(db, action.operation, record)
}

pub(crate) fn is_edit(db: &Connection, operation: OperationId) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("select 1 from record_edit where operation = ?1")?
        .exists([operation.0.as_bytes()])?)
}

/// Edits of a record that the version which is here does not have in it, in the order they were
/// made: they wait, or are accepted and not told yet.
pub(crate) fn unsettled_edits(
    db: &Connection,
    record: RecordRef,
) -> Result<Vec<OperationId>, StoreError> {
    let mut statement = db.prepare_cached(
        "select operation from record_edit join action using (operation)
         where kind = ?1 and record_edit.id = ?2
             and (action.sequence is null or action.sequence > coalesce(
                 (select sequence from record where kind = ?1 and record.id = ?2), 0))
         order by action.id",
    )?;
    let rows = statement.query_map(params![record.kind.word(), record.id.0.as_bytes()], |row| {
        Ok(OperationId(id(row.get(0)?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Edits that the server has.
fn settled_edits(db: &Connection) -> Result<Vec<OperationId>, StoreError> {
    let mut statement = db.prepare_cached(
        "select operation from record_edit join action using (operation)
         where action.sequence is not null or received_at is not null",
    )?;
    let rows = statement.query_map([], |row| Ok(OperationId(id(row.get(0)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn edits_of(db: &Connection, record: RecordRef) -> Result<Vec<OperationId>, StoreError> {
    let mut statement = db.prepare_cached(
        "select operation from record_edit where kind = ?1 and id = ?2 order by operation",
    )?;
    let rows = statement.query_map(params![record.kind.word(), record.id.0.as_bytes()], |row| {
        Ok(OperationId(id(row.get(0)?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn delete_edit(db: &Connection, operation: OperationId) -> Result<(), StoreError> {
    db.prepare_cached("delete from record_edit where operation = ?1")?
        .execute([operation.0.as_bytes()])?;
    actions::delete(db, operation)
}

/// Whether what an edit wrote is gone with an erased record. What was written on top of that is of
/// somebody else; but numbers of versions tell this within one log alone.
fn erases(db: &Connection, record: &Record, edit: &Action) -> Result<bool, StoreError> {
    if erases_in_its_log(record, &edit.command) {
        return Ok(true);
    }
    Ok(is_edit_of(record, &edit.command)
        && is_of_another_log(db, edit.operation)?
        && !follows_own_erasure(db, record.reference(), edit.operation)?)
}

/// The same, of an edit that this log has.
pub(super) fn erases_in_its_log(record: &Record, command: &Command) -> bool {
    let is_before = match command {
        Command::EditGuest { expected, .. } => *expected < record.version,
        _ => false,
    };
    is_before && is_edit_of(record, command)
}

/// Whether a command wrote content of a record that is erased.
fn is_edit_of(record: &Record, command: &Command) -> bool {
    record.payload == Payload::Erased
        && matches!(command, Command::EditGuest { .. })
        && command.record() == Some(record.reference())
}

/// Whether an action was done here before the log was brought back.
fn is_of_another_log(db: &Connection, operation: OperationId) -> Result<bool, StoreError> {
    let place = actions::id_of(db, operation)?;
    let last = BROUGHT_BACK_UNDER.get(db)?;
    Ok(last.is_some_and(|last| place.is_some_and(|place| place.0 <= last)))
}

/// Whether the record was erased here before an edit of it was written: that is of the next guest.
fn follows_own_erasure(
    db: &Connection,
    record: RecordRef,
    edit: OperationId,
) -> Result<bool, StoreError> {
    let place = actions::id_of(db, edit)?;
    for operation in edits_of(db, record)? {
        let is_before = place.is_none() || actions::id_of(db, operation)? < place;
        let command = actions::whole(db, operation)?.command;
        if is_before && matches!(command, Command::EraseGuest { .. }) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes note that the log was brought back: what was done here until now was done on another one.
pub(crate) fn note_brought_back(db: &Connection) -> Result<(), StoreError> {
    BROUGHT_BACK_UNDER.set(db, &actions::last(db)?.0)
}

/// Takes the content of an erased record out of the edits of it: those that the server has go,
/// those that wait and those that were refused are kept for their authors without it.
pub(crate) fn forget_edits(db: &Connection, record: &Record) -> Result<(), StoreError> {
    done_here::forget(db, |command| erases_in_its_log(record, command))?;
    for operation in edits_of(db, record.reference())? {
        let action = actions::whole(db, operation)?;
        if !erases(db, record, &action)? {
            continue;
        }
        if waiting::is_waiting(db, operation)? {
            set_aside(db, operation, &Refusal::RecordErased)?;
        } else {
            delete_edit(db, operation)?;
        }
    }
    bare_refused(db, |action| erases(db, record, action))?;
    Ok(())
}

/// Keeps of some refused actions only what they were about; true when there were any.
fn bare_refused(
    db: &Connection,
    goes: impl Fn(&Action) -> Result<bool, StoreError>,
) -> Result<bool, StoreError> {
    let mut statement = db.prepare_cached("select operation, action from refused order by at")?;
    let rows = statement.query_map([], |row| {
        Ok((OperationId(id(row.get(0)?)), row.get::<_, Vec<u8>>(1)?))
    })?;
    let mut were_any = false;
    for row in rows.collect::<Result<Vec<_>, _>>()? {
        let (operation, action) = row;
        let action = decode::<Action>(&action)?;
        if !goes(&action)? {
            continue;
        }
        were_any = true;
        let action = bare(action);
        db.prepare_cached("update refused set command = ?2, action = ?3 where operation = ?1")?
            .execute(params![
                operation.0.as_bytes(),
                encode(&action.command),
                encode(&action)
            ])?;
    }
    Ok(were_any)
}

/// Keeps an edit that was refused for its author; what was erased only by what it was about.
pub(crate) fn set_aside(
    db: &Connection,
    operation: OperationId,
    reason: &Refusal,
) -> Result<(), StoreError> {
    let action = actions::whole(db, operation)?;
    keep_refused(db, &action, reason)?;
    delete_edit(db, operation)
}

/// Keeps a refused action for its author; of an edit of what is erased only what it was about.
pub(crate) fn keep_refused(
    db: &Connection,
    action: &Action,
    reason: &Refusal,
) -> Result<(), StoreError> {
    let record = match action.command.record() {
        Some(record) => find(db, record)?,
        None => None,
    };
    let is_erased = match record {
        Some(record) => erases(db, &record, action)?,
        None => false,
    };
    if is_erased || *reason == Refusal::RecordErased {
        refused::refuse(db, &bare(action.clone()), &Refusal::RecordErased)
    } else {
        refused::refuse(db, action, reason)
    }
}

fn has_personal_data(command: &Command) -> bool {
    command.clone().without_personal_data() != *command
}

fn bare(action: Action) -> Action {
    Action {
        command: action.command.clone().without_personal_data(),
        ..action
    }
}
