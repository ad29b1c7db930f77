//! What the server refused: withdrawn from the documents, kept for its author, and what had been
//! built on it done again where that is still allowed.
//!
//! **Architecture Invariant**: a refused action's content is never lost, and a refusal never
//! blocks what does not depend on it.

use super::{
    Author, Fresh, Intent, LOST_AT, Replica, UserSession, act::execute, begin, distinct, proofs,
    rebuild::rebuild_document,
};
use crate::{
    documents::Documents,
    error::{ActError, StoreError},
    store::{
        actions::{self, ActionId, Standing},
        actors, records,
        settings::Setting,
    },
};
use keyrack_model::{
    action::{Action, Sequence},
    ids::{ActorId, DeviceId, DocumentRef, OperationId, UserId},
    refusal::{GateReason, Refusal},
};
use rusqlite::Connection;
use std::collections::{HashMap, HashSet, hash_map::Entry};

/// The last action that was here when something that the log had lost was given up: what was done
/// before may rest on that.
const GIVEN_UP_UNDER: Setting<i64> = Setting::named("given-up-under");

/// Whether a withdrawn action is shown on this device until its author has read it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
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

impl Withdrawal {
    /// With what another one led to.
    pub(crate) fn extend(&mut self, other: Self) {
        self.touched.extend(other.touched);
        self.done_again.extend(other.done_again);
    }
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
            actions::reword(&self.db, operation, reason)?;
            return Ok(Withdrawal::default());
        }
        if let Some(touched) = self.refuse_edit(operation, reason)? {
            return Ok(Withdrawal {
                touched,
                ..Withdrawal::default()
            });
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
        GIVEN_UP_UNDER.set(&self.db, &actions::last(&self.db)?.0)?;
        self.withdraw(&lost, &missing_ground(), Seen::OfNoConcernHere)
    }

    /// The same, when an action was refused for a gap. It may rest on what was lost, now or before,
    /// without having written any of it, as a check-in does on the business date: then it is done
    /// again as well.
    pub(crate) fn give_up_lost_under(
        &mut self,
        operation: OperationId,
    ) -> Result<Withdrawal, StoreError> {
        let mut withdrawal = self.give_up_lost()?;
        let place = actions::id_of(&self.db, operation)?;
        let was_done_before = GIVEN_UP_UNDER
            .get(&self.db)?
            .is_some_and(|last| place.is_some_and(|place| place.0 <= last));
        if was_done_before
            && actions::is_waiting(&self.db, operation)?
            && !records::is_edit(&self.db, operation)?
            && !withdrawal.done_again.contains(&operation)
        {
            let actor = ActorId((self.fresh)());
            let done = self.do_over(operation, actor);
            self.documents.evict_all();
            withdrawal.extend(done?);
            self.actor = actor;
        }
        Ok(withdrawal)
    }

    /// Takes an action out with all that waits on top of it, and does all of it again.
    fn do_over(
        &mut self,
        operation: OperationId,
        actor: ActorId,
    ) -> Result<Withdrawal, StoreError> {
        self.documents.evict_all();
        let tx = begin(&mut self.db)?;
        let TakenBack {
            mut withdrawn,
            dependents,
            touched,
        } = take_back(&tx, &[operation], self.cursor)?;
        withdrawn.extend(dependents);
        let mut withdrawal = Hand {
            session: self.session.as_ref(),
            device: self.device.id,
            documents: &mut self.documents,
            fresh: &mut self.fresh,
            actor,
        }
        .do_again(&tx, &withdrawn, &missing_ground())?;
        tx.commit()?;
        withdrawal.touched = distinct(touched.into_iter().chain(withdrawal.touched));
        Ok(withdrawal)
    }

    /// Withdraws an action that the log has otherwise.
    pub(super) fn withdraw_quietly(
        &mut self,
        operation: OperationId,
    ) -> Result<Withdrawal, StoreError> {
        self.withdraw(&[operation], &missing_ground(), Seen::OfNoConcernHere)
    }

    pub(super) fn withdraw(
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
        let taken_back = take_back(&tx, operations, self.cursor)?;
        for action in &taken_back.withdrawn {
            actions::set_aside(&tx, action, reason, seen == Seen::OfNoConcernHere)?;
        }
        let mut withdrawal = Hand {
            session: self.session.as_ref(),
            device: self.device.id,
            documents: &mut self.documents,
            fresh: &mut self.fresh,
            actor,
        }
        .do_again(&tx, &taken_back.dependents, reason)?;
        tx.commit()?;
        withdrawal.touched = distinct(taken_back.touched.into_iter().chain(withdrawal.touched));
        Ok(withdrawal)
    }
}

/// Actions that are no longer in the documents.
pub(super) struct TakenBack {
    pub(super) withdrawn: Vec<Action>,
    /// What waits and was built on them.
    pub(super) dependents: Vec<Action>,
    pub(super) touched: Vec<DocumentRef>,
}

