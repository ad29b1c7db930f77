//! Where the server and the database of an open demo are, for whoever comes to it later.
//!
//! **Architecture Invariant**: only the process that holds the demo's folder writes the notice, only
//! its user reads it, and nobody believes one before the server has answered.

use std::{
    fs,
    io::{self, Write},
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use crate::{
    problem::{Problem, While},
    state::State,
    sync_server::is_ready,
};

const FILE: &str = "server";

/// A notice that is up until it is dropped.
#[derive(Debug)]
pub struct Notice {
    path: PathBuf,
}

/// A demo that another process has open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Open {
    pub server: SocketAddr,
    /// The address of the database as the server reaches it.
    pub database: String,
}

impl Notice {
    pub fn post(state: &State, open: &Open) -> Result<Notice, Problem> {
        let path = state.folder().join(FILE);
        write(&path, &format!("{}\n{}\n", open.server, open.database))
            .while_doing(|| format!("{} cannot be written", path.display()))?;
        Ok(Notice { path })
    }
}

/// Anew: one that was left behind may be for everybody to read.
fn write(path: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())
}

impl Drop for Notice {
    fn drop(&mut self) {
        // One that stays behind is not believed: its server does not answer.
        let _ = fs::remove_file(&self.path);
    }
}

/// The demo that another process has open in a folder.
pub fn open_demo(folder: &Path) -> Result<Open, Problem> {
    fs::read_to_string(folder.join(FILE))
        .ok()
        .and_then(|noted| read(&noted))
        .filter(|open| open.server.ip().is_loopback() && is_ready(open.server))
        .ok_or_else(|| Problem::NotServing {
            folder: folder.to_owned(),
        })
}

fn read(noted: &str) -> Option<Open> {
    let (server, database) = noted.trim().split_once('\n')?;
    Some(Open {
        server: server.parse().ok()?,
        database: database.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io::Read, net::TcpListener, os::unix::fs::MetadataExt, thread};

    /// Answers one question as a server that is ready does.
    fn ready_server() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut asked, _) = listener.accept().unwrap();
            let mut question = Vec::new();
            while !question.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                asked.read_exact(&mut byte).unwrap();
                question.extend(byte);
            }
            assert!(question.starts_with(b"GET /health/ready "));
            asked
                .write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
                .unwrap();
        });
        address
    }

    #[test]
    fn a_demo_that_is_open_is_found_by_its_notice_until_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::hold(Some(folder.path())).unwrap();
        let open = Open {
            server: ready_server(),
            database: "postgres://keyrack_app:canary@127.0.0.1:1/keyrack".into(),
        };
        let file = folder.path().join(FILE);
        fs::write(&file, "left behind").unwrap();
        let notice = Notice::post(&state, &open).unwrap();
        assert_eq!(open_demo(folder.path()).unwrap(), open);
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o077, 0);
        drop(notice);
        assert!(matches!(
            open_demo(folder.path()),
            Err(Problem::NotServing { .. })
        ));
    }

    #[test]
    fn a_notice_that_a_killed_demo_left_behind_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let gone = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = gone.local_addr().unwrap();
        drop(gone);
        for left_behind in [server.to_string(), "192.0.2.1:80".into(), "x".into()] {
            let noted = format!("{left_behind}\npostgres://127.0.0.1:1/keyrack\n");
            fs::write(folder.path().join(FILE), noted).unwrap();
            assert!(open_demo(folder.path()).is_err());
        }
    }
}
