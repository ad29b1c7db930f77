//! What people were told is done.

use crate::simulation::{
    device::Device,
    ledger::Ledger,
    trace::short,
    world::{Broken, World},
};
use keyrack_model::{
    action::LogEntry,
    ids::OperationId,
    ipc::RefusedAction,
    refusal::{GateReason, Refusal},
};
use std::collections::BTreeSet;

/// What somebody was told is done is in the log, or the device says why it is not, until they have
/// read that and put it away. What they put away stays in the store and out of sight.
pub(super) fn is_not_lost(
    device: &Device,
    log: &[LogEntry],
    ledger: &Ledger,
) -> Result<(), Broken> {
    let Some(running) = &device.running else {
        return Err(Broken("a device is down".to_owned()));
    };
    let logged: BTreeSet<OperationId> = log.iter().filter_map(LogEntry::operation).collect();
    let refused = running.replica.refused()?;
    if let Some((action, reason)) = refused.iter().find_map(unfit) {
        return Err(Broken(format!(
            "{} of an honest device was refused: {reason}: {}",
            short(action.operation),
            action.command.name()
        )));
    }
    let shown: BTreeSet<OperationId> = refused.iter().map(|action| action.operation).collect();
    for operation in &device.done {
        let was_put_away = device.put_away.contains(operation);
        let what = match (logged.contains(operation), shown.contains(operation)) {
            (true, false) => continue,
            (true, true) => "is in the log and among what was refused",
            (false, true) if was_put_away && ledger.is_put_away(*operation) => {
                "was put away and is shown again"
            }
            (false, true) => continue,
            (false, false) if was_put_away && is_kept(device, *operation)? => continue,
            (false, false) if ledger.was_erased(*operation) => continue,
            (false, false) => "is neither in the log nor among what was refused",
        };
        return Err(Broken(format!("{} {what}", short(*operation))));
    }
    Ok(())
}

/// Nobody is refused for a role that was changed while their device could not know: where all clocks
/// are right and neither the log nor the device forgot what the device had heard.
pub(super) fn is_looked_at_where_nobody_could_know(world: &World) -> Result<(), Broken> {
    let faults = &world.faults;
    let are_clocks_right = faults.skew_millis == 0 && faults.server_skew_millis == 0;
    if !are_clocks_right || world.ledger.was_brought_back() {
        return Ok(());
    }
    for (number, device) in world.devices.iter().enumerate() {
        let Some(running) = &device.running else {
            continue;
        };
        if world.ledger.was_restored(number) {
            continue;
        }
        let refused = running.replica.refused()?;
        let ended = |it: &&RefusedAction| matches!(it.reason, Refusal::GrantEnded { .. });
        if let Some(action) = refused.iter().find(ended) {
            let operation = short(action.operation);
            return Err(Broken(format!(
                "{operation} was done in a role that device {number} had been told, and is refused for it"
            )));
        }
    }
    Ok(())
}

fn is_kept(device: &Device, operation: OperationId) -> Result<bool, Broken> {
    let kept = device.keeps_refused(operation);
    kept.map_err(|error| Broken(error.to_string()))
}

/// An action whose bytes the gate did not take: an honest device makes none.
pub(in crate::simulation) fn unfit(action: &RefusedAction) -> Option<(&RefusedAction, GateReason)> {
    match action.reason {
        Refusal::Gate { reason } => Some((action, reason)),
        _ => None,
    }
}
