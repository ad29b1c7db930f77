//! The `keyrack` program: the desktop app.

use clap::Parser;
use keyrack_app::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    match keyrack_app::run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("keyrack: {trouble}");
            ExitCode::FAILURE
        }
    }
}
