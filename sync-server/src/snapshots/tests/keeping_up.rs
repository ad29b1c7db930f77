//! What snapshots are when they are kept up, and when they are lost or damaged.

use super::{DAY, World, comment};
use crate::{
    log::Log,
    packed,
    pretend::{Device, HOTEL, MARIA, ORDER, ROOM, RUI, TOMAS},
    snapshots::{Progress, is_due},
};
use keyrack_document::Document;
use keyrack_model::{
    action::{Action, Sequence},
    change::Entity,
    cleanliness::Cleanliness,
    command::Command,
    ids::{CommentId, DocumentKind, DocumentRef, LogEpoch},
    limits::{
        DOCUMENT_COMMENTS, MAX_TEXT, SEGMENT_BYTES, SEGMENT_STORY, SNAPSHOT_BATCH_DOCUMENTS,
        SNAPSHOT_LAG, WORKING_SET_DAYS,
    },
    rows::Row,
    time::Timestamp,
    work_order::{Priority, WorkOrderChange},
};
use uuid::Uuid;

/// Several people at work, two of them in one work order without knowing of each other.
pub(super) async fn busy(world: &mut World) {
    let (mut maria, mut rui) = (Device::of(MARIA, 1), Device::of(RUI, 2));
    let clean = maria.mark(Cleanliness::Clean);
    let title = |text: &str| vec![WorkOrderChange::Title(text.into())];
    let hers = maria.edit(title("Shower drips"));
    let his = rui.edit(title("Shower leaks"));
    let urgent = rui.edit(vec![WorkOrderChange::Priority(Priority::P1)]);
    for action in [clean, hers, his, urgent, comment(&mut maria, 1)] {
        world.admit(&[action]).await;
        world.catch_up().await;
    }
}

#[test]
fn snapshots_wait_for_the_log_to_rest_and_are_not_left_far_behind() {
    let lag = SNAPSHOT_LAG;
    for (reach, before, end, due) in [
        (5, None, 9, false),
        (5, Some(8), 9, false),
        (5, Some(9), 9, true),
        (5, Some(8), 5 + lag, false),
        (5, Some(8), 6 + lag, true),
        (0, None, 1 + lag, true),
        // Nothing is lacking.
        (9, Some(9), 9, false),
    ] {
        let found = is_due(Sequence(reach), before.map(Sequence), Sequence(end));
        assert_eq!(found, due, "{reach} of {end}, after {before:?}");
    }
}

#[tokio::test]
async fn snapshots_say_what_the_log_says_with_who_disagrees() {
    let mut world = World::open().await;
    busy(&mut world).await;
    let kept = world.kept().await;
    assert_eq!(kept.len(), 7);
    for columns in kept {
        let (kept, document) = columns.open().unwrap();
        let reference = kept.document();
        let mut read = Document::genesis(reference);
        let changes = world.log.document_changes(HOTEL, &[reference]).await;
        for change in changes.unwrap() {
            read.apply(&change.bytes).unwrap();
        }
        assert_eq!(read.heads(), document.heads());
        assert_eq!(read.reading().entity, kept.row.entity);
        if reference == ORDER.into() {
            let conflict = &kept.row.conflicts[0];
            let mut authors = vec![conflict.shown.author, conflict.gave_way[0].author];
            authors.sort_unstable();
            assert_eq!((&conflict.key[..], authors), ("title", vec![MARIA, RUI]));
            assert_eq!((kept.story.len(), kept.is_whole), (4, true));
            assert!(kept.story[0].part.created);
        }
    }
}

#[tokio::test]
async fn everything_can_be_dropped_and_is_made_again_the_same() {
    let mut world = World::open().await;
    busy(&mut world).await;
    let kept = world.kept().await;
    world
        .meddle("truncate snapshot, snapshot_mark, working_set, segment")
        .await;
    world.catch_up().await;
    assert_eq!(world.kept().await, kept);
    world.meddle("update snapshot_mark set version = 0").await;
    world.catch_up().await;
    assert_eq!(world.kept().await, kept);
}

