//! Actions that the server told of without their changes.

use super::{decode, done_here::DoneHere, encode, id, places};
use crate::error::StoreError;
use keyrack_model::{
    action::{Action, Sequence},
    ids::{DeviceId, OperationId, UserId},
    limits,
    segment::ActionLine,
    time::{HybridTime, Timestamp},
    wire::KnownPlace,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Keeps an action that a story tells of.
pub(crate) fn put(db: &Connection, line: &ActionLine) -> Result<(), StoreError> {
    db.prepare_cached(
        "insert or replace into line
             (sequence, operation, author, device, wall, counter, received_at, documents, command)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        line.sequence.0 as i64,
        line.operation.0.as_bytes(),
        line.author.0.as_bytes(),
        line.device.0.as_bytes(),
        line.at.wall.0,
        line.at.counter,
        line.received_at.0,
        line.documents,
        encode(&line.command)
    ])?;
    Ok(())
}

const COLUMNS: &str =
    "sequence, operation, author, device, wall, counter, received_at, documents, command";

pub(crate) fn at(db: &Connection, sequence: Sequence) -> Result<Option<ActionLine>, StoreError> {
    let sql = format!("select {COLUMNS} from line where sequence = ?1");
    let mut statement = db.prepare_cached(&sql)?;
    let found = statement.query_row([sequence.0 as i64], raw).optional()?;
    found.map(read).transpose()
}

pub(crate) fn of_operation(
    db: &Connection,
    operation: OperationId,
) -> Result<Option<ActionLine>, StoreError> {
    let sql = format!("select {COLUMNS} from line where operation = ?1");
    let mut statement = db.prepare_cached(&sql)?;
    let found = statement
        .query_row([operation.0.as_bytes()], raw)
        .optional()?;
    found.map(read).transpose()
}

/// The last place of which a story tells.
pub(crate) fn last_place(db: &Connection) -> Result<Option<KnownPlace>, StoreError> {
    Ok(db
        .prepare_cached(
            "select sequence, operation, received_at from line order by sequence desc limit 1",
        )?
        .query_row([], places::place)
        .optional()?)
}

/// What is told of the actions of a device, in the order of the log.
pub(crate) fn of_device(db: &Connection, device: DeviceId) -> Result<Vec<DoneHere>, StoreError> {
    let sql = format!("select {COLUMNS} from line where device = ?1 order by sequence");
    let mut statement = db.prepare_cached(&sql)?;
    let lines = statement.query_map([device.0.as_bytes()], raw)?;
    lines
        .map(|line| {
            let line = read(line?)?;
            Ok(DoneHere {
                sequence: line.sequence,
                received_at: line.received_at,
                action: Action {
                    operation: line.operation,
                    author: line.author,
                    at: line.at,
                    schema: limits::SCHEMA,
                    command: line.command,
                    changes: Vec::new(),
                },
            })
        })
        .collect()
}

/// Forgets what the log had after an entry. No story that is left tells of it.
pub(crate) fn drop_after(db: &Connection, last: Sequence) -> Result<(), StoreError> {
    db.prepare_cached("delete from line where sequence > ?1")?
        .execute([last.0 as i64])?;
    Ok(())
}

fn raw(row: &Row<'_>) -> Result<(ActionLine, Vec<u8>), rusqlite::Error> {
    let line = ActionLine {
        sequence: Sequence(row.get::<_, i64>(0)? as u64),
        operation: OperationId(id(row.get(1)?)),
        author: UserId(id(row.get(2)?)),
        device: DeviceId(id(row.get(3)?)),
        at: HybridTime {
            wall: Timestamp(row.get(4)?),
            counter: row.get(5)?,
        },
        received_at: Timestamp(row.get(6)?),
        documents: row.get(7)?,
        command: keyrack_model::command::Command::Redacted,
    };
    Ok((line, row.get(8)?))
}

fn read((line, command): (ActionLine, Vec<u8>)) -> Result<ActionLine, StoreError> {
    Ok(ActionLine {
        command: decode(&command)?,
        ..line
    })
}
