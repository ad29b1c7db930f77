//! What the server says of what was pushed: an action leaves the outbox on its verdict, and what was
//! refused is withdrawn.

use super::{Effect, SyncSession, later, phase::Phase, registrations};
use crate::{
    error::StoreError,
    replica::{Replica, Withdrawal},
    store::actions::ActionId,
};
use keyrack_model::{
    ids::OperationId,
    refusal::{GateReason, Refusal},
    time::Timestamp,
    wire::{OperationVerdict, Verdict},
};

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
        live.in_flight = live.in_flight.saturating_sub(1);
        let mut withdrawn = false;
        for OperationVerdict { operation, verdict } in verdicts {
            match verdict {
                Verdict::Accepted {
                    sequence,
                    received_at,
                } => {
                    let withdrawal = replica.accepted(operation, sequence, received_at)?;
                    withdrawn |= !withdrawal.touched.is_empty();
                    live.superseded.extend(withdrawal.done_again);
                }
                Verdict::Refused(reason) => {
                    if live.superseded.remove(&operation) && follows_a_refusal(&reason) {
                        continue;
                    }
                    let withdrawal = withdraw(replica, operation, &reason)?;
                    withdrawn |= !withdrawal.touched.is_empty();
                    live.superseded.extend(withdrawal.done_again);
                }
                Verdict::RetryAfter { millis } => {
                    live.pushed = ActionId::default();
                    live.push_after = later(now, i64::from(millis));
                }
            }
        }
        if withdrawn {
            // What was made and is withdrawn has no row any more: only all of them say so.
            effects.push(Effect::AllRows);
            let actors = replica.actors_in_use()?;
            effects.extend(registrations(&actors));
        }
        Ok(())
    }
}

/// Withdraws a refused action. Its ground may be something that the log lost and nobody sent
/// again: without that, the action is done again and asked for anew.
fn withdraw(
    replica: &mut Replica,
    operation: OperationId,
    reason: &Refusal,
) -> Result<Withdrawal, StoreError> {
    let mut withdrawal = Withdrawal::default();
    if follows_a_refusal(reason) {
        withdrawal = replica.give_up_lost()?;
    }
    if withdrawal.done_again.contains(&operation) {
        // Of this version the verdict is still to come.
        withdrawal.done_again.retain(|done| *done != operation);
    } else {
        let refused = replica.refuse(operation, reason)?;
        withdrawal.touched.extend(refused.touched);
        withdrawal.done_again.extend(refused.done_again);
    }
    Ok(withdrawal)
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
