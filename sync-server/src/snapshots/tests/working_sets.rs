//! What is in a working set, in which order, and for how long.

use super::{DAY, World, comment, other};
use crate::{
    pretend::{Device, GUEST, HOTEL, MARIA, NEXT, ORDER, ROOM, RUI, stayover},
    snapshots::Asked,
};
use keyrack_model::{
    action::Action,
    change::{Change, Entity},
    cleanliness::Cleanliness,
    command::{Command, ImportedRow},
    ids::{CommentId, DocumentRef, OperationId, StayId, TaskId},
    limits::{SEGMENT_DOCUMENTS, SEGMENT_GRACE_MILLIS, WORKING_SET_REUSE},
    segment::DocumentState,
    stay::{Stay, StayStatus},
    task::{Task, TaskStatus},
    time::{BusinessDate, Timestamp},
    work_order::{WorkOrderChange, WorkOrderStatus},
};
use std::{sync::atomic::Ordering, time::Duration};
use uuid::Uuid;

fn date(text: &str) -> BusinessDate {
    text.parse().unwrap()
}

/// What a device of the server's imports of stays.
fn stay(device: &mut Device, number: u128, dates: [&str; 2], status: StayStatus) -> Action {
    let stay = StayId(Uuid::from_u128(number));
    let fields = Stay {
        room: Some(ROOM),
        arrival: date(dates[0]),
        departure: date(dates[1]),
        status,
        ..Stay::default()
    };
    let changes = fields.creation(stay);
    imported(device, ImportedRow::Stay { stay, fields }, &changes)
}

fn task(device: &mut Device, number: u128, day: &str, status: TaskStatus) -> Action {
    let task = TaskId(Uuid::from_u128(number));
    let fields = Task {
        room: Some(ROOM),
        business_date: date(day),
        status,
        ..Task::default()
    };
    let changes = fields.creation(task);
    imported(device, ImportedRow::Task { task, fields }, &changes)
}

fn imported(device: &mut Device, row: ImportedRow, changes: &[Change]) -> Action {
    let operation: OperationId = device.operation();
    device.act(operation, Command::Import(row), changes)
}

fn names(documents: &[DocumentState]) -> Vec<DocumentRef> {
    documents.iter().map(|state| state.row.document).collect()
}

#[tokio::test]
async fn a_working_set_is_what_is_open_or_near_and_most_wanted_first() {
    let mut world = World::open().await;
    let mut rui = Device::of(RUI, 2);
    use StayStatus::{Departed, Expected, InHouse};
    // The business date is 2017-05-25: 35 days reach back to 2017-04-20.
    let actions = [
        stay(&mut rui, 101, ["2017-04-01", "2017-04-19"], Departed),
        stay(&mut rui, 102, ["2017-04-01", "2017-04-20"], Departed),
        stay(&mut rui, 103, ["2017-06-29", "2017-07-09"], Expected),
        stay(&mut rui, 104, ["2017-06-30", "2017-07-09"], Expected),
        stay(&mut rui, 105, ["2017-01-01", "2017-02-01"], InHouse),
        task(&mut rui, 201, "2017-04-19", TaskStatus::Done),
        task(&mut rui, 202, "2017-04-20", TaskStatus::Done),
        task(&mut rui, 203, "2017-04-19", TaskStatus::Planned),
        comment(&mut rui, 1),
    ];
    world.admit(&actions).await;
    let set = world.working_set().await;
    assert_eq!(
        (set.since, set.sequence.0),
        (date("2017-04-20"), world.head)
    );
    let named = |number| DocumentRef::from(StayId(Uuid::from_u128(number)));
    let task = |number| DocumentRef::from(TaskId(Uuid::from_u128(number)));
    let remark = CommentId(Uuid::from_u128(0xC001));
    let found = names(&world.documents(&set).await);
    assert_eq!(
        found,
        [
            HOTEL.into(),
            ROOM.into(),
            stayover().into(),
            task(203),
            GUEST.into(),
            named(105),
            NEXT.into(),
            ORDER.into(),
            remark.into(),
            named(103),
            named(104),
            named(102),
            task(202),
        ]
    );
}

