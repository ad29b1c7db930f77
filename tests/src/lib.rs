//! Behaviour across crates: real server, real Postgres, real windows.
//!
//! **Invariant**: nothing here replaces a part of Keyrack. The harness starts the processes a
//! hotel runs, and sees what a person or a peer sees. Only `simulation` stands in for the network,
//! the clock and the server's disk, and `replay` lives on the model alone.

pub mod wait;

pub mod bin_dir;
pub mod port;
pub mod process;

pub mod faulty_disk;
pub mod own_postgres;
pub mod postgres;
pub mod proxy;
pub mod server;
pub mod small_disk;
pub mod store_file;

pub mod display;
pub mod terminal;
pub mod traces;
pub mod window;
pub mod workplace;

pub mod attacker;
pub mod desk;
pub mod enrolment;
pub mod fetch;
pub mod hotel;
pub mod http;
pub mod ledger;
pub mod load;
pub mod peer;
pub mod rush;
pub mod sign_in;
pub mod wire;
pub mod wish;
pub mod world;

pub mod hostile;
pub mod replay;
pub mod simulation;
