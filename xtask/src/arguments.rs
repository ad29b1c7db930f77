//! The command line of `cargo xtask`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::{fuzz::TARGETS, ui_build::Optimisation};

/// Everything that is done from a clone of this repository.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Builds everything and opens the app on a demo hotel, with its own Postgres and server
    Run(Run),
    /// Runs every test, those with a real Postgres and real windows included
    Test(Test),
    /// Builds the interface into target/ui
    Ui(Ui),
    /// Measures a release build: device, server, window, start and size
    Bench(Bench),
    /// Runs simulated hotels in which everything goes wrong
    Simulate(Simulate),
    /// Lives through a file of bookings day by day, and holds each day with the file
    Replay(Replay),
    /// Feeds hostile bytes to whatever reads bytes, for as long as wished
    Fuzz(Fuzz),
    /// Takes a picture of each screen from the running app
    Screenshots(Screenshots),
    /// Looks whether anything we depend on has a known flaw, or a licence or source we do not take
    Advisories(Advisories),
    /// Installs what building and testing need, and nothing else
    Setup(Setup),
}

/// Whether packages may be installed without a question.
#[derive(Clone, Copy, Debug, Args)]
pub struct Consent {
    /// Install what is missing without asking
    #[arg(long)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub consent: Consent,
    /// Open a second window, for a housekeeper; beside a demo that is open, only that window
    #[arg(long)]
    pub second: bool,
    /// Use this sync server; no Postgres and no server are started
    #[arg(long, value_name = "URL", conflicts_with_all = ["reset", "port"])]
    pub server: Option<String>,
    /// Delete the demo hotel and both windows' data first, and start over
    #[arg(long)]
    pub reset: bool,
    /// The port of the sync server; windows of another port keep data of their own
    #[arg(long, default_value_t = 7300, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
    /// Where the demo's data is kept [default: the user's state folder]
    #[arg(long, value_name = "FOLDER")]
    pub state: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Test {
    #[command(flatten)]
    pub consent: Consent,
    /// Passed to every test program: a part of a test's name, or its options
    #[arg(last = true, value_name = "FILTER")]
    pub filter: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Ui {
    #[command(flatten)]
    pub consent: Consent,
    /// Small and fast, as it is shipped; says how large it is
    #[arg(long)]
    pub release: bool,
}

#[derive(Debug, Args)]
pub struct Bench {
    #[command(flatten)]
    pub consent: Consent,
    /// Measure the other sync servers of this folder too: a driver, and servers that are installed
    #[arg(long, value_name = "DIR")]
    pub peers: Option<PathBuf>,
    /// Passed to the measuring program
    #[arg(last = true, value_name = "ARGUMENTS")]
    pub arguments: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Simulate {
    #[command(flatten)]
    pub consent: Consent,
    /// Go on with other seeds for so many minutes
    #[arg(long, value_name = "N")]
    pub minutes: Option<u64>,
    /// The first seed; without minutes the only one, with all that happens [default: a fresh one]
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Two hundred devices each, instead of three to eight
    #[arg(long)]
    pub many: bool,
}

#[derive(Debug, Args)]
pub struct Replay {
    #[command(flatten)]
    pub consent: Consent,
    /// Passed to the replaying program
    #[arg(last = true, value_name = "ARGUMENTS")]
    pub arguments: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Fuzz {
    #[command(flatten)]
    pub consent: Consent,
    /// How many minutes, shared among the targets
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub minutes: u64,
    /// One target only [default: all of them]
    #[arg(value_parser = TARGETS)]
    pub target: Option<String>,
}

#[derive(Debug, Args)]
pub struct Screenshots {
    #[command(flatten)]
    pub consent: Consent,
    /// Where the pictures go
    #[arg(default_value = "docs/screenshots")]
    pub folder: PathBuf,
}

#[derive(Debug, Args)]
pub struct Advisories {
    #[command(flatten)]
    pub consent: Consent,
}

#[derive(Debug, Args)]
pub struct Setup {
    #[command(flatten)]
    pub consent: Consent,
}

impl Ui {
    pub fn optimisation(&self) -> Optimisation {
        if self.release {
            Optimisation::Shipped
        } else {
            Optimisation::Quick
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn what_follows_two_dashes_goes_to_the_test_programs() {
        let arguments = Arguments::parse_from(["xtask", "test", "--yes", "--", "two_windows"]);
        let Command::Test(wishes) = arguments.command else {
            panic!("not a test: {arguments:?}");
        };
        assert!(wishes.consent.yes);
        assert_eq!(wishes.filter, ["two_windows"]);
    }

    #[test]
    fn another_server_cannot_be_reset_from_here() {
        let refused =
            Arguments::try_parse_from(["xtask", "run", "--reset", "--server", "http://h:1"]);
        assert!(refused.is_err());
    }
}
