//! The log in Postgres against the contract that its twin in memory keeps too.

use super::{PostgresLog, Range, pack_next};
use crate::{
    database::Database,
    heads::Announcements,
    log::{
        ActorBinding, Appended, Basis, Grant, Head, KnownRecord, Log, LogError, Mark, NewEntry,
        Page, Refused, Served, StoredChange, StoredVerdict,
        contract::{self, Ground},
        review::{Review, RoleChange, Standing, Step},
    },
    scratch::Scratch,
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    administration::Suspicion,
    class::GuestNames,
    ids::{ActorId, DeviceId, DocumentRef, HotelId, LogEpoch, OperationId, UserId},
    policy::Role,
    record::RecordRef,
    rows::Person,
    time::Timestamp,
    wire::{ActorRegistration, KnownPlace},
};
use uuid::Uuid;

async fn scratch_with_two_hotels() -> (Scratch, Ground) {
    let scratch = Scratch::migrated().await;
    let ground = Ground::sample();
    let mut rows = scratch.inspect().await;
    for (hotel, person) in ground.people() {
        for statement in [
            "insert into hotel (hotel, code, name) values ($1, $2, $3)",
            "insert into hotel_head (hotel, epoch, sequence)
             select $1, gen_random_uuid(), 0 where $2 <> $3",
        ] {
            sqlx::query(statement)
                .bind(hotel.0)
                .bind(&person.name)
                .bind("A hotel")
                .execute(&mut rows)
                .await
                .unwrap();
        }
        sqlx::query(
            "insert into person (hotel, person, name, display, role, password_hash)
             values ($1, $2, $3, $4, $5, '')",
        )
        .bind(hotel.0)
        .bind(person.id.0)
        .bind(&person.name)
        .bind(&person.display)
        .bind(person.role.to_string())
        .execute(&mut rows)
        .await
        .unwrap();
    }
    for (hotel, device, person) in [
        (ground.hotel, ground.device, ground.user),
        (ground.other_hotel, ground.other_device, ground.other_user),
    ] {
        sqlx::query(
            "insert into device (hotel, device, name, public_key)
             values ($1, $2, 'desk', decode(repeat('07', 32), 'hex'))",
        )
        .bind(hotel.0)
        .bind(device.0)
        .execute(&mut rows)
        .await
        .unwrap();
        sqlx::query("insert into device_person (hotel, device, person) values ($1, $2, $3)")
            .bind(hotel.0)
            .bind(device.0)
            .bind(person.0)
            .execute(&mut rows)
            .await
            .unwrap();
    }
    (scratch, ground)
}

async fn log_with_two_hotels() -> (PostgresLog, Ground) {
    let (scratch, ground) = scratch_with_two_hotels().await;
    let log = PostgresLog::new(scratch.open().await, Announcements::default());
    (log, ground)
}

#[tokio::test]
async fn what_names_a_hotel_is_beside_its_log_and_nowhere_else() {
    let (scratch, ground) = scratch_with_two_hotels().await;
    let log = PostgresLog::new(scratch.open().await, Announcements::default());
    let mut names = scratch.inspect().await;
    let basis = Basis::end(Sequence(0));
    let entries = [ground.entry(1), ground.naming(2, "Hotel do Mar")];
    let appended = log.append(ground.hotel, basis, &entries, &[]).await;
    let last = Sequence(2);
    assert_eq!(appended.unwrap(), Appended::Stored { last });
    // What is judged on an outdated ground names nothing.
    let late = [ground.naming(3, "Hotel da Serra")];
    let appended = log.append(ground.hotel, basis, &late, &[]).await;
    assert_eq!(appended.unwrap(), Appended::HeadMoved);
    for (hotel, name) in [
        (ground.hotel, "Hotel do Mar"),
        (ground.other_hotel, "A hotel"),
    ] {
        let told: String = sqlx::query_scalar("select name from hotel where hotel = $1")
            .bind(hotel.0)
            .fetch_one(&mut names)
            .await
            .unwrap();
        assert_eq!(told, name);
    }
}

