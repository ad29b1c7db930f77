//! What the server says to a device, frame by frame.
//!
//! **Architecture Invariant**: a frame that does not fit what this device has ends the connection;
//! nothing of it is kept.

use super::{
    Effect, Form, SyncSession, later,
    phase::{Live, Phase},
    registrations,
    turned_away::problem_of,
};
use crate::{
    error::StoreError,
    replica::{Received, Replica},
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    class::Class,
    ids::{DocumentRef, LogEpoch, StayId},
    ipc::Problem,
    limits,
    record::{RecordKind, RecordRef},
    time::Timestamp,
    wire::{ErrorBody, ErrorCode, ServerFrame},
};

impl SyncSession {
    pub(super) fn receive(
        &mut self,
        replica: &mut Replica,
        now: Timestamp,
        bytes: &[u8],
        effects: &mut Vec<Effect>,
    ) -> Result<(), StoreError> {
        self.hear(replica, now, bytes, effects)?;
        self.note_grant(replica, now);
        Ok(())
    }

    fn hear(
        &mut self,
        replica: &mut Replica,
        now: Timestamp,
        bytes: &[u8],
        effects: &mut Vec<Effect>,
    ) -> Result<(), StoreError> {
        if let Phase::Live(live) = &mut self.phase {
            live.heard_at = now;
        }
        let Ok(frame) = ciborium::from_reader::<ServerFrame, _>(bytes) else {
            tracing::warn!(bytes = bytes.len(), "a frame that does not decode");
            self.confused(now, effects);
            return Ok(());
        };
        match frame {
            ServerFrame::Welcome {
                protocol,
                epoch,
                head,
                after,
                classes,
                server_time: _,
                grant_millis,
            } => {
                let log = (epoch, head, after);
                self.welcomed(replica, now, protocol, log, &classes, effects)?;
                if let Phase::Live(live) = &mut self.phase {
                    live.grant_millis = grant_millis;
                }
                Ok(())
            }
            ServerFrame::Deliver { entries } => self.told(replica, now, &entries, effects),
            ServerFrame::Stored { first, received_at } => {
                match self.stored(replica, now, (first, received_at), effects) {
                    Err(StoreError::Gap) => {
                        tracing::error!("an answer that fits no push");
                        self.confused(now, effects);
                        Ok(())
                    }
                    done => done,
                }
            }
            ServerFrame::Verdicts { verdicts } => {
                self.judge(replica, now, verdicts, effects)?;
                self.note_if_synced(replica, now)?;
                self.push(replica, now, effects)
            }
            ServerFrame::Refuse(body) => self.refused(replica, now, &body, effects),
            ServerFrame::GoAway { retry_after_millis } => {
                effects.push(Effect::Close);
                self.phase = Phase::Offline {
                    since: now,
                    reason: None,
                    retry_at: later(now, i64::from(retry_after_millis)),
                };
                Ok(())
            }
            ServerFrame::Pong => self.note_if_synced(replica, now),
            ServerFrame::AuditHead(head) => replica.hear_audit_head(head, now),
        }
    }

    /// The server has greeted: the log's epoch, where it ends, and after which entry it is told.
    fn welcomed(
        &mut self,
        replica: &mut Replica,
        now: Timestamp,
        protocol: u16,
        (epoch, head, after): (LogEpoch, Sequence, Sequence),
        classes: &[Class],
        effects: &mut Vec<Effect>,
    ) -> Result<(), StoreError> {
        self.fetching.is_another_log = false;
        let was_lost = replica.adopt(epoch, after, now)?;
        if was_lost {
            self.fetching.let_go_of_early(now);
        }
        let lacks = replica.cursor() > Sequence::default() && replica.lacks(classes)?;
        if lacks {
            replica.read_anew()?;
        }
        let was_dropped = replica.keep_classes(classes, now)?;
        if was_lost || was_dropped {
            effects.push(Effect::AllRows);
        }
        if was_dropped {
            effects.push(Effect::People);
        }
        if lacks || replica.cursor() < after || self.fetching.holds_back(replica)? {
            // More has to be read again than the server is about to tell.
            self.come_back(now, effects);
            return Ok(());
        }
        let mut live = Live::begun(protocol, head, now);
        live.reads_nothing = classes.is_empty();
        self.phase = Phase::Live(live);
        if let Some(token) = self.unshown.take() {
            self.renewed(token, effects);
        }
        let actors = replica.actors_in_use()?;
        let said = actors.len().min(limits::MAX_HELLO_ACTORS);
        effects.extend(registrations(&actors[said..]));
        if replica.cursor() >= head {
            self.backoff.reset();
        }
        // Its person's record may have come by itself, before the log could be followed.
        self.tell_records(replica, &[], effects)?;
        self.note_if_synced(replica, now)?;
        self.push(replica, now, effects)
    }

