//! What waits to be sent, in pushes that fit the wire.

use super::Replica;
use crate::{
    error::StoreError,
    store::{
        self,
        actions::{self, ActionId},
        actors, refused, signatures, waiting,
    },
};
use keyrack_model::{
    action::Action,
    ids::OperationId,
    limits,
    wire::{ActorRegistration, Proof},
};

impl Replica {
    /// Actors under which something that waits was written, and the one in use.
    pub(crate) fn actors_in_use(&self) -> Result<Vec<ActorRegistration>, StoreError> {
        actors::all(&self.db)
    }

    /// What waits after an action, fits into one push, and may be sent by whoever is signed in.
    pub(crate) fn next_parcel(&self, after: ActionId) -> Result<Parcel, StoreError> {
        let db = &self.db;
        let me = self.session.as_ref().map(|session| session.me.id);
        let held = self.held_back()?;
        let mut parcel = Parcel::default();
        let mut bytes = ARRAY_HEADER;
        let mut last = after;
        while parcel.actions.is_empty() {
            let page = waiting::after(db, last, limits::MAX_PUSH_ACTIONS)?;
            let Some((end, _)) = page.last() else {
                break;
            };
            last = *end;
            for (id, operation) in page {
                if held.contains_key(&operation) {
                    continue;
                }
                let action = actions::whole(db, operation)?;
                let proof = match me == Some(action.author) {
                    // The session vouches for its own person.
                    true => None,
                    false => signatures::proof(db, operation)?,
                };
                bytes += size(&action) + proof.map_or(0, |_| limits::MAX_PROOF_BYTES);
                if !parcel.actions.is_empty() && bytes > limits::MAX_PUSH_BYTES {
                    return Ok(parcel);
                }
                let index = parcel.actions.len() as u16;
                parcel.proofs.extend(proof.map(|proof| proof.of(index)));
                parcel.actions.push(action);
                parcel.pushed.push(Pushed { id, operation });
            }
        }
        Ok(parcel)
    }

    /// What the signed-in person did, is under review and fits into one push: asked for again, each
    /// gets the verdict that it has by then.
    pub(crate) fn under_review(&self) -> Result<Parcel, StoreError> {
        let me = self.session.as_ref().map(|session| session.me.id);
        let mut bytes = ARRAY_HEADER;
        let waiting = refused::under_review(&self.db)?.into_iter();
        let actions = waiting
            .filter(|action| Some(action.author) == me)
            .take(limits::MAX_PUSH_ACTIONS)
            .take_while(|action| {
                bytes += size(action);
                bytes <= limits::MAX_PUSH_BYTES
            })
            .collect();
        Ok(Parcel {
            actions,
            ..Parcel::default()
        })
    }
}

/// What goes into one push.
#[derive(Default)]
pub(crate) struct Parcel {
    pub(crate) actions: Vec<Action>,
    /// That others than the signed-in person did theirs.
    pub(crate) proofs: Vec<Proof>,
    /// Of an action that waits, which one it is; nothing of one that only asks.
    pub(crate) pushed: Vec<Pushed>,
}

/// An action on its way to the server. Done again, it has another number: what was sent is then not
/// what is here.
#[derive(Clone, Copy, Debug)]
pub struct Pushed {
    pub(crate) id: ActionId,
    pub(crate) operation: OperationId,
}

/// The actions of a push are counted by what a proof names them with.
const _: () = assert!(limits::MAX_PUSH_ACTIONS <= u16::MAX as usize);

/// Bytes of CBOR before the first of many items, at most.
const ARRAY_HEADER: usize = 9;

/// Bytes that an action takes in a push.
fn size(action: &Action) -> usize {
    store::encode(action).len()
}
