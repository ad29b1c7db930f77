//! What is on the shelf, in which state, and how much of it.

use super::*;
use keyrack_document::{Document, Stamp};
use keyrack_model::{
    action::{Action, Content, DocumentChange, Sequence},
    change::Change,
    command::Command,
    ids::{ActorId, DeviceId, DocumentId, DocumentKind, OperationId, RoomId, UserId},
    limits::{FOLDED_BYTES, OPEN_BYTES, OPEN_DOCUMENT_BYTES, OPEN_ROW_BYTES, SCHEMA},
    room::{RoomChange, ServiceStatus},
    time::{HybridTime, Timestamp},
};
use uuid::Uuid;

pub(super) fn task(number: usize) -> DocumentRef {
    DocumentRef {
        kind: DocumentKind::Task,
        id: DocumentId(Uuid::from_u128(number as u128)),
    }
}

const ACTOR: ActorId = ActorId(Uuid::from_u128(0xac));

fn room(number: u128) -> RoomId {
    RoomId(Uuid::from_u128(number))
}

/// The changes of a room whose guests change their mind so many times.
fn changes(number: u128, count: usize) -> Vec<StoredChange> {
    let mut document = Document::genesis(room(number).into());
    let changes = (0..count).map(|time| {
        let value = ServiceStatus::ALL[time % ServiceStatus::ALL.len()];
        let stamp = Stamp {
            operation: OperationId(Uuid::from_u128(time as u128)),
            at: Timestamp(1_700_000_000_000 + time as i64),
        };
        let change = Change::Room(room(number), RoomChange::ServiceStatus(value));
        let bytes = document.write(ACTOR, stamp, &[change]).unwrap().unwrap();
        StoredChange {
            document: room(number).into(),
            bytes,
        }
    });
    changes.collect()
}

/// A shelf with rooms that were each written so often.
fn shelf_of(rooms: u128, writes: usize) -> Shelf {
    let mut shelf = Shelf::default();
    for number in 0..rooms {
        let unreadable = shelf.load(&[room(number).into()], &changes(number, writes));
        assert!(unreadable.is_empty());
    }
    shelf
}

fn state(shelf: &Shelf, number: u128) -> (Vec<[u8; 32]>, HashMap<ActorId, u64>, Size) {
    let shelved = shelf.get(room(number).into()).unwrap();
    let heads = shelved.document.heads();
    (heads, shelved.last.clone(), shelved.size)
}

#[test]
fn a_folded_document_opens_as_it_was() {
    let mut shelf = shelf_of(3, 9);
    let before: Vec<_> = (0..3).map(|number| state(&shelf, number)).collect();
    shelf.fold(2);
    shelf.fold(2);
    assert!(!shelf.is_open());
    let rooms = || (0..3).map(|number| room(number).into());
    assert!(rooms().all(|room| shelf.get(room).is_none()));
    assert_eq!(shelf.open(rooms().chain([task(1)])), [task(1)]);
    let after: Vec<_> = (0..3).map(|number| state(&shelf, number)).collect();
    assert_eq!(after, before);
}

#[test]
fn a_hotel_that_rests_keeps_a_small_part_of_what_its_documents_take() {
    let mut shelf = shelf_of(50, 9);
    let busy = shelf.bytes();
    shelf.fold(usize::MAX);
    let folded = shelf.folded.bytes();
    assert_eq!(shelf.bytes(), folded);
    assert!(folded < busy / 8, "{folded} of {busy}");
}

#[test]
fn a_full_shelf_folds_what_was_not_needed_for_longest_and_has_all_of_it() {
    let count = OPEN_BYTES / OPEN_DOCUMENT_BYTES;
    let mut shelf = Shelf::default();
    for number in 0..count {
        shelf.load(&[task(number)], &[]);
    }
    shelf.end_round(std::iter::empty());
    assert!(!shelf.is_full());
    shelf.load(&[task(count)], &[]);
    shelf.end_round([task(7), task(count)].into_iter());
    assert!(shelf.is_full());
    shelf.make_room();
    assert!(shelf.open.bytes() <= OPEN_BYTES * 3 / 4);
    let open = |number| shelf.get(task(number)).is_some();
    assert!(open(7) && open(count) && !open(6) && !open(8));
    assert!(shelf.open((0..=count).map(task)).is_empty());
}

