//! The real server process, on a port that stays its own across stops, crashes and restarts.

use crate::{
    bin_dir, enrolment, faulty_disk,
    hotel::Somebody,
    http, port,
    postgres::Database,
    process,
    wait::{self, PATIENTLY, SOON},
};
use rustix::process::Pid;
use std::{
    fs::File,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

/// The files of a server's own TLS.
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// A server of one database; it is killed with the value.
pub struct Server {
    database: Database,
    tls: Option<TlsFiles>,
    address: SocketAddr,
    log: PathBuf,
    /// Of all servers in the test's folder.
    audit_key: PathBuf,
    audit_heads: PathBuf,
    /// By how many seconds its machine's clock is ahead.
    clock_ahead: i64,
    running: Option<Child>,
}

impl Server {
    /// Starts one, and returns when it says that it listens.
    pub async fn start(database: Database, folder: &Path) -> Self {
        Self::start_with(database, folder, None).await
    }

    /// The same for devices that trust its certificate.
    pub async fn start_over_tls(database: Database, folder: &Path, tls: TlsFiles) -> Self {
        Self::start_with(database, folder, Some(tls)).await
    }

    async fn start_with(database: Database, folder: &Path, tls: Option<TlsFiles>) -> Self {
        let address = port::free();
        enrolment::operated(address, Cli::new(&database));
        let mut server = Self {
            database,
            tls,
            address,
            log: folder.join(format!("server-{}.log", address.port())),
            audit_key: folder.join("audit.key"),
            audit_heads: folder.join(format!("audit-heads-{}", address.port())),
            clock_ahead: 0,
            running: None,
        };
        server.start_again().await;
        server
    }

    /// Where devices reach it.
    pub fn url(&self) -> String {
        match self.tls {
            Some(_) => format!("https://{}", self.address),
            None => format!("http://{}", self.address),
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The file in which it records where the audit logs end.
    pub fn audit_heads(&self) -> &Path {
        &self.audit_heads
    }

    /// The file of the key with which it signs that.
    pub fn audit_key(&self) -> &Path {
        &self.audit_key
    }

    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Ends it as an operator does; returns when the process is gone.
    pub async fn stop(&mut self) {
        process::terminate(self.pid());
        let child = self.running.as_mut().expect("the server runs");
        let status = tokio::time::timeout(SOON, child.wait())
            .await
            .expect("the server stops when asked")
            .expect("its end can be awaited");
        assert!(status.success(), "the server stopped with {status}");
        self.running = None;
    }

    /// Ends it as a power cut does.
    pub async fn kill(&mut self) {
        let mut child = self.running.take().expect("the server runs");
        child.kill().await.expect("it can be killed");
    }

    /// From its next start on its machine's clock is ahead by so many seconds, or behind.
    pub fn set_clock_ahead(&mut self, seconds: i64) {
        self.clock_ahead = seconds;
    }

    /// Starts it on the same port, after a stop or a crash.
    pub async fn start_again(&mut self) {
        let log = File::create(&self.log).expect("the test's folder can be written");
        let mut command = Cli::new(&self.database).command(&["serve"]);
        command
            .env("KEYRACK_LISTEN", self.address.to_string())
            .env("KEYRACK_AUDIT_KEY", &self.audit_key)
            .env("KEYRACK_AUDIT_HEADS", &self.audit_heads)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("one log for both streams"))
            .stderr(log);
        if self.clock_ahead != 0 {
            faulty_disk::clock_ahead(command.as_std_mut(), self.clock_ahead);
        }
        if let Some(tls) = &self.tls {
            command
                .env("KEYRACK_TLS_CERTIFICATE", &tls.certificate)
                .env("KEYRACK_TLS_KEY", &tls.key);
        }
        let mut child = command.spawn().expect("the server starts");
        wait::until("the server listening", PATIENTLY, async || {
            let log = self.log_text();
            if let Ok(Some(status)) = child.try_wait() {
                panic!("the server ended with {status} instead of listening:\n{log}");
            }
            let listening = log
                .lines()
                .any(|line| message(line) == Some("listening".into()));
            if listening { Ok(()) } else { Err(log) }
        })
        .await;
        // A plain request gets no answer over TLS.
        if self.tls.is_none() {
            let ready = http::get(self.address, "/health/ready").await;
            assert!(
                ready.as_ref().is_ok_and(|ready| ready.status == 200),
                "a server that listens is ready: {ready:?}"
            );
        }
        self.running = Some(child);
    }

    /// Has it read its certificate again; returns when it says that it has.
    pub async fn read_certificate_again(&self) {
        process::hang_up(self.pid());
        wait::until("the certificate read again", PATIENTLY, async || {
            let log = self.log_text();
            let mut said = log.lines().filter_map(message);
            if said.any(|said| said == "the certificate was read again") {
                Ok(())
            } else {
                Err(log)
            }
        })
        .await;
    }

    /// Waits until its readiness has a status.
    pub async fn until_ready_is(&self, status: u16) {
        wait::until(
            format!("ready is {status}"),
            PATIENTLY,
            async || match http::get(self.address, "/health/ready").await {
                Ok(answer) if answer.status == status => Ok(()),
                other => Err(format!("{other:?}")),
            },
        )
        .await;
    }

    /// What it has logged since its last start.
    pub fn log_text(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Bytes of memory that it holds.
    pub fn memory(&self) -> usize {
        self.bytes_of("VmRSS:")
    }

    /// Bytes of the most memory that it has held at once since its last start.
    pub fn most_memory(&self) -> usize {
        self.bytes_of("VmHWM:")
    }

    /// What Linux says of its process, under this name.
    fn bytes_of(&self, name: &str) -> usize {
        let status = format!("/proc/{}/status", self.pid().as_raw_nonzero());
        let status = std::fs::read_to_string(status).expect("the server runs");
        let held = status.lines().find_map(|line| line.strip_prefix(name));
        let held = held.expect("a running process has memory");
        let kilobytes = held.trim_end_matches("kB").trim();
        let kilobytes: usize = kilobytes.parse().expect("a number");
        kilobytes << 10
    }

    /// The number of its process.
    pub fn pid(&self) -> Pid {
        let child = self.running.as_ref().expect("the server runs");
        child
            .id()
            .and_then(|id| Pid::from_raw(id.try_into().ok()?))
            .expect("a running process has a number")
    }
}

/// The message of a JSON log line.
fn message(line: &str) -> Option<String> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let text = line
        .get("message")
        .or_else(|| line.pointer("/fields/message"))?;
    Some(text.as_str()?.to_owned())
}

/// The server's commands, as an operator runs them.
#[derive(Clone)]
pub struct Cli {
    environment: Vec<(&'static str, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Finished {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Cli {
    pub fn new(database: &Database) -> Self {
        Self {
            environment: vec![
                ("KEYRACK_OWNER_DATABASE_URL", database.owner_url()),
                ("KEYRACK_DATABASE_URL", database.app_url()),
            ],
        }
    }

    /// On the database that this process was told of in its environment.
    pub fn of_the_environment() -> Self {
        Self {
            environment: Vec::new(),
        }
    }

    /// On a database that somebody else has made.
    pub fn at(app_url: &str) -> Self {
        Self {
            environment: vec![("KEYRACK_DATABASE_URL", app_url.to_owned())],
        }
    }

    /// The same with one variable of the environment set otherwise.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.environment.retain(|(other, _)| *other != name);
        self.environment.push((name, value.to_owned()));
        self
    }

    /// Runs a command with `input` on its standard input, and returns how it ended.
    pub async fn run(&self, arguments: &[&str], input: &str) -> Finished {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server's program starts");
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        // A command that asks for no input may have closed it.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = tokio::time::timeout(PATIENTLY, child.wait_with_output())
            .await
            .unwrap_or_else(|_| panic!("{arguments:?} did not end"))
            .expect("its output can be read");
        Finished {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs a command that must succeed, and returns what it printed.
    pub async fn succeed(&self, arguments: &[&str], input: &str) -> String {
        let finished = self.run(arguments, input).await;
        assert_eq!(
            finished.code,
            Some(0),
            "{arguments:?} failed: {}{}",
            finished.stdout,
            finished.stderr
        );
        finished.stdout
    }

    /// Runs a command that must fail, and returns the sentence it left on standard error.
    pub async fn fail(&self, arguments: &[&str], input: &str) -> String {
        let finished = self.run(arguments, input).await;
        assert_eq!(
            finished.code,
            Some(1),
            "{arguments:?} should have failed: {finished:?}"
        );
        finished.stderr
    }

    pub async fn add_person(&self, hotel: &str, person: &Somebody) {
        let who = ["--name", person.name, "--display", person.display];
        let arguments = [
            &["user", "add", "--hotel", hotel, "--role", person.role],
            &who[..],
        ];
        let password = format!("{}\n", person.password());
        self.succeed(&arguments.concat(), &password).await;
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(bin_dir::program("keyrack-server"));
        command
            .args(arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env_remove("KEYRACK_PASSWORD")
            .kill_on_drop(true);
        command
    }
}
