//! The hotel's words as types, and the rules that hold on every device and on the server.
//!
//! **Architecture Invariant**: nothing here does IO, reads a clock, draws randomness, or knows
//! Automerge, SQL, Tauri or Leptos. Everything builds for WebAssembly.

pub mod action;
pub mod administration;
pub mod audit_head;
pub mod availability;
pub mod change;
pub mod class;
pub mod cleanliness;
pub mod command;
pub mod field;
pub mod hotel;
pub mod identity;
pub mod ids;
pub mod import;
pub mod invariants;
pub mod ipc;
pub mod limits;
pub mod merge;
pub mod one_line;
pub mod pin;
pub mod plan;
pub mod policy;
pub mod proof;
pub mod record;
pub mod refusal;
pub mod review;
pub mod rights;
pub mod room;
pub mod room_block;
pub mod room_link;
pub mod room_status;
pub mod rows;
pub mod rule_sheet;
pub mod segment;
pub mod stay;
pub mod task;
pub mod text_merge;
pub mod time;
pub mod wire;
pub mod work_order;
