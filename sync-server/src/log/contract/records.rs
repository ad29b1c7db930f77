//! What every log must do with records.

use super::{ALL, Ground, head, stored};
use crate::log::{
    Appended, Basis, KnownRecord, Log, LogError, NewEntry, Page, StoredVerdict, stored_size,
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    command::Command,
    ids::{OperationId, RecordId, StayId},
    record::{Guest, Payload, Record, RecordKind, RecordRef},
};
use uuid::Uuid;

fn stay(number: u128) -> StayId {
    StayId(Uuid::from_u128(0x5700 + number))
}

fn operation(number: u128) -> OperationId {
    OperationId(Uuid::from_u128(0x0F00 + number))
}

fn guest(name: &str) -> Payload {
    Payload::Guest(Guest {
        name: name.into(),
        phone: "+351 1".into(),
    })
}

/// An entry that makes a version of a guest's record, by an operation of its own.
fn version(ground: Ground, number: u128, version: u64, payload: Payload) -> NewEntry {
    let mut entry = ground.entry(number);
    let stay = stay(1);
    entry.action.operation = operation(number);
    entry.action.command = Command::EraseGuest { stay };
    entry.action.changes.clear();
    entry.changes.clear();
    entry.record = Some(Record::version(stay.into(), version, payload));
    entry
}

pub(super) async fn records_stand_among_actions_in_one_order<L: Log>(log: &L, ground: Ground) {
    let sent = [
        ground.entry(1),
        version(ground, 2, 1, guest("Ana")),
        ground.entry(3),
        version(ground, 4, 2, guest("Ana Reis")),
    ];
    stored(log, ground, 0, &sent[..3]).await;
    stored(log, ground, 3, &sent[3..]).await;
    let entries = log.read(ground.hotel, Sequence(0), ALL).await.unwrap();
    let expected = sent.iter().zip(1..).map(|(it, at)| it.at(Sequence(at)));
    assert!(expected.eq(entries.iter().cloned()), "{entries:?}");
    for (entries, bytes, expected) in [
        (3, 1 << 20, 3),
        (100, 1, 1),
        (100, sizes(&entries[1..3]), 2),
    ] {
        let page = Page { entries, bytes };
        let after = if expected == 2 {
            Sequence(1)
        } else {
            Sequence(0)
        };
        let page = log.read(ground.hotel, after, page).await.unwrap();
        assert_eq!(page.len(), expected);
    }
    let shared = [super::shared_document()];
    let changes = log.document_changes(ground.hotel, &shared).await.unwrap();
    assert_eq!(changes.len(), 2);
}

fn sizes(entries: &[LogEntry]) -> usize {
    entries.iter().map(stored_size).sum()
}

pub(super) async fn a_version_is_stored_once_and_has_a_verdict<L: Log>(log: &L, ground: Ground) {
    stored(log, ground, 0, &[version(ground, 1, 1, guest("Ana"))]).await;
    let same_version = version(ground, 2, 1, guest("Rui"));
    let same_operation = version(ground, 1, 2, guest("Rui"));
    for entry in [same_version, same_operation] {
        let appended = log
            .append(ground.hotel, Basis::end(Sequence(1)), &[entry], &[])
            .await;
        assert!(matches!(appended, Err(LogError::Taken)), "{appended:?}");
    }
    assert_eq!(head(log, ground).await, 1);
    let asked = [operation(1), operation(2)];
    let verdicts = log.verdicts(ground.hotel, &asked).await.unwrap();
    let accepted = StoredVerdict::Accepted {
        operation: operation(1),
        sequence: Sequence(1),
        received_at: ground.entry(1).received_at,
    };
    assert_eq!(verdicts, [accepted]);
    let nobody = RecordRef {
        kind: RecordKind::Person,
        id: RecordId(stay(1).0),
    };
    let asked = [stay(1).into(), stay(2).into(), nobody];
    let known = log.records(ground.hotel, &asked).await.unwrap();
    assert_eq!(known, [known_as(1, false)]);
    let known = log.records(ground.other_hotel, &asked).await.unwrap();
    assert_eq!(known, [], "another hotel's record");
}

fn known_as(version: u64, is_erased: bool) -> KnownRecord {
    KnownRecord {
        record: stay(1).into(),
        version,
        is_erased,
    }
}

pub(super) async fn what_is_erased_is_gone_from_every_version<L: Log>(log: &L, ground: Ground) {
    let written = [
        version(ground, 1, 1, guest("Ana")),
        version(ground, 2, 2, guest("Ana Reis")),
    ];
    stored(log, ground, 0, &written).await;
    let erased = version(ground, 3, 3, Payload::Erased);
    let appended = log
        .append(ground.hotel, Basis::end(Sequence(2)), &[erased], &[])
        .await
        .unwrap();
    assert_eq!(appended, Appended::Stored { last: Sequence(3) });
    let entries = log.read(ground.hotel, Sequence(0), ALL).await.unwrap();
    let versions: Vec<(u64, Payload)> = entries
        .iter()
        .filter_map(LogEntry::record)
        .map(|record| (record.version, record.payload.clone()))
        .collect();
    let gone = |version| (version, Payload::Erased);
    assert_eq!(versions, [gone(1), gone(2), gone(3)]);
    let asked = [stay(1).into()];
    let known = log.records(ground.hotel, &asked).await.unwrap();
    assert_eq!(known, [known_as(3, true)]);
    stored(log, ground, 3, &[version(ground, 4, 4, guest("Eva"))]).await;
    let known = log.records(ground.hotel, &asked).await.unwrap();
    assert_eq!(known, [known_as(4, false)]);
}
