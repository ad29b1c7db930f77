//! The only way to a connection: a transaction that has named its hotel first.
//!
//! **Architecture Invariant**: no query of a hotel's rows runs outside [`Database::begin`], and
//! row-level security shows a transaction the rows of the hotel it named and no others.

use keyrack_model::ids::HotelId;
use sqlx::{
    PgPool, Postgres, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::time::Duration;

/// Every migration, in order; applied ones never change.
pub static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

const CONNECTIONS: u32 = 16;
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(5);

/// Why the database is not fit to be served from.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("the database address is not one: {0}")]
    Address(#[source] sqlx::Error),
    #[error("the database cannot be reached: {0}")]
    Unreachable(#[source] sqlx::Error),
    #[error("the database has no Keyrack schema yet: run `keyrack-server migrate` first")]
    NoSchema,
    #[error(
        "the database's schema is at version {found} and this server needs {needed}: run \
         `keyrack-server migrate` of this version"
    )]
    OtherSchema { found: i64, needed: i64 },
    #[error(
        "the role `{role}` may see the rows of every hotel (it is a superuser, bypasses row-level \
         security or owns the tables): serve as `keyrack_app`"
    )]
    TooPowerful { role: String },
    #[error("the database failed: {0}")]
    Failed(#[from] sqlx::Error),
}

/// The database as the application role reaches it.
#[derive(Clone)]
pub struct Database {
    pool: PgPool,
}

impl Database {
    /// Connects, and refuses a database that is not fit to be served from.
    pub async fn open(url: &str) -> Result<Self, DatabaseError> {
        let options: PgConnectOptions = url.parse().map_err(DatabaseError::Address)?;
        let options = options
            .application_name("keyrack-server")
            .options([
                ("statement_timeout", "5s"),
                ("lock_timeout", "2s"),
                ("idle_in_transaction_session_timeout", "10s"),
            ]);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(WAIT_FOR_CONNECTION)
            .connect_with(options)
            .await
            .map_err(DatabaseError::Unreachable)?;
        let database = Self { pool };
        database.check_role().await?;
        database.check_schema().await?;
        Ok(database)
    }

    /// A transaction that sees one hotel.
    pub async fn begin(
        &self,
        hotel: HotelId,
    ) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("select set_config('app.hotel', $1, true)")
            .bind(hotel.to_string())
            .execute(&mut *transaction)
            .await?;
        Ok(transaction)
    }

    /// Whether the database answers at all.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("select 1").execute(&self.pool).await.map(drop)
    }

    /// For what concerns no hotel's rows: LISTEN, NOTIFY and the schema's version.
    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub async fn check_schema(&self) -> Result<(), DatabaseError> {
        let needed = MIGRATIONS.iter().map(|migration| migration.version).max();
        let needed = needed.unwrap_or_default();
        let there: bool = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null")
            .fetch_one(&self.pool)
            .await?;
        if !there {
            return Err(DatabaseError::NoSchema);
        }
        let found: Option<i64> =
            sqlx::query_scalar("select max(version) from _sqlx_migrations where success")
                .fetch_one(&self.pool)
                .await?;
        match found {
            None => Err(DatabaseError::NoSchema),
            Some(found) if found == needed => Ok(()),
            Some(found) => Err(DatabaseError::OtherSchema { found, needed }),
        }
    }

    async fn check_role(&self) -> Result<(), DatabaseError> {
        let (role, powerful): (String, bool) = sqlx::query_as(
            "select current_user::text, rolsuper or rolbypassrls or exists (
                 select 1 from pg_class
                 where relname = 'hotel' and relkind = 'r' and relowner = pg_roles.oid
             )
             from pg_roles where rolname = current_user",
        )
        .fetch_one(&self.pool)
        .await?;
        if powerful {
            Err(DatabaseError::TooPowerful { role })
        } else {
            Ok(())
        }
    }
}

/// Brings the schema up to date, as the owner of the tables.
pub async fn migrate(owner_url: &str) -> Result<(), DatabaseError> {
    let options: PgConnectOptions = owner_url.parse().map_err(DatabaseError::Address)?;
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(WAIT_FOR_CONNECTION)
        .connect_with(options)
        .await
        .map_err(DatabaseError::Unreachable)?;
    MIGRATIONS
        .run(&pool)
        .await
        .map_err(|error| DatabaseError::Failed(error.into()))?;
    sqlx::query("grant select on _sqlx_migrations to keyrack_app")
        .execute(&pool)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
