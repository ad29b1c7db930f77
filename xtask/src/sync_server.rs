//! The demo's sync server, from its start until it answers.

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{
    cargo::{Mode, programs},
    cluster::Cluster,
    demo::DATABASE,
    interrupt, leftovers,
    problem::{Problem, While},
    process::{Background, Farewell, Running},
    state::State,
};

const START_PATIENCE: Duration = Duration::from_secs(30);
const KNOCK_PATIENCE: Duration = Duration::from_secs(2);
/// Enough of a log to see why something ended.
const LOG_TAIL_LINES: usize = 8;

/// A server that answers; dropping it stops it in order.
#[derive(Debug)]
pub struct SyncServer {
    running: Running,
    log_file: PathBuf,
}

impl SyncServer {
    pub fn start(state: &State, cluster: &Cluster, port: u16) -> Result<SyncServer, Problem> {
        let (log, log_file) = state.log("server")?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let program = programs(Mode::Debug).join("keyrack-server");
        let mut server = Background::new(program, Farewell::Terminate);
        server
            .command
            .arg("serve")
            .env("KEYRACK_DATABASE_URL", cluster.application_url(DATABASE))
            .env("KEYRACK_LISTEN", address.to_string())
            .env("KEYRACK_AUDIT_KEY", state.audit_key())
            .env("KEYRACK_AUDIT_HEADS", state.audit_heads());
        leftovers::mark(&mut server.command);
        let mut server = SyncServer {
            running: server.start(&log)?,
            log_file,
        };
        let deadline = Instant::now() + START_PATIENCE;
        interrupt::wait_for(|| {
            server.check()?;
            if is_ready(address) {
                return Ok(Some(()));
            }
            if Instant::now() < deadline {
                return Ok(None);
            }
            Err(Problem::DidNotStart {
                what: "The sync server",
                log: log_tail(&server.log_file),
            })
        })?;
        Ok(server)
    }

    /// Fails when the server ended by itself.
    pub fn check(&mut self) -> Result<(), Problem> {
        match self.running.end() {
            None => Ok(()),
            Some(_) => Err(Problem::ServerStopped {
                log: log_tail(&self.log_file),
                log_file: self.log_file.clone(),
            }),
        }
    }
}

/// Fails when somebody listens on the port.
pub fn check_port(port: u16) -> Result<(), Problem> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(problem) if problem.kind() == std::io::ErrorKind::AddrInUse => {
            Err(Problem::PortInUse(port))
        }
        Err(problem) => {
            Err(problem).while_doing(|| format!("The server cannot listen on port {port}"))
        }
    }
}

/// The last lines of a log.
pub fn log_tail(path: &Path) -> String {
    let log = fs::read(path).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n")
}

/// Whether a server at this address says that it is ready.
pub fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut connection = TcpStream::connect_timeout(&address, KNOCK_PATIENCE)?;
        connection.set_read_timeout(Some(KNOCK_PATIENCE))?;
        write!(
            connection,
            "GET /health/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer)?;
        Ok(answer.starts_with(b"HTTP/1.1 200"))
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_before_anything_starts() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!(matches!(check_port(port), Err(Problem::PortInUse(named)) if named == port));
        drop(taken);
        check_port(port).unwrap();
    }

    #[test]
    fn a_log_ends_with_its_last_lines() {
        let log = tempfile::NamedTempFile::new().unwrap();
        let lines: Vec<_> = (1..=20).map(|line| line.to_string()).collect();
        fs::write(log.path(), lines.join("\n")).unwrap();
        assert_eq!(log_tail(log.path()), "13\n14\n15\n16\n17\n18\n19\n20");
    }
}
