//! A hotel's bookings lived through again, day by day: the desk, housekeeping and the night audit over
//! the model's own rules, in memory.
//!
//! **Invariant**: whatever becomes true comes from a planned command, within its rights. What people
//! did is kept apart from what the rules made of it, and the checks hold one against the other.

use keyrack_model::time::BusinessDate;
use keyrack_server::bookings::{Booking, open};
use std::{collections::BTreeMap, fmt, path::Path};

mod hotel;

mod desk;
mod guests;
mod house;
mod housekeeping;
mod ledger;
mod lie;

mod checks;
pub mod count;

pub use ledger::Tally;
pub use lie::Lie;

use count::Count;

/// How a replay goes.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What people choose is drawn from it.
    pub seed: u64,
    pub way: Way,
    /// A Stayover on every so many nights.
    pub stayover_every: i64,
    pub looks: Looks,
    /// How the hotel's rules are broken, to see that it is found out.
    pub lie: Option<Lie>,
}

/// What people do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// Guests come and go as the file says.
    AsInTheFile,
    /// Some leave early, move or wish otherwise, under rules that differ by type of room.
    Lively,
}

/// How often everything is checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Looks {
    EachDay,
    Never,
}

/// What is not as it must be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken(pub String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a replay came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Replayed {
    pub days: u32,
    pub rooms: usize,
    pub commands: u64,
    pub by_day: BTreeMap<BusinessDate, Tally>,
    /// How often each thing was done that does not happen on its own.
    pub deeds: BTreeMap<&'static str, u64>,
}

/// Lives through all days from before the first arrival until the last room is cleaned.
///
/// # Errors
/// The first day on which something is not as it must be, with all of it.
pub fn run(bookings: Vec<Booking>, plan: &Plan) -> Result<Replayed, Broken> {
    hotel::Hotel::opened(bookings, plan.clone())?.live()
}

/// The bookings of a file.
///
/// # Errors
/// The first row that cannot be read.
pub fn bookings(path: &Path) -> Result<Vec<Booking>, Broken> {
    let rows = open(path).map_err(|problem| Broken(problem.to_string()))?;
    rows.map(|row| match row {
        Ok(Ok(booking)) => Ok(booking),
        Ok(Err(problem)) => Err(Broken(problem.to_string())),
        Err(problem) => Err(Broken(problem.to_string())),
    })
    .collect()
}

/// The days on which a replay has other numbers than the file.
pub fn differences(counted: &BTreeMap<String, Count>, replayed: &Replayed) -> Vec<Broken> {
    let mut days: BTreeMap<String, (Count, Tally)> = BTreeMap::new();
    for (day, count) in counted {
        days.entry(day.clone()).or_default().0 = *count;
    }
    for (day, tally) in &replayed.by_day {
        days.entry(day.to_string()).or_default().1 = *tally;
    }
    let differs = |(count, tally): &(Count, Tally)| {
        [count.arrivals, count.departures, count.departures]
            != [tally.arrivals, tally.departures, tally.departure_tasks]
            || [count.stayovers, count.nights] != [tally.stayovers, tally.nights]
    };
    days.into_iter()
        .filter(|(_, both)| differs(both))
        .map(|(day, (count, tally))| Broken(format!("{day}: {count:?} in the file, {tally:?}")))
        .collect()
}
