//! The page of people, devices and access: what the server keeps and decides.
//!
//! **Architecture Invariant**: nothing of it is kept on this device, and nothing is guessed: who
//! works here is known from the replica, everything else is asked of the server each time.

pub mod keymap;
mod keys;
pub mod page;
mod section;
mod state;

mod access;
pub mod audit;
mod devices;
mod people;
mod person;
mod reviews;

mod confirm;
mod device_code;
mod hand_over;
mod palette;
mod rename;
mod take_on;

mod ask;
mod copy;
mod line;
mod parts;
mod qr;
mod rights;
mod sessions;
