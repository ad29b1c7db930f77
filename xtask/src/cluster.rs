//! A private Postgres cluster: made once, started and stopped by this process, reachable over a
//! socket in its own folder and over one loopback port.
//!
//! **Architecture Invariant**: only the owner of the folder gets in without a password, and a
//! cluster that was half made when somebody pulled the plug is made again from nothing.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::{
    interrupt,
    problem::{Problem, While},
    process::{Account, Background, Farewell, Running, bound, hand_to, listen_to, under},
    state::random_password,
};

mod programs;

use programs::Programs;

/// Recovery after a hard stop can take its time.
const START_PATIENCE: Duration = Duration::from_secs(120);
/// Another program may take the free port between the look and the start.
const PORT_ATTEMPTS: usize = 5;
/// A socket's path fits into 108 bytes, and Postgres adds a file name to the folder's.
const LONGEST_SOCKET_FOLDER: usize = 85;

/// The last bit of a folder's mode.
const OTHERS_MAY_PASS: u32 = 0o001;

/// Whether a commit survives the machine's power failing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// As in production: for people's data and for measurements.
    Durable,
    /// Several times faster; killed processes lose nothing, a power failure may.
    SurvivesProcessesOnly,
}

/// How a cluster is kept.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Holds data, socket and log; made when it is missing.
    pub folder: PathBuf,
    pub durability: Durability,
    /// Of the roles `keyrack_owner` and `keyrack_app`.
    pub role_password: String,
}

/// A running cluster; dropping it shuts it down in order.
#[derive(Debug)]
pub struct Cluster {
    programs: Programs,
    account: Option<Account>,
    socket_folder: PathBuf,
    port: u16,
    superuser_password: String,
    role_password: String,
    server: Running,
}

impl Cluster {
    /// Starts the cluster in its folder, making it first when there is none.
    pub fn start(settings: Settings) -> Result<Cluster, Problem> {
        let folder = &settings.folder;
        check_place(folder)?;
        let socket_folder = socket_folder(folder);
        let account = programs::account()?;
        for made in [folder, &socket_folder] {
            own_folder(made, account)?;
        }
        let data = folder.join("data");
        let programs = Programs::find(version_of(&data).as_deref())?;
        if !data.exists() {
            make(&programs, folder, account, settings.durability)?;
        }
        end_orphan(&data)?;
        let (server, port) = serve(&programs, folder, account, settings.durability)?;
        let cluster = Cluster {
            programs,
            account,
            socket_folder,
            port,
            superuser_password: random_password()?,
            role_password: settings.role_password,
            server,
        };
        cluster.set_up_roles()?;
        Ok(cluster)
    }

    /// Fails when Postgres ended by itself.
    pub fn check(&self) -> Result<(), Problem> {
        if self.server.has_ended() {
            Err(Problem::PostgresStopped)
        } else {
            Ok(())
        }
    }

    /// Runs statements as the superuser; the first failing one is the error.
    pub fn execute(&self, database: &str, statements: &str) -> Result<String, Problem> {
        let mut psql = self.client("psql");
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args(["--set", "ON_ERROR_STOP=1", "--dbname", database])
            .args(["--file", "-"]);
        hand_to("Asking Postgres", &mut psql, statements).map(|said| said.trim().to_owned())
    }

    /// Makes an empty database of `keyrack_owner`, in place of one that was there.
    pub fn make_database(&self, name: &str) -> Result<(), Problem> {
        self.execute(
            "postgres",
            &format!(
                "drop database if exists \"{name}\" with (force);\n\
                 create database \"{name}\" owner keyrack_owner;"
            ),
        )
        .map(drop)
    }

    /// For the tests, which make databases of their own.
    pub fn superuser_url(&self) -> String {
        self.url("postgres", &self.superuser_password, "postgres")
    }

    /// For migrations.
    pub fn owner_url(&self, database: &str) -> String {
        self.url("keyrack_owner", &self.role_password, database)
    }

    /// For the sync server.
    pub fn application_url(&self, database: &str) -> String {
        self.url("keyrack_app", &self.role_password, database)
    }

