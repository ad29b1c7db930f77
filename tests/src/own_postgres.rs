//! A Postgres cluster of one test, which may kill it, bring it back to an older state, and let
//! another one take its place.

use crate::{
    port, postgres,
    wait::{self, PATIENTLY},
};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use std::{
    fs::{self, File},
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// Made with the programs and the account of the test run's cluster; ends with the value.
pub struct OwnPostgres {
    folder: TempDir,
    programs: PathBuf,
    /// User and group.
    account: (u32, u32),
    options: PgConnectOptions,
    postmaster: Option<Child>,
}

impl OwnPostgres {
    /// A running one, with the roles of an installation.
    pub async fn start() -> Self {
        let (programs, account) = installation().await;
        let options = PgConnectOptions::new()
            .host("127.0.0.1")
            .port(port::free().port())
            .username("postgres")
            .database("postgres");
        let mut cluster = Self {
            folder: folder_of(account),
            programs,
            account,
            options,
            postmaster: None,
        };
        cluster.make();
        cluster.start_again().await;
        let mut superuser = postgres::connect(&cluster.options).await;
        sqlx::raw_sql(
            "create role keyrack_owner login password 'keyrack';
             create role keyrack_app login password 'keyrack';",
        )
        .execute(&mut superuser)
        .await
        .expect("roles are made");
        cluster
    }

    /// As a superuser.
    pub fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// Ends every process of the cluster at once, as a crash of its machine does.
    pub fn kill(&mut self) {
        let Some(mut postmaster) = self.postmaster.take() else {
            return;
        };
        // It must not make new ones while the others are looked for.
        let pid = Pid::from_child(&postmaster);
        let _ = kill_process(pid, Signal::STOP);
        for other in children(pid) {
            let _ = kill_process(other, Signal::KILL);
        }
        postmaster.kill().expect("it can be killed");
        postmaster.wait().expect("its end");
    }

    /// Copies all that it has while it works: the copy is of a moment before this returns.
    pub fn back_up(&self) -> Backup {
        let backup = self.folder.path().join("backup");
        self.copy_to(&backup, &[]);
        Backup(backup)
    }

    /// Ends it as [`Self::kill`] does and starts it from a copy: what it got since is gone.
    pub async fn put_back(&mut self, backup: Backup) {
        self.kill();
        fs::remove_dir_all(self.data()).expect("a folder that can go");
        fs::rename(backup.0, self.data()).expect("a copy that is there");
        self.start_again().await;
    }

    /// Another cluster that gets all that this one does, a moment later.
    pub async fn standby(&self) -> Self {
        let mut standby = Self {
            folder: folder_of(self.account),
            programs: self.programs.clone(),
            account: self.account,
            options: self.options.clone().port(port::free().port()),
            postmaster: None,
        };
        self.copy_to(&standby.data(), &["--write-recovery-conf"]);
        standby.start_again().await;
        standby
    }

    /// Cuts a standby off, with all that its primary has up to here and nothing later.
    pub async fn cut_off_from(&self, primary: &Self) {
        let end: String = sqlx::query_scalar("select pg_current_wal_lsn()::text")
            .fetch_one(&mut postgres::connect(&primary.options).await)
            .await
            .expect("a primary writes");
        let mut superuser = postgres::connect(&self.options).await;
        wait::until("the standby has it", PATIENTLY, async || {
            let has: Option<bool> =
                sqlx::query_scalar("select pg_last_wal_replay_lsn() >= $1::pg_lsn")
                    .bind(&end)
                    .fetch_one(&mut superuser)
                    .await
                    .expect("a standby answers");
            has.filter(|has| *has).map(drop).ok_or(format!("{has:?}"))
        })
        .await;
        for command in [
            "alter system set primary_conninfo = ''",
            "select pg_reload_conf()",
        ] {
            sqlx::raw_sql(command)
                .execute(&mut superuser)
                .await
                .expect("a standby is told");
        }
        wait::until("nothing comes any more", PATIENTLY, async || {
            let receivers: i64 = sqlx::query_scalar("select count(*) from pg_stat_wal_receiver")
                .fetch_one(&mut superuser)
                .await
                .expect("a standby answers");
            match receivers {
                0 => Ok(()),
                _ => Err("its primary still sends".to_owned()),
            }
        })
        .await;
    }

    /// Kills its primary and serves in that one's place, where others find it.
    pub async fn take_over_from(&mut self, mut primary: Self) {
        primary.kill();
        let promoted: bool = sqlx::query_scalar("select pg_promote()")
            .fetch_one(&mut postgres::connect(&self.options).await)
            .await
            .expect("a standby answers");
        assert!(promoted, "the standby does not take over");
        self.kill();
        self.options = primary.options.clone();
        self.start_again().await;
    }

    /// Kills one process that serves a connection to a database; the cluster ends all others then
    /// and recovers by itself.
    pub async fn kill_a_backend_of(&self, role: &str) {
        let mut superuser = postgres::connect(&self.options).await;
        let pid: i32 = sqlx::query_scalar(
            "select pid from pg_stat_activity where usename = $1 and backend_type = 'client backend'
             order by state, pid limit 1",
        )
        .bind(role)
        .fetch_one(&mut superuser)
        .await
        .expect("somebody is connected");
        let pid = Pid::from_raw(pid).expect("a process");
        kill_process(pid, Signal::KILL).expect("it can be killed");
    }

    /// Starts it on the same port; returns when it takes connections.
    pub async fn start_again(&mut self) {
        wait::until("a Postgres of its own", PATIENTLY, async || {
            if let Some(postmaster) = &mut self.postmaster
                && postmaster.try_wait().expect("its end").is_some()
            {
                self.postmaster = None;
            }
            if self.postmaster.is_none() {
                self.postmaster = Some(self.spawn());
            }
            match PgConnection::connect_with(&self.options).await {
                Ok(connection) => connection.close().await.map_err(|error| error.to_string()),
                Err(error) => Err(format!("{error}; {}", self.log())),
            }
        })
        .await;
    }

    fn make(&self) {
        let made = self
            .program("initdb")
            .args(["--username", "postgres", "--auth", "trust", "--no-sync"])
            .args(["--encoding", "UTF8", "--locale", "C.UTF-8", "--pgdata"])
            .arg(self.data())
            .output()
            .expect("initdb runs");
        let errors = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "no cluster was made: {errors}");
    }

    fn copy_to(&self, folder: &Path, more: &[&str]) {
        let copied = self
            .program("pg_basebackup")
            .args(["--host", "127.0.0.1", "--username", "postgres"])
            .args(["--port", &self.options.get_port().to_string()])
            .args(["--checkpoint", "fast", "--no-sync"])
            .args(more)
            .arg("--pgdata")
            .arg(folder)
            .output()
            .expect("pg_basebackup runs");
        let errors = String::from_utf8_lossy(&copied.stderr);
        assert!(copied.status.success(), "no copy was made: {errors}");
    }

    fn spawn(&self) -> Child {
        let log = self.folder.path().join("log");
        let log = File::options().create(true).append(true).open(log);
        let log = log.expect("the folder can be written");
        // A killed process leaves what it wrote with the system: nothing needs to reach the disk.
        self.program("postgres")
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.options.get_port().to_string()])
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"])
            .args(["-c", "unix_socket_directories="])
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("one log for both streams"))
            .stderr(log)
            .spawn()
            .expect("Postgres starts")
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(self.folder.path());
        if rustix::process::geteuid().is_root() {
            command.uid(self.account.0).gid(self.account.1);
        }
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        self.kill();
    }
}

