//! What the server says of what was pushed: an action leaves the outbox on its verdict, and what was
//! refused is withdrawn.

use super::{Effect, SyncSession, later, phase::Phase, registrations};
use crate::{
    error::StoreError,
    replica::{Accepted, Replica, Withdrawal},
    store::actions::ActionId,
};
use keyrack_model::{
    action::Sequence,
    ids::OperationId,
    refusal::{GateReason, Refusal},
    time::Timestamp,
    wire::{OperationVerdict, Verdict},
};
use std::collections::HashSet;

impl SyncSession {
    pub(super) fn judge(
        &mut self,
        replica: &mut Replica,
        now: Timestamp,
        verdicts: Vec<OperationVerdict>,
        effects: &mut Vec<Effect>,
    ) -> Result<(), StoreError> {
        let Phase::Live(live) = &mut self.phase else {
            return Ok(());
        };
        live.in_flight.pop_front();
        let mut withdrawal = replica.accepted(&accepted(&verdicts))?;
        live.superseded.extend(withdrawal.done_again.drain(..));
        let awaiting = await_authors(replica, &verdicts)?;
        if !awaiting.is_empty() {
            // What rests on these and was sent after them comes back for want of them.
            live.superseded.extend(replica.held_back()?.into_keys());
        }
        let mut refusals = Vec::new();
        for OperationVerdict { operation, verdict } in verdicts {
            match verdict {
                Verdict::Accepted { .. } => {}
                Verdict::Refused(_) if awaiting.contains(&operation) => {}
                Verdict::Refused(reason) => refusals.push((operation, reason)),
                Verdict::RetryAfter { millis } => {
                    live.pushed = ActionId::default();
                    live.push_after = later(now, i64::from(millis));
                }
            }
        }
        // What was refused for itself first: of what rests on that, the version that was sent is no
        // matter any more.
        let (gaps, grounded): (Vec<_>, Vec<_>) = refusals
            .into_iter()
            .partition(|(_, reason)| follows_a_refusal(reason));
        for (operation, _) in &grounded {
            live.superseded.remove(operation);
        }
        withdrawal.extend(replica.refuse(&grounded)?);
        live.superseded.extend(withdrawal.done_again.drain(..));
        for (operation, reason) in gaps {
            if live.superseded.remove(&operation) {
                continue;
            }
            withdrawal.extend(without_ground(replica, operation, reason)?);
            live.superseded.extend(withdrawal.done_again.drain(..));
        }
        if !withdrawal.touched.is_empty() {
            // What was made and is withdrawn has no row any more: only all of them say so.
            effects.push(Effect::AllRows);
            let actors = replica.actors_in_use()?;
            effects.extend(registrations(&actors));
        }
        Ok(())
    }
}

impl SyncSession {
    /// The push that has waited longest is in the log as it was sent, from a place on. Where something
    /// else is here by now, the log has to tell it: everything, in another connection.
    ///
    /// # Errors
    /// `Gap` when the server has told other things of these places, or when nothing waits.
    pub(super) fn stored(
        &mut self,
        replica: &mut Replica,
        now: Timestamp,
        (first, received_at): (Sequence, Timestamp),
        effects: &mut Vec<Effect>,
    ) -> Result<(), StoreError> {
        let Phase::Live(live) = &mut self.phase else {
            return Ok(());
        };
        let pushed = live.in_flight.pop_front().ok_or(StoreError::Gap)?;
        let left_out = &mut live.left_out;
        match replica.stored(&pushed, first, received_at, left_out)? {
            Some(touched) if !pushed.is_empty() => {
                let last = first.0.saturating_add(pushed.len() as u64 - 1);
                live.head = live.head.max(Sequence(last));
                effects.push(Effect::Rows(touched));
                self.note_if_synced(replica, now)?;
                self.push(replica, now, effects)
            }
            _ => {
                self.come_back(now, effects);
                Ok(())
            }
        }
    }
}

fn accepted(verdicts: &[OperationVerdict]) -> Vec<Accepted> {
    let accepted = |it: &OperationVerdict| match it.verdict {
        Verdict::Accepted {
            sequence,
            received_at,
        } => Some(Accepted {
            operation: it.operation,
            sequence,
            received_at,
        }),
        Verdict::Refused(_) | Verdict::RetryAfter { .. } => None,
    };
    verdicts.iter().filter_map(accepted).collect()
}

/// Withdraws an action that was refused for a gap. Its ground may be something that the log lost and
/// nobody sent again: without that, the action is done again and asked for anew.
fn without_ground(
    replica: &mut Replica,
    operation: OperationId,
    reason: Refusal,
) -> Result<Withdrawal, StoreError> {
    let mut withdrawal = replica.give_up_lost_under(operation)?;
    if withdrawal.done_again.contains(&operation) {
        // Of this version the verdict is still to come.
        withdrawal.done_again.retain(|done| *done != operation);
    } else {
        withdrawal.extend(replica.refuse(&[(operation, reason)])?);
    }
    Ok(withdrawal)
}

/// What the server does not take for its author's, and what waits for them from here on.
fn await_authors(
    replica: &Replica,
    verdicts: &[OperationVerdict],
) -> Result<HashSet<OperationId>, StoreError> {
    let unproven = Verdict::Refused(GateReason::WrongAuthor.into());
    let mut awaiting = HashSet::new();
    for told in verdicts.iter().filter(|told| told.verdict == unproven) {
        if replica.await_author(told.operation)? {
            awaiting.insert(told.operation);
        }
    }
    Ok(awaiting)
}

/// A reason that a dependent of a refused action gets, in the version that was already sent.
fn follows_a_refusal(reason: &Refusal) -> bool {
    matches!(
        reason,
        Refusal::Gate {
            reason: GateReason::MissingDependency | GateReason::Sequence | GateReason::StartOp
        }
    )
}
