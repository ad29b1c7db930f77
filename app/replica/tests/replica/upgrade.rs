//! Stores of earlier versions: this one opens them, and nothing in them is lost.

use crate::world::people::{fresh, new_device};
use keyrack_model::{
    action::Sequence,
    cleanliness::Cleanliness,
    command::{Command, WorkOrderDraft},
    ids::{DocumentRef, OperationId, StayId, WorkOrderId},
    ipc::{Answer, Question},
    refusal::Refusal,
    rows::Row,
    time::Timestamp,
};
use keyrack_replica::{Replica, StoreKey};
use rusqlite::Connection;
use std::{collections::BTreeMap, path::Path};
use uuid::Uuid;

const VERSION_4: &str = include_str!("stores/version-4.sql");
const KEY: u8 = 1;
const GUEST: StayId = StayId(Uuid::from_u128(31));
/// Waits to be sent.
const LAMP: OperationId = OperationId(Uuid::from_u128(11));

/// The file as any program with its key sees it.
fn file(path: &Path) -> Connection {
    let file = Connection::open(path).unwrap();
    let key = format!("{KEY:02x}").repeat(32);
    file.execute_batch(&format!("pragma key = \"x'{key}'\";"))
        .unwrap();
    file
}

fn version(file: &Connection) -> i64 {
    file.query_row("pragma user_version", [], |row| row.get(0))
        .unwrap()
}

fn open(path: &Path, source: u128) -> Replica {
    Replica::open(path, &StoreKey([KEY; 32]), new_device(9), fresh(source)).unwrap()
}

fn waiting(replica: &Replica) -> Vec<OperationId> {
    match replica.answer(&Question::Waiting).unwrap() {
        Answer::Waiting(actions) => actions.iter().map(|action| action.operation).collect(),
        other => panic!("{other:?}"),
    }
}

fn rows(replica: &Replica) -> BTreeMap<DocumentRef, Row> {
    let rows = replica.all_rows().unwrap().into_iter();
    rows.map(|row| (row.document, row)).collect()
}

fn has_all_of_it(replica: &Replica) {
    assert_eq!(replica.cursor(), Sequence(16));
    assert_eq!(replica.session().unwrap().hotel_name, "Test");
    assert_eq!(waiting(replica)[0], LAMP);
    let refused = replica.refused().unwrap();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].reason, Refusal::RecordChanged { version: 1 });

    let all = rows(replica);
    let (_, room) = all.values().find_map(Row::as_room).unwrap();
    assert_eq!(
        (&room.number[..], room.cleanliness.value),
        ("204", Cleanliness::Clean)
    );
    let orders = all.values().filter_map(Row::as_work_order);
    let titles: Vec<&str> = orders.map(|(_, order)| &order.title[..]).collect();
    assert!(titles.contains(&"Shower") && titles.contains(&"Lamp"));
    let guests = replica.guests_of([GUEST.into()]).unwrap();
    let name = guests[0].guest.as_ref().map(|guest| &guest.name[..]);
    assert_eq!((guests[0].version, name), (2, Some("Anabela Q.")));
    let people = replica.people().unwrap();
    assert_eq!(people.len(), 2);
    let question = Question::History {
        documents: all.keys().copied().collect(),
        limit: 500,
    };
    let Answer::History(story) = replica.answer(&question).unwrap() else {
        panic!("not a history");
    };
    let told = |operation| story.iter().any(|entry| entry.operation == operation);
    assert!(told(LAMP) && told(OperationId(Uuid::from_u128(0x7001_0000_0000_0000_0001))));
}

#[test]
fn a_store_of_version_4_opens_with_all_that_is_in_it_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replica.db");
    let old = file(&path);
    old.execute_batch(VERSION_4).unwrap();
    assert_eq!(version(&old), 4);
    drop(old);

    let mut replica = open(&path, 70);
    has_all_of_it(&replica);
    let before = rows(&replica);
    replica.rebuild().unwrap();
    assert_eq!(rows(&replica), before, "the rows are those of the changes");
    let draft = WorkOrderDraft {
        title: "Sink".into(),
        ..WorkOrderDraft::default()
    };
    let work_order = WorkOrderId(Uuid::from_u128(12));
    let command = Command::CreateWorkOrder { work_order, draft };
    let sink = OperationId(Uuid::from_u128(13));
    let later = Timestamp(1_495_700_100_000);
    replica.act(&command, sink, later).unwrap();
    drop(replica);

    let again = open(&path, 71);
    has_all_of_it(&again);
    assert_eq!(waiting(&again), [LAMP, sink]);
    drop(again);
    assert!(version(&file(&path)) > 4);
}
