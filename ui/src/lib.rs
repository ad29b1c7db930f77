//! The interface: a window onto the local replica.
//!
//! **Architecture Invariant**: views talk to the backend through `host` alone, and what they show
//! of the hotel comes from `mirror`, which only the host's events write.

mod app;
mod catalogue;
mod clock;
mod drafts;
mod focus;
mod host;
mod idle;
mod kept;
mod keyboard;
mod keymap;
mod letters;
mod mirror;
mod perform;
mod press;
mod query;
mod route;
mod theme;
mod view;
mod words;

mod start;
