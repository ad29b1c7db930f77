//! Files of rooms, people and bookings that a person or a program has, read by a mapping.
//!
//! **Architecture Invariant**: reading is a function of the file and the mapping, and a preview
//! writes nothing. Bringing the same file in twice changes nothing the second time.

mod sheet;

mod guess;
mod layout;

mod cells;
mod values;

mod bookings;
mod people;
mod rooms;

mod intake;
mod outlook;
mod tally;

pub use intake::{Intake, TableError, bring_in};
pub use sheet::FileFault;

#[cfg(test)]
mod tests;
