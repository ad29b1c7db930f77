//! The sync server: sign-in, admission gate, log and fan-out over Postgres.

pub mod log;

pub mod gate;

pub mod hotel;

pub mod session;

pub mod snapshots;

pub mod database;
pub mod heads;
pub use keyrack_wire::packed;

pub mod access;
pub mod accounts;
pub mod audit;

pub mod bookings;
pub mod import;
pub mod review;
pub mod server_author;

pub mod addresses;
pub mod http;
pub mod peer;
pub mod telemetry;

mod bucket;
mod processor;

pub mod cli;

#[cfg(any(test, feature = "hostile"))]
pub mod pretend;
#[cfg(test)]
mod scratch;
