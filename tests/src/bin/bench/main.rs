//! What Keyrack costs, as ratios against baselines measured in the same run on the same disk.
//!
//! `cargo xtask bench [-- --bookings FILE]` builds this optimised, starts a durable Postgres and
//! runs it. Without a file the demo's week is imported instead of all bookings.

mod action;
mod baseline;
mod figures;
mod start;
mod sync;

use keyrack_tests::{hotel, world::World};
use std::path::PathBuf;

#[tokio::main]
async fn main() {
    let bookings = bookings_argument();
    let world = World::new();
    let mut report = figures::Report::begin();

    action::measure(world.folder(), &report);
    sync::measure(&world, &report).await;
    start::measure(&world, bookings.as_deref(), &mut report).await;
    report.end();
}

/// The file after `--bookings`, if it was given.
fn bookings_argument() -> Option<PathBuf> {
    let mut arguments = std::env::args().skip(1);
    let file = match arguments.next().as_deref() {
        None => return None,
        Some("--bookings") => arguments.next().map(PathBuf::from),
        Some(_) => None,
    };
    let Some(file) = file.filter(|file| file.is_file()) else {
        eprintln!(
            "usage: bench [--bookings FILE]\nFILE is a bookings CSV, plain or gzip; without it {} is imported",
            hotel::bookings().display()
        );
        std::process::exit(2);
    };
    Some(file)
}
