//! Files brought in to a hotel on real Postgres: what of the log is read for them, and what the audit
//! log tells of them.

use super::{Intake, TableError, bring_in};
use crate::{
    accounts::{Accounts, Importer},
    database::Database,
    heads::Announcements,
    hotel::{Clock, Hotels},
    log::{Appended, Basis, Log, NewEntry, postgres::PostgresLog},
    pretend::{self, Device, NOW, RUI},
    scratch::Scratch,
    server_author::{ServerAuthor, TOGETHER},
    snapshots::{Progress, Snapshots},
};
use keyrack_model::{
    command::{Command, DeskCommand, StayDraft},
    ids::{HotelId, StayId},
    import::{ImportAsked, ImportCounts, ImportKind, ImportReport, ImportWish},
};
use std::{
    fmt::Write,
    ops::Range,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};
use uuid::Uuid;

/// A hotel that is open, and what the server knows of it.
struct Office {
    scratch: Scratch,
    database: Database,
    accounts: Accounts,
    log: Arc<PostgresLog>,
    hotel: HotelId,
}

impl Office {
    async fn open() -> Self {
        let scratch = Scratch::migrated().await;
        let database = scratch.open().await;
        let accounts = Accounts::new(database.clone());
        let hotel = accounts.create_hotel("resort", "Resort H1", NOW).await;
        let hotel = hotel.unwrap();
        let log = PostgresLog::new(database.clone(), Announcements::default());
        let log = Arc::new(log);
        let hotels = Hotels::new(log.clone(), Arc::new(|| NOW));
        let open = Command::OpenHotel {
            hotel,
            name: "Resort H1".into(),
            business_date: pretend::today(),
        };
        let mut author = ServerAuthor::at(&hotels, hotel).await.unwrap();
        author.act(&[open]).await.unwrap();
        Self {
            scratch,
            database,
            accounts,
            log,
            hotel,
        }
    }

    /// The hotel's loop as another start of the server has it.
    fn hotels(&self, clock: Clock) -> Hotels<PostgresLog> {
        Hotels::new(self.log.clone(), clock)
    }

    fn snapshots(&self) -> Snapshots {
        Snapshots::new(self.database.clone(), self.log.clone(), Arc::new(|| NOW))
    }

    async fn bring_in(
        &self,
        hotels: &Hotels<PostgresLog>,
        (kind, wish): (ImportKind, ImportWish),
        file: &str,
    ) -> Result<ImportReport, TableError> {
        let intake = Intake {
            hotels,
            accounts: &self.accounts,
            database: &self.database,
            snapshots: &self.snapshots(),
            hotel: self.hotel,
            importer: &Importer::Operator,
        };
        let asked = ImportAsked {
            kind,
            wish,
            mapping: None,
            file: file.to_owned(),
        };
        bring_in(&intake, &asked).await
    }

    /// What a file of bookings would do, with how many rows of the log's table were read for that.
    async fn preview(&self, rows: &str) -> (ImportCounts, i64) {
        let hotels = self.hotels(Arc::new(|| NOW));
        let file = format!("Booking,Guest,Arrival,Departure\n{rows}");
        let asked = (ImportKind::Bookings, ImportWish::Preview);
        let before = self.entries_read().await;
        let seen = self.bring_in(&hotels, asked, &file).await.unwrap();
        (seen.counts, self.entries_read().await - before)
    }

    /// The desk books a stay under each of some numbers.
    async fn book(&self, numbers: Range<u32>) {
        let mut desk = Device::of(RUI, u128::from(numbers.start) + 1);
        let entries: Vec<NewEntry> = numbers
            .map(|number| {
                let draft = StayDraft {
                    booking: format!("K-{number}"),
                    arrival: "2017-05-27".parse().unwrap(),
                    departure: "2017-05-30".parse().unwrap(),
                    adults: 2,
                    ..StayDraft::default()
                };
                let book = DeskCommand::Book {
                    stay: StayId(Uuid::from_u128(0xB00C_0000 + u128::from(number))),
                    draft: Box::new(draft),
                };
                pretend::entry(&desk.ask(Command::Desk(book)).unwrap(), NOW)
            })
            .collect();
        let head = self.log.head(self.hotel).await.unwrap();
        let basis = Basis::end(head.sequence);
        let appended = self.log.append(self.hotel, basis, &entries, &[]).await;
        assert!(matches!(appended, Ok(Appended::Stored { .. })));
    }

