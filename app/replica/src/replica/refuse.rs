//! What the server refused: withdrawn from the documents, kept for its author, and what had been
//! built on it done again where that is still allowed.
//!
//! **Architecture Invariant**: a refused action's content is never lost, and a refusal never
//! blocks what does not depend on it.

use super::{
    Author, Intent, LOST_AT, Replica, act::execute, begin, distinct, rebuild::rebuild_document,
};
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
    refusal::{GateReason, Refusal},
};
use rusqlite::Connection;
use std::collections::{HashMap, HashSet, hash_map::Entry};

/// Whether a withdrawn action is shown on this device until its author has read it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    ByNobodyYet,
    /// Its author's own device has it.
    OfNoConcernHere,
}

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
        self.withdraw(&[operation], reason, Seen::ByNobodyYet)
    }

    /// Withdraws what the server lost when its log was brought back and what nobody has sent
    /// again since; what this device did on top of it is done again.
    pub(crate) fn give_up_lost(&mut self) -> Result<Withdrawal, StoreError> {
        LOST_AT.clear(&self.db)?;
        let lost: Vec<OperationId> = actions::lost(&self.db)?
            .into_iter()
            .map(|(_, operation)| operation)
            .collect();
        if lost.is_empty() {
            return Ok(Withdrawal::default());
        }
        let reason = Refusal::Gate {
            reason: GateReason::MissingDependency,
        };
        self.withdraw(&lost, &reason, Seen::OfNoConcernHere)
    }

    fn withdraw(
        &mut self,
        operations: &[OperationId],
        reason: &Refusal,
        seen: Seen,
    ) -> Result<Withdrawal, StoreError> {
        self.documents.evict_all();
        let actor = ActorId((self.fresh)());
        let withdrawn = self.withdraw_under(operations, reason, seen, actor);
        match &withdrawn {
            Ok(_) => self.actor = actor,
            // Documents may hold what the store does not.
            Err(_) => self.documents.evict_all(),
        }
        withdrawn
    }

    /// The whole of it in one transaction; the signed-in person goes on under `actor`.
    fn withdraw_under(
        &mut self,
        operations: &[OperationId],
        reason: &Refusal,
        seen: Seen,
        actor: ActorId,
    ) -> Result<Withdrawal, StoreError> {
        let tx = begin(&mut self.db)?;
        let withdrawn = operations
            .iter()
            .map(|operation| actions::whole(&tx, *operation))
            .collect::<Result<Vec<_>, _>>()?;
        let dependents = dependents(&tx, &withdrawn)?;
        for action in dependents.iter().chain(&withdrawn) {
            actions::delete(&tx, action.operation)?;
        }
        let mut touched = distinct(
            dependents
                .iter()
                .chain(&withdrawn)
                .flat_map(|action| action.changes.iter().map(|change| change.document)),
        );
        for document in &touched {
            rebuild_document(&tx, *document)?;
        }
        for action in &withdrawn {
            actions::set_aside(&tx, action, reason, seen == Seen::OfNoConcernHere)?;
        }
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

/// Actions that wait and touch a document that a withdrawn one touched, or that one of these did.
fn dependents(db: &Connection, withdrawn: &[Action]) -> Result<Vec<Action>, StoreError> {
    let mut first = ActionId(i64::MAX);
    let mut tainted = HashSet::new();
    for action in withdrawn {
        let id = actions::id_of(db, action.operation)?.ok_or(StoreError::Unreadable)?;
        first = first.min(id);
        tainted.extend(action.changes.iter().map(|change| change.document));
    }
    let mut found = Vec::new();
    for (_, operation) in actions::waiting_after(db, first, usize::MAX)? {
        if withdrawn.iter().any(|action| action.operation == operation) {
            continue;
        }
        let action = actions::whole(db, operation)?;
        let mut documents = action.changes.iter().map(|change| change.document);
        if documents.any(|document| tainted.contains(&document)) {
            tainted.extend(action.changes.iter().map(|change| change.document));
            found.push(action);
        }
    }
    Ok(found)
}
