//! The demo's network, as far as its windows can tell: the sync server, which a person takes away
//! and brings back.

use std::{
    io::IsTerminal,
    os::fd::{AsFd, BorrowedFd},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::getpgrp,
    termios::tcgetpgrp,
};

use crate::{cluster::Cluster, problem::Problem, state::State, sync_server::SyncServer};

/// The server of a demo, running or stopped by the person at the terminal.
#[derive(Debug)]
pub struct Network<'a> {
    state: &'a State,
    cluster: &'a Cluster,
    port: u16,
    server: Option<SyncServer>,
}

impl<'a> Network<'a> {
    /// Starts the server.
    pub fn bring(
        state: &'a State,
        cluster: &'a Cluster,
        port: u16,
    ) -> Result<Network<'a>, Problem> {
        Ok(Network {
            state,
            cluster,
            port,
            server: Some(SyncServer::start(state, cluster, port)?),
        })
    }

    pub fn is_there(&self) -> bool {
        self.server.is_some()
    }

    /// Takes it away, or brings it back, and says which.
    pub fn switch(&mut self) -> Result<&'static str, Problem> {
        if self.server.take().is_some() {
            return Ok("The network is gone. Work on in the windows; Enter brings it back.");
        }
        self.server = Some(SyncServer::start(self.state, self.cluster, self.port)?);
        Ok("The network is back; the windows come to agree. Enter takes it away again.")
    }

    /// Fails when the server, or the Postgres beneath it, ended by itself.
    pub fn check(&mut self) -> Result<(), Problem> {
        self.cluster.check()?;
        self.server.as_mut().map_or(Ok(()), SyncServer::check)
    }
}

/// Where the person presses Enter. Its end changes nothing: it may be closed from the start.
#[derive(Debug)]
pub struct Keyboard<F> {
    input: F,
    ended: bool,
}

impl<F: AsFd> Keyboard<F> {
    pub fn new(input: F) -> Keyboard<F> {
        Keyboard {
            input,
            ended: false,
        }
    }

    /// Whether Enter was pressed since the last look; this never waits.
    pub fn enter(&mut self) -> bool {
        let mut bytes = [0; 256];
        if self.ended || !is_readable(self.input.as_fd()) {
            return false;
        }
        match rustix::io::read(&self.input, &mut bytes) {
            Ok(read @ 1..) => bytes[..read].contains(&b'\n'),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => false,
            Ok(_) | Err(_) => {
                self.ended = true;
                false
            }
        }
    }
}

fn is_readable(input: BorrowedFd<'_>) -> bool {
    // The kernel stops whoever reads from a terminal in the background.
    if input.is_terminal() && tcgetpgrp(input).ok() != Some(getpgrp()) {
        return false;
    }
    let mut polled = [PollFd::from_borrowed_fd(input, PollFlags::IN)];
    let at_once = Timespec::default();
    poll(&mut polled, Some(&at_once)).is_ok_and(|ready| ready > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs::File, io::Write};

    #[test]
    fn enter_is_seen_once_for_what_was_typed_and_the_end_of_the_input_is_none() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let mut keyboard = Keyboard::new(reader);
        assert!(!keyboard.enter());
        writer.write_all(b"\n\n").unwrap();
        assert!(keyboard.enter());
        assert!(!keyboard.enter());
        writer.write_all(b"x").unwrap();
        assert!(!keyboard.enter());
        drop(writer);
        assert!(!keyboard.enter());
        assert!(!keyboard.enter());
    }

    #[test]
    fn nobody_presses_enter_where_there_is_no_input() {
        let mut keyboard = Keyboard::new(File::open("/dev/null").unwrap());
        assert!(!keyboard.enter());
        assert!(!keyboard.enter());
    }
}