#[tokio::test]
async fn a_snapshot_that_does_not_hold_is_made_again_from_the_log() {
    let mut world = World::open().await;
    let mut maria = Device::of(MARIA, 1);
    world.admit(&[maria.mark(Cleanliness::Clean)]).await;
    world.catch_up().await;
    let next = [
        maria.mark(Cleanliness::Dirty),
        comment(&mut maria, 1),
        comment(&mut maria, 2),
    ];
    let expected = {
        let mut sound = World::open().await;
        let mut maria = Device::of(MARIA, 1);
        sound.admit(&[maria.mark(Cleanliness::Clean)]).await;
        sound.admit(&next).await;
        sound.catch_up().await;
        sound.kept().await
    };
    // A flipped bit, and content under a checksum that was made for it.
    for (damage, action) in [
        "update snapshot set saved = set_byte(saved, 20, get_byte(saved, 20) # 1)",
        "update snapshot set story = shown",
        "delete from snapshot where kind = 5",
    ]
    .into_iter()
    .zip(&next)
    {
        world.meddle(damage).await;
        world.admit(std::slice::from_ref(action)).await;
        world.catch_up().await;
    }
    // What nobody touched since is found when a working set is made.
    world.working_set().await;
    assert_eq!(world.kept().await, expected);
}

#[tokio::test]
async fn a_snapshot_that_says_something_else_than_its_document_is_not_believed() {
    let mut world = World::open().await;
    busy(&mut world).await;
    for columns in world.kept().await {
        let (mut kept, _) = columns.open().unwrap();
        kept.row.entity = Entity::empty(DocumentKind::Room);
        let forged = super::Columns::from(&kept);
        assert!(forged.open().is_err());
    }
}

#[tokio::test]
async fn another_epoch_of_the_log_drops_what_was_made_of_the_one_before() {
    let mut world = World::open().await;
    busy(&mut world).await;
    let kept = world.kept().await;
    let before = world.working_set().await;
    let epoch = LogEpoch(Uuid::from_u128(99));
    let now = Timestamp(0);
    world
        .log
        .begin_epoch(HOTEL, epoch, Sequence(1), now)
        .await
        .unwrap();
    world.catch_up().await;
    assert_eq!(world.kept().await, kept);
    let gone = world
        .snapshots
        .segment(HOTEL, before.segments[0].id, super::super::Asked::All);
    assert_eq!(gone.await.unwrap(), None);
    let after = world.working_set().await;
    assert_eq!((after.epoch, after.sequence), (epoch, before.sequence));
    assert_eq!(after.segments, before.segments);
}

#[tokio::test]
async fn a_batch_ends_after_so_many_documents_and_the_next_goes_on() {
    let mut world = World::open().await;
    let mut tomas = Device::of(TOMAS, 3);
    let many = SNAPSHOT_BATCH_DOCUMENTS as u128 + 10;
    let actions: Vec<_> = (0..many)
        .map(|number| comment(&mut tomas, number))
        .collect();
    world.admit(&actions).await;
    let first = world.snapshots.catch_up(HOTEL, 1).await.unwrap();
    assert_eq!(first, Progress::Behind);
    assert_eq!(world.kept().await.len(), SNAPSHOT_BATCH_DOCUMENTS);
    world.catch_up().await;
    assert_eq!(world.kept().await.len(), many as usize + 6);
}

#[tokio::test]
async fn the_story_of_a_snapshot_is_that_of_the_last_days_and_the_document_has_all_of_it() {
    let mut world = World::open().await;
    let mut maria = Device::of(MARIA, 1);
    for day in [0, 10, i64::from(WORKING_SET_DAYS) + 5] {
        world.received_at = Timestamp(crate::pretend::NOW.0 + day * DAY);
        world.admit(&[maria.mark(Cleanliness::Dirty)]).await;
        world.catch_up().await;
    }
    let room = story_of_room(&world).await;
    assert_eq!(room, (vec![8, 9], false));
    world.meddle("truncate snapshot, snapshot_mark").await;
    world.catch_up().await;
    assert_eq!(story_of_room(&world).await, room);
    let whole = world.single(ROOM).await.unwrap();
    let told: Vec<u64> = whole.documents[0]
        .story
        .iter()
        .map(|part| part.sequence.0)
        .collect();
    assert_eq!(
        (told, whole.documents[0].is_whole),
        (vec![2, 7, 8, 9], true)
    );
}

