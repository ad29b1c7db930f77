//! Actions as the store has them.

use super::{changes, decode, encode, id};
use crate::error::StoreError;
use keyrack_model::{
    action::{Action, Sequence},
    command::Command,
    ids::{DeviceId, OperationId, UserId},
    time::{HybridTime, Timestamp},
};
use rusqlite::{Connection, OptionalExtension, params};

/// An action as the store knows it, without its changes.
#[derive(Clone, Debug)]
pub(crate) struct StoredAction {
    pub(crate) id: ActionId,
    pub(crate) schema: u16,
    pub(crate) author: UserId,
    pub(crate) device: DeviceId,
    pub(crate) at: HybridTime,
    pub(crate) received_at: Option<Timestamp>,
    pub(crate) command: Command,
}

/// An action's number in this store: later ones are greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct ActionId(pub(crate) i64);

/// Keeps an action; one without a place in the log waits to be sent.
pub(crate) fn insert(
    db: &Connection,
    action: &Action,
    device: DeviceId,
    place: Option<(Sequence, Timestamp)>,
) -> Result<ActionId, StoreError> {
    let id = db
        .prepare_cached(
            "insert into action
                 (operation, sequence, author, device, wall, counter, received_at, schema, command)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .insert(params![
            action.operation.0.as_bytes(),
            place.map(|(sequence, _)| sequence.0 as i64),
            action.author.0.as_bytes(),
            device.0.as_bytes(),
            action.at.wall.0,
            action.at.counter,
            place.map(|(_, received)| received.0),
            action.schema,
            encode(&action.command)
        ])?;
    Ok(ActionId(id))
}

/// When the server received the latest action of the log that is here.
pub(crate) fn received_last(db: &Connection) -> Result<Option<Timestamp>, StoreError> {
    Ok(db
        .prepare_cached(
            "select received_at from action where sequence is not null
             order by sequence desc limit 1",
        )?
        .query_row([], |row| row.get(0).map(Timestamp))
        .optional()?)
}

pub(crate) fn id_of(
    db: &Connection,
    operation: OperationId,
) -> Result<Option<ActionId>, StoreError> {
    Ok(db
        .prepare_cached("select id from action where operation = ?1")?
        .query_row([operation.0.as_bytes()], |row| Ok(ActionId(row.get(0)?)))
        .optional()?)
}

/// The last one that is here.
pub(crate) fn last(db: &Connection) -> Result<ActionId, StoreError> {
    let id = db.query_row("select coalesce(max(id), 0) from action", [], |row| {
        row.get(0)
    })?;
    Ok(ActionId(id))
}

pub(crate) fn find(
    db: &Connection,
    operation: OperationId,
) -> Result<Option<StoredAction>, StoreError> {
    let found = db
        .prepare_cached(
            "select id, schema, author, device, wall, counter, received_at, command from action
             where operation = ?1",
        )?
        .query_row([operation.0.as_bytes()], |row| {
            Ok((
                ActionId(row.get(0)?),
                row.get(1)?,
                UserId(id(row.get(2)?)),
                DeviceId(id(row.get(3)?)),
                HybridTime {
                    wall: Timestamp(row.get(4)?),
                    counter: row.get(5)?,
                },
                row.get::<_, Option<i64>>(6)?.map(Timestamp),
                row.get::<_, Vec<u8>>(7)?,
            ))
        })
        .optional()?;
    found
        .map(|(id, schema, author, device, at, received_at, command)| {
            Ok(StoredAction {
                id,
                schema,
                author,
                device,
                at,
                received_at,
                command: decode(&command)?,
            })
        })
        .transpose()
}

pub(crate) fn delete(db: &Connection, operation: OperationId) -> Result<(), StoreError> {
    let Some(action) = id_of(db, operation)? else {
        return Ok(());
    };
    changes::delete_of_action(db, action)?;
    db.prepare_cached("delete from action where id = ?1")?
        .execute([action.0])?;
    Ok(())
}

/// How far back the newest reading of a device's own clock is looked for.
const CLOCK_REACH: i64 = 10_000;

/// The newest reading of its clock that a device gave to one of the latest actions. Another
/// device's may come from a clock that is wrong.
pub(crate) fn newest_time(db: &Connection, device: DeviceId) -> Result<HybridTime, StoreError> {
    let newest = db
        .query_row(
            "select wall, counter from action
             where device = ?1 and id > (select coalesce(max(id), 0) from action) - ?2
             order by wall desc, counter desc limit 1",
            params![device.0.as_bytes(), CLOCK_REACH],
            |row| {
                Ok(HybridTime {
                    wall: Timestamp(row.get(0)?),
                    counter: row.get(1)?,
                })
            },
        )
        .optional()?;
    Ok(newest.unwrap_or_default())
}

/// An action with its changes, ready to be sent.
pub(crate) fn whole(db: &Connection, operation: OperationId) -> Result<Action, StoreError> {
    let stored = find(db, operation)?.ok_or(StoreError::Unreadable)?;
    Ok(Action {
        operation,
        author: stored.author,
        at: stored.at,
        schema: stored.schema,
        command: stored.command,
        changes: changes::of_action(db, stored.id)?,
    })
}
