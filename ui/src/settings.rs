//! The page of people, devices, access, the hotel, its rooms and imports: what the server keeps and
//! decides, and what the hotel consists of.
//!
//! **Architecture Invariant**: nothing that the server decides is kept on this device, and nothing is
//! guessed: who works here and which rooms there are is known from the replica, everything else is
//! asked of the server each time.

pub mod keymap;
mod keys;
pub mod page;
mod section;
mod state;

mod access;
pub mod audit;
mod devices;
mod hotel;
mod import;
mod people;
mod person;
mod reviews;
mod rooms;

mod confirm;
mod device_code;
mod palette;
mod present;
mod rename;
mod room_form;
mod shown_once;
mod take_on;

mod ask;
mod asking_form;
mod before;
mod copy;
mod line;
mod parts;
mod qr;
mod rights;
mod sessions;
