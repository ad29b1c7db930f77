//! A database of its own for each test, on the private cluster that `cargo xtask test` starts.
//!
//! Databases are not dropped: they end with the cluster.

use crate::database::{self, Database};
use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use uuid::Uuid;

/// One database, reached as the roles that a real installation has.
pub struct Scratch {
    options: PgConnectOptions,
}

impl Scratch {
    /// One without a schema.
    pub async fn bare() -> Self {
        let cluster: PgConnectOptions = std::env::var("KEYRACK_TEST_POSTGRES")
            .expect("KEYRACK_TEST_POSTGRES is not set: run `cargo xtask test`")
            .parse()
            .expect("KEYRACK_TEST_POSTGRES is a postgres:// address");
        let name = format!("keyrack_scratch_{}", Uuid::now_v7().simple());
        let create = format!("create database {name} owner keyrack_owner template template0");
        let mut connection = connect(&cluster).await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(create))
            .execute(&mut connection)
            .await
            .expect("a database is made");
        connection.close().await.expect("the connection ends");
        Self {
            options: cluster.database(&name),
        }
    }

    /// One with the schema and nothing else.
    pub async fn migrated() -> Self {
        let scratch = Self::bare().await;
        database::migrate(&scratch.owner_url())
            .await
            .expect("the schema is made");
        scratch
    }

    /// As the server opens it.
    pub async fn open(&self) -> Database {
        let opened = Database::open(&self.app_url()).await;
        opened.expect("the database is fit to be served from")
    }

    /// As a superuser, whom nothing is hidden from.
    pub async fn inspect(&self) -> PgConnection {
        connect(&self.options).await
    }

    /// As the application role, without naming a hotel.
    pub async fn nameless(&self) -> PgConnection {
        connect(&self.options_of("keyrack_app")).await
    }

    pub fn superuser_url(&self) -> String {
        self.options.to_url_lossy().to_string()
    }

    pub fn owner_url(&self) -> String {
        self.options_of("keyrack_owner").to_url_lossy().to_string()
    }

    pub fn app_url(&self) -> String {
        self.options_of("keyrack_app").to_url_lossy().to_string()
    }

    fn options_of(&self, role: &str) -> PgConnectOptions {
        self.options.clone().username(role).password("keyrack")
    }
}

async fn connect(options: &PgConnectOptions) -> PgConnection {
    PgConnection::connect_with(options)
        .await
        .expect("the cluster of KEYRACK_TEST_POSTGRES answers")
}
