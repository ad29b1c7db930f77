//! `cargo xtask bench`: the measuring program on a release build, a durable Postgres and a display in
//! memory, and the size of the interface as it is shipped.

use std::process::Command;

use crate::{
    arguments::Bench,
    cargo::{Mode, cargo, programs, workspace},
    cluster::Durability,
    packages,
    problem::{Problem, While},
    process::finish,
    progress, setup,
    surroundings::{Desktop, TemporaryCluster},
    ui_build::{self, Optimisation},
    ui_size,
};

/// Measures and prints.
pub fn bench(wishes: &Bench) -> Result<(), Problem> {
    setup::everything(wishes.consent)?;
    setup::packages(&[packages::MEASURING], wishes.consent)?;
    ui_build::build(Optimisation::Measured)?;
    ui_build::build(Optimisation::Shipped)?;
    progress::aloud("Building the programs as they are shipped", || {
        let mut build = cargo(&["build", "--release"]);
        for package in ["keyrack-server", "keyrack-app", "keyrack-tests"] {
            build.args(["--package", package]);
        }
        for program in ["keyrack-server", "keyrack", "bench", "bench_client"] {
            build.args(["--bin", program]);
        }
        finish("Building the programs", &mut build)
    })?;
    let postgres = TemporaryCluster::start(Durability::Durable)?;
    let mut bench = Command::new(programs(Mode::Release).join("bench"));
    bench.args(&wishes.arguments).current_dir(workspace());
    bench.arg("--interface").arg(Optimisation::Measured.place());
    if let Some(peers) = &wishes.peers {
        let folder = peers
            .canonicalize()
            .while_doing(|| format!("{} cannot be entered", peers.display()))?;
        bench.arg("--peers").arg(folder);
    }
    postgres.introduce(&mut bench, Mode::Release);
    let desktop = Desktop::start()?;
    finish("Measuring", &mut desktop.seat(&bench))?;
    println!("{}", ui_size::measured()?);
    Ok(())
}
