//! What waits to be sent, in pushes that fit the wire.

use super::Replica;
use crate::{
    error::StoreError,
    store::{
        self,
        actions::{self, ActionId},
        actors,
    },
};
use keyrack_model::{action::Action, ids::OperationId, limits, wire::ActorRegistration};

impl Replica {
    /// Actors under which something that waits was written, and the one in use.
    pub(crate) fn actors_in_use(&self) -> Result<Vec<ActorRegistration>, StoreError> {
        actors::all(&self.db)
    }

    /// The waiting actions after one of them that fit into one push.
    pub(crate) fn next_batch(
        &self,
        after: ActionId,
    ) -> Result<(Vec<Action>, Vec<Pushed>), StoreError> {
        let mut batch = Vec::new();
        let mut pushed = Vec::new();
        let mut bytes = ARRAY_HEADER;
        let db = &self.db;
        for (id, operation) in actions::waiting_after(db, after, limits::MAX_PUSH_ACTIONS)? {
            let action = actions::whole(db, operation)?;
            bytes += size(&action);
            if !batch.is_empty() && bytes > limits::MAX_PUSH_BYTES {
                break;
            }
            batch.push(action);
            pushed.push(Pushed { id, operation });
        }
        Ok((batch, pushed))
    }

    /// What is under review and fits into one push: asked for again, each gets the verdict that it
    /// has by then.
    pub(crate) fn under_review(&self) -> Result<Vec<Action>, StoreError> {
        let mut bytes = ARRAY_HEADER;
        let waiting = actions::under_review(&self.db)?.into_iter();
        Ok(waiting
            .take(limits::MAX_PUSH_ACTIONS)
            .take_while(|action| {
                bytes += size(action);
                bytes <= limits::MAX_PUSH_BYTES
            })
            .collect())
    }
}

/// An action on its way to the server. Done again, it has another number: what was sent is then not
/// what is here.
#[derive(Clone, Copy, Debug)]
pub struct Pushed {
    pub(crate) id: ActionId,
    pub(crate) operation: OperationId,
}

/// Bytes of CBOR before the first of many items, at most.
const ARRAY_HEADER: usize = 9;

/// Bytes that an action takes in a push.
fn size(action: &Action) -> usize {
    store::encode(action).len()
}
