//! Actions, those of them that wait to be sent (the outbox), and those that were refused.

use super::{changes, decode, done_here::DoneHere, encode, id};
use crate::{error::StoreError, user_key::Signature};
use keyrack_model::{
    action::{Action, Sequence},
    command::Command,
    ids::{DeviceId, OperationId, UserId},
    ipc::{RefusedAction, WaitingAction},
    limits,
    refusal::Refusal,
    time::{HybridTime, Timestamp},
    wire::KnownPlace,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashMap;

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

/// Keeps the author's signature of an action.
pub(crate) fn prove(
    db: &Connection,
    operation: OperationId,
    proof: Signature,
) -> Result<(), StoreError> {
    db.prepare_cached("update action set proof = ?2 where operation = ?1")?
        .execute(params![operation.0.as_bytes(), proof.to_bytes()])?;
    Ok(())
}

/// The author's signature of an action.
pub(crate) fn proof(
    db: &Connection,
    operation: OperationId,
) -> Result<Option<Signature>, StoreError> {
    let bytes: Option<Vec<u8>> = db
        .prepare_cached("select proof from action where operation = ?1")?
        .query_row([operation.0.as_bytes()], |row| row.get(0))?;
    let proof = |bytes: Vec<u8>| Signature::from_bytes(&bytes).ok_or(StoreError::Unreadable);
    bytes.map(proof).transpose()
}

/// Has whatever waits of somebody signed anew.
pub(crate) fn forget_proofs_of(db: &Connection, author: UserId) -> Result<(), StoreError> {
    db.prepare_cached(
        "update action set proof = null
         where sequence is null and received_at is null and author = ?1",
    )?
    .execute([author.0.as_bytes()])?;
    Ok(())
}

/// Has an action that waits signed anew.
pub(crate) fn forget_proof(db: &Connection, operation: OperationId) -> Result<(), StoreError> {
    db.prepare_cached(
        "update action set proof = null
         where sequence is null and received_at is null and operation = ?1",
    )?
    .execute([operation.0.as_bytes()])?;
    Ok(())
}

/// An action that waits and that its author has not signed.
pub(crate) struct Unproven {
    pub(crate) id: ActionId,
    pub(crate) operation: OperationId,
    pub(crate) author: UserId,
}

/// All of these, in the order in which they were made.
pub(crate) fn unproven(db: &Connection) -> Result<Vec<Unproven>, StoreError> {
    let mut statement = db.prepare_cached(
        "select id, operation, author from action
         where sequence is null and received_at is null and (proof is null) order by id",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Unproven {
            id: ActionId(row.get(0)?),
            operation: OperationId(id(row.get(1)?)),
            author: UserId(id(row.get(2)?)),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

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
pub(crate) fn places(
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
        let stored = find(db, place.operation)?.ok_or(StoreError::Unreadable)?;
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

pub(crate) fn is_waiting(db: &Connection, operation: OperationId) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached(
            "select 1 from action
         where operation = ?1 and sequence is null and received_at is null",
        )?
        .exists([operation.0.as_bytes()])?)
}

/// Actions that wait, in the order they were made, after one of them.
pub(crate) fn waiting_after(
    db: &Connection,
    last: ActionId,
    limit: usize,
) -> Result<Vec<(ActionId, OperationId)>, StoreError> {
    let mut statement = db.prepare_cached(
        "select id, operation from action
         where sequence is null and received_at is null and id > ?1
         order by id limit ?2",
    )?;
    let rows = statement.query_map(
        params![last.0, i64::try_from(limit).unwrap_or(i64::MAX)],
        |row| Ok((ActionId(row.get(0)?), OperationId(id(row.get(1)?)))),
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How an action stands that the device does not have from the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    /// It waits to be sent.
    Waits,
    /// The server accepted it; it will be delivered.
    Accepted,
    /// It was in the log before that was brought back.
    Lost,
}

/// Actions that the device does not have from the log up to `cursor`, in the order they came,
/// after one of them.
pub(crate) fn unsettled_after(
    db: &Connection,
    last: ActionId,
    cursor: Sequence,
) -> Result<Vec<(OperationId, Standing)>, StoreError> {
    let mut statement = db.prepare_cached(
        "select operation, sequence, received_at from action
         where id > ?1 and (sequence is null or sequence > ?2) order by id",
    )?;
    let rows = statement.query_map(params![last.0, cursor.0 as i64], |row| {
        let sequence: Option<i64> = row.get(1)?;
        let received_at: Option<i64> = row.get(2)?;
        let standing = match (sequence, received_at) {
            (Some(_), _) => Standing::Accepted,
            (None, Some(_)) => Standing::Lost,
            (None, None) => Standing::Waits,
        };
        Ok((OperationId(id(row.get(0)?)), standing))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many actions of whom wait.
pub(crate) fn waiting_by_author(db: &Connection) -> Result<Vec<(UserId, usize)>, StoreError> {
    let mut statement = db.prepare_cached(
        "select author, count(*) from action where sequence is null and received_at is null
         group by author order by author",
    )?;
    let rows = statement.query_map([], |row| {
        Ok((UserId(id(row.get(0)?)), row.get::<_, i64>(1)? as usize))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn waiting_count(db: &Connection) -> Result<usize, StoreError> {
    let count: i64 = db
        .prepare_cached(
            "select count(*) from action where sequence is null and received_at is null",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(count as usize)
}

pub(crate) fn waiting(db: &Connection) -> Result<Vec<WaitingAction>, StoreError> {
    waiting_after(db, ActionId::default(), usize::MAX)?
        .into_iter()
        .map(|(_, operation)| {
            let action = find(db, operation)?.ok_or(StoreError::Unreadable)?;
            Ok(WaitingAction {
                operation,
                command: action.command,
                author: action.author,
                at: action.at.wall,
                awaits: None,
            })
        })
        .collect()
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

/// Keeps a refused action for its author to read.
pub(crate) fn refuse(db: &Connection, action: &Action, reason: &Refusal) -> Result<(), StoreError> {
    set_aside(db, action, reason, false)
}

/// Keeps an action that was withdrawn, unread or not to be shown.
pub(crate) fn set_aside(
    db: &Connection,
    action: &Action,
    reason: &Refusal,
    dismissed: bool,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "insert or replace into refused (operation, author, at, command, action, reason, dismissed)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        action.operation.0.as_bytes(),
        action.author.0.as_bytes(),
        action.at.wall.0,
        encode(&action.command),
        encode(action),
        encode(reason),
        dismissed
    ])?;
    Ok(())
}

/// Keeps what was refused in another store, unread.
pub(crate) fn refuse_again(db: &Connection, refused: &RefusedAction) -> Result<(), StoreError> {
    let action = Action {
        operation: refused.operation,
        author: refused.author,
        at: HybridTime {
            wall: refused.at,
            counter: 0,
        },
        schema: limits::SCHEMA,
        command: refused.command.clone(),
        changes: Vec::new(),
    };
    refuse(db, &action, &refused.reason)
}

pub(crate) fn refused(db: &Connection) -> Result<Vec<RefusedAction>, StoreError> {
    let mut statement = db.prepare_cached(
        "select operation, author, at, command, reason from refused where dismissed = 0
         order by at, operation",
    )?;
    let rows = statement.query_map([], |row| {
        Ok((
            OperationId(id(row.get(0)?)),
            UserId(id(row.get(1)?)),
            Timestamp(row.get(2)?),
            row.get::<_, Vec<u8>>(3)?,
            row.get::<_, Vec<u8>>(4)?,
        ))
    })?;
    rows.map(|row| {
        let (operation, author, at, command, reason) = row?;
        Ok(RefusedAction {
            operation,
            author,
            at,
            command: decode(&command)?,
            reason: decode(&reason)?,
        })
    })
    .collect()
}

/// Refused actions that somebody at the hotel still decides on, as they were sent.
pub(crate) fn under_review(db: &Connection) -> Result<Vec<Action>, StoreError> {
    let mut statement =
        db.prepare_cached("select action from refused where reason = ?1 order by at, operation")?;
    let rows = statement.query_map([encode(&Refusal::UnderReview)], |row| {
        row.get::<_, Vec<u8>>(0)
    })?;
    rows.map(|action| decode(&action?)).collect()
}

/// The server's later word on a refused action: what is decided on the review, or that there is
/// one. Its author reads it anew.
pub(crate) fn reword(
    db: &Connection,
    operation: OperationId,
    reason: &Refusal,
) -> Result<(), StoreError> {
    let of_review = matches!(
        reason,
        Refusal::UnderReview | Refusal::Declined | Refusal::Quarantined
    );
    db.prepare_cached(
        "update refused set reason = ?2, dismissed = 0
         where operation = ?1 and reason <> ?2 and (?3 or reason = ?4)",
    )?
    .execute(params![
        operation.0.as_bytes(),
        encode(reason),
        of_review,
        encode(&Refusal::UnderReview)
    ])?;
    Ok(())
}

/// It is in the log after all.
pub(crate) fn unrefuse(db: &Connection, operation: OperationId) -> Result<(), StoreError> {
    db.prepare_cached("delete from refused where operation = ?1")?
        .execute([operation.0.as_bytes()])?;
    Ok(())
}

/// Its author has read it; the content stays. What somebody else did is not theirs to dismiss.
pub(crate) fn dismiss(
    db: &Connection,
    operation: OperationId,
    author: UserId,
) -> Result<(), StoreError> {
    db.prepare_cached("update refused set dismissed = 1 where operation = ?1 and author = ?2")?
        .execute([operation.0.as_bytes(), author.0.as_bytes()])?;
    Ok(())
}
