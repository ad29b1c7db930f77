//! The log in Postgres against the contract that its twin in memory keeps too.

use super::PostgresLog;
use crate::{
    heads::Announcements,
    log::contract::{self, Ground},
    scratch::Scratch,
};

async fn log_with_two_hotels() -> (PostgresLog, Ground) {
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
    let log = PostgresLog::new(scratch.open().await, Announcements::default());
    (log, ground)
}

#[tokio::test]
async fn the_log_in_postgres_keeps_the_contract() {
    contract::holds(log_with_two_hotels).await;
}
