//! `cargo xtask test`: every test, with a real Postgres and real windows, and what came of them.

mod standstill;

use std::{
    io::{self, BufRead, BufReader},
    process::{Command, ExitStatus},
    sync::mpsc,
    thread,
};

use crate::{
    arguments::Test,
    cargo::{Mode, cargo},
    cluster::Durability,
    interrupt, leftovers,
    problem::{Problem, While},
    process::{finish, spawn, wait},
    progress, setup,
    surroundings::{Desktop, TemporaryCluster},
    test_results::Tally,
    ui_build::{self, Optimisation},
};

/// Builds everything, runs every test and says at the end what ran.
pub fn test(wishes: &Test) -> Result<(), Problem> {
    setup::everything(wishes.consent)?;
    ui_build::build(Optimisation::Quick)?;
    progress::aloud("Building the programs and the tests", || {
        // One selection of packages for programs and tests: cargo joins features per selection,
        // and another one would build the dependencies again.
        finish(
            "Building the tests",
            &mut cargo(&["build", "--workspace", "--lib", "--bins", "--tests"]),
        )
    })?;
    let postgres = TemporaryCluster::start(Durability::SurvivesProcessesOnly)?;
    let desktop = Desktop::start()?;
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    if !wishes.filter.is_empty() {
        command.arg("--").args(&wishes.filter);
    }
    postgres.introduce(&mut command, Mode::Debug);
    let tally = progress::aloud("Testing", || {
        let (tally, status) = read_along(desktop.seat(&command))?;
        Ok(tally.closed(status.success()))
    })?;
    // The summary closes the output, after all that stopping may say.
    drop((desktop, postgres));
    print!("\n{}", tally.summary());
    if tally.failed() == 0 {
        Ok(())
    } else {
        Err(Problem::TestsFailed)
    }
}

/// Shows what the command prints and counts the results in it.
///
/// Cargo names a test program on one stream and the program reports on the other: both go
/// through one pipe, which keeps their order.
fn read_along(mut command: Command) -> Result<(Tally, ExitStatus), Problem> {
    let (reader, writer) = io::pipe().while_doing(|| "No pipe".to_owned())?;
    let writer_too = writer.try_clone().while_doing(|| "No pipe".to_owned())?;
    let child = spawn(command.stdout(writer).stderr(writer_too))?;
    // The writing ends in it would keep the pipe open.
    drop(command);
    let (say, heard) = mpsc::channel();
    thread::spawn(move || standstill::watch(&heard, standstill::LIMIT, end_test_programs));
    let reading = thread::spawn(move || {
        let mut tally = Tally::default();
        let mut lines = BufReader::new(reader);
        let mut line = Vec::new();
        while lines
            .read_until(b'\n', &mut line)
            .is_ok_and(|read| read > 0)
        {
            let text = String::from_utf8_lossy(&line);
            let _ = say.send(());
            print!("{text}");
            tally.read(text.trim_end());
            line.clear();
        }
        tally
    });
    let status = wait(child);
    // What a test left behind may hold the pipe open.
    leftovers::end();
    let status = status?;
    let tally = reading.join().unwrap_or_default();
    interrupt::check()?;
    Ok((tally, status))
}

/// Ends what cargo runs at the moment; cargo goes on with the next.
fn end_test_programs() {
    println!(
        "Nothing was heard for {} min.",
        standstill::LIMIT.as_secs() / 60
    );
    leftovers::kill_programs_in("deps");
}
