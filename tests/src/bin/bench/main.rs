//! What Keyrack costs, as ratios against baselines measured in the same run on the same disk.
//!
//! `cargo xtask bench [--peers DIR] [-- --bookings FILE]` builds this optimised, starts a durable
//! Postgres and runs it. Without a file the demo's week is imported instead of all bookings;
//! without a folder of other sync servers Keyrack is measured alone.

mod action;
mod baseline;
mod crowd;
mod figures;
mod machine;
mod rush;
mod start;
mod sync;
mod window;
mod workload;

use clap::Parser;
use keyrack_tests::world::World;
use std::path::PathBuf;

#[derive(Parser)]
struct Arguments {
    /// All bookings, plain or gzip; without it the demo's week is imported
    #[arg(long, value_name = "FILE")]
    bookings: Option<PathBuf>,
    /// Other sync servers and their driver, installed and built
    #[arg(long, value_name = "DIR")]
    peers: Option<PathBuf>,
    /// The interface with a hotel inside the page, laid out for a browser
    #[arg(long, value_name = "DIR")]
    interface: Option<PathBuf>,
    /// Devices that come back at once
    #[arg(long, default_value_t = 1_000)]
    devices: usize,
    /// Workload W at this size alone
    #[arg(long, value_name = "D,C,K")]
    size: Option<workload::Size>,
    /// Measure only this part
    #[arg(long)]
    only: Option<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    Action,
    Sync,
    Start,
    Window,
    Workload,
    Crowd,
    Rush,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let is_wanted = |part| arguments.only.is_none_or(|only| only == part);
    let world = World::new();
    let mut report = figures::Report::begin();

    if is_wanted(Part::Action) {
        action::measure(world.folder(), &report);
    }
    if is_wanted(Part::Sync) {
        sync::measure(&world, &report).await;
    }
    if is_wanted(Part::Start) {
        start::measure(&world, arguments.bookings.as_deref(), &mut report).await;
        start::app::measure(&world, arguments.bookings.as_deref(), &mut report).await;
    }
    if is_wanted(Part::Window) {
        window::measure(&world, arguments.interface.as_deref(), &mut report).await;
    }
    report.end();
    if is_wanted(Part::Crowd) {
        crowd::measure(&world, arguments.devices).await;
    }
    if is_wanted(Part::Rush) {
        rush::measure(&world).await;
    }
    if is_wanted(Part::Workload) {
        let commit = baseline::Commit::measured().await;
        let peers = arguments.peers.as_deref();
        workload::measure(&world, peers, commit, arguments.size).await;
    }
}
