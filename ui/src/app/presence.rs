//! Who is at the window, as the host said last.

use crate::clock::LocalClock;
use keyrack_model::{ipc::WaitingOf, rows::Person};
use std::sync::Arc;

/// Who is here.
#[derive(Clone, PartialEq, Debug)]
pub enum Presence {
    /// The host has not said yet.
    Starting,
    SignedOut {
        server: String,
        hotel: String,
        name: String,
        waiting: Vec<WaitingOf>,
    },
    Here(Arc<SignedIn>),
}

#[derive(Clone, PartialEq, Debug)]
pub struct SignedIn {
    pub hotel_name: String,
    pub server: String,
    pub me: Person,
    pub people: Vec<Person>,
    pub clock: LocalClock,
    pub key_in_file: bool,
}
