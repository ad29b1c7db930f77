//! A password from whoever types a command: never an argument, which others on the machine can read.

use super::Failure;
use keyrack_model::limits::MAX_PASSWORD;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::{
    env::{self, VarError},
    io::{BufRead, Read, Stdin},
};

/// Bytes of a line that may hold a password; a longer one is refused by its length.
const MAX_LINE: u64 = 8 * MAX_PASSWORD as u64;

/// The password in the environment, or else a line of standard input.
pub(super) fn password() -> Result<String, Failure> {
    match env::var("KEYRACK_PASSWORD") {
        Ok(password) => return Ok(password),
        Err(VarError::NotUnicode(_)) => {
            return Err("the password in KEYRACK_PASSWORD is not text in UTF-8".into());
        }
        Err(VarError::NotPresent) => {}
    }
    let mut line = String::new();
    let stdin = std::io::stdin();
    let asking = Asking::at(&stdin);
    stdin.lock().take(MAX_LINE).read_line(&mut line)?;
    drop(asking);
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(
            "no password: give it in KEYRACK_PASSWORD or as a line of standard input".into(),
        );
    }
    Ok(password.to_owned())
}

/// A terminal that does not show what is typed, until this is dropped.
struct Asking<'a> {
    terminal: &'a Stdin,
    before: Termios,
}

impl<'a> Asking<'a> {
    /// Asks for a password at a terminal; None where there is none.
    fn at(terminal: &'a Stdin) -> Option<Self> {
        let before = tcgetattr(terminal).ok()?;
        eprint!("Password: ");
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(terminal, OptionalActions::Now, &hidden).ok()?;
        Some(Self { terminal, before })
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        eprintln!();
        // A terminal that is gone shows nothing.
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}
