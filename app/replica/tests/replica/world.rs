//! A hotel of a few devices around one log, without a network.

pub mod handout;
pub mod log;
pub mod people;
pub mod scene;