#[tokio::test]
async fn whoever_changes_a_role_leaves_its_history_by_that() {
    let scratch = Scratch::migrated().await;
    let log = PostgresLog::new(scratch.open().await, Announcements::default());
    let ground = Ground::sample();
    let [(hotel, maria), _] = ground.people();
    let mut rows = scratch.inspect().await;
    for (statement, text) in [
        (
            "insert into hotel (hotel, code, name) values ($1, $2::text, $3)",
            "resort",
        ),
        (
            "insert into person (hotel, person, name, display, role, password_hash)
             values ($1, $2::uuid, 'maria', 'Maria', $3, '')",
            "housekeeper",
        ),
        (
            "update person set role = $3 where hotel = $1 and person = $2::uuid",
            "supervisor",
        ),
        (
            "update person set role = $3 where hotel = $1 and person = $2::uuid",
            "supervisor",
        ),
    ] {
        sqlx::query(statement)
            .bind(hotel.0)
            .bind(maria.id.0.to_string())
            .bind(text)
            .execute(&mut rows)
            .await
            .unwrap();
    }
    let standing = log.standing(hotel, Timestamp(0)).await.unwrap();
    // There was no log yet whose judgements could rest on it.
    assert_eq!(standing.mark, Mark::default());
    let [change] = &standing.changes[..] else {
        panic!("{standing:?}");
    };
    assert_eq!(
        (change.person, change.before, change.after),
        (maria.id, Role::Housekeeper, Some(Role::Supervisor))
    );
    let before = Timestamp(change.at.0 - 1);
    assert_eq!(standing.role(maria.id), Some(Role::Supervisor));
    assert_eq!(standing.role_at(maria.id, before), Some(Role::Housekeeper));
}

#[tokio::test]
async fn a_sign_in_tells_its_person_their_own_role_and_nobody_elses() {
    let (scratch, ground) = scratch_with_two_hotels().await;
    let log = PostgresLog::new(scratch.open().await, Announcements::default());
    let (hotel, device, maria) = (ground.hotel, ground.device, ground.user);
    let rui = UserId(Uuid::from_u128(0xBEEF));
    let mut rows = scratch.inspect().await;
    for statement in [
        "insert into person (hotel, person, name, display, role, password_hash)
         values ($1, $3, 'rui', 'Rui', 'housekeeper', '')",
        "insert into device_person (hotel, device, person) values ($1, $2, $3)",
    ] {
        let statement = sqlx::query(statement)
            .bind(hotel.0)
            .bind(device.0)
            .bind(rui.0);
        statement.execute(&mut rows).await.unwrap();
    }
    let signs_in = async |person: UserId, at: i64| {
        sqlx::query(
            "insert into session (hotel, session, person, device, begun_at, seen_at)
             values ($1, gen_random_uuid(), $2, $3, $4, $4)",
        )
        .bind(hotel.0)
        .bind(person.0)
        .bind(device.0)
        .bind(at)
        .execute(&mut scratch.inspect().await)
        .await
        .unwrap();
    };
    signs_in(maria, 100).await;
    signs_in(rui, 200).await;
    for person in [maria, rui] {
        let becomes = "update person set role = 'engineer' where hotel = $1 and person = $2";
        let becomes = sqlx::query(becomes).bind(hotel.0).bind(person.0);
        becomes.execute(&mut rows).await.unwrap();
    }
    signs_in(maria, 300).await;
    let grant = |person, told_at, ended_at: Option<i64>| Grant {
        device,
        person,
        role: Role::Housekeeper,
        told_at: Timestamp(told_at),
        ended_at: ended_at.map(Timestamp),
    };
    let standing = log.standing(hotel, Timestamp(0)).await.unwrap();
    let expected = [grant(maria, 100, Some(300)), grant(rui, 200, None)];
    assert_eq!(standing.grants, expected);
    // What the log told everybody on the device later counts as well.
    log.note_told(hotel, device, Sequence(0), Timestamp(400))
        .await
        .unwrap();
    let again = sqlx::query("update person set role = 'supervisor' where hotel = $1");
    again.bind(hotel.0).execute(&mut rows).await.unwrap();
    let standing = log.standing(hotel, Timestamp(0)).await.unwrap();
    let later = &standing.grants[2..];
    assert_eq!(later.len(), 2);
    assert!(
        later.iter().all(|it| it.told_at == Timestamp(400)),
        "{later:?}"
    );
}

