//! `import bookings`: reads a file, says what it found, and writes what the hotel lacks.

use super::{Bookings, Failure, accounts::hotels};
use crate::{
    accounts::Accounts,
    bookings::{self, Booking, MAX_PROBLEMS, RowProblem},
    database::Database,
    import::{Import, Sharing},
};
use std::time::Instant;

pub(super) async fn bookings(arguments: Bookings) -> Result<(), Failure> {
    let database = Database::open(&arguments.database.database_url).await?;
    let hotel = Accounts::new(database.clone())
        .find_hotel(&arguments.hotel)
        .await?;
    let begun = Instant::now();
    let (found, problems) = read(&arguments)?;
    println!("Read {} bookings.", found.len());
    report(&problems)?;
    let hotels = hotels(database);
    let sharing = if arguments.assign {
        Sharing::AmongHousekeepers
    } else {
        Sharing::Nobody
    };
    let import = Import::prepare(&hotels, hotel, found, arguments.business_date, sharing).await?;
    let (rooms, stays, tasks) = import.counts();
    if arguments.dry_run {
        println!(
            "Would bring in up to {rooms} rooms, {stays} stays and {tasks} tasks. Nothing was changed."
        );
    } else {
        let written = import.write().await?;
        println!(
            "Brought in {rooms} rooms, {stays} stays and {tasks} tasks in {:.1} s: {} were new or changed, {} were known.",
            begun.elapsed().as_secs_f64(),
            written.changed,
            written.unchanged
        );
    }
    hotels.stop().await;
    Ok(())
}

fn read(arguments: &Bookings) -> Result<(Vec<Booking>, Vec<RowProblem>), Failure> {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for row in bookings::open(&arguments.file)? {
        match row? {
            Ok(booking) => found.push(booking),
            Err(problem) => problems.push(problem),
        }
        if problems.len() >= MAX_PROBLEMS {
            break;
        }
    }
    Ok((found, problems))
}

/// A file with bad rows is not brought in in part: half a day's departures help nobody.
fn report(problems: &[RowProblem]) -> Result<(), Failure> {
    if problems.is_empty() {
        return Ok(());
    }
    for problem in problems {
        eprintln!("{problem}");
    }
    let more = if problems.len() >= MAX_PROBLEMS {
        " or more"
    } else {
        ""
    };
    let rows = if problems.len() == 1 {
        "row is"
    } else {
        "rows are"
    };
    Err(format!(
        "{}{more} {rows} not as expected; nothing was brought in. Correct the file and import it again.",
        problems.len()
    )
    .into())
}
