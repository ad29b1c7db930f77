//! Documents written by several people at once, in every order.

use super::*;
use keyrack_model::{
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause},
    field::FieldType,
    ids::{DocumentId, DocumentKind, RoomId, UserId, WorkOrderId},
    room::{RoomChange, RoomUse, ServiceStatus},
    room_block::BlockKind,
    room_link::RoomLinkKind,
    stay::{StayStatus, StayoverWish},
    task::{EntryReason, InspectionOutcome, TaskKind, TaskRule, TaskStatus},
    work_order::{Priority, WorkOrderChange, WorkOrderStatus},
};
use proptest::{prelude::*, sample::Index};
use std::collections::BTreeMap;
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

/// A version to come has a field more, a list where this one has none, and a word more.
#[test]
fn what_a_newer_version_wrote_is_kept_while_the_rest_is_edited() {
    let mut newer = Document::genesis(ROOM.into());
    let number = Change::Room(ROOM, RoomChange::Number("204".into()));
    let first = newer.write(actor(1), stamp(1), &[number]).unwrap();
    let mut transaction = newer.crdt.transaction();
    transaction.put(ROOT, "minibar", "two beers").unwrap();
    let keys = transaction.put_object(ROOT, "keys", ObjType::List);
    transaction.insert(keys.unwrap(), 0, 7_i64).unwrap();
    transaction
        .put(ROOT, "service_status", "quarantine")
        .unwrap();
    let options = CommitOptions::default()
        .with_message(stamp(2).operation.to_string())
        .with_time(stamp(2).at.0);
    let (hash, _) = transaction.commit_with(options);
    let change = newer.crdt.get_change_by_hash(&hash.unwrap()).unwrap();

    let mut older = Document::genesis(ROOM.into());
    for bytes in [&first.unwrap()[..], change.raw_bytes()] {
        assert!(older.take_in(bytes).unwrap().is_some());
    }
    let Entity::Room(room) = older.reading().entity else {
        panic!("not a room")
    };
    assert_eq!(
        (&room.number[..], room.service_status),
        ("204", ServiceStatus::None)
    );
    let mut older = Document::load(ROOM.into(), &older.save()).unwrap();
    let edit = older.write(actor(2), stamp(3), &[mark(Cleanliness::Clean, 3)]);
    let edit = edit.unwrap().unwrap();

    assert!(newer.apply(&edit).unwrap());
    let again = Document::load(ROOM.into(), &older.save()).unwrap();
    assert_eq!(again.heads(), newer.heads());
    for document in [&again, &newer] {
        let text = |key: &str| {
            let (value, _) = document.crdt.get(ROOT, key).unwrap().unwrap();
            value.as_str().map(str::to_owned)
        };
        assert_eq!(text("minibar").as_deref(), Some("two beers"));
        assert_eq!(text("service_status").as_deref(), Some("quarantine"));
        let (_, keys) = document.crdt.get(ROOT, "keys").unwrap().unwrap();
        assert_eq!(document.crdt.length(keys), 1);
        let Entity::Room(room) = document.reading().entity else {
            panic!("not a room")
        };
        assert_eq!(room.cleanliness.value, Cleanliness::Clean);
    }
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
    /// Which fields of the document, and which of the values that each can have.
    fields: Vec<(Index, Index)>,
    /// What a text is typed over with.
    typed: String,
    /// Replica whose changes the writer has seen just before.
    saw: Option<usize>,
}

fn writes() -> impl Strategy<Value = Vec<Write>> {
    let write = (
        0..3usize,
        prop::collection::vec(any::<(Index, Index)>(), 1..4),
        "[a-dé ]{0,12}",
        prop::option::of(0..3usize),
    )
        .prop_map(|(replica, fields, typed, saw)| Write {
            replica,
            fields,
            typed,
            saw,
        });
    prop::collection::vec(write, 1..12)
}

