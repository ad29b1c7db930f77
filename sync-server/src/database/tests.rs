//! What the schema promises, asked of Postgres' own catalogue and tried with two hotels.

use super::{DatabaseError, migrate};
use crate::{
    accounts::{Accounts, NewPerson},
    database::Database,
    heads::Announcements,
    hotel::{Hotels, PAGE},
    log::{
        Basis, Log, Refused, digest,
        postgres::{PostgresLog, Range, pack_next},
        review::{Cause, Kept, RoleChange},
    },
    peer::Peer,
    pretend,
    scratch::Scratch,
    server_author::ServerAuthor,
    snapshots::Snapshots,
};
use keyrack_model::{
    action::{Action, LogEntry, Sequence},
    command::Command,
    identity::SERVER_DEVICE,
    ids::{DeviceId, HotelId, LogEpoch, OperationId},
    policy::Role,
    refusal::Refusal,
    time::Timestamp,
    wire::SignIn,
};
use sqlx::PgConnection;
use std::net::Ipv4Addr;
use std::sync::Arc;
use uuid::Uuid;

const NOW: Timestamp = Timestamp(1_495_700_000_000);

#[test]
fn a_database_on_another_machine_is_spoken_to_as_its_address_says_and_never_in_the_clear_unsaid() {
    for (address, is_said) in [
        ("postgres://keyrack_app@localhost/keyrack", true),
        ("postgres://keyrack_app@127.0.0.1:5432/keyrack", true),
        ("postgres://keyrack_app@[::1]/keyrack", true),
        ("postgres:///keyrack?host=/var/run/postgresql", true),
        ("postgres://keyrack_app@db.example/keyrack", false),
        ("postgres://keyrack_app@10.0.0.5/keyrack", false),
        (
            "postgres://keyrack_app@db.example/keyrack?sslmode=prefer",
            false,
        ),
        (
            "postgres://keyrack_app@db.example/keyrack?sslmode=disable",
            true,
        ),
        (
            "postgres://keyrack_app@db.example/keyrack?sslmode=require",
            true,
        ),
        (
            "postgres://keyrack_app@db.example/keyrack?sslmode=verify-full",
            true,
        ),
    ] {
        let found = super::options(address);
        let is_unsaid = matches!(found, Err(DatabaseError::Unsaid));
        assert_eq!(found.is_ok(), is_said, "{address}");
        assert_eq!(is_unsaid, !is_said, "{address}");
    }
}

#[tokio::test]
async fn every_table_shows_the_rows_of_the_named_hotel_alone() {
    let scratch = Scratch::migrated().await;
    let open: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
           and relname <> '_sqlx_migrations'
           and not (relrowsecurity and relforcerowsecurity and exists (
               select from pg_policy
               where polrelid = pg_class.oid and polcmd = '*' and polpermissive
                 and pg_get_expr(polqual, polrelid) = '(hotel = app_hotel())'
                 and pg_get_expr(polwithcheck, polrelid) = '(hotel = app_hotel())'
           ) and 1 = (select count(*) from pg_policy where polrelid = pg_class.oid))
         order by relname",
    )
    .fetch_all(&mut scratch.inspect().await)
    .await
    .unwrap();
    assert_eq!(open, Vec::<String>::new());
}

/// What reads with other eyes than those of whoever asks: views without `security_invoker`, those that
/// keep what they read, tables that are elsewhere, and functions that run as their owner.
async fn seeing_more(rows: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar(
        "select name from (
             select relname::text as name from pg_class
             where relnamespace = 'public'::regnamespace
                 and (relkind in ('m', 'f') or relkind = 'v'
                     and not coalesce(reloptions @> array['security_invoker=true'], false))
             union all
             select proname::text from pg_proc
             where pronamespace = 'public'::regnamespace and prosecdef) as found
         order by name collate \"C\"",
    )
    .fetch_all(rows)
    .await
    .unwrap()
}

