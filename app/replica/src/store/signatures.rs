//! Authors' signatures of actions.

use super::{actions::ActionId, id};
use crate::{error::StoreError, user_key::Signature};
use keyrack_model::ids::{OperationId, UserId};
use rusqlite::{Connection, params};

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
