//! A Postgres cluster of one test, which may kill it.

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
        let folder = tempfile::Builder::new()
            .prefix("keyrack-postgres-")
            .tempdir()
            .expect("a temporary folder");
        chown(folder.path(), Some(account.0), Some(account.1)).expect("a folder can be given away");
        let options = PgConnectOptions::new()
            .host("127.0.0.1")
            .port(port::free().port())
            .username("postgres")
            .database("postgres");
        let mut cluster = Self {
            folder,
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