/// Takes actions out of the documents, with everything that is built on them and that the device
/// does not have from the log up to `cursor`.
pub(super) fn take_back(
    db: &Connection,
    operations: &[OperationId],
    cursor: Sequence,
) -> Result<TakenBack, StoreError> {
    let withdrawn = operations
        .iter()
        .map(|operation| actions::whole(db, *operation))
        .collect::<Result<Vec<_>, _>>()?;
    let found = dependents(db, &withdrawn, cursor)?;
    let taken_back = || found.iter().map(|(action, _)| action).chain(&withdrawn);
    for action in taken_back() {
        actions::delete(db, action.operation)?;
    }
    let changes = taken_back().flat_map(|action| &action.changes);
    let touched = distinct(changes.map(|change| change.document));
    for document in &touched {
        rebuild_document(db, *document)?;
    }
    let mut dependents = Vec::new();
    for (action, standing) in found {
        match standing {
            Standing::Waits => dependents.push(action),
            // The log brings it again.
            Standing::Accepted => {}
            Standing::Lost => actions::set_aside(db, &action, &missing_ground(), true)?,
        }
    }
    Ok(TakenBack {
        withdrawn,
        dependents,
        touched,
    })
}

/// The reason of what is built on something that is not there.
pub(super) fn missing_ground() -> Refusal {
    Refusal::Gate {
        reason: GateReason::MissingDependency,
    }
}

/// What doing actions again needs of the replica.
pub(super) struct Hand<'a> {
    pub(super) session: Option<&'a UserSession>,
    pub(super) device: DeviceId,
    pub(super) documents: &'a mut Documents,
    pub(super) fresh: &'a mut Fresh,
    /// Under which the signed-in person goes on: the sequences of the actors that the actions
    /// were written under have a hole now.
    pub(super) actor: ActorId,
}

impl Hand<'_> {
    /// Does actions again, each under an actor of its author; those that are not possible any
    /// more, or whose author has left, are kept with the reason. Only the signed-in person's are
    /// signed: others' wait until these are here again.
    pub(super) fn do_again(
        &mut self,
        db: &Connection,
        dependents: &[Action],
        reason: &Refusal,
    ) -> Result<Withdrawal, StoreError> {
        let mut withdrawal = Withdrawal::default();
        let people = records::people(db)?;
        let mut actors = HashMap::new();
        if let Some(session) = self.session {
            actors::insert(db, self.actor, session.me.id)?;
            actors.insert(session.me.id, self.actor);
        }
        for action in dependents {
            let known = people.iter().find(|person| person.id == action.author);
            if known.is_some_and(|person| person.left) {
                // Nobody would ever sign it.
                records::keep_refused(db, action, &Refusal::Quarantined)?;
                continue;
            }
            let (Some(person), Some(session)) = (known, self.session) else {
                actions::refuse(db, action, reason)?;
                continue;
            };
            let actor = match actors.entry(person.id) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(unknown) => {
                    let actor = ActorId((self.fresh)());
                    actors::insert(db, actor, person.id)?;
                    *unknown.insert(actor)
                }
            };
            let author = Author {
                hotel: session.hotel,
                user: person.id,
                role: person.role,
                actor,
                device: self.device,
            };
            let intent = Intent {
                operation: action.operation,
                at: action.at,
                command: &action.command,
            };
            match again(db, self.documents, author, intent) {
                Ok(documents) => {
                    withdrawal.touched.extend(documents);
                    withdrawal.done_again.push(action.operation);
                }
                Err(ActError::Refused(reason)) => records::keep_refused(db, action, &reason)?,
                Err(ActError::SignedOut) => actions::refuse(db, action, reason)?,
                Err(ActError::Store(error)) => return Err(error),
            }
        }
        if let Some(session) = self.session {
            proofs::give_all(db, session, self.device)?;
        }
        Ok(withdrawal)
    }
}

/// Whether somebody does not work here any more, by what the log tells of them.
pub(super) fn has_left(db: &Connection, person: UserId) -> Result<bool, StoreError> {
    let record = records::find(db, person.into())?;
    let person = record.and_then(|record| record.person());
    Ok(person.is_some_and(|person| person.left))
}

/// Does an action again inside a savepoint, so that a refusal leaves nothing behind.
fn again(
    db: &Connection,
    documents: &mut Documents,
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

/// Actions after the withdrawn ones that the device does not have from the log and that touch a
/// document which one of these, or of those, touched.
fn dependents(
    db: &Connection,
    withdrawn: &[Action],
    cursor: Sequence,
) -> Result<Vec<(Action, Standing)>, StoreError> {
    let mut first = ActionId(i64::MAX);
    let mut tainted = HashSet::new();
    for action in withdrawn {
        let id = actions::id_of(db, action.operation)?.ok_or(StoreError::Unreadable)?;
        first = first.min(id);
        tainted.extend(action.changes.iter().map(|change| change.document));
    }
    let mut found = Vec::new();
    for (operation, standing) in actions::unsettled_after(db, first, cursor)? {
        if withdrawn.iter().any(|action| action.operation == operation) {
            continue;
        }
        let action = actions::whole(db, operation)?;
        let mut documents = action.changes.iter().map(|change| change.document);
        if documents.any(|document| tainted.contains(&document)) {
            tainted.extend(action.changes.iter().map(|change| change.document));
            found.push((action, standing));
        }
    }
    Ok(found)
}
