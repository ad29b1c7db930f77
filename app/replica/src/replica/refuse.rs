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
        actions::{self},
        actors, places, records,
        refused::{self, Seen},
        settings::Setting,
        waiting::{self, Standing},
    },
};
use keyrack_model::{
    action::{Action, Sequence},
    ids::{ActorId, DeviceId, DocumentRef, OperationId, UserId},
    refusal::{GateReason, Refusal},
};
use rusqlite::Connection;
use std::collections::{HashMap, hash_map::Entry};

/// The last action that was here when something that the log had lost was given up: what was done
/// before may rest on that.
const GIVEN_UP_UNDER: Setting<i64> = Setting::named("given-up-under");

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
    /// Withdraws refused actions with all that waits on top of them, keeps each with its reason, and
    /// does the others again: once, however many were refused together.
    pub fn refuse(
        &mut self,
        refusals: &[(OperationId, Refusal)],
    ) -> Result<Withdrawal, StoreError> {
        let mut withdrawal = Withdrawal::default();
        let mut withdrawn: Vec<(OperationId, Refusal)> = Vec::new();
        for (operation, reason) in refusals {
            if !waiting::is_waiting(&self.db, *operation)? {
                refused::reword(&self.db, *operation, reason)?;
            } else if let Some(touched) = self.refuse_edit(*operation, reason)? {
                withdrawal.touched.extend(touched);
            } else if withdrawn.iter().all(|(other, _)| other != operation) {
                withdrawn.push((*operation, reason.clone()));
            }
        }
        if !withdrawn.is_empty() {
            withdrawal.extend(self.withdraw(&withdrawn, Seen::ByNobodyYet)?);
        }
        Ok(withdrawal)
    }

    /// Withdraws what the server lost when its log was brought back and what nobody has sent
    /// again since; what this device did on top of it is done again.
    pub(crate) fn give_up_lost(&mut self) -> Result<Withdrawal, StoreError> {
        LOST_AT.clear(&self.db)?;
        let lost: Vec<_> = places::lost(&self.db)?
            .into_iter()
            .map(|(_, operation)| (operation, missing_ground()))
            .collect();
        if lost.is_empty() {
            return Ok(Withdrawal::default());
        }
        GIVEN_UP_UNDER.set(&self.db, &actions::last(&self.db)?.0)?;
        self.withdraw(&lost, Seen::OfNoConcernHere)
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
            && waiting::is_waiting(&self.db, operation)?
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
            withdrawn,
            dependents,
            touched,
        } = take_back(&tx, &[operation], self.cursor)?;
        let ground = missing_ground();
        let dependents = dependents.iter().map(|dependent| &dependent.action);
        let again: Vec<Again<'_>> = withdrawn
            .iter()
            .chain(dependents)
            .map(|action| Again {
                action,
                otherwise: &ground,
            })
            .collect();
        let mut withdrawal = Hand {
            session: self.session.as_ref(),
            device: self.device.id,
            documents: &mut self.documents,
            fresh: &mut self.fresh,
            actor,
        }
        .do_again(&tx, &again)?;
        tx.commit()?;
        withdrawal.touched = distinct(touched.into_iter().chain(withdrawal.touched));
        Ok(withdrawal)
    }

    /// Withdraws an action that the log has otherwise.
    pub(super) fn withdraw_quietly(
        &mut self,
        operation: OperationId,
    ) -> Result<Withdrawal, StoreError> {
        self.withdraw(&[(operation, missing_ground())], Seen::OfNoConcernHere)
    }

    pub(super) fn withdraw(
        &mut self,
        refusals: &[(OperationId, Refusal)],
        seen: Seen,
    ) -> Result<Withdrawal, StoreError> {
        self.documents.evict_all();
        let actor = ActorId((self.fresh)());
        let withdrawn = self.withdraw_under(refusals, seen, actor);
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
        refusals: &[(OperationId, Refusal)],
        seen: Seen,
        actor: ActorId,
    ) -> Result<Withdrawal, StoreError> {
        let tx = begin(&mut self.db)?;
        let operations: Vec<OperationId> =
            refusals.iter().map(|(operation, _)| *operation).collect();
        let taken_back = take_back(&tx, &operations, self.cursor)?;
        for (action, (_, reason)) in taken_back.withdrawn.iter().zip(refusals) {
            refused::set_aside(&tx, action, reason, seen)?;
        }
        let again: Vec<Again<'_>> = taken_back
            .dependents
            .iter()
            .map(|Dependent { action, on }| Again {
                action,
                otherwise: &refusals[*on].1,
            })
            .collect();
        let mut withdrawal = Hand {
            session: self.session.as_ref(),
            device: self.device.id,
            documents: &mut self.documents,
            fresh: &mut self.fresh,
            actor,
        }
        .do_again(&tx, &again)?;
        tx.commit()?;
        withdrawal.touched = distinct(taken_back.touched.into_iter().chain(withdrawal.touched));
        Ok(withdrawal)
    }
}

