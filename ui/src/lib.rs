//! The interface: a window onto the local replica.
//!
//! Two pages are made of it, each a program of its own in `src/bin`: [`start::main_page`] and
//! [`start::settings_page`].
//!
//! **Architecture Invariant**: views talk to the backend through `host` alone, and what they show
//! of the hotel comes from `mirror`, which only the host's events write.

mod app;
mod catalogue;
mod clock;
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
mod perform;
mod press;
mod query;
mod route;
mod settings;
mod theme;
mod view;
mod words;

pub mod start;
