//! Replays a file of bookings day by day, and holds each day with a count straight from the file.

use clap::Parser;
use keyrack_tests::replay::{
    Broken, Looks, Plan, Replayed, Way, bookings, count, differences, run,
};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

/// A hotel's bookings, lived through again.
#[derive(Parser)]
struct Wishes {
    /// A bookings CSV, plain or gzip [default: the demo hotel's]
    #[arg(long, value_name = "FILE")]
    bookings: Option<PathBuf>,
    /// What people choose is drawn from it
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
}

const DEMO: &str = "../sync-server/demo/resort-busiest-week.csv";

fn main() -> ExitCode {
    let wishes = Wishes::parse();
    let demo = || Path::new(env!("CARGO_MANIFEST_DIR")).join(DEMO);
    match replay(&wishes.bookings.unwrap_or_else(demo), wishes.seed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(broken) => {
            println!("{broken}");
            ExitCode::FAILURE
        }
    }
}

fn replay(file: &Path, seed: u64) -> Result<(), Broken> {
    let plan = |way, looks| Plan {
        seed,
        way,
        stayover_every: 1,
        looks,
        lie: None,
    };
    let (counted, counting) = timed(|| counted(file))?;
    let bookings = bookings(file)?;
    println!("{} bookings, seed {seed}", bookings.len());
    let of_file = |looks| run(bookings.clone(), &plan(Way::AsInTheFile, looks));
    let (bare, took) = timed(|| of_file(Looks::Never))?;
    let (replayed, with_checks) = timed(|| of_file(Looks::EachDay))?;
    let differing = differences(&counted, &replayed);
    for difference in &differing {
        println!("{difference}");
    }
    tell(&replayed);
    let lively = run(bookings.clone(), &plan(Way::Lively, Looks::EachDay))?;
    for (deed, times) in &lively.deeds {
        println!("{times:9} {deed}");
    }
    let speed = |days: u32, took: Duration| f64::from(days) / took.as_secs_f64();
    println!(
        "{:.0} days a second, {:.0} with every check; {:.0} times as long as counting the file",
        speed(bare.days, took),
        speed(replayed.days, with_checks),
        took.as_secs_f64() / counting.as_secs_f64(),
    );
    if differing.is_empty() {
        println!("every day as in the file: no ghost task, no lost departure, no stayover amiss");
        return Ok(());
    }
    Err(Broken(format!(
        "{} days are not as in the file",
        differing.len()
    )))
}

fn counted(file: &Path) -> Result<std::collections::BTreeMap<String, count::Count>, Broken> {
    let text = count::text(file).map_err(|error| Broken(format!("{}: {error}", file.display())))?;
    let counted = count::count(&text, 1);
    counted.ok_or_else(|| Broken(format!("{} cannot be counted", file.display())))
}

fn timed<T>(what: impl FnOnce() -> Result<T, Broken>) -> Result<(T, Duration), Broken> {
    let since = Instant::now();
    let came_to = what()?;
    Ok((came_to, since.elapsed()))
}

fn tell(replayed: &Replayed) {
    let sum = |of: fn(&keyrack_tests::replay::Tally) -> u64| -> u64 {
        replayed.by_day.values().map(of).sum()
    };
    println!(
        "{} days, {} rooms, {} commands",
        replayed.days, replayed.rooms, replayed.commands
    );
    println!("{:9} arrivals", sum(|day| day.arrivals));
    println!("{:9} departures", sum(|day| day.departures));
    println!("{:9} stayovers", sum(|day| day.stayovers));
    println!("{:9} nights", sum(|day| day.nights));
}
