//! A log that is packed in part or whole, and nobody who can tell.

use super::{DAY, World, comment, keeping_up::busy};
use crate::{
    log::{
        Log, LogError, Page, StoredChange,
        postgres::{Packed, Range, pack_next},
    },
    packed,
    pretend::{Device, HOTEL, MARIA, NOW, OPENED, ORDER, documents},
    snapshots::{SnapshotError, Snapshots},
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    cleanliness::Cleanliness,
    limits::{PACK_ENTRIES, WORKING_SET_DAYS},
    time::Timestamp,
};
use std::sync::Arc;

const ALL: Page = Page {
    entries: 10_000,
    bytes: 100 << 20,
};

fn of(entries: usize) -> Range {
    Range {
        entries,
        bytes: usize::MAX >> 1,
    }
}

impl World {
    /// The snapshots as the owner of the tables works on them.
    async fn owner(&self) -> Snapshots {
        let url = self.scratch.owner_url();
        let owner = crate::database::Database::open_as_owner(&url).await;
        let now = Arc::new(|| NOW);
        Snapshots::new(owner.unwrap(), self.log.clone(), now)
    }

    async fn pack_all(&self, range: Range) -> Packed {
        let owner = self.owner().await;
        let packed = owner.pack_up_to(HOTEL, Sequence(self.head), range).await;
        packed.unwrap()
    }

    async fn whole_log(&self) -> (Vec<LogEntry>, Vec<StoredChange>) {
        let entries = self.log.read(HOTEL, Sequence(0), ALL).await.unwrap();
        let changes = self.log.document_changes(HOTEL, &documents()).await;
        (entries, changes.unwrap())
    }

    /// Entries and changes whose bytes are in the tables.
    async fn unpacked(&self) -> (i64, i64) {
        sqlx::query_as(
            "select (select count(*) from action where command is not null),
                 (select count(*) from change where bytes is not null)",
        )
        .fetch_one(&mut self.rows().await)
        .await
        .unwrap()
    }
}

#[tokio::test]
async fn a_packed_log_reads_as_it_did_before() {
    let mut world = World::open().await;
    busy(&mut world).await;
    let (entries, changes) = world.whole_log().await;
    let (kept, order) = (world.kept().await, world.single(ORDER).await);
    let packed = world.pack_all(of(2)).await;
    assert_eq!(packed.entries, world.head / 2 * 2);
    assert_eq!(world.unpacked().await, (1, 1), "the last is no full range");
    assert_eq!(world.whole_log().await, (entries.clone(), changes.clone()));
    for after in 0..world.head {
        let page = Page {
            entries: 3,
            bytes: 1 << 20,
        };
        let read = world.log.read(HOTEL, Sequence(after), page).await.unwrap();
        let expected = entries.iter().skip(after as usize).take(3);
        assert!(read.iter().eq(expected), "after {after}");
    }
    assert_eq!(world.single(ORDER).await, order);
    world.meddle("truncate snapshot, snapshot_mark").await;
    world.catch_up().await;
    assert_eq!(world.kept().await, kept);
    assert_eq!(world.pack_all(of(2)).await, Packed::default());
    world.pack_all(of(1)).await;
    assert_eq!(world.unpacked().await, (0, 0));
    assert_eq!(world.whole_log().await, (entries, changes));
}

/// Every second entry of the log is a record, which has no bytes to be packed.
#[tokio::test]
async fn a_packed_log_with_records_in_it_reads_as_it_did_before() {
    let mut world = World::open().await;
    let mut maria = Device::of(MARIA, 1);
    for value in [Cleanliness::Clean, Cleanliness::Dirty, Cleanliness::Pickup] {
        world.take_on_device().await;
        world.admit(&[maria.mark(value)]).await;
    }
    world.take_on_device().await;
    let before = world.whole_log().await;
    assert_eq!(before.0.len() as u64, world.head);
    let mut ranges = 0;
    for size in [3, 2, 1] {
        ranges += world.pack_all(of(size)).await.entries;
        assert_eq!(world.whole_log().await, before, "ranges of {size}");
        for after in 0..world.head {
            let page = Page {
                entries: 2,
                bytes: 1 << 20,
            };
            let read = world.log.read(HOTEL, Sequence(after), page).await.unwrap();
            let expected = before.0.iter().skip(after as usize).take(2);
            assert!(read.iter().eq(expected), "after {after}");
        }
    }
    assert_eq!(world.unpacked().await, (0, 0));
    assert_eq!(ranges, OPENED + 3, "the actions, and no record");
}