    /// The server tells what the log has.
    fn told(
        &mut self,
        replica: &mut Replica,
        now: Timestamp,
        entries: &[LogEntry],
        effects: &mut Vec<Effect>,
    ) -> Result<(), StoreError> {
        let date = replica.hotel()?.business_date;
        let first = replica.cursor() == Sequence::default();
        let received = match &mut self.phase {
            Phase::Live(live) => replica.receive_around(entries, &mut live.left_out, now),
            Phase::Offline { .. } | Phase::Connecting { .. } | Phase::Greeting { .. } => {
                replica.receive(entries, now)
            }
        };
        let Received {
            touched,
            overtaken,
            records,
        } = match received {
            Ok(received) => received,
            Err(StoreError::Gap | StoreError::TooManyChanges | StoreError::Document(_)) => {
                tracing::error!("a delivery that does not fit the replica");
                self.confused(now, effects);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        // Not at the Welcome: a device that cannot take anything in must not come back
        // at once, again and again.
        self.backoff.reset();
        if let Phase::Live(live) = &mut self.phase {
            live.head = live.head.max(replica.cursor());
        }
        let is_overtaken = overtaken.is_some();
        if let (Phase::Live(live), Some(withdrawal)) = (&mut self.phase, overtaken) {
            if !live.in_flight.is_empty() {
                live.superseded.extend(withdrawal.done_again);
            }
            effects.extend(registrations(&replica.actors_in_use()?));
        }
        if first || is_overtaken || replica.hotel()?.business_date != date {
            effects.push(Effect::AllRows);
        } else if !touched.is_empty() {
            effects.push(Effect::Rows(touched));
        }
        self.tell_records(replica, &records, effects)?;
        self.note_if_synced(replica, now)?;
        self.push(replica, now, effects)
    }

    /// The server turns the device away.
    fn refused(
        &mut self,
        replica: &mut Replica,
        now: Timestamp,
        body: &ErrorBody,
        effects: &mut Vec<Effect>,
    ) -> Result<(), StoreError> {
        if body.code == ErrorCode::MustRefetch && replica.cursor() > Sequence::default() {
            if self.fetching.offered && replica.is_beginning()? {
                // What it lacks was asked for and is not to be had.
                effects.push(Effect::Close);
                self.offline(now, Some(Problem::ServerBusy));
                return Ok(());
            }
            replica.read_anew()?;
            self.come_back(now, effects);
            return Ok(());
        }
        let problem = problem_of(body.code);
        if problem == Problem::ServerConfused {
            self.form = Form::Plain;
        }
        self.fetching.is_another_log = body.code == ErrorCode::EpochChanged;
        if body.code == ErrorCode::SignedOut {
            self.signed_out(replica, now, effects);
            return Ok(());
        }
        effects.push(Effect::Close);
        self.offline(now, Some(problem));
        Ok(())
    }

    /// The token opens nothing any more. Where the session may go on with another one, a person is
    /// told nothing yet.
    pub(super) fn signed_out(
        &mut self,
        replica: &Replica,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        effects.push(Effect::SignedOut(Problem::SignedOut));
        effects.push(Effect::Close);
        let may_go_on = replica
            .session()
            .is_some_and(|session| session.renewal.is_some());
        self.offline(now, (!may_go_on).then_some(Problem::SignedOut));
    }

    /// Tells what changed in records, and follows the signed-in person's own.
    pub(super) fn tell_records(
        &self,
        replica: &mut Replica,
        records: &[RecordRef],
        effects: &mut Vec<Effect>,
    ) -> Result<(), StoreError> {
        let has_all_of_then = match &self.phase {
            Phase::Live(live) => replica.cursor() >= live.head_at_greeting,
            Phase::Offline { .. } | Phase::Connecting { .. } | Phase::Greeting { .. } => false,
        };
        let follows = has_all_of_then && replica.follow_own_record()?;
        // What of all that waits here may be shown is for this device's own record to say.
        let is_of_this_device = records.contains(&replica.device().id.into());
        if follows || is_of_this_device {
            effects.push(Effect::AllRows);
        }
        let is_shown_by_name =
            |record: &RecordRef| matches!(record.kind, RecordKind::Person | RecordKind::Device);
        if follows || records.iter().any(is_shown_by_name) {
            effects.push(Effect::People);
        }
        let guests = records.iter().filter(|it| it.kind == RecordKind::Guest);
        let stays: Vec<DocumentRef> = guests.map(|it| StayId(it.id.0).into()).collect();
        if !stays.is_empty() {
            effects.push(Effect::Guests(stays));
        }
        Ok(())
    }
}
