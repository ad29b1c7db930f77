//! Actions that the server refused, kept for their authors to read.

use super::{decode, encode, id};
use crate::error::StoreError;
use keyrack_model::{
    action::Action,
    ids::{OperationId, UserId},
    ipc::RefusedAction,
    limits,
    refusal::Refusal,
    time::{HybridTime, Timestamp},
};
use rusqlite::{Connection, params};

/// Whether a withdrawn action is shown on this device until its author has read it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    ByNobodyYet,
    /// Its author's own device has it.
    OfNoConcernHere,
}

/// Keeps a refused action for its author to read.
pub(crate) fn refuse(db: &Connection, action: &Action, reason: &Refusal) -> Result<(), StoreError> {
    set_aside(db, action, reason, Seen::ByNobodyYet)
}

/// Keeps an action that was withdrawn, unread or not to be shown.
pub(crate) fn set_aside(
    db: &Connection,
    action: &Action,
    reason: &Refusal,
    seen: Seen,
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
        seen == Seen::OfNoConcernHere
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

pub(crate) fn all(db: &Connection) -> Result<Vec<RefusedAction>, StoreError> {
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