#[tokio::test]
async fn what_is_younger_than_the_working_set_is_not_packed() {
    let mut world = World::open().await;
    let mut maria = Device::of(MARIA, 1);
    let owner = world.owner().await;
    let nothing = owner.pack_log(HOTEL, of(1)).await.unwrap();
    assert_eq!(nothing, Packed::default());
    let days = i64::from(WORKING_SET_DAYS);
    world.received_at = Timestamp(NOW.0 + 1);
    world.admit(&[maria.mark(Cleanliness::Clean)]).await;
    world.received_at = Timestamp(NOW.0 + 1 + days * DAY);
    world.admit(&[maria.mark(Cleanliness::Dirty)]).await;
    world.take_on_device().await;
    let packed = owner.pack_log(HOTEL, of(1)).await.unwrap();
    assert_eq!(packed.entries, OPENED);
    assert_eq!(world.unpacked().await.0, 2);
}

#[tokio::test]
async fn a_range_ends_at_its_bounds_and_a_smaller_rest_waits() {
    let mut world = World::open().await;
    let mut maria = Device::of(MARIA, 1);
    let remarks: Vec<_> = (0..PACK_ENTRIES as u128)
        .map(|number| comment(&mut maria, number))
        .collect();
    world.admit(&remarks).await;
    let packed = world.pack_all(Range::default()).await;
    assert_eq!(packed.entries, PACK_ENTRIES as u64);
    assert_eq!(world.unpacked().await.0, OPENED as i64);
    let (entries, _) = world.whole_log().await;
    let bytes: usize = entries.iter().map(crate::log::stored_size).sum();
    assert!(packed.bytes * 3 < bytes as u64, "{packed:?} of {bytes}");

    let small = Range {
        entries: PACK_ENTRIES,
        bytes: 1,
    };
    // Each fills a range by itself, but the last could have more beside it.
    assert_eq!(world.pack_all(small).await.entries, OPENED - 1);
    assert_eq!(world.whole_log().await.0, entries);
}

#[tokio::test]
async fn a_damaged_range_is_an_error_and_never_another_log() {
    let mut world = World::open().await;
    busy(&mut world).await;
    world.pack_all(of(1)).await;
    world
        .meddle(
            "update packed_log set packed = set_byte(packed, 9, get_byte(packed, 9) # 1)
             where first = 3",
        )
        .await;
    let page = Page {
        entries: 2,
        bytes: 1 << 20,
    };
    let before = world.log.read(HOTEL, Sequence(0), page).await.unwrap();
    assert_eq!(before.len(), 2);
    let damaged = world.log.read(HOTEL, Sequence(2), page).await;
    assert!(matches!(damaged, Err(LogError::Unavailable(_))));
    world.meddle("delete from packed_log where first = 4").await;
    let missing = world.log.read(HOTEL, Sequence(3), page).await;
    assert!(matches!(missing, Err(LogError::Unavailable(_))));
}

#[tokio::test]
async fn whoever_serves_cannot_pack() {
    let mut world = World::open().await;
    busy(&mut world).await;
    let before = world.whole_log().await;
    let refused = world
        .snapshots
        .pack_up_to(HOTEL, Sequence(world.head), of(1))
        .await;
    let Err(SnapshotError::Log(LogError::Unavailable(why))) = refused else {
        panic!("{refused:?}");
    };
    assert!(why.to_string().contains("permission denied"), "{why}");
    assert_eq!(world.whole_log().await, before);
}

#[tokio::test]
async fn two_who_pack_at_once_pack_everything_once() {
    let mut world = World::open().await;
    busy(&mut world).await;
    let before = world.whole_log().await;
    let url = world.scratch.owner_url();
    let owner = crate::database::Database::open_as_owner(&url)
        .await
        .unwrap();
    let up_to = Sequence(world.head);
    let both = tokio::join!(
        pack_next(&owner, HOTEL, up_to, of(2)),
        pack_next(&owner, HOTEL, up_to, of(2)),
    );
    assert!(both.0.is_ok() || both.1.is_ok());
    world.pack_all(of(1)).await;
    assert_eq!(world.whole_log().await, before);
    let ranges: Vec<(i64, i64, Vec<u8>)> =
        sqlx::query_as("select first, last, packed from packed_log order by first")
            .fetch_all(&mut world.rows().await)
            .await
            .unwrap();
    assert!(ranges.windows(2).all(|two| two[0].1 + 1 == two[1].0));
    let nothing = packed::unpack::<()>(&ranges[0].2, 0);
    assert!(nothing.is_err());
}
