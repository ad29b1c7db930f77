//! One hotel in one process: its devices, its server and the network between them, driven by a
//! seed.
//!
//! What decides is real: replicas over SQLite, sync sessions on both sides, the hotel's loop and
//! its gate, and how frames are packed into messages and read. The clock, the network and the disk
//! of the server are the world's, so that anything can go wrong between any two steps.
//!
//! **Invariant**: all that happens follows from the seed. Time only passes when nobody has
//! anything left to do, and every choice is drawn from the seed in one thread.

pub mod faults;
pub mod seeds;
pub mod trace;

mod audit;
mod checks;
mod deeds;
mod desk;
mod device;
mod handout;
mod hotel;
mod house;
mod ledger;
mod link;
mod network;
mod night;
mod server;
mod server_log;
mod trouble;
mod unsaid;
mod world;

pub use faults::{Faults, Lie};
pub use world::{Broken, Plan};