#[tokio::test]
async fn a_closed_work_order_goes_with_its_comments_when_its_days_are_over() {
    let mut world = World::open().await;
    let mut rui = Device::of(RUI, 2);
    let remark = comment(&mut rui, 1);
    let closed = vec![WorkOrderChange::Status(WorkOrderStatus::Cancelled)];
    let closed = rui.edit(closed);
    world.admit(&[remark, closed]).await;
    let near = names(&world.documents(&world.working_set().await).await);
    assert_eq!(near.len(), 7);
    world.received_at = Timestamp(world.received_at.0 + 36 * DAY);
    world.admit(&[rui.mark(Cleanliness::Clean)]).await;
    world.take_on_device().await;
    world.meddle("delete from working_set").await;
    let later = names(&world.documents(&world.working_set().await).await);
    let left_out: Vec<_> = near.iter().filter(|name| !later.contains(name)).collect();
    assert_eq!(left_out.len(), 2, "{left_out:?}");
    assert!(left_out.contains(&&ORDER.into()));
}

#[tokio::test]
async fn a_segment_tells_what_was_done_by_whom() {
    let mut world = World::open().await;
    let mut maria = Device::of(MARIA, 1);
    let clean = maria.mark(Cleanliness::Clean);
    world.admit(std::slice::from_ref(&clean)).await;
    let set = world.working_set().await;
    let segments = world.segments(&set).await;
    let [segment] = &segments[..] else {
        panic!("{} segments", segments.len());
    };
    let sequences: Vec<u64> = segment.actions.iter().map(|line| line.sequence.0).collect();
    assert_eq!(sequences, [1, 2, 3, 4, 5, 6, 7]);
    let last = segment.actions.last().unwrap();
    assert_eq!((last.operation, last.author), (clean.operation, MARIA));
    assert_eq!((&last.command, last.at), (&clean.command, clean.at));
    let room = &segment.documents[1];
    assert_eq!(room.row.document, ROOM.into());
    let marked = room.story.last().unwrap();
    assert_eq!((marked.sequence.0, marked.created), (7, false));
    assert_eq!(marked.fields[0].key, "cleanliness");
    assert!(room.is_whole);
    let read = keyrack_document::Document::load(ROOM.into(), &room.snapshot).unwrap();
    assert_eq!(read.reading().entity, room.row.entity);
}

#[tokio::test]
async fn a_document_that_is_touched_after_the_manifest_stays_as_it_was_in_its_segments() {
    let mut world = World::open().await;
    let mut maria = Device::of(MARIA, 1);
    world.admit(&[maria.mark(Cleanliness::Dirty)]).await;
    let set = world.working_set().await;
    let before = world.segments(&set).await;
    world.admit(&[maria.mark(Cleanliness::Clean)]).await;
    world.catch_up().await;
    assert_eq!(world.working_set().await, set, "recent enough");
    assert_eq!(world.segments(&set).await, before);
    let single = world.single(ROOM).await.unwrap();
    let Entity::Room(room) = &single.documents[0].row.entity else {
        panic!("not a room");
    };
    assert_eq!(room.cleanliness.value, Cleanliness::Clean);
}

