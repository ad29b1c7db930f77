//! Replicas through the boundary that a runtime sees: a few devices and a log in one process.

#![allow(
    clippy::unwrap_used,
    reason = "in a test, what cannot be unwrapped is the failure"
)]

mod audit_heads;
mod audits;
mod begun_anew;
mod converge;
mod desks;
mod heard;
mod kept_off;
mod proofs;
mod pushes;
mod records;
mod recover;
mod refusals;
mod renew;
mod rescue;
mod session;
mod store;
mod stored;
mod switching;
mod transcripts;
mod undo;
mod upgrade;
mod working_set;
mod world;