/// Values of every type that a field can hold.
fn values() -> Vec<FieldValue> {
    let text = |text: &str| FieldValue::Text(text.into());
    let mut values = vec![
        FieldValue::Nothing,
        FieldValue::Integer(3),
        FieldValue::Integer(-4),
        FieldValue::Time(Timestamp(1_495_700_000_000)),
        FieldValue::Flag(true),
        text("204"),
        text("2017-05-25"),
        text("2017-05-26"),
        text("vacant 5"),
        text("2017-05-25 7"),
        text("2017-05-25 7 2017-05-24"),
        text("2017-05-25/1/departure/00000000-0000-0000-0000-000000000004"),
        text("rate BAR"),
        text("role housekeeper"),
        text("person 00000000-0000-0000-0000-000000000004"),
        text("00000000-0000-0000-0000-000000000004"),
        mark(Cleanliness::Pickup, 7).value(),
        mark(Cleanliness::Clean, 8).value(),
    ];
    values.extend(Cleanliness::ALL.iter().map(FieldType::to_value));
    values.extend(ServiceStatus::ALL.iter().map(FieldType::to_value));
    values.extend(StayStatus::ALL.iter().map(FieldType::to_value));
    values.extend(StayoverWish::ALL.iter().map(FieldType::to_value));
    values.extend(RoomUse::ALL.iter().map(FieldType::to_value));
    values.extend(BlockKind::ALL.iter().map(FieldType::to_value));
    values.extend(RoomLinkKind::ALL.iter().map(FieldType::to_value));
    values.extend(InspectionOutcome::ALL.iter().map(FieldType::to_value));
    values.extend(EntryReason::ALL.iter().map(FieldType::to_value));
    values.extend(TaskKind::ALL.iter().map(FieldType::to_value));
    values.extend(TaskStatus::ALL.iter().map(FieldType::to_value));
    values.extend(TaskRule::ALL.iter().map(FieldType::to_value));
    values.extend(Priority::ALL.iter().map(FieldType::to_value));
    values.extend(WorkOrderStatus::ALL.iter().map(FieldType::to_value));
    values
}

impl Write {
    fn changes(&self, reference: DocumentRef) -> Vec<Change> {
        let known = fields_of(reference.kind);
        let mut changes: BTreeMap<&str, Change> = BTreeMap::new();
        for (field, value) in &self.fields {
            let (key, rule) = field.get(known);
            let change = if matches!(rule, MergeRule::Text) {
                let typed = FieldValue::Text(self.typed.clone());
                Change::from_field(reference, key, &typed).expect("a text takes any text")
            } else {
                let fit = values().into_iter();
                let fit: Vec<Change> = fit
                    .filter_map(|value| Change::from_field(reference, key, &value))
                    .collect();
                assert!(!fit.is_empty(), "no value for {key}");
                value.get(&fit).clone()
            };
            changes.insert(key, change);
        }
        changes.into_values().collect()
    }
}

/// Takes changes in as they come; what builds on a later one waits for it, as a replica lets it.
fn take_in(document: &mut Document, coming: &[Vec<u8>]) {
    let mut waiting: Vec<&Vec<u8>> = Vec::new();
    for bytes in coming {
        waiting.push(bytes);
        let mut before = usize::MAX;
        while waiting.len() < before {
            before = waiting.len();
            waiting.retain(|bytes| match document.apply(bytes) {
                Ok(_) => false,
                Err(DocumentError::MissingDependency) => true,
                Err(other) => panic!("{other}"),
            });
        }
    }
    assert!(waiting.is_empty(), "everything came");
}

/// Orders in which the same changes come, each at another replica.
fn shuffles() -> impl Strategy<Value = Vec<Vec<u64>>> {
    prop::collection::vec(prop::collection::vec(any::<u64>(), 48), 4)
}

/// The changes in the order of `keys`, which are drawn anew when they run out.
fn shuffled(all: &[Vec<u8>], keys: &[u64]) -> Vec<Vec<u8>> {
    let key =
        |at: usize| keys[at % keys.len()].rotate_left(u32::try_from(at / keys.len()).unwrap());
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|at| key(*at));
    order.into_iter().map(|at| all[at].clone()).collect()
}

proptest! {
    #[test]
    fn replicas_with_the_same_changes_read_alike_whatever_the_order(
        kind in prop::sample::select(&DocumentKind::ALL),
        writes in writes(),
        shuffles in shuffles(),
    ) {
        let reference = DocumentRef { kind, id: DocumentId(Uuid::from_u128(5)) };
        let mut replicas = vec![Document::genesis(reference); 3];
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
            let fields = write.changes(reference);
            let author = actor(write.replica as u128);
            if let Some(bytes) = replicas[write.replica].write(author, stamp(index as u128), &fields).unwrap() {
                changes[write.replica].push(bytes);
            }
        }
        // What several have is here several times: duplicates are part of the point.
        let all: Vec<Vec<u8>> = changes.concat();
        replicas.push(Document::genesis(reference));
        for (replica, keys) in replicas.iter_mut().zip(&shuffles) {
            take_in(replica, &shuffled(&all, keys));
        }
        let loaded = Document::load(reference, &replicas[3].save()).unwrap();
        for replica in &replicas {
            prop_assert_eq!(replica.heads(), loaded.heads());
            prop_assert_eq!(replica.reading(), loaded.reading());
        }
    }
}
