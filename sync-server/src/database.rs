//! The only way to a connection: a transaction that has named its hotel first.
//!
//! **Architecture Invariant**: no query of a hotel's rows runs outside [`Database::begin`] but
//! functions of the schema that name it themselves, and row-level security shows a transaction the
//! rows of the hotel it named and no others.

use keyrack_model::ids::HotelId;
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool, Postgres, Transaction,
    migrate::{MigrateError, Migrator},
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};
use std::{net::IpAddr, time::Duration};
use tokio::time::timeout;

/// Every migration, in order; applied ones never change.
pub static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

const CONNECTIONS: u32 = 16;
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(5);
/// After which rest a connection is tried before it is used.
const RESTED: Duration = Duration::from_secs(1);

/// Why the database is not fit to be served from.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("the database address is not one: {0}")]
    Address(#[source] sqlx::Error),
    #[error(
        "the database is on another machine, and its address does not say whether passwords and \
         guests go there in the clear: add `sslmode=verify-full` (or `require`, if its certificate \
         cannot be checked) to it, or `sslmode=disable` where the network in between is the \
         server's alone"
    )]
    Unsaid,
    #[error("the database cannot be reached: {}", cause(.0))]
    Unreachable(#[source] sqlx::Error),
    #[error("the database cannot be reached: it did not answer within five seconds")]
    Silent,
    #[error("the database has no Keyrack schema yet: run `keyrack-server migrate` first")]
    NoSchema,
    #[error(
        "the database's schema is at version {found} and this server needs {needed}: run \
         `keyrack-server migrate` of this version"
    )]
    OlderSchema { found: i64, needed: i64 },
    #[error(
        "the database's schema is at version {found}, newer than the {needed} that this version \
         of Keyrack makes; nothing was changed"
    )]
    NewerSchema { found: i64, needed: i64 },
    #[error(
        "there is no role `keyrack_app` to give the tables to: make it first (create role \
         keyrack_app login password '…'), then run `keyrack-server migrate` again"
    )]
    NoApplicationRole,
    #[error(
        "the database's user may not change the schema, and nothing was changed: give the address \
         of the tables' owner as `--owner-database-url` or in KEYRACK_OWNER_DATABASE_URL"
    )]
    NotOwner,
    #[error("the schema could not be brought up to date: {0}")]
    Migration(#[source] MigrateError),
    #[error(
        "the role `{role}` may see the rows of every hotel (it is a superuser, bypasses row-level \
         security or owns the tables): serve as `keyrack_app`"
    )]
    TooPowerful { role: String },
    #[error("the database failed: {0}")]
    Failed(#[from] sqlx::Error),
}

/// Whether it is for the owner of the tables.
fn is_not_allowed(error: &sqlx::Error) -> bool {
    const INSUFFICIENT_PRIVILEGE: &str = "42501";
    let code = error.as_database_error().and_then(|error| error.code());
    code.as_deref() == Some(INSUFFICIENT_PRIVILEGE)
}

/// The database as the application role reaches it.
#[derive(Clone)]
pub struct Database {
    pool: PgPool,
}

/// Ends with its connection, also when the process is killed.
pub struct ImportsHeld {
    _connection: PgConnection,
}

impl Database {
    /// Connects, and refuses a database that is not fit to be served from.
    pub async fn open(url: &str) -> Result<Self, DatabaseError> {
        let database = Self::reach(url).await?;
        database.check_role().await?;
        database.check_version().await?;
        Ok(database)
    }

    /// Connects as the owner of the tables, for what the application role may not do. It names its
    /// hotel and sees that one alone, as everybody.
    pub async fn open_as_owner(owner_url: &str) -> Result<Self, DatabaseError> {
        let database = Self::reach(owner_url).await?;
        database.check_version().await?;
        Ok(database)
    }

