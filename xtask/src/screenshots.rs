//! `cargo xtask screenshots`: a picture of each screen, taken from the running app.

use crate::{
    arguments::Screenshots,
    cargo::{Mode, cargo, programs, workspace},
    cluster::Durability,
    problem::Problem,
    process::finish,
    progress, setup,
    surroundings::{Desktop, TemporaryCluster},
    ui_build::{self, Optimisation},
};

/// Takes the pictures.
pub fn screenshots(wishes: &Screenshots) -> Result<(), Problem> {
    setup::everything(wishes.consent)?;
    ui_build::build(Optimisation::Quick)?;
    progress::aloud("Building the programs", || {
        let mut build = cargo(&["build", "--workspace", "--lib", "--bins", "--tests"]);
        finish("Building the programs", &mut build)
    })?;
    let postgres = TemporaryCluster::start(Durability::SurvivesProcessesOnly)?;
    let desktop = Desktop::start()?;
    let mut program = std::process::Command::new(programs(Mode::Debug).join("screenshots"));
    program.arg(workspace().join(&wishes.folder));
    program.current_dir(workspace());
    postgres.introduce(&mut program, Mode::Debug);
    progress::aloud("Taking pictures", || {
        finish("Taking pictures", &mut desktop.seat(&program))
    })
}
