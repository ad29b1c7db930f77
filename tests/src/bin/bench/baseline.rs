//! What the same disk and the same Postgres do with nothing around them.

use super::figures::Times;
use keyrack_tests::postgres::Database;
use rusqlite::Connection;
use sqlx::{Connection as _, PgConnection, Row as _};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// A bare SQLite file with the durability of a replica's store and nothing else.
pub struct BareSqlite(Connection);

impl BareSqlite {
    pub fn at(path: &Path) -> Self {
        let db = Connection::open(path).expect("a file");
        db.execute_batch(
            "pragma journal_mode = wal; pragma synchronous = full;
             create table if not exists row (id integer primary key, bytes blob not null) strict;",
        )
        .expect("a schema");
        Self(db)
    }

    /// Writes this many bytes and returns when they are on the disk.
    pub fn commit(&self, bytes: usize) {
        self.0
            .execute("insert into row (bytes) values (?1)", [vec![7_u8; bytes]])
            .expect("a commit");
    }

    /// Reads every row, and returns how many bytes there were.
    pub fn read_all(&self) -> usize {
        let mut statement = self
            .0
            .prepare("select bytes from row order by id")
            .expect("a query");
        let rows = statement
            .query_map([], |row| row.get::<_, Vec<u8>>(0))
            .expect("rows");
        rows.map(|row| row.expect("a row").len()).sum()
    }
}

/// Medians of one small durable commit in Postgres.
#[derive(Clone, Copy)]
pub struct Commit {
    /// Of many without a pause.
    pub steady: Duration,
    /// Of those before each of which the machine rested, as it does before a single edit of W.
    pub rested: Duration,
}

impl Commit {
    /// In a database of its own.
    pub async fn measured() -> Self {
        const STEADY: usize = 500;
        const RESTED: usize = 40;
        let mut connection = Database::empty().await.inspect().await;
        let steady = postgres_commits(&mut connection, STEADY, Duration::ZERO).await;
        let rested = postgres_commits(&mut connection, RESTED, REST).await;
        Self {
            steady: steady.median(),
            rested: rested.median(),
        }
    }
}

/// The pause between two single edits of W, in every server's client.
const REST: Duration = Duration::from_millis(120);

/// Times of one small durable commit in Postgres, one at a time, each after a pause.
pub async fn postgres_commits(
    connection: &mut PgConnection,
    count: usize,
    pause: Duration,
) -> Times {
    sqlx::raw_sql("create table if not exists bench_commit (id bigint, bytes bytea)")
        .execute(&mut *connection)
        .await
        .expect("a table");
    let durable: String = sqlx::query("show fsync")
        .fetch_one(&mut *connection)
        .await
        .expect("a setting")
        .get(0);
    assert_eq!(durable, "on", "the bench needs a durable Postgres");
    let mut times = Times::default();
    for id in 0..count {
        std::thread::sleep(pause);
        let begun = Instant::now();
        let mut transaction = connection.begin().await.expect("a transaction");
        sqlx::query("insert into bench_commit (id, bytes) values ($1, $2)")
            .bind(id as i64)
            .bind(vec![7_u8; 400])
            .execute(&mut *transaction)
            .await
            .expect("an insert");
        transaction.commit().await.expect("a commit");
        times.push(begun.elapsed());
    }
    times
}
