//! Replicas through the boundary that a runtime sees: a few devices and a log in one process.

mod converge;
mod refusals;
mod session;
mod store;
mod world;
