//! Documents written by several people at once, in every order.

use super::*;
use keyrack_model::{
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause},
    ids::{DocumentId, DocumentKind, RoomId, UserId, WorkOrderId},
    room::RoomChange,
    work_order::{Priority, WorkOrderChange},
};
use proptest::prelude::*;
use uuid::Uuid;

const ROOM: RoomId = RoomId(Uuid::from_u128(204));
const ORDER: WorkOrderId = WorkOrderId(Uuid::from_u128(9));

fn actor(number: u128) -> ActorId {
    ActorId(Uuid::from_u128(0xA000 + number))
}

fn stamp(number: u128) -> Stamp {
    Stamp {
        operation: OperationId(Uuid::from_u128(0xB000 + number)),
        at: Timestamp(1_495_700_000_000 + number as i64),
    }
}

fn mark(value: Cleanliness, number: u128) -> Change {
    Change::Room(
        ROOM,
        RoomChange::Cleanliness(CleanlinessMark {
            value,
            cause: MarkCause::Person,
            action: stamp(number).operation,
            ..CleanlinessMark::default()
        }),
    )
}

#[test]
fn every_kind_begins_alike_everywhere() {
    for kind in DocumentKind::ALL {
        let reference = DocumentRef {
            kind,
            id: DocumentId(Uuid::from_u128(5)),
        };
        let (here, there) = (Document::genesis(reference), Document::genesis(reference));
        assert_eq!(here.save(), there.save());
        assert_eq!(here.reading().entity, Entity::empty(kind));
    }
}

#[test]
fn a_dirty_beats_a_clean_made_at_the_same_time_and_people_hear_of_it() {
    let mut desk = Document::genesis(ROOM.into());
    let mut maria = desk.clone();
    let dirty = desk
        .write(actor(1), stamp(1), &[mark(Cleanliness::Dirty, 1)])
        .unwrap()
        .unwrap();
    let clean = maria
        .write(actor(2), stamp(2), &[mark(Cleanliness::Clean, 2)])
        .unwrap()
        .unwrap();
    desk.apply(&clean).unwrap();
    maria.apply(&dirty).unwrap();
    assert_eq!(desk.reading(), maria.reading());
    let reading = desk.reading();
    let Entity::Room(room) = &reading.entity else {
        panic!("not a room")
    };
    assert_eq!(room.cleanliness.value, Cleanliness::Dirty);
    assert_eq!(
        reading.contested[0].gave_way[0].operation,
        Some(stamp(2).operation)
    );
    assert_eq!(reading.contested[0].gave_way[0].at, stamp(2).at);

    let decided = desk
        .write(actor(1), stamp(3), &[mark(Cleanliness::Clean, 3)])
        .unwrap()
        .unwrap();
    maria.apply(&decided).unwrap();
    assert!(maria.reading().contested.is_empty());
    assert_eq!(maria.last_writer("cleanliness"), Some(actor(1)));
}

#[test]
fn different_fields_written_at_the_same_time_both_stay_and_texts_merge() {
    let describe = |text: &str| Change::WorkOrder(ORDER, WorkOrderChange::Description(text.into()));
    let mut desk = Document::genesis(ORDER.into());
    let first = desk
        .write(actor(1), stamp(1), &[describe("Shower drips.")])
        .unwrap()
        .unwrap();
    let mut tomas = Document::genesis(ORDER.into());
    tomas.apply(&first).unwrap();
    let a = desk
        .write(
            actor(1),
            stamp(2),
            &[
                describe("Shower drips. Guest is in."),
                Change::WorkOrder(ORDER, WorkOrderChange::Priority(Priority::P1)),
            ],
        )
        .unwrap()
        .unwrap();
    let b = tomas
        .write(
            actor(2),
            stamp(3),
            &[
                describe("The shower drips."),
                Change::WorkOrder(
                    ORDER,
                    WorkOrderChange::Assignee(Some(UserId(Uuid::from_u128(4)))),
                ),
            ],
        )
        .unwrap()
        .unwrap();
    desk.apply(&b).unwrap();
    tomas.apply(&a).unwrap();
    assert_eq!(desk.reading(), tomas.reading());
    let Entity::WorkOrder(order) = desk.reading().entity else {
        panic!("not a work order")
    };
    assert!(order.description.contains("Guest is in.") && order.description.starts_with("The "));
    assert_eq!(order.priority, Priority::P1);
    assert!(order.assignee.is_some());
}