    fn url(&self, role: &str, password: &str, database: &str) -> String {
        format!(
            "postgres://{role}:{password}@127.0.0.1:{}/{database}",
            self.port
        )
    }

    fn client(&self, program: &str) -> Command {
        let mut command = self.programs.command(program, self.account);
        command
            .arg("--host")
            .arg(&self.socket_folder)
            .args(["--port", &self.port.to_string()])
            .args(["--username", "postgres"])
            .current_dir(&self.socket_folder);
        command
    }

    fn set_up_roles(&self) -> Result<(), Problem> {
        let mut statements = format!(
            "alter role postgres password '{}';\n",
            self.superuser_password
        );
        for role in ["keyrack_owner", "keyrack_app"] {
            statements += &format!(
                "select 'create role {role} login' \
                 where not exists (select from pg_roles where rolname = '{role}') \\gexec\n\
                 alter role {role} login nosuperuser nobypassrls password '{}';\n",
                self.role_password
            );
        }
        self.execute("postgres", &statements).map(drop)
    }
}

/// Fails when a cluster cannot be kept in this folder, whether it is there already or not.
pub fn check_place(folder: &Path) -> Result<(), Problem> {
    if socket_folder(folder).as_os_str().len() > LONGEST_SOCKET_FOLDER {
        return Err(Problem::PathTooLong {
            folder: folder.to_owned(),
        });
    }
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    // Postgres will run as another user, who must get as far as the folder.
    let is_private = |parent: &&Path| {
        fs::metadata(parent).is_ok_and(|parent| parent.mode() & OTHERS_MAY_PASS == 0)
    };
    match folder.ancestors().skip(1).find(is_private) {
        None => Ok(()),
        Some(closed) => Err(Problem::Unreachable {
            folder: folder.to_owned(),
            closed: closed.to_owned(),
        }),
    }
}

fn socket_folder(folder: &Path) -> PathBuf {
    folder.join("socket")
}

/// The major version that made this data; none when there is no data.
fn version_of(data: &Path) -> Option<String> {
    let version = fs::read_to_string(data.join("PG_VERSION")).ok()?;
    Some(version.trim().to_owned())
}

fn own_folder(folder: &Path, account: Option<Account>) -> Result<(), Problem> {
    let owner = account.map(|account| (account.user, account.group));
    fs::create_dir_all(folder)
        .and_then(|()| fs::set_permissions(folder, fs::Permissions::from_mode(0o700)))
        .and_then(|()| match owner {
            Some((user, group)) => chown(folder, Some(user), Some(group)),
            None => Ok(()),
        })
        .while_doing(|| format!("{} cannot be prepared", folder.display()))
}

/// `initdb` into a folder beside the final one, which takes the final name when it is whole.
fn make(
    programs: &Programs,
    folder: &Path,
    account: Option<Account>,
    durability: Durability,
) -> Result<(), Problem> {
    let unfinished = folder.join("data.unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)
            .while_doing(|| format!("{} cannot be removed", unfinished.display()))?;
    }
    let mut initdb = bound(programs.path("initdb"), Farewell::Terminate);
    under(&mut initdb, account)
        .arg("--pgdata")
        .arg(&unfinished)
        .args(["--username", "postgres"])
        .args(["--auth-local", "trust", "--auth-host", "scram-sha-256"])
        .args(["--encoding", "UTF8", "--locale", "C.UTF-8"])
        .arg("--no-instructions")
        .current_dir(folder);
    if durability == Durability::SurvivesProcessesOnly {
        initdb.arg("--no-sync");
    }
    listen_to("Making the database", &mut initdb)?;
    fs::rename(&unfinished, folder.join("data"))
        .while_doing(|| format!("{} cannot be renamed", unfinished.display()))
}

