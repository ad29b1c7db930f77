//! `import bookings`: reads a file, says what it found, and writes what the hotel lacks.

use super::{Bookings, Failure, accounts::hotels};
use crate::{
    accounts::Accounts,
    bookings::{self, Booking, MAX_PROBLEMS, RowProblem},
    database::Database,
    import::{Import, ImportError, Sharing, Summary, Tally},
    log::LogError,
    server_author::AuthorError,
};
use std::time::{Duration, Instant};

pub(super) async fn bookings(arguments: Bookings) -> Result<(), Failure> {
    let database = Database::open(&arguments.database.database_url).await?;
    let hotel = Accounts::new(database.clone())
        .find_hotel(&arguments.hotel)
        .await?;
    // One after the other: each gives out the rooms that the one before left.
    let held = if arguments.dry_run {
        None
    } else {
        let held = database.hold_imports(hotel).await?;
        Some(held.ok_or(
            "another import of this hotel is under way; nothing was brought in. Wait until it has \
             ended, then import again",
        )?)
    };
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
    let import = Import::prepare(&hotels, hotel, found, arguments.business_date, sharing)
        .await
        .map_err(not_taken)?;
    if arguments.dry_run {
        print!("{}", would(&import.foresee().await.map_err(not_taken)?));
    } else {
        let summary = import.write().await.map_err(not_taken)?;
        print!("{}", did(&summary, begun.elapsed()));
    }
    hotels.stop().await;
    drop(held);
    Ok(())
}

/// What the database says is part of the answer: whoever imports may be the one to mend it.
fn not_taken(error: ImportError) -> Failure {
    match error {
        ImportError::Log(LogError::Unavailable(cause))
        | ImportError::Author(AuthorError::Log(LogError::Unavailable(cause))) => format!(
            "the database did not do all of it: {cause}. What was brought in stays, and the same \
             import again completes it"
        )
        .into(),
        other => other.into(),
    }
}

/// What a dry run says.
fn would(summary: &Summary) -> String {
    let mut said = if summary.is_nothing() {
        all_there(summary)
    } else {
        format!("Would bring in:\n{}", table(summary))
    };
    if let Some(date) = summary.moved_to {
        said += &format!("The hotel would come to {date}.\n");
    }
    said + "Nothing was changed.\n"
}

fn did(summary: &Summary, took: Duration) -> String {
    let mut said = if summary.is_nothing() {
        all_there(summary)
    } else {
        let seconds = took.as_secs_f64();
        format!("Brought in, in {seconds:.1} s:\n{}", table(summary))
    };
    if let Some(date) = summary.moved_to {
        said += &format!("The hotel has come to {date}.\n");
    }
    said
}

fn all_there(summary: &Summary) -> String {
    match summary.stays.all() {
        0 => "Nothing to bring in: the file has no bookings.\n".to_owned(),
        1 => "Nothing to bring in: its one stay is there already.\n".to_owned(),
        stays => format!("Nothing to bring in: all {stays} stays are there already.\n"),
    }
}

fn table(summary: &Summary) -> String {
    let line = |name, Tally { new, changed, kept }: Tally| {
        format!("    {name}: {new} new, {changed} changed, {kept} kept as they are\n")
    };
    [
        line("rooms", summary.rooms),
        line("stays", summary.stays),
        line("tasks", summary.tasks),
    ]
    .concat()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_that_the_database_breaks_off_says_why_what_stays_and_what_to_do() {
        let cause = "No space left on device".into();
        let told = not_taken(ImportError::Log(LogError::Unavailable(cause))).to_string();
        assert!(told.contains("No space left on device"), "{told}");
        assert!(told.contains("What was brought in stays"), "{told}");
    }

    const ALL_KEPT: Summary = Summary {
        rooms: kept(186),
        stays: kept(657),
        tasks: kept(179),
        moved_to: None,
    };

    const fn kept(kept: usize) -> Tally {
        Tally {
            new: 0,
            changed: 0,
            kept,
        }
    }

    #[test]
    fn an_import_of_what_is_there_says_so() {
        let nothing = "Nothing to bring in: all 657 stays are there already.\n";
        assert_eq!(did(&ALL_KEPT, Duration::from_secs(1)), nothing);
        assert_eq!(would(&ALL_KEPT), format!("{nothing}Nothing was changed.\n"));
    }

    #[test]
    fn an_import_counts_what_is_new_changed_and_kept() {
        let summary = Summary {
            stays: Tally {
                new: 1,
                changed: 2,
                kept: 655,
            },
            moved_to: "2017-05-26".parse().ok(),
            ..ALL_KEPT
        };
        let table = "    rooms: 0 new, 0 changed, 186 kept as they are\n    \
                     stays: 1 new, 2 changed, 655 kept as they are\n    \
                     tasks: 0 new, 0 changed, 179 kept as they are\n";
        assert_eq!(
            did(&summary, Duration::from_millis(1_234)),
            format!("Brought in, in 1.2 s:\n{table}The hotel has come to 2017-05-26.\n")
        );
        assert_eq!(
            would(&summary),
            format!(
                "Would bring in:\n{table}The hotel would come to 2017-05-26.\nNothing was \
                 changed.\n"
            )
        );
    }
}