#[test]
fn a_shelf_of_large_documents_is_full_sooner() {
    let large = |number| {
        let mut shelved = Shelved::genesis(task(number));
        shelved.size.rows = OPEN_BYTES as u64 / OPEN_ROW_BYTES / 4;
        (task(number), Box::new(shelved))
    };
    let mut shelf = Shelf::default();
    for number in 0..4 {
        shelf.keep([large(number)].into());
        shelf.end_round(std::iter::empty());
    }
    assert!(shelf.is_full());
    shelf.make_room();
    let open = |shelf: &Shelf, number| shelf.get(task(number)).is_some();
    assert!(!open(&shelf, 0) && !open(&shelf, 1) && open(&shelf, 2) && open(&shelf, 3));
    // What is kept again is counted once.
    let before = shelf.open.bytes();
    shelf.keep([large(3)].into());
    assert_eq!(shelf.open.bytes(), before);
}

#[test]
fn folded_documents_are_bounded_in_bytes_and_the_oldest_go_first() {
    const COUNT: usize = 100;
    let mut shelf = Shelf::default();
    for number in 0..=COUNT {
        let folded = Folded::of(&Shelved::genesis(task(number)));
        let bytes = FOLDED_BYTES / COUNT;
        shelf.folded.put(task(number), folded, bytes, number as u64);
    }
    assert!(shelf.folded.bytes() > FOLDED_BYTES);
    // Whatever is folded next finds them too many.
    shelf.load(&[task(COUNT + 1)], &[]);
    shelf.fold(1);
    assert!(shelf.folded.bytes() <= FOLDED_BYTES * 3 / 4);
    let missing = shelf.open([task(0), task(COUNT)].into_iter());
    assert_eq!(missing, [task(0)]);
}

#[test]
fn what_the_log_got_from_elsewhere_is_read_there_by_whoever_needs_a_folded_document() {
    let all = changes(1, 3);
    let mut shelf = Shelf::default();
    shelf.load(&[room(1).into()], &all[..2]);
    shelf.fold(1);
    let change = DocumentChange {
        document: room(1).into(),
        bytes: all[2].bytes.clone(),
    };
    shelf.observe(&entry(change));
    assert_eq!(shelf.bytes(), 0);
    assert_eq!(shelf.open([room(1).into()].into_iter()), [room(1).into()]);
}

fn entry(change: DocumentChange) -> LogEntry {
    let at = Timestamp(1_700_000_000_000);
    LogEntry {
        sequence: Sequence(3),
        content: Content::Action {
            received_at: at,
            device: DeviceId(Uuid::from_u128(1)),
            action: Action {
                operation: OperationId(Uuid::from_u128(2)),
                author: UserId(Uuid::from_u128(3)),
                at: HybridTime {
                    wall: at,
                    counter: 0,
                },
                schema: SCHEMA,
                command: Command::SetServiceStatus {
                    room: room(1),
                    value: ServiceStatus::ALL[0],
                },
                changes: vec![change],
            },
        },
    }
}

#[test]
fn a_document_whose_changes_do_not_belong_to_it_is_left_out() {
    let changes = [StoredChange {
        document: task(1),
        bytes: b"not a change".to_vec(),
    }];
    let mut shelf = Shelf::default();
    let unreadable = shelf.load(&[task(1), task(2)], &changes);
    assert_eq!(unreadable.len(), 1);
    assert!(shelf.get(task(1)).is_none() && shelf.get(task(2)).is_some());
}