#[tokio::test]
async fn a_work_order_is_handed_out_with_no_more_comments_than_may_be() {
    let mut world = World::open().await;
    let mut rui = Device::of(RUI, 2);
    let comments = (0..=DOCUMENT_COMMENTS as u128).map(|number| comment(&mut rui, number));
    world.admit(&comments.collect::<Vec<_>>()).await;
    world.catch_up().await;
    let order = world.single(ORDER).await.unwrap();
    let of_kind = |kind| {
        let documents = order.documents.iter();
        documents
            .filter(|state| state.row.document.kind == kind)
            .count()
    };
    assert_eq!(of_kind(DocumentKind::WorkOrder), 1);
    assert_eq!(of_kind(DocumentKind::Comment), DOCUMENT_COMMENTS);
}

#[tokio::test]
async fn a_work_order_with_long_comments_is_handed_out_with_all_of_them() {
    let mut world = World::open().await;
    let mut rui = Device::of(RUI, 2);
    let many = 200;
    let comments: Vec<Action> = (0..many)
        .map(|number| {
            rui.act_beyond_role(Command::AddComment {
                comment: CommentId(Uuid::from_u128(0xC000 + number)),
                subject: ORDER,
                text: "🛁".repeat(MAX_TEXT),
            })
        })
        .collect();
    for some in comments.chunks(20) {
        world.admit(some).await;
    }
    world.catch_up().await;
    let order = world.single(ORDER).await.unwrap();
    assert_eq!(order.documents.len() as u128, 1 + many);
    assert!(packed::cbor(&order).len() > SEGMENT_BYTES);
}

#[tokio::test]
async fn a_story_is_no_longer_than_its_bound() {
    let mut world = World::open().await;
    let mut maria = Device::of(MARIA, 1);
    let marks: Vec<_> = (0..SEGMENT_STORY)
        .map(|_| maria.mark(Cleanliness::Dirty))
        .collect();
    world.admit(&marks[..10]).await;
    world.catch_up().await;
    world.admit(&marks[10..]).await;
    world.catch_up().await;
    let (told, is_whole) = story_of_room(&world).await;
    assert_eq!((told.len(), told[0], is_whole), (SEGMENT_STORY, 7, false));
    let kept = world.kept().await;
    world.meddle("truncate snapshot, snapshot_mark").await;
    world.catch_up().await;
    assert_eq!(world.kept().await, kept);
}

#[tokio::test]
async fn the_row_of_a_snapshot_changed_when_the_latest_action_happened() {
    let mut world = World::open().await;
    let (mut maria, mut rui) = (Device::of(MARIA, 1), Device::of(RUI, 2));
    maria.at = Timestamp(maria.at.0 + DAY);
    let later = maria.mark(Cleanliness::Clean);
    let earlier = rui.act_beyond_role(Command::SetServiceStatus {
        room: ROOM,
        value: keyrack_model::room::ServiceStatus::DoNotDisturb,
    });
    world.admit(&[later, earlier]).await;
    world.catch_up().await;
    assert_eq!(room(&world).await.changed_at, maria.at);
}

async fn room(world: &World) -> Row {
    let kept = world.kept().await.into_iter();
    let mut rows = kept.map(|columns| columns.open().unwrap().0.row);
    rows.find(|row| row.document == DocumentRef::from(ROOM))
        .unwrap()
}

async fn story_of_room(world: &World) -> (Vec<u64>, bool) {
    let kept = world.kept().await.into_iter();
    let mut opened = kept.map(|columns| columns.open().unwrap().0);
    let room = opened.find(|kept| kept.document() == ROOM.into()).unwrap();
    let told = room.story.iter().map(|told| told.part.sequence.0);
    (told.collect(), room.is_whole)
}
