//! What the server refused: withdrawn from the documents, kept for its author, and what had been
//! built on it done again where that is still allowed.
//!
//! **Architecture Invariant**: a refused action's content is never lost, and a refusal never
//! blocks what does not depend on it.

use super::{Author, Intent, Replica, act::execute, begin, distinct, rebuild::rebuild_document};
use crate::{
    error::{ActError, StoreError},
    store::{
        actions::{self, ActionId},
        actors, people,
    },
};
use keyrack_model::{
    action::Action,
    ids::{ActorId, DocumentRef, OperationId},
    refusal::Refusal,
};
use rusqlite::Connection;
use std::collections::{HashMap, HashSet, hash_map::Entry};

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
        let actor = ActorId((self.fresh)());
        let withdrawn = self.withdraw(operation, reason, actor);
        match &withdrawn {
            Ok(_) => self.actor = actor,
            // Documents may hold what the store does not.
            Err(_) => self.documents.evict_all(),
        }
        withdrawn
    }

    /// The whole of it in one transaction; the signed-in person goes on under `actor`.
    fn withdraw(
        &mut self,
        operation: OperationId,
        reason: &Refusal,
        actor: ActorId,
    ) -> Result<Withdrawal, StoreError> {
        let tx = begin(&mut self.db)?;
        let refused = actions::whole(&tx, operation)?;
        let dependents = dependents(&tx, &refused)?;
        for action in dependents.iter().chain([&refused]) {
            actions::delete(&tx, action.operation)?;
        }
        let mut touched = distinct(
            dependents
                .iter()
                .chain([&refused])
                .flat_map(|action| action.changes.iter().map(|change| change.document)),
        );
        for document in &touched {
            rebuild_document(&tx, *document)?;
        }
        actions::refuse(&tx, &refused, reason)?;
        let mut done_again = Vec::new();
        let people = people::all(&tx)?;
        // The sequences of the actors they were written under have a hole now.
        let mut actors = HashMap::new();
        if let Some(session) = &self.session {
            actors::insert(&tx, actor, session.me.id)?;
            actors.insert(session.me.id, actor);
        }
        for action in &dependents {
            let known = people.iter().find(|person| person.id == action.author);
            let (Some(person), Some(session)) = (known, &self.session) else {
                actions::refuse(&tx, action, reason)?;
                continue;
            };
            let actor = match actors.entry(person.id) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(unknown) => {
                    let actor = ActorId((self.fresh)());
                    actors::insert(&tx, actor, person.id)?;
                    *unknown.insert(actor)
                }
            };
            let author = Author {
                hotel: session.hotel,
                user: person.id,
                role: person.role,
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
    for (_, operation) in actions::waiting_after(db, ActionId::default(), usize::MAX)? {
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