#[test]
fn the_history_of_a_change_is_what_its_author_saw() {
    let mut desk = Document::genesis(ORDER.into());
    let title = |text: &str| Change::WorkOrder(ORDER, WorkOrderChange::Title(text.into()));
    let describe = |text: &str| Change::WorkOrder(ORDER, WorkOrderChange::Description(text.into()));
    let mut tomas = desk.clone();
    let a = desk
        .write(actor(1), stamp(1), &[title("Tap"), describe("Drips")])
        .unwrap()
        .unwrap();
    let b = tomas
        .write(actor(2), stamp(2), &[title("Shower")])
        .unwrap()
        .unwrap();
    desk.apply(&b).unwrap();
    let text = |text: &str| FieldValue::Text(text.into());
    let wrote = |key, before: &str, after: &str| FieldWrite {
        key,
        before: text(before),
        after: text(after),
    };
    assert_eq!(
        desk.effects(&a).unwrap().writes,
        [wrote("title", "", "Tap"), wrote("description", "", "Drips")]
    );
    assert_eq!(
        desk.effects(&b).unwrap().writes,
        [wrote("title", "", "Shower")]
    );
}

#[test]
fn writing_what_is_there_already_makes_no_change() {
    let mut desk = Document::genesis(ROOM.into());
    let number = Change::Room(ROOM, RoomChange::Number("204".into()));
    assert!(
        desk.write(actor(1), stamp(1), std::slice::from_ref(&number))
            .unwrap()
            .is_some()
    );
    assert!(desk.write(actor(1), stamp(2), &[number]).unwrap().is_none());
}

#[test]
fn a_flipped_bit_a_missing_change_and_a_cut_chunk_are_refused() {
    let mut desk = Document::genesis(ROOM.into());
    let first = desk
        .write(actor(1), stamp(1), &[mark(Cleanliness::Dirty, 1)])
        .unwrap()
        .unwrap();
    let second = desk
        .write(actor(1), stamp(2), &[mark(Cleanliness::Clean, 2)])
        .unwrap()
        .unwrap();
    let mut other = Document::genesis(ROOM.into());
    assert!(matches!(
        other.apply(&second),
        Err(DocumentError::MissingDependency)
    ));
    for at in 0..first.len() {
        let mut flipped = first.clone();
        flipped[at] ^= 1;
        assert!(other.apply(&flipped).is_err(), "bit flipped at byte {at}");
    }
    assert!(other.apply(&first[..first.len() - 1]).is_err());
    assert!(other.apply(&first).unwrap());
    assert!(!other.apply(&first).unwrap());
}

/// One person's write: on which of three replicas, and what.
#[derive(Clone, Debug)]
struct Write {
    replica: usize,
    value: Cleanliness,
    number: Option<u8>,
    /// Replica whose changes the writer has seen just before.
    saw: Option<usize>,
}

fn writes() -> impl Strategy<Value = Vec<Write>> {
    let value = prop::sample::select(Cleanliness::ALL);
    let write = (
        0..3usize,
        value,
        prop::option::of(any::<u8>()),
        prop::option::of(0..3usize),
    )
        .prop_map(|(replica, value, number, saw)| Write {
            replica,
            value,
            number,
            saw,
        });
    prop::collection::vec(write, 1..12)
}

proptest! {
    #[test]
    fn replicas_with_the_same_changes_read_alike_whatever_the_order(
        writes in writes(),
        order in any::<prop::sample::Index>(),
    ) {
        let mut replicas = vec![Document::genesis(ROOM.into()); 3];
        let mut changes: Vec<Vec<Vec<u8>>> = vec![Vec::new(); 3];
        for (index, write) in writes.iter().enumerate() {
            if let Some(from) = write.saw.filter(|from| *from != write.replica) {
                let seen: Vec<_> = changes[from].clone();
                for bytes in seen {
                    if replicas[write.replica].apply(&bytes).unwrap() {
                        changes[write.replica].push(bytes);
                    }
                }
            }
            let mut fields = vec![mark(write.value, index as u128)];
            fields.extend(write.number.map(|number| Change::Room(ROOM, RoomChange::Number(number.to_string()))));
            let author = actor(write.replica as u128);
            if let Some(bytes) = replicas[write.replica].write(author, stamp(index as u128), &fields).unwrap() {
                changes[write.replica].push(bytes);
            }
        }
        let mut all: Vec<Vec<u8>> = changes.concat();
        let turn = order.index(all.len().max(1)).min(all.len());
        all.rotate_left(turn);
        let mut fresh = Document::genesis(ROOM.into());
        replicas.push(fresh.clone());
        for replica in &mut replicas {
            // Each pass admits what has its dependencies; duplicates are part of the point.
            for _ in 0..all.len() {
                for bytes in &all {
                    match replica.apply(bytes) {
                        Ok(_) | Err(DocumentError::MissingDependency) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
            }
        }
        fresh = Document::load(ROOM.into(), &replicas[3].save()).unwrap();
        for replica in &replicas {
            prop_assert_eq!(replica.heads(), fresh.heads());
            prop_assert_eq!(replica.reading(), fresh.reading());
        }
    }
}
