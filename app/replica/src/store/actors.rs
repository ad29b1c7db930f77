//! Actors under which this device writes.

use super::id;
use crate::error::StoreError;
use keyrack_model::{
    ids::{ActorId, UserId},
    wire::ActorRegistration,
};
use rusqlite::{Connection, params};

pub(crate) fn insert(db: &Connection, actor: ActorId, user: UserId) -> Result<(), StoreError> {
    db.prepare_cached("insert or ignore into actor (id, user) values (?1, ?2)")?
        .execute(params![actor.0.as_bytes(), user.0.as_bytes()])?;
    Ok(())
}

pub(crate) fn all(db: &Connection) -> Result<Vec<ActorRegistration>, StoreError> {
    let mut statement = db.prepare_cached("select id, user from actor order by id")?;
    let rows = statement.query_map([], |row| {
        Ok(ActorRegistration {
            actor: ActorId(id(row.get(0)?)),
            user: UserId(id(row.get(1)?)),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Drops the actors that nothing which waits was written under, but for the one in use.
pub(crate) fn retain(db: &Connection, needed: &[ActorId]) -> Result<(), StoreError> {
    for registration in all(db)? {
        if !needed.contains(&registration.actor) {
            db.prepare_cached("delete from actor where id = ?1")?
                .execute([registration.actor.0.as_bytes()])?;
        }
    }
    Ok(())
}