/// Ends a server that an earlier, killed command left on this data.
fn end_orphan(data: &Path) -> Result<(), Problem> {
    let pid_file = data.join("postmaster.pid");
    let Some(pid) = fs::read_to_string(&pid_file)
        .ok()
        .and_then(|text| text.lines().next()?.trim().parse().ok())
        .and_then(Pid::from_raw)
    else {
        return Ok(());
    };
    match who_is(pid, data) {
        Whose::Ours => {
            let _ = kill_process(pid, Signal::INT);
            interrupt::wait_for(|| Ok((test_kill_process(pid).is_err()).then_some(())))
        }
        // While that process lives, Postgres would take it for the server of the note.
        Whose::Strangers => fs::remove_file(&pid_file)
            .while_doing(|| format!("{} cannot be removed", pid_file.display())),
        Whose::Unknown => Ok(()),
    }
}

/// Whose process has a number that was once the server's.
enum Whose {
    /// The server of this data.
    Ours,
    /// The number was given to another process since.
    Strangers,
    /// There is none, or it is another user's: Postgres sees that by itself.
    Unknown,
}

fn who_is(pid: Pid, data: &Path) -> Whose {
    let process = PathBuf::from(format!("/proc/{}", pid.as_raw_pid()));
    let (Ok(name), Ok(place), Ok(data)) = (
        fs::read_to_string(process.join("comm")),
        fs::read_link(process.join("cwd")),
        data.canonicalize(),
    ) else {
        return Whose::Unknown;
    };
    if name.trim() == "postgres" && place == data {
        Whose::Ours
    } else {
        Whose::Strangers
    }
}

fn serve(
    programs: &Programs,
    folder: &Path,
    account: Option<Account>,
    durability: Durability,
) -> Result<(Running, u16), Problem> {
    let log_path = folder.join("postgres.log");
    let mut outcome = Err(Problem::DidNotStart {
        what: "Postgres",
        log: String::new(),
    });
    for _ in 0..PORT_ATTEMPTS {
        outcome = serve_on(
            free_port()?,
            programs,
            folder,
            account,
            durability,
            &log_path,
        );
        match &outcome {
            Err(Problem::DidNotStart { log, .. }) if log.contains("Address already in use") => {}
            _ => break,
        }
    }
    outcome
}

fn serve_on(
    port: u16,
    programs: &Programs,
    folder: &Path,
    account: Option<Account>,
    durability: Durability,
    log_path: &Path,
) -> Result<(Running, u16), Problem> {
    let log = File::create(log_path)
        .while_doing(|| format!("{} cannot be written", log_path.display()))?;
    let socket_folder = socket_folder(folder);
    let mut server = Background::new(programs.path("postgres"), Farewell::FastShutdown);
    under(&mut server.command, account)
        .arg("-D")
        .arg(folder.join("data"))
        .args(["-p", &port.to_string()])
        .current_dir(folder);
    let mut set = |name: &str, value: &str| {
        server.command.args(["-c", &format!("{name}={value}")]);
    };
    set("listen_addresses", "127.0.0.1");
    set("unix_socket_directories", &socket_folder.to_string_lossy());
    set("unix_socket_permissions", "0700");
    // Every test has a server with a pool of its own.
    set("max_connections", "300");
    set("timezone", "UTC");
    if durability == Durability::SurvivesProcessesOnly {
        set("fsync", "off");
        set("synchronous_commit", "off");
        set("full_page_writes", "off");
    }
    let mut running = server.start(&log)?;
    let deadline = Instant::now() + START_PATIENCE;
    interrupt::wait_for(|| {
        let mut knock = programs.command("pg_isready", account);
        knock
            .args(["--quiet", "--host"])
            .arg(&socket_folder)
            .args(["--port", &port.to_string()])
            .current_dir(folder);
        match listen_to("Knocking at Postgres", &mut knock) {
            Ok(_) => Ok(Some(())),
            Err(Problem::CommandFailed { .. })
                if running.end().is_none() && Instant::now() < deadline =>
            {
                Ok(None)
            }
            Err(Problem::CommandFailed { .. }) => Err(Problem::DidNotStart {
                what: "Postgres",
                log: fs::read_to_string(log_path).unwrap_or_default(),
            }),
            Err(problem) => Err(problem),
        }
    })?;
    Ok((running, port))
}

/// A loopback port that nobody listens on at this moment.
pub fn free_port() -> Result<u16, Problem> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .while_doing(|| "No port is free".to_owned())
}
