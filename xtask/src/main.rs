//! `cargo xtask …`: reads the command line and ends with the exit code that scripts expect.

use std::process::ExitCode;

use clap::Parser;
use xtask::{arguments::Arguments, interrupt, leftovers, problem::Problem};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = interrupt::listen().and_then(|()| xtask::carry_out(&arguments));
    leftovers::end();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Problem::TestsFailed) => ExitCode::FAILURE,
        Err(Problem::Interrupted) => {
            eprintln!("Interrupted. All that was started is stopped.");
            ExitCode::from(130)
        }
        Err(problem) => {
            eprintln!("\n{problem}");
            ExitCode::FAILURE
        }
    }
}
