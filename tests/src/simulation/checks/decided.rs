//! What people decided on.

use crate::simulation::{ledger::Ledger, trace::short, world::Broken};
use keyrack_model::{action::LogEntry, ids::OperationId, rows::Row};
use std::{collections::BTreeSet, iter};

/// Nobody is asked again what somebody decided: of a field that a decision is about, nothing is left to
/// decide between that its author had before them. Where a log was brought back, what a decision was
/// about may have come anew after it.
pub(super) fn is_what_was_chosen(
    rows: &[Row],
    log: &[LogEntry],
    ledger: &Ledger,
) -> Result<(), Broken> {
    if ledger.was_brought_back() {
        return Ok(());
    }
    let logged: BTreeSet<OperationId> = log.iter().filter_map(LogEntry::operation).collect();
    for (decision, settled) in ledger.decisions() {
        if !logged.contains(&decision) {
            continue;
        }
        let rows = rows.iter().filter(|row| row.document == settled.document);
        let conflicts = rows.flat_map(|row| &row.conflicts);
        let mut sides = conflicts
            .filter(|conflict| conflict.key == settled.key)
            .flat_map(|conflict| iter::once(&conflict.shown).chain(&conflict.gave_way));
        if let Some(side) = sides.find(|side| settled.over.contains(&side.operation)) {
            return Err(Broken(format!(
                "{} decided on {} of {}, and {} is to be decided on again",
                short(decision),
                settled.key,
                settled.document,
                short(side.operation)
            )));
        }
    }
    Ok(())
}