/// Actions that are no longer in the documents.
pub(super) struct TakenBack {
    /// In the order in which they were named.
    pub(super) withdrawn: Vec<Action>,
    /// What waits and was built on them, in the order in which it was done.
    pub(super) dependents: Vec<Dependent>,
    pub(super) touched: Vec<DocumentRef>,
}

/// Something that waits and was built on what was taken back.
pub(super) struct Dependent {
    pub(super) action: Action,
    /// On which of the withdrawn, the earliest of them.
    on: usize,
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
    let built_on = || found.iter().map(|(dependent, _)| &dependent.action);
    let taken_back = || built_on().chain(&withdrawn);
    for action in taken_back() {
        actions::delete(db, action.operation)?;
    }
    let changes = taken_back().flat_map(|action| &action.changes);
    let touched = distinct(changes.map(|change| change.document));
    for document in &touched {
        rebuild_document(db, *document)?;
    }
    let mut dependents = Vec::new();
    for (dependent, standing) in found {
        match standing {
            Standing::Waits => dependents.push(dependent),
            // The log brings it again.
            Standing::Accepted => {}
            Standing::Lost => refused::set_aside(
                db,
                &dependent.action,
                &missing_ground(),
                Seen::OfNoConcernHere,
            )?,
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

/// An action that is to be done again.
pub(super) struct Again<'a> {
    pub(super) action: &'a Action,
    /// With which it is kept where there is nobody to do it again for.
    pub(super) otherwise: &'a Refusal,
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
        again_all: &[Again<'_>],
    ) -> Result<Withdrawal, StoreError> {
        let mut withdrawal = Withdrawal::default();
        let people = records::people(db)?;
        let mut actors = HashMap::new();
        if let Some(session) = self.session {
            actors::insert(db, self.actor, session.me.id)?;
            actors.insert(session.me.id, self.actor);
        }
        for Again { action, otherwise } in again_all {
            let known = people.iter().find(|person| person.id == action.author);
            if known.is_some_and(|person| person.left) {
                // Nobody would ever sign it.
                records::keep_refused(db, action, &Refusal::Quarantined)?;
                continue;
            }
            let (Some(person), Some(session)) = (known, self.session) else {
                refused::refuse(db, action, otherwise)?;
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
                Err(ActError::SignedOut) => refused::refuse(db, action, otherwise)?,
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

/// Actions after a withdrawn one that the device does not have from the log and that touch a
/// document which that one, or another such action, touched.
fn dependents(
    db: &Connection,
    withdrawn: &[Action],
    cursor: Sequence,
) -> Result<Vec<(Dependent, Standing)>, StoreError> {
    let mut places = Vec::with_capacity(withdrawn.len());
    for (index, action) in withdrawn.iter().enumerate() {
        let id = actions::id_of(db, action.operation)?.ok_or(StoreError::Unreadable)?;
        places.push((id, index));
    }
    places.sort_unstable();
    let Some((first, _)) = places.first().copied() else {
        return Ok(Vec::new());
    };
    let mut to_come = places.into_iter().peekable();
    let mut tainted: HashMap<DocumentRef, usize> = HashMap::new();
    let mut found = Vec::new();
    for (id, operation, standing) in waiting::unsettled_after(db, first, cursor)? {
        // Each taints what comes after it, and nothing that was done before.
        while let Some((_, index)) = to_come.next_if(|(place, _)| *place <= id) {
            taint(&mut tainted, &withdrawn[index], index);
        }
        if withdrawn.iter().any(|action| action.operation == operation) {
            continue;
        }
        let action = actions::whole(db, operation)?;
        let mut documents = action.changes.iter().map(|change| change.document);
        if let Some(on) = documents.find_map(|document| tainted.get(&document).copied()) {
            taint(&mut tainted, &action, on);
            found.push((Dependent { action, on }, standing));
        }
    }
    Ok(found)
}

fn taint(tainted: &mut HashMap<DocumentRef, usize>, action: &Action, by: usize) {
    for change in &action.changes {
        tainted.entry(change.document).or_insert(by);
    }
}
