//! `cargo xtask simulate`: simulated hotels in which everything goes wrong, for as long as wished.

use std::process::Command;

use crate::{
    arguments::Simulate,
    cargo::{Mode, cargo, programs, workspace},
    problem::Problem,
    process::finish,
    progress, setup,
};

/// Builds the simulation and hands it the wishes.
pub fn simulate(wishes: &Simulate) -> Result<(), Problem> {
    setup::packages(&[crate::packages::BUILD], wishes.consent)?;
    progress::aloud("Building the simulation", || {
        let mut build = cargo(&["build", "--package", "keyrack-tests", "--bin", "simulate"]);
        finish("Building the simulation", &mut build)
    })?;
    let mut simulate = Command::new(programs(Mode::Debug).join("simulate"));
    simulate.args(options(wishes)).current_dir(workspace());
    finish("The simulation", &mut simulate)
}

/// The wishes as the program takes them.
fn options(wishes: &Simulate) -> Vec<String> {
    let mut options = Vec::new();
    if let Some(minutes) = wishes.minutes {
        options.extend(["--minutes".to_owned(), minutes.to_string()]);
    }
    if let Some(seed) = wishes.seed {
        options.extend(["--seed".to_owned(), seed.to_string()]);
    }
    if wishes.many {
        options.push("--many".to_owned());
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::{Arguments, Command};
    use clap::Parser;

    #[test]
    fn the_wishes_reach_the_program_as_they_were_written() {
        let written = ["--minutes", "5", "--seed", "17", "--many"];
        let line = ["xtask", "simulate"].into_iter().chain(written);
        let Command::Simulate(wishes) = Arguments::parse_from(line).command else {
            panic!("not a simulation");
        };
        assert_eq!(options(&wishes), written);
    }
}