#[tokio::test]
async fn no_view_and_no_function_shows_more_than_whoever_asks_may_see() {
    let scratch = Scratch::migrated().await;
    let mut rows = scratch.inspect().await;
    assert_eq!(seeing_more(&mut rows).await, Vec::<String>::new());
    // Each of them would be found.
    sqlx::raw_sql(
        "create view a_view as select * from person;
         create view invoked with (security_invoker = true) as select * from person;
         create materialized view kept as select * from person;
         create function as_owner() returns bigint language sql security definer
             as 'select count(*) from person';
         create function as_asked() returns bigint language sql
             as 'select count(*) from person';",
    )
    .execute(&mut rows)
    .await
    .unwrap();
    let found = seeing_more(&mut rows).await;
    assert_eq!(found, ["a_view", "as_owner", "kept"]);
}

#[tokio::test]
async fn every_key_and_every_index_begins_with_the_hotel() {
    let scratch = Scratch::migrated().await;
    let mut rows = scratch.inspect().await;
    let indexes: Vec<String> = sqlx::query_scalar(
        "select indexrelid::regclass::text from pg_index
         join pg_class on pg_class.oid = indrelid
         join pg_attribute on attrelid = indrelid and attnum = indkey[0]
         where relnamespace = 'public'::regnamespace and relname <> '_sqlx_migrations'
           and attname <> 'hotel'
         order by 1",
    )
    .fetch_all(&mut rows)
    .await
    .unwrap();
    assert_eq!(indexes, Vec::<String>::new());
    let references: Vec<String> = sqlx::query_scalar(
        "select conname::text from pg_constraint
         join pg_attribute on attrelid = conrelid and attnum = conkey[1]
         where contype = 'f' and attname <> 'hotel'
         order by 1",
    )
    .fetch_all(&mut rows)
    .await
    .unwrap();
    assert_eq!(references, Vec::<String>::new());
}

#[tokio::test]
async fn a_hotel_neither_sees_nor_writes_another_whatever_the_query_forgets() {
    let scratch = Scratch::migrated().await;
    let database = scratch.open().await;
    let (one, other) = (
        inhabited(&database, "one").await,
        inhabited(&database, "other").await,
    );
    let owner = Database::open_as_owner(&scratch.owner_url()).await.unwrap();
    for hotel in [one, other] {
        let first = Range {
            entries: 1,
            bytes: 1,
        };
        let log = PostgresLog::new(database.clone(), Announcements::default());
        let all = log.head(hotel).await.unwrap().sequence;
        let packed = pack_next(&owner, hotel, all, first).await;
        assert!(packed.unwrap().is_some());
    }
    let mut superuser = scratch.inspect().await;
    let tables = tables(&mut superuser).await;
    for table in &tables {
        let all = count(&mut superuser, table, None).await;
        let mut tx = database.begin(one).await.unwrap();
        let seen = count(&mut tx, table, None).await;
        assert_eq!(count(&mut tx, table, Some(one)).await, seen, "{table}");
        assert_eq!(count(&mut tx, table, Some(other)).await, 0, "{table}");
        assert_eq!(all, 2 * seen, "{table}");
        assert!(seen > 0, "{table} was not tried");
        let unnamed = count(&mut scratch.nameless().await, table, None).await;
        assert_eq!(unnamed, 0, "{table}");
    }
    let mut tx = database.begin(one).await.unwrap();
    let planted = sqlx::query(
        "insert into person (hotel, person, name, display, role, password_hash)
         values ($1, $2, 'canary', 'Canary', 'manager', '')",
    )
    .bind(other.0)
    .bind(Uuid::now_v7())
    .execute(&mut *tx)
    .await;
    let error = planted.unwrap_err().to_string();
    assert!(error.contains("row-level security"), "{error}");
}

#[tokio::test]
async fn a_connection_forgets_its_hotel_with_the_transaction() {
    let scratch = Scratch::migrated().await;
    let database = scratch.open().await;
    let hotel = inhabited(&database, "one").await;
    let mut connection = scratch.nameless().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "begin; select set_config('app.hotel', '{hotel}', true); commit"
    )))
    .execute(&mut connection)
    .await
    .unwrap();
    assert_eq!(count(&mut connection, "hotel", None).await, 0);
}