#[tokio::test]
async fn what_another_server_takes_in_meanwhile_is_not_in_the_working_set() {
    let mut world = World::open().await;
    let mut maria = Device::of(MARIA, 1);
    world.admit(&[maria.mark(Cleanliness::Dirty)]).await;
    world.catch_up().await;
    let as_of = keyrack_model::action::Sequence(world.head);
    let room = [DocumentRef::from(ROOM)];
    let expected = world.snapshots.as_of(HOTEL, as_of, &room).await.unwrap();
    world.admit(&[maria.mark(Cleanliness::Clean)]).await;
    world.catch_up().await;
    let found = world.snapshots.as_of(HOTEL, as_of, &room).await.unwrap();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_working_set_serves_until_the_log_has_moved_on_and_its_segments_an_hour_longer() {
    let mut world = World::open().await;
    let mut maria = Device::of(MARIA, 1);
    let first = world.working_set().await;
    let mut more = async |world: &mut World| {
        let marks: Vec<_> = (0..=WORKING_SET_REUSE)
            .map(|_| maria.mark(Cleanliness::Dirty))
            .collect();
        let (last, others) = marks.split_last().unwrap();
        world.admit(others).await;
        let before = world.working_set().await;
        world.admit(std::slice::from_ref(last)).await;
        // Whoever asks now reads on from the one before; the next has it shorter.
        assert_eq!(world.working_set().await, before);
        let mut after = world.newest_set().await;
        while after == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
            after = world.newest_set().await;
        }
        assert_eq!(after.sequence.0, world.head);
        (before, after)
    };
    let (reused, second) = more(&mut world).await;
    assert_eq!(reused, first);
    assert_eq!(world.segments(&first).await.len(), 1, "replaced just now");

    let hour = SEGMENT_GRACE_MILLIS;
    world.clock.fetch_add(hour, Ordering::Relaxed);
    more(&mut world).await;
    assert_eq!(world.segments(&first).await.len(), 1, "for an hour");

    world.clock.fetch_add(1, Ordering::Relaxed);
    let (_, last) = more(&mut world).await;
    let gone = first.segments[0].id;
    let gone = world.snapshots.segment(HOTEL, gone, Asked::All).await;
    assert_eq!(gone.unwrap(), None);
    for set in [second, last] {
        assert_eq!(world.segments(&set).await.len(), 1);
    }
}

#[tokio::test]
async fn segments_hold_so_many_documents_and_come_one_after_another() {
    let mut world = World::open().await;
    let mut maria = Device::of(MARIA, 1);
    let many = SEGMENT_DOCUMENTS as u128;
    let remarks: Vec<_> = (0..many)
        .map(|number| comment(&mut maria, number))
        .collect();
    world.admit(&remarks).await;
    let set = world.working_set().await;
    let sizes: Vec<u32> = set.segments.iter().map(|name| name.documents).collect();
    assert_eq!(sizes, [SEGMENT_DOCUMENTS as u32, 6]);
    let documents = world.documents(&set).await;
    assert_eq!(documents.len(), SEGMENT_DOCUMENTS + 6);
    let (packed, unpacked) = set
        .segments
        .iter()
        .fold((0, 0), |(packed, unpacked), name| {
            (packed + name.packed, unpacked + name.unpacked)
        });
    assert!(packed * 2 < unpacked, "{packed} of {unpacked} bytes");
}

#[tokio::test]
async fn another_hotel_has_neither_the_segments_nor_the_documents() {
    let world = World::open().await;
    let set = world.working_set().await;
    let segment = world
        .snapshots
        .segment(other(), set.segments[0].id, Asked::All);
    assert_eq!(segment.await.unwrap(), None);
    let document = world.snapshots.document(other(), ROOM.into()).await;
    assert!(document.unwrap().is_none());
    let empty = world.snapshots.working_set(other()).await.unwrap();
    assert_eq!((empty.sequence.0, empty.segments), (0, vec![]));
    assert!(world.single(StayId(Uuid::from_u128(404))).await.is_none());
}

#[tokio::test]
async fn snapshots_that_are_missing_are_noticed_and_made_again() {
    let world = World::open().await;
    world.catch_up().await;
    let kept = world.kept().await;
    world.meddle("delete from snapshot where kind = 2").await;
    let set = world.working_set().await;
    assert_eq!(world.kept().await, kept);
    assert!(names(&world.documents(&set).await).contains(&ROOM.into()));
}

#[tokio::test]
async fn many_devices_that_ask_at_once_get_one_working_set() {
    let world = World::open().await;
    let asked: Vec<_> = (0..8)
        .map(|_| {
            let snapshots = world.snapshots.clone();
            tokio::spawn(async move { snapshots.working_set(HOTEL).await })
        })
        .collect();
    let mut sets = Vec::new();
    for asked in asked {
        sets.push(asked.await.unwrap().unwrap());
    }
    assert!(sets.windows(2).all(|two| two[0] == two[1]));
    let stored: i64 = sqlx::query_scalar("select count(*) from working_set")
        .fetch_one(&mut world.rows().await)
        .await
        .unwrap();
    assert_eq!(stored, 1);
}
