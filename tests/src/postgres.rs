//! A database of its own for each test, on the private cluster that `cargo xtask test` starts.
//!
//! Databases are not dropped: they end with the cluster.

use crate::{bin_dir, hotel, peer, server::Cli};
use keyrack_model::identity;
use keyrack_server::{
    database, heads::Announcements, log::postgres::PostgresLog, snapshots::Snapshots,
};
use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

/// The advisory lock under which templates are made.
const TEMPLATES: i64 = 7_300;

/// A migrated database, reached as the roles that a real installation has.
#[derive(Clone)]
pub struct Database {
    options: PgConnectOptions,
}

impl Database {
    /// One with the schema and nothing else.
    pub async fn empty() -> Self {
        let cluster = cluster();
        let database = Self {
            options: cluster.clone().database(&unused_name()),
        };
        let mut cluster = connect(&cluster).await;
        create(&mut cluster, database.name(), None).await;
        Cli::new(&database).succeed(&["migrate"], "").await;
        database
    }

    /// One with the demo hotel, its people and its bookings.
    ///
    /// The import runs once for each build of the server; later calls copy its result.
    pub async fn with_demo() -> Self {
        Self::with_demo_on(&cluster()).await
    }

    /// The same on another cluster.
    pub async fn with_demo_on(cluster: &PgConnectOptions) -> Self {
        let template = cluster.clone().database(&template_name());
        let database = Self {
            options: cluster.clone().database(&unused_name()),
        };
        let mut cluster = connect(cluster).await;
        sqlx::query("select pg_advisory_lock($1)")
            .bind(TEMPLATES)
            .execute(&mut cluster)
            .await
            .expect("a lock");
        let template = Self { options: template };
        if !exists(&mut cluster, template.name()).await {
            template.make_demo(&mut cluster).await;
        }
        create(&mut cluster, database.name(), Some(template.name())).await;
        cluster.close().await.expect("the connection ends");
        database
    }

    /// As the owner of the schema: for migrations.
    pub fn owner_url(&self) -> String {
        self.url_of("keyrack_owner")
    }

    /// As the server.
    pub fn app_url(&self) -> String {
        self.url_of("keyrack_app")
    }

    /// As a superuser, who sees the rows of all hotels.
    pub async fn inspect(&self) -> PgConnection {
        connect(&self.options).await
    }

    /// Fills a database under another name first: one that has the template's name is whole.
    async fn make_demo(&self, cluster: &mut PgConnection) {
        let making = Self {
            options: self.options.clone().database(&unused_name()),
        };
        create(cluster, making.name(), None).await;
        let cli = Cli::new(&making);
        cli.succeed(&["migrate"], "").await;
        let hotel = ["--code", hotel::CODE, "--name", hotel::NAME];
        let date = ["--business-date", hotel::BUSINESS_DATE];
        cli.succeed(&[&["hotel", "create"], &hotel[..], &date].concat(), "")
            .await;
        for person in hotel::PEOPLE {
            cli.add_person(hotel::CODE, &person).await;
        }
        let file = hotel::bookings();
        let file = file.to_str().expect("the checkout's path is text");
        let import = [
            "import",
            "bookings",
            file,
            "--hotel",
            hotel::CODE,
            "--assign",
        ];
        cli.succeed(&[&import[..], &date].concat(), "").await;
        making.hand_out().await;
        // Nobody may be connected to a template.
        sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1")
            .bind(making.name())
            .execute(&mut *cluster)
            .await
            .expect("connections end");
        let rename = format!("alter database {} rename to {}", making.name(), self.name());
        sqlx::raw_sql(sqlx::AssertSqlSafe(rename))
            .execute(cluster)
            .await
            .expect("the template gets its name");
    }

    /// The snapshots of its hotels, as a server has them.
    pub async fn snapshots(&self) -> Snapshots {
        let database = database::Database::open(&self.app_url())
            .await
            .expect("the database opens");
        let log = PostgresLog::new(database.clone(), Announcements::default());
        Snapshots::new(database, Arc::new(log), Arc::new(peer::now))
    }

    /// Has the working set made for the first device: later ones find it.
    async fn hand_out(&self) {
        let snapshots = self.snapshots().await;
        let made = snapshots.working_set(identity::hotel(hotel::CODE)).await;
        made.expect("a working set is made");
    }

    fn name(&self) -> &str {
        self.options.get_database().expect("a database has a name")
    }

    fn url_of(&self, role: &str) -> String {
        let options = self.options.clone().username(role).password("keyrack");
        options.to_url_lossy().to_string()
    }
}

/// The cluster of this test run, as a superuser.
pub fn cluster() -> PgConnectOptions {
    std::env::var("KEYRACK_TEST_POSTGRES")
        .expect("KEYRACK_TEST_POSTGRES is not set: run `cargo xtask test`")
        .parse()
        .expect("KEYRACK_TEST_POSTGRES is a postgres:// address")
}

pub(crate) async fn connect(options: &PgConnectOptions) -> PgConnection {
    PgConnection::connect_with(options)
        .await
        .expect("the cluster of KEYRACK_TEST_POSTGRES answers")
}

async fn exists(cluster: &mut PgConnection, name: &str) -> bool {
    sqlx::query_scalar("select exists (select 1 from pg_database where datname = $1)")
        .bind(name)
        .fetch_one(cluster)
        .await
        .expect("the catalogue answers")
}

async fn create(cluster: &mut PgConnection, name: &str, template: Option<&str>) {
    let template = template.unwrap_or("template0");
    let create = format!("create database {name} owner keyrack_owner template {template}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(create))
        .execute(cluster)
        .await
        .expect("a database is made");
}

fn unused_name() -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let unique = uuid::Uuid::now_v7().simple();
    format!("keyrack_test_{unique}_{number}")
}

/// Names the server's build and the demo's bookings: another build makes another template.
fn template_name() -> String {
    let mut hasher = DefaultHasher::new();
    for file in [bin_dir::program("keyrack-server"), hotel::bookings()] {
        let facts =
            std::fs::metadata(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        facts.len().hash(&mut hasher);
        facts.modified().ok().hash(&mut hasher);
    }
    format!("keyrack_demo_{:016x}", hasher.finish())
}
