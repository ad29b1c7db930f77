//! What whoever runs the server gives it: the command line with the values that may also stand in
//! the environment, a bookings file, and the words and dates in them; and the body of a sign-in.

use super::choices::{Choices, Script};
use keyrack_model::{policy::Role, time::BusinessDate, wire::SignIn};
use keyrack_server::{
    bookings::{self, MAX_PROBLEMS},
    cli,
};
use std::{ffi::OsString, io::Write, os::unix::ffi::OsStringExt};

/// What the bytes are taken for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum As {
    /// Arguments, each with a NUL after it.
    Arguments,
    /// The file of an import, plain or gzip.
    Bookings,
    /// The body of a sign-in.
    SignIn,
    /// One value: a date or a role.
    Word,
}

impl As {
    const ALL: [Self; 4] = [Self::Arguments, Self::Bookings, Self::SignIn, Self::Word];

    /// An input.
    pub fn input(self, bytes: &[u8]) -> Vec<u8> {
        Script::default()
            .one_of(&Self::ALL, self)
            .rest(bytes)
            .done()
    }
}

/// The first byte says what the rest is taken for.
pub fn config(bytes: &[u8]) {
    let mut choices = Choices::of(bytes);
    match choices.one_of(&As::ALL) {
        As::Arguments => arguments(choices.rest()),
        As::Bookings => bookings(choices.rest()),
        As::SignIn => drop(serde_json::from_slice::<SignIn>(choices.rest())),
        As::Word => word(&String::from_utf8_lossy(choices.rest())),
    }
}

fn arguments(bytes: &[u8]) {
    let arguments: Vec<OsString> = bytes
        .split(|byte| *byte == 0)
        .map(|argument| OsString::from_vec(argument.to_vec()))
        .collect();
    if let Err(error) = cli::understand(&arguments) {
        assert!(!error.to_string().is_empty());
    }
}

fn bookings(bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("it can be written");
    let rows = match bookings::open(file.path()) {
        Ok(rows) => rows,
        Err(problem) => {
            assert!(!problem.to_string().is_empty());
            return;
        }
    };
    let mut problems = 0;
    for row in rows {
        match row {
            Ok(Ok(_)) => {}
            Ok(Err(problem)) => {
                assert!(!problem.to_string().is_empty());
                problems += 1;
                if problems == MAX_PROBLEMS {
                    return;
                }
            }
            Err(problem) => {
                assert!(!problem.to_string().is_empty());
                return;
            }
        }
    }
}

/// What is understood is said the same way again.
fn word(text: &str) {
    if let Ok(date) = text.parse::<BusinessDate>() {
        assert_eq!(date.to_string(), text);
    }
    if let Ok(role) = text.parse::<Role>() {
        assert_eq!(role.to_string(), text);
    }
}