#[tokio::test]
async fn the_application_role_cannot_rewrite_the_log() {
    let scratch = Scratch::migrated().await;
    let database = scratch.open().await;
    let hotel = inhabited(&database, "one").await;
    for table in ["action", "change", "actor", "packed_log", "audit"] {
        for statement in [
            format!("update {table} set hotel = hotel"),
            format!("delete from {table}"),
            format!("truncate {table}"),
        ] {
            let mut tx = database.begin(hotel).await.unwrap();
            let rewritten = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.clone()))
                .execute(&mut *tx)
                .await;
            let error = rewritten.unwrap_err().to_string();
            assert!(error.contains("permission denied"), "{statement}: {error}");
        }
    }
}

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    let scratch = Scratch::migrated().await;
    let database = scratch.open().await;
    inhabited(&database, "one").await;
    let before = count(&mut scratch.inspect().await, "_sqlx_migrations", None).await;
    migrate(&scratch.owner_url()).await.unwrap();
    let after = count(&mut scratch.inspect().await, "_sqlx_migrations", None).await;
    assert_eq!(before, after);
    assert_eq!(count(&mut scratch.inspect().await, "hotel", None).await, 1);
}

#[tokio::test]
async fn a_role_that_sees_every_hotel_is_not_served_with() {
    let scratch = Scratch::migrated().await;
    for url in [scratch.superuser_url(), scratch.owner_url()] {
        let refused = Database::open(&url).await.err().unwrap();
        assert!(
            matches!(refused, DatabaseError::TooPowerful { .. }),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn a_schema_that_is_missing_or_older_is_not_served_from() {
    let bare = Scratch::bare().await;
    let missing = Database::open(&bare.app_url()).await.err().unwrap();
    assert!(matches!(missing, DatabaseError::NoSchema), "{missing}");
    for url in [bare.app_url(), Scratch::migrated().await.app_url()] {
        let refused = migrate(&url).await.unwrap_err();
        assert!(matches!(refused, DatabaseError::NotOwner), "{refused:?}");
    }

    let scratch = Scratch::migrated().await;
    sqlx::query("delete from _sqlx_migrations where version > 1")
        .execute(&mut scratch.inspect().await)
        .await
        .unwrap();
    let older = Database::open(&scratch.app_url()).await.err().unwrap();
    assert!(older.to_string().contains("migrate"), "{older}");
}

#[tokio::test]
async fn a_server_comes_back_on_a_newer_schema_and_migrates_it_to_nothing_older() {
    let scratch = Scratch::migrated().await;
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'later', true, '', 0)",
    )
    .execute(&mut scratch.inspect().await)
    .await
    .unwrap();
    let database = Database::open(&scratch.app_url()).await.unwrap();
    inhabited(&database, "one").await;
    let refused = migrate(&scratch.owner_url()).await.unwrap_err();
    assert!(
        matches!(refused, DatabaseError::NewerSchema { found: 9999, .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn a_commit_is_on_disk_whatever_the_database_is_set_to() {
    let scratch = Scratch::migrated().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(
        "do $$ begin execute format(
             'alter database %I set synchronous_commit = off', current_database()); end $$",
    ))
    .execute(&mut scratch.inspect().await)
    .await
    .unwrap();
    let of = "select current_setting('synchronous_commit')";
    let elsewhere: String = sqlx::query_scalar(of)
        .fetch_one(&mut scratch.nameless().await)
        .await
        .unwrap();
    assert_eq!(elsewhere, "off");
    let database = scratch.open().await;
    let here: String = sqlx::query_scalar(of)
        .fetch_one(database.pool())
        .await
        .unwrap();
    assert_eq!(here, "on");
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_named_without_its_password() {
    let nobody = "postgres://keyrack_app:canary-password@127.0.0.1:1/keyrack";
    let refused = Database::open(nobody).await.err().unwrap().to_string();
    assert!(refused.contains("cannot be reached"), "{refused}");
    assert!(!refused.contains("canary-password"), "{refused}");
}

/// A hotel with something in every table.
async fn inhabited(database: &Database, code: &str) -> HotelId {
    let accounts = Accounts::new(database.clone());
    let hotel = accounts.create_hotel(code, "A hotel", NOW).await.unwrap();
    let maria = NewPerson {
        name: "maria".into(),
        display: "Maria Silva".into(),
        role: Role::Housekeeper,
        password: "maria-keyrack".into(),
    };
    accounts.add_person(hotel, maria, NOW).await.unwrap();
    let log = PostgresLog::new(database.clone(), Announcements::default());
    let hotels = Hotels::new(Arc::new(log), Arc::new(|| NOW));
    let open = Command::OpenHotel {
        hotel,
        name: "A hotel".into(),
        business_date: "2017-05-25".parse().unwrap(),
    };
    let mut author = ServerAuthor::at(&hotels, hotel).await.unwrap();
    author.act(&[open]).await.unwrap();
    let secret = [7; 32];
    let maria = [code, "maria", "maria-keyrack"];
    let sign_in = pretend::sign_in(maria, DeviceId(Uuid::now_v7()), &secret);
    let codes = accounts.make_device_codes(hotel, 1, 1, NOW).await.unwrap();
    let sign_in = SignIn {
        code: Some(codes[0].to_string()),
        person_key: Some(sign_in.device.public_key.clone()),
        ..sign_in
    };
    let sign_in = pretend::proved(sign_in, &secret, NOW);
    let here = Peer(Ipv4Addr::LOCALHOST.into());
    let signed_in = accounts.sign_in(sign_in, here, NOW).await.unwrap();
    let log = PostgresLog::new(database.clone(), Announcements::default());
    // What her device had been told is remembered with it.
    let change = RoleChange {
        person: signed_in.person.id,
        at: NOW,
        before: Role::Engineer,
        after: Some(Role::Housekeeper),
    };
    log.note_role_change(hotel, change).await.unwrap();
    let opened = log.read(hotel, Sequence(0), PAGE).await.unwrap();
    let action = Action {
        operation: OperationId(Uuid::now_v7()),
        ..opened.iter().find_map(LogEntry::action).unwrap().clone()
    };
    let refused = Refused {
        operation: action.operation,
        digest: digest(&action),
        author: action.author,
        device: SERVER_DEVICE,
        received_at: NOW,
        refusal: Refusal::Quarantined,
        kept: Some(Box::new(Kept {
            cause: Cause::Distrusted,
            role: None,
            action,
        })),
    };
    let head = log.head(hotel).await.unwrap().sequence;
    log.append(hotel, Basis::end(head), &[], &[refused])
        .await
        .unwrap();
    let epoch = LogEpoch(Uuid::now_v7());
    log.begin_epoch(hotel, epoch, head, NOW).await.unwrap();
    // Those of before have ended.
    accounts.make_device_codes(hotel, 1, 1, NOW).await.unwrap();
    let snapshots = Snapshots::new(database.clone(), Arc::new(log), Arc::new(|| NOW));
    snapshots.working_set(hotel).await.unwrap();
    let mut tx = database.begin(hotel).await.unwrap();
    sqlx::query(
        "insert into import_key (hotel, key, name, hash, made_by, made_at)
         values ($1, $2, 'A program', $3, $4, $5)",
    )
    .bind(hotel.0)
    .bind(Uuid::now_v7())
    .bind([7_u8; 32].as_slice())
    .bind(signed_in.person.id.0)
    .bind(NOW.0)
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    hotel
}

async fn tables(superuser: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar(
        "select relname::text from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
           and relname <> '_sqlx_migrations'
         order by relname",
    )
    .fetch_all(superuser)
    .await
    .unwrap()
}

async fn count(connection: &mut PgConnection, table: &str, hotel: Option<HotelId>) -> i64 {
    let condition = hotel.map_or("true".to_owned(), |hotel| format!("hotel = '{hotel}'"));
    let question = format!("select count(*) from {table} where {condition}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(question))
        .fetch_one(connection)
        .await
        .unwrap()
}