#[tokio::test]
async fn the_log_in_postgres_keeps_the_contract() {
    contract::holds(log_with_two_hotels).await;
}

#[tokio::test]
async fn somebody_is_served_as_their_device_may_be_by_the_log_in_postgres() {
    let (scratch, ground) = scratch_with_two_hotels().await;
    let log = PostgresLog::new(scratch.open().await, Announcements::default());
    let keep = async |guests| {
        sqlx::query("update device set reads_guests = $3 where hotel = $1 and device = $2")
            .bind(ground.hotel.0)
            .bind(ground.device.0)
            .bind(guests == GuestNames::Shown)
            .execute(&mut scratch.inspect().await)
            .await
            .unwrap();
    };
    contract::reviews::somebody_is_served_as_their_device_may_be(&log, ground, keep).await;
}

/// A log whose entries are packed as soon as they are there.
struct PackedAtOnce {
    log: PostgresLog,
    owner: Database,
}

impl Log for PackedAtOnce {
    async fn append(
        &self,
        hotel: HotelId,
        basis: Basis<'_>,
        entries: &[NewEntry],
        refused: &[Refused],
    ) -> Result<Appended, LogError> {
        let appended = self.log.append(hotel, basis, entries, refused).await?;
        let Appended::Stored { last } = appended else {
            return Ok(appended);
        };
        let range = Range {
            entries: 2,
            bytes: 1 << 20,
        };
        for range in [
            range,
            Range {
                entries: 1,
                ..range
            },
        ] {
            while pack_next(&self.owner, hotel, last, range).await?.is_some() {}
        }
        let left: i64 = sqlx::query_scalar("select count(*) from change where bytes is not null")
            .fetch_one(&mut *self.owner.begin(hotel).await?)
            .await?;
        assert_eq!(left, 0);
        Ok(appended)
    }

    async fn head(&self, hotel: HotelId) -> Result<Head, LogError> {
        self.log.head(hotel).await
    }

    async fn read(
        &self,
        hotel: HotelId,
        after: Sequence,
        page: Page,
    ) -> Result<Vec<LogEntry>, LogError> {
        self.log.read(hotel, after, page).await
    }

    async fn document_changes(
        &self,
        hotel: HotelId,
        documents: &[DocumentRef],
    ) -> Result<Vec<StoredChange>, LogError> {
        self.log.document_changes(hotel, documents).await
    }

    async fn verdicts(
        &self,
        hotel: HotelId,
        operations: &[OperationId],
    ) -> Result<Vec<StoredVerdict>, LogError> {
        self.log.verdicts(hotel, operations).await
    }

    async fn register_actors(
        &self,
        hotel: HotelId,
        device: DeviceId,
        actors: &[ActorRegistration],
    ) -> Result<Vec<ActorId>, LogError> {
        self.log.register_actors(hotel, device, actors).await
    }

    async fn actors(
        &self,
        hotel: HotelId,
        actors: &[ActorId],
    ) -> Result<Vec<ActorBinding>, LogError> {
        self.log.actors(hotel, actors).await
    }

    async fn begin_epoch(
        &self,
        hotel: HotelId,
        epoch: LogEpoch,
        shared: Sequence,
        now: Timestamp,
    ) -> Result<Head, LogError> {
        self.log.begin_epoch(hotel, epoch, shared, now).await
    }

    async fn served_as(
        &self,
        hotel: HotelId,
        person: UserId,
        device: DeviceId,
    ) -> Result<Option<Served>, LogError> {
        self.log.served_as(hotel, person, device).await
    }

    async fn has(&self, hotel: HotelId, known: KnownPlace) -> Result<bool, LogError> {
        self.log.has(hotel, known).await
    }

    async fn shared_with(
        &self,
        hotel: HotelId,
        epoch: LogEpoch,
    ) -> Result<Option<Sequence>, LogError> {
        self.log.shared_with(hotel, epoch).await
    }

