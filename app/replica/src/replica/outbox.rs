//! What waits to be sent, in pushes that fit the wire.

use super::Replica;
use crate::{
    error::StoreError,
    store::{self, actions, actors},
};
use keyrack_model::{action::Action, limits, wire::ActorRegistration};

impl Replica {
    /// Actors under which something that waits was written, and the one in use.
    pub(crate) fn actors_in_use(&self) -> Result<Vec<ActorRegistration>, StoreError> {
        let mut all = actors::all(&self.db)?;
        let newest = all.len().saturating_sub(limits::MAX_HELLO_ACTORS);
        Ok(all.split_off(newest))
    }

    /// The actions of the outbox after a position that fit into one push, and the position of
    /// the last.
    pub(crate) fn next_batch(&self, after: i64) -> Result<(Vec<Action>, i64), StoreError> {
        let mut batch = Vec::new();
        let mut last = after;
        let mut bytes = 0;
        let db = &self.db;
        for (position, operation) in actions::waiting_after(db, after, limits::MAX_PUSH_ACTIONS)? {
            let action = actions::whole(db, operation)?;
            bytes += size(&action);
            if !batch.is_empty() && bytes > limits::MAX_PUSH_BYTES {
                break;
            }
            batch.push(action);
            last = position;
        }
        Ok((batch, last))
    }
}

/// Bytes that an action takes in a push, rounded up.
fn size(action: &Action) -> usize {
    store::encode(action).len()
}
