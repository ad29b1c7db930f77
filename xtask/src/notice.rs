//! Where the server of an open demo is, for whoever comes to it later.
//!
//! **Architecture Invariant**: only the process that holds the demo's folder writes the notice, and
//! nobody believes one before the server has answered.

use std::{
    fs,
    net::SocketAddr,
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

impl Notice {
    pub fn post(state: &State, server: SocketAddr) -> Result<Notice, Problem> {
        let path = state.folder().join(FILE);
        fs::write(&path, server.to_string())
            .while_doing(|| format!("{} cannot be written", path.display()))?;
        Ok(Notice { path })
    }
}

impl Drop for Notice {
    fn drop(&mut self) {
        // One that stays behind is not believed: its server does not answer.
        let _ = fs::remove_file(&self.path);
    }
}

/// The server of the demo that another process has open in a folder.
pub fn open_server(folder: &Path) -> Result<SocketAddr, Problem> {
    fs::read_to_string(folder.join(FILE))
        .ok()
        .and_then(|noted| noted.trim().parse::<SocketAddr>().ok())
        .filter(|server| server.ip().is_loopback() && is_ready(*server))
        .ok_or_else(|| Problem::NotServing {
            folder: folder.to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
    };

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
        let server = ready_server();
        let notice = Notice::post(&state, server).unwrap();
        assert_eq!(open_server(folder.path()).unwrap(), server);
        drop(notice);
        assert!(matches!(
            open_server(folder.path()),
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
            fs::write(folder.path().join(FILE), left_behind).unwrap();
            assert!(open_server(folder.path()).is_err());
        }
    }
}
