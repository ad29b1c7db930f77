//! A log that was brought back to an older state: this device sends again what it had there.
//!
//! **Architecture Invariant**: what others had in the log stays in the documents until the log
//! has it again, or nobody is expected to send it any more. What this device did is here, with its
//! changes or by its command alone, as long as a log that has it may be brought back behind it.

use super::{
    CURSOR, EPOCH, LAST_PLACE, LOST_AT, Replica, begin,
    rescue::RESCUED,
    working_set::{ask_for_records, forget_all, is_handed_out, overhangs, records_overhang},
};
use crate::{
    error::StoreError,
    store::{
        actions::{self, ActionId},
        actors, changes, done_here, lines, places, records,
        settings::Setting,
        waiting,
    },
};
use keyrack_document::{ChangeHeader, DocumentError};
use keyrack_model::{
    action::{Action, Sequence},
    ids::{ActorId, DeviceId, LogEpoch},
    limits,
    time::Timestamp,
};
use rusqlite::Connection;

/// The epoch in which the log had what was done here before this device began anew, until the
/// log was asked once more.
const DONE_UNDER: Setting<LogEpoch> = Setting::named("done-under");

impl Replica {
    /// Of which epoch of the log this device has something.
    pub(crate) fn known_epoch(&self) -> Result<Option<LogEpoch>, StoreError> {
        match DONE_UNDER.get(&self.db)? {
            Some(epoch) => Ok(Some(epoch)),
            None => self.epoch(),
        }
    }

    /// Takes note of the log's epoch, and of the entry after which the log has to be read again.
    /// True when that is before what this device has. The cursor may be before it then: where the
    /// log ends before something that the server handed out, this device begins anew.
    pub(crate) fn adopt(
        &mut self,
        epoch: LogEpoch,
        after: Sequence,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let is_known = self.epoch()? == Some(epoch);
        let was_done_under = DONE_UNDER.get(&self.db)?;
        if is_known && was_done_under.is_some() {
            // The documents are of this epoch already.
            let tx = begin(&mut self.db)?;
            lose_done_after(&tx, after)?;
            DONE_UNDER.clear(&tx)?;
            tx.commit()?;
            return Ok(false);
        }
        if is_known && after >= self.cursor {
            return Ok(false);
        }
        let last = after;
        let mut after = after;
        let device = self.device.id;
        let is_overhung = overhangs(&self.db, after)?;
        // What was written under the present one is not here any more, and others may have it.
        let actor = is_overhung.then(|| ActorId((self.fresh)()));
        let tx = begin(&mut self.db)?;
        // Also what was accepted and had not been delivered yet has no place any more.
        places::lose_places_after(&tx, after, device)?;
        register_actors_of_waiting(&tx)?;
        if LAST_PLACE
            .get(&tx)?
            .is_some_and(|place| place.sequence > after)
        {
            LAST_PLACE.clear(&tx)?;
        }
        lose_done_after(&tx, after)?;
        records::note_brought_back(&tx)?;
        DONE_UNDER.clear(&tx)?;
        EPOCH.set(&tx, &epoch)?;
        // A device that was about to read all of the log again has more of it than its cursor tells.
        // Of a record only one version is here: an earlier one is read again.
        let has_dropped = records::drop_after(&tx, after)?;
        if is_handed_out(&tx)? {
            // Of pages of two logs one may lack a version that in the other stands before it.
            if has_dropped || records_overhang(&tx, after)? {
                ask_for_records(&tx, after)?;
            }
        } else if has_dropped {
            after = Sequence::default();
        }
        let is_behind = after < self.cursor;
        if is_behind {
            CURSOR.set(&tx, &after)?;
        }
        if is_behind || !places::lost(&tx)?.is_empty() {
            LOST_AT.set(&tx, &now)?;
        }
        if is_overhung {
            begin_anew(&tx, device, last)?;
            if done_here::any(&tx)? {
                DONE_UNDER.set(&tx, &epoch)?;
            }
            after = Sequence::default();
            if let (Some(actor), Some(session)) = (actor, &self.session) {
                actors::insert(&tx, actor, session.me.id)?;
            }
        } else {
            lines::drop_after(&tx, last)?;
        }
        tx.commit()?;
        if is_behind || is_overhung {
            self.cursor = after;
            tracing::warn!(after = after.0, "the server's log was brought back");
        }
        if let Some(actor) = actor {
            self.actor = actor;
            self.documents.evict_all();
        }
        Ok(is_behind || is_overhung)
    }

    /// Whether nobody is expected any more to send what the log lost.
    pub(crate) fn lost_for_good(&self, now: Timestamp) -> Result<bool, StoreError> {
        Ok(LOST_AT
            .get(&self.db)?
            .is_some_and(|since| now.millis_since(since) > limits::RECOVERY_MILLIS))
    }
}

/// Whoever wrote what waits again must be known to the server again.
fn register_actors_of_waiting(db: &Connection) -> Result<(), StoreError> {
    for (id, operation) in waiting::after(db, ActionId::default(), usize::MAX)? {
        let action = actions::find(db, operation)?.ok_or(StoreError::Unreadable)?;
        for change in changes::of_action(db, id)? {
            let (header, _) = ChangeHeader::parse(&change.bytes).map_err(DocumentError::from)?;
            actors::insert(db, header.actor, action.author)?;
        }
    }
    Ok(())
}

/// Forgets all that the server has, and keeps what it does not have yet to be done again: the
/// log was brought back to an entry before something that was handed out, where nothing tells what
/// of it is still true.
fn begin_anew(db: &Connection, own: DeviceId, last: Sequence) -> Result<(), StoreError> {
    let mut lost = Vec::new();
    let told = lines::of_device(db, own)?.into_iter();
    for done in told.chain(places::placed_of(db, own)?) {
        if done.sequence <= last {
            done_here::put(db, &done)?;
        } else if actions::id_of(db, done.action.operation)?.is_none() {
            // It has it in documents only: it was done before this device began with them.
            lost.push(done.action);
        }
    }
    rescue_before(db, lost)?;
    let mut rescued = RESCUED.get(db)?.unwrap_or_default();
    for (_, operation) in waiting::after(db, ActionId::default(), usize::MAX)? {
        rescued.push(actions::whole(db, operation)?);
    }
    RESCUED.set(db, &rescued)?;
    forget_all(db)
}

/// What was done here and the log had after an entry is done again, unless the log turns out to
/// have it.
fn lose_done_after(db: &Connection, last: Sequence) -> Result<(), StoreError> {
    let lost = done_here::take_after(db, last)?;
    rescue_before(db, lost)
}

/// Has something done again before what is to be done again already.
fn rescue_before(db: &Connection, mut lost: Vec<Action>) -> Result<(), StoreError> {
    if lost.is_empty() {
        return Ok(());
    }
    let rescued = RESCUED.get(db)?.unwrap_or_default();
    lost.retain(|action| rescued.iter().all(|it| it.operation != action.operation));
    lost.extend(rescued);
    RESCUED.set(db, &lost)
}
