//! Earlier actions that a round takes back, read from the log.

use super::Push;
use crate::log::{Log, LogError, Page, StoredVerdict};
use keyrack_model::{
    action::{Action, Sequence},
    ids::{HotelId, OperationId},
    limits::MAX_UNDO_CHAIN,
};
use std::collections::{BTreeSet, HashMap};

/// The actions that pushed ones take back or make hold, and those that these recalled in turn, as far
/// as an honest device goes. What is not in the log is left out.
pub(super) async fn taken_back<L: Log>(
    log: &L,
    hotel: HotelId,
    pushes: &[Push],
) -> Result<HashMap<OperationId, Action>, LogError> {
    let actions = pushes.iter().flat_map(|push| &push.actions);
    let recalled = actions.filter_map(|read| read.action.command.recalls());
    with_undone(log, hotel, recalled.collect()).await
}

/// These actions, and those that they took back or made hold: what somebody did in the beginning says
/// who may do it again.
pub(crate) async fn with_undone<L: Log>(
    log: &L,
    hotel: HotelId,
    mut wanted: BTreeSet<OperationId>,
) -> Result<HashMap<OperationId, Action>, LogError> {
    let mut found = HashMap::new();
    for _ in 0..MAX_UNDO_CHAIN {
        if wanted.is_empty() {
            break;
        }
        let operations: Vec<_> = std::mem::take(&mut wanted).into_iter().collect();
        for verdict in log.verdicts(hotel, &operations).await? {
            let StoredVerdict::Accepted { sequence, .. } = verdict else {
                continue;
            };
            if let Some(action) = entry(log, hotel, sequence).await? {
                wanted.extend(action.command.recalls());
                found.insert(action.operation, action);
            }
        }
        wanted.retain(|operation| !found.contains_key(operation));
    }
    Ok(found)
}

async fn entry<L: Log>(
    log: &L,
    hotel: HotelId,
    sequence: Sequence,
) -> Result<Option<Action>, LogError> {
    let page = Page {
        entries: 1,
        bytes: 0,
    };
    let before = Sequence(sequence.0.saturating_sub(1));
    let entries = log.read(hotel, before, page).await?;
    Ok(entries.first().and_then(|entry| entry.action().cloned()))
}
