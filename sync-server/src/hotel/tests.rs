//! A hotel's loop on the log in memory.

use super::*;
use crate::{
    gate::{Claim, Word, read_push},
    log::memory::MemoryLog,
    pretend::*,
};
use failing::{Failing, Stores};
use keyrack_model::{
    action::{Action, LogEntry},
    cleanliness::Cleanliness,
    command::Command,
    ids::ActorId,
    limits::{MAX_DELIVER_ENTRIES, MAX_ROUND_PUSHES},
    policy::Role,
    refusal::{GateReason, Refusal},
    rows::Person,
    wire::Verdict,
    work_order::WorkOrderChange,
};
use std::{
    sync::atomic::{AtomicI64, AtomicUsize, Ordering},
    time::Duration,
};

mod failing;
mod following;
mod hostile;
mod judging;
mod recalled;
mod resting;
mod setbacks;

fn clock() -> Clock {
    Arc::new(|| NOW)
}

/// A log with the hotel and its people, and the actors of the devices.
async fn log_with(devices: &[&Device]) -> Arc<MemoryLog> {
    let log: MemoryLog = open_log().await;
    for device in devices {
        let actors = [device.registration()];
        let clashes = log.register_actors(HOTEL, device.id, &actors).await;
        assert_eq!(clashes.unwrap(), []);
    }
    Arc::new(log)
}

async fn push<L: Log>(
    hotels: &Hotels<L>,
    device: &Device,
    actions: &[Action],
) -> Vec<OperationVerdict> {
    let from = Author::People(device.id);
    hotels.push(HOTEL, from, read(actions)).await.unwrap()
}

fn read(actions: &[Action]) -> Vec<ReadAction> {
    actions.iter().cloned().map(ReadAction::of).collect()
}

/// Actions as their authors sent them.
fn given(actions: Vec<Action>) -> Vec<Claim> {
    let given = |action| Claim {
        action,
        word: Word::Given,
        beside: 0,
    };
    actions.into_iter().map(given).collect()
}

/// The device has heard what the log has up to there.
async fn told(log: &MemoryLog, device: &Device, up_to: u64, at: Timestamp) {
    let up_to = Sequence(up_to);
    log.note_told(HOTEL, device.id, up_to, at).await.unwrap();
}

fn sequences(verdicts: &[OperationVerdict]) -> Vec<u64> {
    let accepted = verdicts.iter().map(|verdict| match verdict.verdict {
        Verdict::Accepted { sequence, .. } => sequence.0 - OPENED,
        ref other => panic!("not accepted: {other:?}"),
    });
    accepted.collect()
}

/// The place of an entry that follows the opening of the house.
fn nth(number: u64) -> Sequence {
    Sequence(OPENED + number)
}

/// Entries after the opening up to the nth, as a session gets them.
async fn received<L: Log>(feed: &mut Feed<L>, last: u64) -> Vec<LogEntry> {
    let last = nth(last).0;
    let mut entries: Vec<LogEntry> = Vec::new();
    while entries.last().is_none_or(|entry| entry.sequence.0 < last) {
        let next = tokio::time::timeout(Duration::from_secs(10), feed.next());
        let delivery = next.await.expect("nothing comes any more").unwrap();
        assert!(delivery.entries().len() <= MAX_DELIVER_ENTRIES);
        entries.extend_from_slice(delivery.entries());
    }
    let numbers: Vec<u64> = entries.iter().map(|entry| entry.sequence.0).collect();
    let first = numbers[0];
    assert_eq!(numbers, (first..=last).collect::<Vec<_>>());
    entries
}
