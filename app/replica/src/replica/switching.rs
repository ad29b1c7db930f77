//! Sessions that people leave on a shared device and go on with by PIN.
//!
//! **Architecture Invariant**: a session that has a PIN is in no row of the store but sealed. A try is
//! counted before it is made, so that ending the process gives none back.

use super::{Replica, SESSION, UserSession, begin};
use crate::{
    error::StoreError,
    store::{
        records,
        vault::{self, Sealed},
    },
};
use keyrack_model::{
    ids::UserId,
    ipc::Face,
    pin::{MAX_TRIES, wait_millis, waits_until},
    rows::Person,
    time::Timestamp,
};

/// Why a PIN is not tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotTried {
    /// There is no session of this person.
    NotKept,
    Waits {
        millis: i64,
    },
}

/// The hotel's records say that somebody does not work there any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HasLeft;

impl Replica {
    /// Whose sessions wait for a PIN, by name.
    pub fn faces(&self) -> Result<Vec<Face>, StoreError> {
        let people = records::people(&self.db)?;
        let waiting = self.waiting_by_person()?;
        let mut faces = Vec::new();
        for kept in vault::all(&self.db)? {
            let told = people.iter().find(|person| person.id == kept.person.id);
            let person = told.unwrap_or(&kept.person);
            let of = waiting.iter().find(|of| of.user == person.id);
            if !person.left {
                faces.push(Face {
                    user: person.id,
                    name: person.name.clone(),
                    display: person.display.clone(),
                    role: person.role,
                    waiting: of.map_or(0, |of| of.actions),
                    unsigned: of.map_or(0, |of| of.unsigned),
                    confirmed_at: kept.confirmed_at,
                    waits_until: waits_until(kept.tries, kept.tried_at),
                });
            }
        }
        faces.sort_by(|one, other| one.display.cmp(&other.display));
        Ok(faces)
    }

    /// Whether whoever is signed in goes on by PIN after [`Self::lock`].
    pub fn has_pin(&self) -> bool {
        self.is_sealed
    }

    /// Keeps the present session under its person's PIN from here on, in the place of what was
    /// kept; nothing else of it stays in the store.
    pub fn seal(&mut self, sealed: &Sealed) -> Result<(), StoreError> {
        let Some(session) = &self.session else {
            return Ok(());
        };
        let tx = begin(&mut self.db)?;
        vault::put(&tx, &session.me, sealed)?;
        SESSION.clear(&tx)?;
        tx.commit()?;
        self.is_sealed = true;
        Ok(())
    }

    /// Keeps what has become of a session that was left, unless its person has gone on or has no
    /// PIN any more.
    pub fn seal_for(&mut self, session: &UserSession, sealed: &Sealed) -> Result<(), StoreError> {
        let is_here = self
            .session
            .as_ref()
            .is_some_and(|here| here.me.id == session.me.id);
        let tx = begin(&mut self.db)?;
        // With another PIN there is a later one.
        let kept = vault::find(&tx, session.me.id)?;
        if !is_here && kept.is_some_and(|kept| kept.sealed.salt == sealed.salt) {
            vault::note(&tx, session.me.id, |kept| kept.sealed = sealed.clone())?;
        }
        tx.commit()?;
        Ok(())
    }

    /// Nobody goes on by PIN any more.
    pub fn forget_pins(&mut self) -> Result<(), StoreError> {
        vault::put_all(&self.db, &Vec::new())
    }

    /// Leaves the device to the next person. False when nobody is here, or somebody without a PIN,
    /// who stays.
    pub fn lock(&mut self, confirmed_at: Option<Timestamp>) -> Result<bool, StoreError> {
        let Some(session) = self.session.as_ref().filter(|_| self.is_sealed) else {
            return Ok(false);
        };
        if let Some(at) = confirmed_at {
            vault::note(&self.db, session.me.id, |kept| {
                kept.confirmed_at = Some(at);
            })?;
        }
        self.session = None;
        self.is_sealed = false;
        Ok(true)
    }

    /// What a PIN is tried on; the try counts as a wrong one until [`Self::unlock`].
    pub fn begin_try(
        &mut self,
        person: UserId,
        now: Timestamp,
    ) -> Result<Result<Sealed, NotTried>, StoreError> {
        let tx = begin(&mut self.db)?;
        let Some(kept) = vault::find(&tx, person)? else {
            return Ok(Err(NotTried::NotKept));
        };
        let millis = wait_millis(kept.tries, kept.tried_at, now);
        if millis > 0 {
            // By a clock that was set back the whole wait begins now.
            if now < kept.tried_at {
                vault::note(&tx, person, |kept| kept.tried_at = now)?;
                tx.commit()?;
            }
            return Ok(Err(NotTried::Waits { millis }));
        }
        vault::note(&tx, person, |kept| {
            kept.tries += 1;
            kept.tried_at = now;
        })?;
        tx.commit()?;
        Ok(Ok(kept.sealed))
    }

    /// A PIN was wrong. Returns how many tries are left; with the last one the session is gone from
    /// this device, and nothing else.
    pub fn fail_try(&mut self, person: UserId) -> Result<u32, StoreError> {
        let tries = vault::find(&self.db, person)?.map_or(MAX_TRIES, |kept| kept.tries);
        if tries >= MAX_TRIES {
            vault::remove(&self.db, person)?;
        }
        Ok(MAX_TRIES.saturating_sub(tries))
    }

    /// A PIN was right, of somebody who is here already.
    pub fn succeed_try(&mut self, person: UserId) -> Result<(), StoreError> {
        vault::note(&self.db, person, |kept| kept.tries = 0)
    }

    /// Goes on with a session that was kept, as the person that the hotel's records tell of by now.
    /// With somebody who has left, the session goes.
    pub fn unlock(&mut self, session: UserSession) -> Result<Result<(), HasLeft>, StoreError> {
        let user = session.me.id;
        let record = records::find(&self.db, user.into())?;
        let me = record.and_then(|record| record.person());
        let me: Person = me.unwrap_or_else(|| session.me.clone());
        if me.left {
            vault::remove(&self.db, user)?;
            return Ok(Err(HasLeft));
        }
        let session = UserSession { me, ..session };
        self.write_as(session, |tx, _| {
            vault::note(tx, user, |kept| kept.tries = 0)
        })?;
        self.is_sealed = true;
        Ok(Ok(()))
    }
}
