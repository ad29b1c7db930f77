//! The interface: a window onto the local replica.
//!
//! One program shows two pages, [`start::page`] says which. What is not on the screen first is in
//! parts (`part`) that are loaded later.
//!
//! **Architecture Invariant**: views talk to the backend through `host` alone, and what they show
//! of the hotel comes from `mirror`, which only the host's events write.

mod app;
mod arrangement;
mod catalogue;
mod clock;
mod device_line;
mod drafts;
mod focus;
mod fresh;
mod host;
mod idle;
mod kept;
mod keyboard;
mod keymap;
mod letters;
mod mirror;
mod pages;
mod part;
mod perform;
mod press;
mod printing;
mod query;
mod route;
mod settings;
mod theme;
mod view;
mod words;

pub mod start;
