//! Questions to the mirror as plain functions: rows in, what a view shows out.
//!
//! **Architecture Invariant**: nothing here knows signals, the DOM or the clock.

pub mod as_of;
pub mod at_once;
pub mod board;
pub mod conflicts;
pub mod desk;
pub mod draft;
pub mod few;
pub mod free_rooms;
pub mod given_twice;
pub mod groups;
pub mod in_hand;
pub mod movement;
pub mod my_list;
pub mod orders;
pub mod rack;
pub mod ranking;
pub mod room_card;
pub mod rules;
pub mod ruling;
pub mod settling;
pub mod standing;
pub mod topic;
