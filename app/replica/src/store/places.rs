//! The places that actions have in the log.

use super::{
    actions::{self, ActionId},
    done_here::DoneHere,
    id,
};
use crate::error::StoreError;
use keyrack_model::{
    action::{Action, Sequence},
    ids::{DeviceId, OperationId},
    time::Timestamp,
    wire::KnownPlace,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashMap;

/// Gives an action of this device its place in the log; it no longer waits. A place that another
/// action has is nobody else's: then it goes on waiting, and the answer is false.
pub(crate) fn accept(
    db: &Connection,
    operation: OperationId,
    sequence: Sequence,
    received_at: Timestamp,
) -> Result<bool, StoreError> {
    let placed = db
        .prepare_cached(
            "update or ignore action set sequence = ?2, received_at = ?3 where operation = ?1",
        )?
        .execute(params![
            operation.0.as_bytes(),
            sequence.0 as i64,
            received_at.0
        ])?;
    Ok(placed > 0)
}

/// Takes the places in the log after one of them away: this device's own actions wait again, and
/// others' have none until the log has them again.
pub(crate) fn lose_places_after(
    db: &Connection,
    last: Sequence,
    own: DeviceId,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "update action set sequence = null, received_at = iif(device = ?2, null, received_at)
         where sequence > ?1",
    )?
    .execute(params![last.0 as i64, own.0.as_bytes()])?;
    Ok(())
}

/// Which actions have the places from one to another.
pub(crate) fn between(
    db: &Connection,
    first: Sequence,
    last: Sequence,
) -> Result<HashMap<Sequence, OperationId>, StoreError> {
    let mut statement = db.prepare_cached(
        "select sequence, operation from action where sequence between ?1 and ?2
         order by sequence",
    )?;
    let rows = statement.query_map([first.0 as i64, last.0 as i64], |row| {
        let sequence = Sequence(row.get::<_, i64>(0)? as u64);
        Ok((sequence, OperationId(id(row.get(1)?))))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The actions of a device that have a place in the log, in its order.
pub(crate) fn placed_of(db: &Connection, device: DeviceId) -> Result<Vec<DoneHere>, StoreError> {
    let mut statement = db.prepare_cached(
        "select sequence, operation, received_at from action
         where device = ?1 and sequence is not null order by sequence",
    )?;
    let rows = statement.query_map([device.0.as_bytes()], place)?;
    let mut placed = Vec::new();
    for row in rows {
        let place = row?;
        let stored = actions::find(db, place.operation)?.ok_or(StoreError::Unreadable)?;
        placed.push(DoneHere {
            sequence: place.sequence,
            received_at: place.received_at.unwrap_or_default(),
            action: Action {
                operation: place.operation,
                author: stored.author,
                at: stored.at,
                schema: stored.schema,
                command: stored.command,
                changes: Vec::new(),
            },
        });
    }
    Ok(placed)
}

/// The last action in the log of those that are here, delivered already or not.
pub(crate) fn last_place(db: &Connection) -> Result<Option<KnownPlace>, StoreError> {
    Ok(db
        .prepare_cached(
            "select sequence, operation, received_at from action where sequence is not null
             order by sequence desc limit 1",
        )?
        .query_row([], place)
        .optional()?)
}

pub(super) fn place(row: &Row<'_>) -> Result<KnownPlace, rusqlite::Error> {
    Ok(KnownPlace {
        sequence: Sequence(row.get::<_, i64>(0)? as u64),
        operation: OperationId(id(row.get(1)?)),
        received_at: row.get::<_, Option<i64>>(2)?.map(Timestamp),
    })
}

/// Takes its place in the log away from one action, as [`lose_places_after`] does from many.
pub(crate) fn lose_place(
    db: &Connection,
    operation: OperationId,
    own: DeviceId,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "update action set sequence = null, received_at = iif(device = ?2, null, received_at)
         where operation = ?1",
    )?
    .execute([operation.0.as_bytes(), own.0.as_bytes()])?;
    Ok(())
}

/// Others' actions that were in the log and are not any more, in the order they came.
pub(crate) fn lost(db: &Connection) -> Result<Vec<(ActionId, OperationId)>, StoreError> {
    let mut statement = db.prepare_cached(
        "select id, operation from action where sequence is null and received_at is not null
         order by id",
    )?;
    let rows = statement.query_map([], |row| {
        Ok((ActionId(row.get(0)?), OperationId(id(row.get(1)?))))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