    /// Has the database count each row of the log's table that the server is shown.
    async fn count_reads(&self) {
        let mut rows = self.scratch.inspect().await;
        for statement in [
            "create sequence entries_read",
            "create function entry_read() returns boolean language plpgsql security definer as $$
             begin perform nextval('entries_read'); return true; end $$",
            "create policy counted on action as restrictive for select using (entry_read())",
        ] {
            sqlx::query(statement).execute(&mut rows).await.unwrap();
        }
    }

    async fn entries_read(&self) -> i64 {
        let read = "select case when is_called then last_value else 0 end from entries_read";
        let mut rows = self.scratch.inspect().await;
        sqlx::query_scalar(read).fetch_one(&mut rows).await.unwrap()
    }

    async fn head(&self) -> u64 {
        self.log.head(self.hotel).await.unwrap().sequence.0
    }

    /// What the audit log tells of imports.
    async fn told(&self) -> Vec<String> {
        let told = "select detail from audit where event = 'imported' order by number";
        let mut rows = self.scratch.inspect().await;
        sqlx::query_scalar(told).fetch_all(&mut rows).await.unwrap()
    }
}

#[tokio::test]
async fn a_number_is_looked_up_among_bookings_and_not_in_the_log() {
    let office = Office::open().await;
    office.count_reads().await;
    let one_known = ImportCounts {
        new: 1,
        changed: 1,
        ..ImportCounts::default()
    };
    let rows = "K-7,Ken Mori,2017-05-27,2017-05-30\nK-9999,Lena Brandt,2017-05-27,2017-05-29\n";
    let mut read = Vec::new();
    for numbers in [0..100, 100..500] {
        office.book(numbers).await;
        let caught_up = office.snapshots().catch_up(office.hotel, usize::MAX).await;
        assert_eq!(caught_up.unwrap(), Progress::UpToDate);
        let (counts, entries) = office.preview(rows).await;
        assert_eq!(counts, one_known);
        read.push(entries);
    }
    assert_eq!(read[0], read[1], "however long the log is");

    // What snapshots have not taken in yet is read for it, and no more.
    office.book(500..550).await;
    let later = rows.replace("K-7,", "K-520,");
    let (counts, entries) = office.preview(&later).await;
    assert_eq!(counts, one_known);
    assert!((50..500).contains(&entries), "{entries} of 550");
}

#[tokio::test]
async fn of_an_import_that_is_broken_off_the_audit_log_tells_how_much_is_there() {
    let office = Office::open().await;
    let rooms = 3 * TOGETHER as u64;
    let mut file = "Room,Floor,Type\n".to_owned();
    for number in 0..rooms {
        writeln!(file, "{},1,Double", 1_000 + number).unwrap();
    }
    let before = office.head().await;

    // The server is stopped while the second part is being written: each row asks what time it is.
    let running: Arc<OnceLock<Hotels<PostgresLog>>> = Arc::default();
    let (stopped, asked) = (running.clone(), AtomicUsize::new(0));
    let hotels = office.hotels(Arc::new(move || {
        if asked.fetch_add(1, Ordering::Relaxed) == TOGETHER * 3 / 2 {
            let hotels = stopped.get().cloned().unwrap();
            tokio::spawn(async move { hotels.stop().await });
        }
        NOW
    }));
    running.set(hotels.clone()).ok().unwrap();
    let all = (ImportKind::Rooms, ImportWish::AllOrNothing);
    let broken_off = office.bring_in(&hotels, all, &file).await;
    let there = office.head().await - before;
    assert!((1..rooms).contains(&there), "{there} of {rooms}");
    let Err(TableError::BrokenOff { brought_in, .. }) = broken_off else {
        panic!("{broken_off:?}");
    };
    assert_eq!(brought_in, there);
    let left = rooms - there;
    let part = format!("rooms: {there} new, 0 changed, broken off with up to {left} to come");
    assert_eq!(office.told().await, std::slice::from_ref(&part));

    // The same again completes it.
    let hotels = office.hotels(Arc::new(|| NOW));
    let done = office.bring_in(&hotels, all, &file).await.unwrap();
    assert_eq!((done.counts.new, done.counts.unchanged), (left, there));
    assert_eq!(office.head().await - before, rooms);
    let rest = format!("rooms: {left} new, 0 changed");
    assert_eq!(office.told().await, [part, rest]);
}