    async fn reach(url: &str) -> Result<Self, DatabaseError> {
        let options = options(url)?.options([
            ("statement_timeout", "5s"),
            ("lock_timeout", "2s"),
            ("idle_in_transaction_session_timeout", "10s"),
            // A verdict promises that what it is about stays, whatever the cluster is set to.
            ("synchronous_commit", "on"),
        ]);
        answers(&options).await?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(WAIT_FOR_CONNECTION)
            // One that was in use just now is there: no round trip to ask.
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    let is_there = meta.idle_for < RESTED || connection.ping().await.is_ok();
                    Ok(is_there)
                })
            })
            // A connection keeps room for the largest statement that it ever sent: a round of a storm, or
            // a batch of snapshots, takes tens of megabytes.
            .after_release(|connection, _| {
                Box::pin(async move {
                    connection.shrink_buffers();
                    Ok(true)
                })
            })
            .connect_lazy_with(options);
        Ok(Self { pool })
    }

    /// Keeps other imports away from a hotel for as long as this is held, by whichever process;
    /// None while somebody else does.
    pub async fn hold_imports(&self, hotel: HotelId) -> Result<Option<ImportsHeld>, DatabaseError> {
        let (high, low) = hotel.0.as_u64_pair();
        let mut connection = self.pool.acquire().await?.detach();
        let is_held = sqlx::query_scalar("select pg_try_advisory_lock($1)")
            .bind((high ^ low).cast_signed())
            .fetch_one(&mut connection)
            .await?;
        Ok(if is_held {
            Some(ImportsHeld {
                _connection: connection,
            })
        } else {
            None
        })
    }

    async fn check_version(&self) -> Result<(), DatabaseError> {
        let (found, needed) = (self.check_schema().await?, needed());
        if found > needed {
            tracing::warn!(
                found,
                needed,
                "the database's schema is newer than this server: it serves on until it is replaced"
            );
        }
        Ok(())
    }

    /// A transaction that sees one hotel.
    pub async fn begin(
        &self,
        hotel: HotelId,
    ) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        // One round trip. An id has only hexadecimal digits and hyphens.
        let begin = format!("begin; select set_config('app.hotel', '{hotel}', true)");
        let pool = self.pool.clone();
        // On a task of its own: a caller who gives up in the middle then drops a transaction that
        // has begun, and not a connection that goes back to the pool inside one.
        tokio::spawn(async move { pool.begin_with(AssertSqlSafe(begin)).await })
            .await
            .map_err(|_| sqlx::Error::WorkerCrashed)?
    }

    /// A connection for one statement that is a transaction of its own: a function of the schema
    /// that names its hotel first.
    pub(crate) async fn connection(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        self.pool.acquire().await
    }

    /// Whether the database answers at all.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("select 1").execute(&self.pool).await.map(drop)
    }

    /// For what concerns no hotel's rows: LISTEN, NOTIFY and the schema's version.
    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Connections that are open, and those of them that nobody uses.
    pub fn connections(&self) -> (u32, usize) {
        (self.pool.size(), self.pool.num_idle())
    }

    /// The schema's version, if this server can serve from it. A later one only added to what
    /// this server knows: servers of both versions run side by side during an upgrade.
    pub async fn check_schema(&self) -> Result<i64, DatabaseError> {
        let needed = needed();
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
            Some(found) if found < needed => Err(DatabaseError::OlderSchema { found, needed }),
            Some(found) => Ok(found),
        }
    }

    async fn check_role(&self) -> Result<(), DatabaseError> {
        let (role, powerful): (String, bool) = sqlx::query_as(
            "select current_user::text, rolsuper or rolbypassrls or exists (
                 select from pg_class
                 where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
                   and pg_has_role(relowner, 'usage')
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
    // Whoever migrates at the same time is waited for, but not for ever.
    let options = options(owner_url)?.options([("lock_timeout", "30s")]);
    let mut owner = answers(&options).await?;
    let (there, is_application): (bool, bool) = sqlx::query_as(
        "select exists (select from pg_roles where rolname = 'keyrack_app'),
                current_user = 'keyrack_app'",
    )
    .fetch_one(&mut owner)
    .await?;
    if !there {
        return Err(DatabaseError::NoApplicationRole);
    }
    // Before Postgres 15 anybody may make tables, and would own them then.
    if is_application {
        return Err(DatabaseError::NotOwner);
    }
    MIGRATIONS
        .run(&mut owner)
        .await
        .map_err(|error| match error {
            MigrateError::VersionMissing(found) => DatabaseError::NewerSchema {
                found,
                needed: needed(),
            },
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)
                if is_not_allowed(&error) =>
            {
                DatabaseError::NotOwner
            }
            error => DatabaseError::Migration(error),
        })?;
    sqlx::query("grant select on _sqlx_migrations to keyrack_app")
        .execute(&mut owner)
        .await?;
    owner.close().await?;
    Ok(())
}

fn options(url: &str) -> Result<PgConnectOptions, DatabaseError> {
    let options: PgConnectOptions = url.parse().map_err(DatabaseError::Address)?;
    check_way(&options)?;
    Ok(options.application_name("keyrack-server"))
}

/// Whoever runs the server says what the way to another machine is like; by itself nothing is tried
/// in the clear.
fn check_way(options: &PgConnectOptions) -> Result<(), DatabaseError> {
    let is_here = options.get_socket().is_some() || is_this_machine(options.get_host());
    match options.get_ssl_mode() {
        PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull => Ok(()),
        _ if is_here => Ok(()),
        PgSslMode::Disable => {
            tracing::warn!("the database is on another machine, and is spoken to in the clear");
            Ok(())
        }
        PgSslMode::Allow | PgSslMode::Prefer => Err(DatabaseError::Unsaid),
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.starts_with('/')
        || host == "localhost"
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// One connection, outside a pool: a pool would try on and say no more than that it waited.
async fn answers(options: &PgConnectOptions) -> Result<PgConnection, DatabaseError> {
    match timeout(WAIT_FOR_CONNECTION, PgConnection::connect_with(options)).await {
        Ok(connected) => connected.map_err(DatabaseError::Unreachable),
        Err(_) => Err(DatabaseError::Silent),
    }
}

/// What Postgres or the system says, without what sqlx adds around it.
fn cause(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        error => error.to_string(),
    }
}

/// The schema's version that this server is made for.
fn needed() -> i64 {
    let versions = MIGRATIONS.iter().map(|migration| migration.version);
    versions.max().unwrap_or_default()
}

#[cfg(test)]
mod tests;
