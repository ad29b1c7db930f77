//! That people did what this device says they did: each action is signed with the key of its author's
//! session, when it is done or as soon as its author is here again.
//!
//! **Architecture Invariant**: nothing of somebody else is sent without their signature, and nothing
//! that rests on what is not sent yet; nothing waits for somebody who cannot come back.

use super::{Replica, UserSession, Withdrawal, records, refuse::has_left};
use crate::{
    error::StoreError,
    store::{
        actions::{self, ActionId},
        changes, encode, records as records_of_log,
        refused::Seen,
        signatures, waiting,
    },
};
use keyrack_model::{
    command::Command,
    ids::{DeviceId, DocumentRef, HotelId, OperationId, UserId},
    invariants::references,
    proof::statement,
    refusal::Refusal,
};
use rusqlite::Connection;
use std::collections::{BTreeSet, HashMap};

impl Replica {
    /// Whose signature something that waits lacks, beside whoever is signed in. It is sent once they
    /// have signed in here.
    pub fn awaited(&self) -> Result<Vec<UserId>, StoreError> {
        let unproven = self.unproven_of_others()?;
        let authors: BTreeSet<UserId> = unproven.iter().map(|it| it.author).collect();
        Ok(authors.into_iter().collect())
    }

    /// What waits and cannot be sent by whoever is signed in: what others did and have not signed, and
    /// what rests on that. Each with whose signature it waits for.
    pub(crate) fn held_back(&self) -> Result<HashMap<OperationId, UserId>, StoreError> {
        let unproven = self.unproven_of_others()?;
        let Some(first) = unproven.first() else {
            return Ok(HashMap::new());
        };
        let mut held: HashMap<OperationId, UserId> = unproven
            .iter()
            .map(|it| (it.operation, it.author))
            .collect();
        let mut ground: HashMap<DocumentRef, UserId> = HashMap::new();
        let before = ActionId(first.id.0 - 1);
        for (id, operation) in waiting::after(&self.db, before, usize::MAX)? {
            let command = actions::find(&self.db, operation)?
                .ok_or(StoreError::Unreadable)?
                .command;
            let mut written = changes::documents_of(&self.db, id)?;
            written.extend(command.record().and_then(records::document));
            let read = self.read_by(&command);
            let mut rests_on = written.iter().chain(&read);
            let awaited = held
                .get(&operation)
                .or_else(|| rests_on.find_map(|on| ground.get(on)))
                .copied();
            if let Some(awaited) = awaited {
                held.insert(operation, awaited);
                ground.extend(written.into_iter().map(|document| (document, awaited)));
            }
        }
        Ok(held)
    }

    /// The server does not take a signature for its author's: it was restored from a backup and has
    /// lost the sign-in that showed it the key. The action waits until its author signs in here again.
    /// False for what waits no more, is the signed-in person's own, or is of somebody who has left.
    pub(crate) fn await_author(&self, operation: OperationId) -> Result<bool, StoreError> {
        let me = self.session.as_ref().map(|session| session.me.id);
        if !waiting::is_waiting(&self.db, operation)? {
            return Ok(false);
        }
        let action = actions::find(&self.db, operation)?.ok_or(StoreError::Unreadable)?;
        if Some(action.author) == me || has_left(&self.db, action.author)? {
            return Ok(false);
        }
        signatures::forget_proof(&self.db, operation)?;
        Ok(true)
    }

    /// Withdraws what waits for the signature of somebody who never signs in again. None when there is
    /// no such thing. Only on a device that has all of the log.
    pub(crate) fn withdraw_what_nobody_signs(&mut self) -> Result<Option<Withdrawal>, StoreError> {
        if self.session.is_none() {
            return Ok(None);
        }
        let mut withdrawal = None;
        let mut theirs: Vec<(OperationId, Refusal)> = Vec::new();
        for unproven in self.unproven_of_others()? {
            let Some(reason) = self.why_gone(unproven.author)? else {
                continue;
            };
            match self.refuse_edit(unproven.operation, &reason)? {
                Some(touched) => {
                    let withdrawal = withdrawal.get_or_insert_with(Withdrawal::default);
                    withdrawal.touched.extend(touched);
                }
                None => theirs.push((unproven.operation, reason)),
            }
        }
        if !theirs.is_empty() {
            let withdrawn = self.withdraw(&theirs, Seen::ByNobodyYet)?;
            withdrawal.get_or_insert_default().extend(withdrawn);
        }
        Ok(withdrawal)
    }

    /// Why somebody never signs in here again; None when they may.
    fn why_gone(&self, author: UserId) -> Result<Option<Refusal>, StoreError> {
        let known = |user: UserId| {
            let record = records_of_log::find(&self.db, user.into())?;
            Ok::<_, StoreError>(record.and_then(|record| record.person()))
        };
        match known(author)? {
            Some(person) => Ok(person.left.then_some(Refusal::Quarantined)),
            None => {
                // The server was brought back to before they were taken on: whoever takes them on
                // again gives them another id. It is so only where the hotel's people are known.
                let me = self.session.as_ref().map(|session| session.me.id);
                let knows_people = me.map(known).transpose()?.flatten().is_some();
                Ok(knows_people.then_some(Refusal::AuthorUnknown))
            }
        }
    }

    pub(super) fn unproven_of_others(&self) -> Result<Vec<signatures::Unproven>, StoreError> {
        let me = self.session.as_ref().map(|session| session.me.id);
        let mut unproven = signatures::unproven(&self.db)?;
        unproven.retain(|it| Some(it.author) != me);
        Ok(unproven)
    }

    /// What the server looks at to judge a command, beside what that writes.
    fn read_by(&self, command: &Command) -> Vec<DocumentRef> {
        let mut read = references(command);
        // The business date is the hotel's.
        if matches!(
            command.asked(),
            Command::CheckIn { .. } | Command::CheckOut { .. }
        ) {
            let hotel: Option<HotelId> = self.session.as_ref().map(|session| session.hotel);
            read.extend(hotel.map(DocumentRef::from));
        }
        read
    }
}

/// Signs an action that the person of the session has just done. A session that an earlier version
/// began has no key: their own work is sent while they are signed in.
pub(super) fn give(
    db: &Connection,
    session: &UserSession,
    device: DeviceId,
    operation: OperationId,
) -> Result<(), StoreError> {
    let Some(key) = &session.key else {
        return Ok(());
    };
    let action = actions::whole(db, operation)?;
    let stated = statement(session.hotel, device, &encode(&action));
    signatures::prove(db, operation, key.sign(&stated))
}

/// Signs whatever waits of the person of the session and is not signed.
pub(super) fn give_all(
    db: &Connection,
    session: &UserSession,
    device: DeviceId,
) -> Result<(), StoreError> {
    for unproven in signatures::unproven(db)? {
        if unproven.author == session.me.id {
            give(db, session, device, unproven.operation)?;
        }
    }
    Ok(())
}
