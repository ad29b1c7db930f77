//! Snapshots and working sets on real Postgres.

mod cold;
mod keeping_up;
mod working_sets;

use super::{Progress, Snapshots, kept::Columns};
use crate::{
    heads::Announcements,
    log::{Appended, Basis, Log, NewEntry, postgres::PostgresLog},
    packed,
    pretend::{self, Device, HOTEL, NOW, OPENED},
    scratch::Scratch,
};
use keyrack_model::{
    action::{Action, Sequence},
    command::Command,
    ids::{CommentId, DeviceId, DocumentRef, HotelId},
    limits::MAX_SEGMENT,
    record::{Payload, Record, Workplace},
    segment::{DocumentState, Segment, WorkingSet},
    time::Timestamp,
};
use sqlx::PgConnection;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use uuid::Uuid;

const DAY: i64 = 24 * 60 * 60 * 1_000;

/// The house of [`pretend`] in a database, with its snapshots.
struct World {
    scratch: Scratch,
    log: Arc<PostgresLog>,
    snapshots: Snapshots,
    clock: Arc<AtomicI64>,
    head: u64,
    /// When the server receives what comes next.
    received_at: Timestamp,
}

impl World {
    async fn open() -> Self {
        let scratch = Scratch::migrated().await;
        let database = scratch.open().await;
        let mut rows = scratch.inspect().await;
        for hotel in [HOTEL, other()] {
            for statement in [
                "insert into hotel (hotel, code, name) values ($1, $1::text, 'A hotel')",
                "insert into hotel_head (hotel, epoch, sequence) values ($1, gen_random_uuid(), 0)",
            ] {
                let insert = sqlx::query(statement).bind(hotel.0);
                insert.execute(&mut rows).await.unwrap();
            }
        }
        let log = Arc::new(PostgresLog::new(database.clone(), Announcements::default()));
        pretend::open_house(log.as_ref(), HOTEL).await;
        let clock = Arc::new(AtomicI64::new(NOW.0));
        let time = clock.clone();
        let now = Arc::new(move || Timestamp(time.load(Ordering::Relaxed)));
        Self {
            scratch,
            snapshots: Snapshots::new(database, log.clone(), now),
            log,
            clock,
            head: OPENED,
            received_at: NOW,
        }
    }

    async fn admit(&mut self, actions: &[Action]) {
        let entries: Vec<_> = actions
            .iter()
            .map(|action| pretend::entry(action, self.received_at))
            .collect();
        let expected = Sequence(self.head);
        let appended = self
            .log
            .append(HOTEL, Basis::end(expected), &entries, &[])
            .await;
        self.head += actions.len() as u64;
        let last = Sequence(self.head);
        assert_eq!(appended.unwrap(), Appended::Stored { last });
    }

    /// Somebody signs in on a device that was not known: the log ends with a record.
    async fn take_on_device(&mut self) {
        self.head += 1;
        let workplace = Payload::Device(Workplace {
            guests: Default::default(),
            name: "Cart".into(),
            revoked: false,
        });
        let of = DeviceId(Uuid::from_u128(0xDE0000 + u128::from(self.head))).into();
        let entry =
            NewEntry::of_the_server(HOTEL, Record::version(of, 1, workplace), self.received_at);
        let before = Basis::end(Sequence(self.head - 1));
        let appended = self.log.append(HOTEL, before, &[entry], &[]).await;
        let last = Sequence(self.head);
        assert_eq!(appended.unwrap(), Appended::Stored { last });
    }

    async fn catch_up(&self) {
        let progress = self.snapshots.catch_up(HOTEL, usize::MAX).await;
        assert_eq!(progress.unwrap(), Progress::UpToDate);
    }

    /// Every snapshot, column by column.
    async fn kept(&self) -> Vec<Columns> {
        sqlx::query_as("select * from snapshot where hotel = $1 order by kind, document")
            .bind(HOTEL.0)
            .fetch_all(&mut self.rows().await)
            .await
            .unwrap()
    }

    async fn rows(&self) -> PgConnection {
        self.scratch.inspect().await
    }

    /// Does something to the tables that no server would.
    async fn meddle(&self, statement: &'static str) {
        let mut rows = self.rows().await;
        sqlx::raw_sql(statement).execute(&mut rows).await.unwrap();
    }

    async fn working_set(&self) -> WorkingSet {
        self.snapshots.working_set(HOTEL).await.unwrap()
    }

    /// The one that is there; nobody makes another for having looked.
    async fn newest_set(&self) -> WorkingSet {
        let newest = self.snapshots.newest_set(HOTEL).await.unwrap();
        newest.expect("a working set was made").0
    }

    /// All segments of a working set.
    async fn segments(&self, set: &WorkingSet) -> Vec<Segment> {
        let mut segments = Vec::new();
        for name in &set.segments {
            let part = self.snapshots.segment(HOTEL, name.id, super::Asked::All);
            let part = part.await.unwrap().expect("a segment that was named");
            let (first, bytes) = part.bytes.expect("a segment is not empty");
            assert_eq!((first, part.length), (0, u64::from(name.packed)));
            assert_eq!(name.id.0, *blake3::hash(&bytes).as_bytes());
            let segment: Segment = packed::unpack(&bytes, name.unpacked as usize).unwrap();
            assert_eq!(segment.documents.len(), name.documents as usize);
            segments.push(segment);
        }
        segments
    }

    async fn documents(&self, set: &WorkingSet) -> Vec<DocumentState> {
        let segments = self.segments(set).await.into_iter();
        segments.flat_map(|segment| segment.documents).collect()
    }

    async fn single(&self, document: impl Into<DocumentRef>) -> Option<Segment> {
        let single = self.snapshots.document(HOTEL, document.into()).await;
        let single = single.unwrap()?;
        assert_eq!(single.sequence, Sequence(self.head));
        Some(packed::unpack(&single.packed, MAX_SEGMENT).unwrap())
    }
}

fn other() -> HotelId {
    HotelId(Uuid::from_u128(0xB0))
}

/// A remark of somebody about the work order.
fn comment(device: &mut Device, number: u128) -> Action {
    let comment = Command::AddComment {
        comment: CommentId(Uuid::from_u128(0xC000 + number)),
        subject: pretend::ORDER,
        text: format!("Remark {number}"),
    };
    device.act_beyond_role(comment)
}