/// All that a cluster had at one moment.
pub struct Backup(PathBuf);

/// A temporary one that belongs to an account.
fn folder_of(account: (u32, u32)) -> TempDir {
    let folder = tempfile::Builder::new()
        .prefix("keyrack-postgres-")
        .tempdir()
        .expect("a temporary folder");
    chown(folder.path(), Some(account.0), Some(account.1)).expect("a folder can be given away");
    folder
}

/// The folder of the programs that the test run's cluster runs, and the account that it runs as.
async fn installation() -> (PathBuf, (u32, u32)) {
    let mut superuser = postgres::connect(&postgres::cluster()).await;
    let data: String = sqlx::query_scalar("select current_setting('data_directory')")
        .fetch_one(&mut superuser)
        .await
        .expect("the cluster knows its folder");
    let data = Path::new(&data);
    let owner = fs::metadata(data).expect("the cluster is on this machine");
    let postmaster = fs::read_to_string(data.join("postmaster.pid")).expect("it runs");
    let postmaster = postmaster.lines().next().expect("its number").to_owned();
    let program = fs::read_link(format!("/proc/{postmaster}/exe")).expect("its program");
    let programs = program.parent().expect("a program is in a folder");
    (programs.to_owned(), (owner.uid(), owner.gid()))
}

fn children(parent: Pid) -> Vec<Pid> {
    let listed = fs::read_to_string(format!(
        "/proc/{0}/task/{0}/children",
        parent.as_raw_nonzero()
    ));
    let listed = listed.unwrap_or_default();
    let numbers = listed.split_whitespace().filter_map(|one| one.parse().ok());
    numbers.filter_map(Pid::from_raw).collect()
}
