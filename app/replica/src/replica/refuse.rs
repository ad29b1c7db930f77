//! What the server refused: withdrawn from the documents, kept for its author, and what had been
//! built on it done again where that is still allowed.
//!
//! **Architecture Invariant**: a refused action's content is never lost, and a refusal never
//! blocks what does not depend on it.

use super::{Author, Intent, Replica, act::execute, begin, distinct, rebuild::rebuild_document};
use crate::{
    error::{ActError, StoreError},
    store::{actions, actors, people},
};
use keyrack_model::{
    action::Action,
    ids::{ActorId, DocumentRef, OperationId},
    refusal::Refusal,
};
use rusqlite::Connection;
use std::collections::HashSet;

/// What a refusal led to.
#[derive(Debug, Default)]
pub struct Withdrawal {
    /// Documents whose rows changed.
    pub touched: Vec<DocumentRef>,
    /// Actions that were done again and wait anew, with other changes.
    pub done_again: Vec<OperationId>,
}

impl Replica {
    /// Withdraws a refused action with all that waits on top of it, keeps it with its reason, and
    /// does the others again.
    pub fn refuse(
        &mut self,
        operation: OperationId,
        reason: &Refusal,
    ) -> Result<Withdrawal, StoreError> {
        if !actions::is_waiting(&self.db, operation)? {
            return Ok(Withdrawal::default());
        }
        self.documents.evict_all();
        let tx = begin(&mut self.db)?;
        let refused = actions::whole(&tx, operation)?;
        let dependents = dependents(&tx, &refused)?;
        for action in dependents.iter().chain([&refused]) {
            actions::delete(&tx, action.operation)?;
        }
        let withdrawn = distinct(
            dependents
                .iter()
                .chain([&refused])
                .flat_map(|action| action.changes.iter().map(|change| change.document)),
        );
        for document in &withdrawn {
            rebuild_document(&tx, *document)?;
        }
        actions::refuse(&tx, &refused, reason)?;
        let mut touched = withdrawn;
        let mut done_again = Vec::new();
        let known = people::all(&tx)?;
        for action in &dependents {
            let role = known
                .iter()
                .find(|person| person.id == action.author)
                .map(|person| person.role);
            let (Some(role), Some(session)) = (role, &self.session) else {
                actions::refuse(&tx, action, reason)?;
                continue;
            };
            // Their actors' sequences have a hole: what is done again is written under others.
            let actor = ActorId((self.fresh)());
            actors::insert(&tx, actor, action.author)?;
            let author = Author {
                hotel: session.hotel,
                user: action.author,
                role,
                actor,
                device: self.device.id,
            };
            let intent = Intent {
                operation: action.operation,
                at: action.at,
                command: &action.command,
            };
            match again(&tx, &mut self.documents, author, intent) {
                Ok(documents) => {
                    touched.extend(documents);
                    done_again.push(action.operation);
                }
                Err(ActError::Refused(reason)) => actions::refuse(&tx, action, &reason)?,
                Err(ActError::SignedOut) => actions::refuse(&tx, action, reason)?,
                Err(ActError::Store(error)) => return Err(error),
            }
        }
        if let Some(session) = &self.session {
            let actor = ActorId((self.fresh)());
            actors::insert(&tx, actor, session.me.id)?;
            self.actor = actor;
        }
        tx.commit()?;
        Ok(Withdrawal {
            touched: distinct(touched),
            done_again,
        })
    }
}

/// Does an action again inside a savepoint, so that a refusal leaves nothing behind.
fn again(
    db: &Connection,
    documents: &mut crate::documents::Documents,
    author: Author,
    intent: Intent<'_>,
) -> Result<Vec<DocumentRef>, ActError> {
    db.execute_batch("savepoint again")
        .map_err(StoreError::from)?;
    let done = execute(db, documents, author, intent);
    let end = if done.is_ok() {
        "release again"
    } else {
        documents.evict_all();
        "rollback to again; release again"
    };
    db.execute_batch(end).map_err(StoreError::from)?;
    done
}

/// Actions that wait and touch a document that the refused one touched, or that one of these did.
fn dependents(db: &Connection, refused: &Action) -> Result<Vec<Action>, StoreError> {
    let mut tainted: HashSet<DocumentRef> = refused
        .changes
        .iter()
        .map(|change| change.document)
        .collect();
    let mut found = Vec::new();
    let mut passed = false;
    for (_, operation) in actions::waiting_after(db, 0, usize::MAX)? {
        if operation == refused.operation {
            passed = true;
            continue;
        }
        if !passed {
            continue;
        }
        let action = actions::whole(db, operation)?;
        if action
            .changes
            .iter()
            .any(|change| tainted.contains(&change.document))
        {
            tainted.extend(action.changes.iter().map(|change| change.document));
            found.push(action);
        }
    }
    Ok(found)
}
