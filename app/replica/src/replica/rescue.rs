//! From a damaged store into another one: who this device is, and what was not sent yet. All the
//! rest comes from the server again.
//!
//! **Architecture Invariant**: what was rescued is done again only on what the server has, and
//! under its own operation id: whatever of it had arrived before is not done twice.

use super::{
    DEVICE, LAST_SIGN_IN, LastSignIn, NewDevice, ORIGIN, Replica, SESSION, UserSession, Withdrawal,
    begin,
    refuse::{Again, Hand, missing_ground},
};
use crate::{
    error::StoreError,
    store::{
        self, StoreKey, actions, damaged::Damaged, lines, records, refused, settings::Setting,
        vault,
    },
};
use keyrack_model::{
    action::Action,
    ids::{ActorId, HotelOrigin},
    ipc::{Damage, RefusedAction},
    time::Timestamp,
};
use std::path::Path;

/// What was not sent when the store was damaged, oldest first, until it is done again.
pub(super) const RESCUED: Setting<Vec<Action>> = Setting::named("rescued");
const DAMAGE: Setting<Damage> = Setting::named("damage");

/// What could still be read of a damaged store.
pub struct Rescued {
    device: Option<NewDevice>,
    session: Option<UserSession>,
    last_sign_in: Option<LastSignIn>,
    origin: Option<HotelOrigin>,
    vault: Vec<vault::Kept>,
    waiting: Vec<Action>,
    refused: Vec<RefusedAction>,
}

impl Rescued {
    /// Reads a file that does not open as a store; it stays as it is.
    ///
    /// # Errors
    /// `WrongKeyOrCorrupt` when nothing of it can be read with this key.
    pub fn read(path: &Path, key: &StoreKey) -> Result<Self, StoreError> {
        let file = Damaged { path, key };
        file.ask(|_| Ok(()))?;
        // Each on its own: one may lie on a damaged page.
        let earlier = file.ask(|db| RESCUED.get(db)).unwrap_or_default();
        Ok(Self {
            device: file.ask(|db| DEVICE.get(db)).unwrap_or_default(),
            session: file.ask(|db| SESSION.get(db)).unwrap_or_default(),
            last_sign_in: file.ask(|db| LAST_SIGN_IN.get(db)).unwrap_or_default(),
            origin: file.ask(|db| ORIGIN.get(db)).unwrap_or_default(),
            vault: file.ask(vault::all).unwrap_or_default(),
            waiting: [earlier.unwrap_or_default(), file.waiting()].concat(),
            refused: file.refused(),
        })
    }

    /// How many actions had not been sent.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Makes the store at `path` of it, which is not there yet; closed again when this returns.
    ///
    /// # Errors
    /// What the disk says.
    pub fn keep(
        self,
        path: &Path,
        key: &StoreKey,
        new_device: NewDevice,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut db = store::open(path, key)?;
        let tx = begin(&mut db)?;
        DEVICE.set(&tx, &self.device.unwrap_or(new_device))?;
        if let Some(session) = &self.session {
            SESSION.set(&tx, session)?;
        }
        if let Some(last) = &self.last_sign_in {
            LAST_SIGN_IN.set(&tx, last)?;
        }
        if let Some(origin) = &self.origin {
            ORIGIN.set(&tx, origin)?;
        }
        vault::put_all(&tx, &self.vault)?;
        for action in &self.refused {
            refused::refuse_again(&tx, action)?;
        }
        DAMAGE.set(
            &tx,
            &Damage {
                found_at: now,
                rescued: self.waiting.len(),
            },
        )?;
        RESCUED.set(&tx, &self.waiting)?;
        tx.commit()?;
        db.close().map_err(|(_, error)| error.into())
    }
}

impl Replica {
    /// That this store stands in for a damaged one, until somebody has read it.
    pub fn damage(&self) -> Result<Option<Damage>, StoreError> {
        DAMAGE.get(&self.db)
    }

    /// Somebody has read that the store was damaged.
    pub fn dismiss_damage(&mut self) -> Result<(), StoreError> {
        DAMAGE.clear(&self.db)
    }

    /// What was rescued and is not done again yet.
    pub(super) fn rescued(&self) -> Result<Vec<Action>, StoreError> {
        Ok(RESCUED.get(&self.db)?.unwrap_or_default())
    }

    /// Does again what was rescued, on what the server has by now. None when there is nothing.
    pub(crate) fn do_rescued_again(&mut self) -> Result<Option<Withdrawal>, StoreError> {
        let rescued = self.rescued()?;
        if rescued.is_empty() || self.session.is_none() {
            return Ok(None);
        }
        let actor = ActorId((self.fresh)());
        let done = self.do_again_as(&rescued, actor);
        if done.is_err() {
            self.documents.evict_all();
        } else {
            self.actor = actor;
        }
        done.map(Some)
    }

    fn do_again_as(
        &mut self,
        rescued: &[Action],
        actor: ActorId,
    ) -> Result<Withdrawal, StoreError> {
        let tx = begin(&mut self.db)?;
        let ground = missing_ground();
        let (mut missing, mut asked) = (Vec::new(), Vec::new());
        for action in rescued {
            // It may have been sent, and the page that said so was lost.
            let operation = action.operation;
            let is_told = lines::of_operation(&tx, operation)?.is_some();
            if is_told || actions::id_of(&tx, operation)?.is_some() {
                continue;
            }
            match action.command.record() {
                // A record does not tell which edits are in it: the server does.
                Some(record) => {
                    records::wait_again(&tx, action, self.device.id, record)?;
                    asked.push(operation);
                }
                None => missing.push(Again {
                    action,
                    otherwise: &ground,
                }),
            }
        }
        let mut withdrawal = Hand {
            session: self.session.as_ref(),
            device: self.device.id,
            documents: &mut self.documents,
            fresh: &mut self.fresh,
            actor,
        }
        .do_again(&tx, &missing)?;
        RESCUED.clear(&tx)?;
        tx.commit()?;
        withdrawal.done_again.extend(asked);
        Ok(withdrawal)
    }
}
