//! Actions that wait to be sent, in the order in which they were made.

use super::{
    actions::{self, ActionId},
    id,
};
use crate::error::StoreError;
use keyrack_model::{
    action::Sequence,
    ids::{OperationId, UserId},
    ipc::WaitingAction,
};
use rusqlite::{Connection, params};

pub(crate) fn is_waiting(db: &Connection, operation: OperationId) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached(
            "select 1 from action
         where operation = ?1 and sequence is null and received_at is null",
        )?
        .exists([operation.0.as_bytes()])?)
}

/// Actions that wait, in the order they were made, after one of them.
pub(crate) fn after(
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
) -> Result<Vec<(ActionId, OperationId, Standing)>, StoreError> {
    let mut statement = db.prepare_cached(
        "select operation, sequence, received_at, id from action
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
        Ok((
            ActionId(row.get(3)?),
            OperationId(id(row.get(0)?)),
            standing,
        ))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many actions of whom wait.
pub(crate) fn by_author(db: &Connection) -> Result<Vec<(UserId, usize)>, StoreError> {
    let mut statement = db.prepare_cached(
        "select author, count(*) from action where sequence is null and received_at is null
         group by author order by author",
    )?;
    let rows = statement.query_map([], |row| {
        Ok((UserId(id(row.get(0)?)), row.get::<_, i64>(1)? as usize))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn count(db: &Connection) -> Result<usize, StoreError> {
    let count: i64 = db
        .prepare_cached(
            "select count(*) from action where sequence is null and received_at is null",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(count as usize)
}

pub(crate) fn all(db: &Connection) -> Result<Vec<WaitingAction>, StoreError> {
    after(db, ActionId::default(), usize::MAX)?
        .into_iter()
        .map(|(_, operation)| {
            let action = actions::find(db, operation)?.ok_or(StoreError::Unreadable)?;
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
