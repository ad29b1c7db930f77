//! A log that was brought back to an older state: this device sends again what it had there.
//!
//! **Architecture Invariant**: what others had in the log stays in the documents until the log
//! has it again, or nobody is expected to send it any more.

use super::{
    CURSOR, EPOCH, LAST_RECORD, LOST_AT, Replica, begin,
    working_set::{ask_for_records, begin_anew, is_handed_out, overhangs},
};
use crate::{
    error::StoreError,
    store::{
        actions::{self, ActionId},
        actors, changes, lines, records,
    },
};
use keyrack_document::{ChangeHeader, DocumentError};
use keyrack_model::{
    action::Sequence,
    ids::{ActorId, LogEpoch},
    limits,
    time::Timestamp,
};
use rusqlite::Connection;

impl Replica {
    /// Takes note of the log's epoch, and of the entry after which the log has to be read again.
    /// True when that is before what this device has. The cursor may be before it then: where the
    /// log ends before something that the server handed out, this device begins anew.
    pub(crate) fn adopt(
        &mut self,
        epoch: LogEpoch,
        after: Sequence,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if after >= self.cursor && self.epoch()? == Some(epoch) {
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
        actions::lose_places_after(&tx, after, device)?;
        register_actors_of_waiting(&tx)?;
        if LAST_RECORD
            .get(&tx)?
            .is_some_and(|place| place.sequence > after)
        {
            LAST_RECORD.clear(&tx)?;
        }
        EPOCH.set(&tx, &epoch)?;
        // A device that was about to read all of the log again has more of it than its cursor tells.
        // Of a record only one version is here: an earlier one is read again.
        if records::drop_after(&tx, after)? {
            if is_handed_out(&tx)? {
                ask_for_records(&tx, after)?;
            } else {
                after = Sequence::default();
            }
        }
        let is_behind = after < self.cursor;
        if is_behind {
            CURSOR.set(&tx, &after)?;
        }
        if is_behind || !actions::lost(&tx)?.is_empty() {
            LOST_AT.set(&tx, &now)?;
        }
        if is_overhung {
            begin_anew(&tx, device, last)?;
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
    for (id, operation) in actions::waiting_after(db, ActionId::default(), usize::MAX)? {
        let action = actions::find(db, operation)?.ok_or(StoreError::Unreadable)?;
        for change in changes::of_action(db, id)? {
            let (header, _) = ChangeHeader::parse(&change.bytes).map_err(DocumentError::from)?;
            actors::insert(db, header.actor, action.author)?;
        }
    }
    Ok(())
}
