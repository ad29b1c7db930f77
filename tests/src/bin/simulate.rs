//! Runs simulated hotels: one seed with all that happens in it, or fresh seeds for some minutes.

use clap::Parser;
use keyrack_tests::simulation::seeds::{Kind, run_all, run_one};
use std::{
    process::ExitCode,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Hotels in which everything goes wrong, and what came of them.
#[derive(Parser)]
struct Wishes {
    /// Go on with other seeds for so many minutes
    #[arg(long, value_name = "N")]
    minutes: Option<u64>,
    /// The first seed; without minutes the only one, with all that happens [default: a fresh one]
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Two hundred devices each, instead of three to eight
    #[arg(long)]
    many: bool,
}

fn main() -> ExitCode {
    let wishes = Wishes::parse();
    let kind = if wishes.many { Kind::Many } else { Kind::Few };
    let first = wishes.seed.unwrap_or_else(fresh);
    match (wishes.minutes, wishes.seed) {
        (None, Some(seed)) => one(kind, seed),
        (minutes, _) => go_on(kind, first, Duration::from_secs(60 * minutes.unwrap_or(1))),
    }
}

fn one(kind: Kind, seed: u64) -> ExitCode {
    let (trace, broken) = match run_one(kind, kind.plan(seed)) {
        Ok(trace) => (trace, None),
        Err(failure) => (failure.trace, Some(failure.broken.0)),
    };
    for entry in trace {
        println!("{entry}");
    }
    match broken {
        None => ExitCode::SUCCESS,
        Some(broken) => {
            println!("seed {seed}: {broken}");
            ExitCode::FAILURE
        }
    }
}

fn go_on(kind: Kind, first: u64, duration: Duration) -> ExitCode {
    let until = Instant::now() + duration;
    println!("from seed {first} on");
    match run_all(kind, first..u64::MAX, || Instant::now() < until) {
        Ok(tally) => {
            for (kind, count) in &tally.events {
                println!("{count:9} {kind}");
            }
            println!(
                "{} hotels, and nothing was lost, doubled or torn",
                tally.worlds
            );
            ExitCode::SUCCESS
        }
        Err(failure) => {
            println!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// A seed that nobody has tried.
fn fresh() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}
