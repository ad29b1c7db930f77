//! `cargo xtask replay`: a file of bookings lived through day by day, on a release build.

use std::process::Command;

use crate::{
    arguments::Replay,
    cargo::{Mode, cargo, programs, workspace},
    packages,
    problem::Problem,
    process::finish,
    progress, setup,
};

/// Builds the replay and hands it the arguments.
pub fn replay(wishes: &Replay) -> Result<(), Problem> {
    setup::packages(&[packages::BUILD], wishes.consent)?;
    progress::aloud("Building the replay", || {
        let mut build = cargo(&["build", "--release", "--package", "keyrack-tests"]);
        build.args(["--bin", "replay"]);
        finish("Building the replay", &mut build)
    })?;
    let mut replay = Command::new(programs(Mode::Release).join("replay"));
    replay.args(&wishes.arguments).current_dir(workspace());
    finish("The replay", &mut replay)
}