    async fn records(
        &self,
        hotel: HotelId,
        records: &[RecordRef],
    ) -> Result<Vec<KnownRecord>, LogError> {
        self.log.records(hotel, records).await
    }

    async fn people(&self, hotel: HotelId) -> Result<Vec<Person>, LogError> {
        self.log.people(hotel).await
    }

    async fn standing(&self, hotel: HotelId, after: Timestamp) -> Result<Standing, LogError> {
        self.log.standing(hotel, after).await
    }

    async fn note_role_change(&self, hotel: HotelId, change: RoleChange) -> Result<(), LogError> {
        self.log.note_role_change(hotel, change).await
    }

    async fn note_told(
        &self,
        hotel: HotelId,
        device: DeviceId,
        up_to: Sequence,
        now: Timestamp,
    ) -> Result<(), LogError> {
        self.log.note_told(hotel, device, up_to, now).await
    }

    async fn note_suspicion(
        &self,
        hotel: HotelId,
        of: (DeviceId, Option<UserId>),
        suspicion: Suspicion,
        now: Timestamp,
    ) -> Result<(), LogError> {
        self.log.note_suspicion(hotel, of, suspicion, now).await
    }

    async fn distrust(
        &self,
        hotel: HotelId,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<bool, LogError> {
        self.log.distrust(hotel, device, now).await
    }

    async fn reviews(&self, hotel: HotelId) -> Result<Vec<Review>, LogError> {
        self.log.reviews(hotel).await
    }

    async fn review(
        &self,
        hotel: HotelId,
        operation: OperationId,
    ) -> Result<Option<Review>, LogError> {
        self.log.review(hotel, operation).await
    }

    async fn decide(&self, hotel: HotelId, step: Step) -> Result<bool, LogError> {
        self.log.decide(hotel, step).await
    }
}

#[tokio::test]
async fn a_log_that_is_packed_at_once_keeps_the_contract() {
    contract::holds(async || {
        let (scratch, ground) = scratch_with_two_hotels().await;
        let database = scratch.open().await;
        let log = PackedAtOnce {
            log: PostgresLog::new(database, Announcements::default()),
            owner: Database::open_as_owner(&scratch.owner_url()).await.unwrap(),
        };
        (log, ground)
    })
    .await;
}

#[tokio::test]
async fn whoever_changes_what_judgements_rest_on_moves_the_mark() {
    let (scratch, ground) = scratch_with_two_hotels().await;
    let log = PostgresLog::new(scratch.open().await, Announcements::default());
    let mut rows = scratch.inspect().await;
    let mark = async |hotel| log.standing(hotel, Timestamp(0)).await.unwrap().mark;
    let other = mark(ground.other_hotel).await;
    let person = "'00000000-0000-0000-0000-0000000000aa'";
    for (statement, moves) in [
        (
            format!(
                "insert into person (hotel, person, name, display, role, password_hash)
                 values ($1, {person}, 'rui', 'Rui', 'housekeeper', '')"
            ),
            1,
        ),
        (
            format!("update person set display = 'Rui C.' where hotel = $1 and person = {person}"),
            0,
        ),
        // The person's row, and the history of their role.
        (
            format!("update person set role = 'manager' where hotel = $1 and person = {person}"),
            2,
        ),
        (
            format!("delete from person where hotel = $1 and person = {person}"),
            1,
        ),
        (
            "update device set distrusted_at = 1 where hotel = $1".to_owned(),
            1,
        ),
        (
            "update device set name = 'other' where hotel = $1".to_owned(),
            0,
        ),
    ] {
        let before = mark(ground.hotel).await;
        sqlx::query(sqlx::AssertSqlSafe(statement.clone()))
            .bind(ground.hotel.0)
            .execute(&mut rows)
            .await
            .unwrap();
        let after = mark(ground.hotel).await;
        assert_eq!(after.count, before.count + moves, "{statement}");
        assert_eq!(after.epoch, before.epoch);
    }
    assert_eq!(mark(ground.other_hotel).await, other);
}
