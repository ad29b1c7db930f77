//! `cargo xtask bench`: the measuring program on a release build and a durable Postgres, and the
//! size of the interface as it is shipped.

use std::process::Command;

use crate::{
    arguments::Bench,
    cargo::{Mode, cargo, programs, workspace},
    cluster::Durability,
    packages,
    problem::{Problem, While},
    process::finish,
    progress, setup,
    surroundings::TemporaryCluster,
    ui_build::{self, Optimisation},
    ui_size, wasm_target,
};

/// Measures and prints.
pub fn bench(wishes: &Bench) -> Result<(), Problem> {
    let groups = [packages::BUILD, packages::POSTGRES, packages::MEASURING];
    setup::packages(&groups, wishes.consent)?;
    wasm_target::ensure(wishes.consent)?;
    ui_build::build(Optimisation::Shipped)?;
    progress::aloud("Building the programs as they are shipped", || {
        let mut build = cargo(&["build", "--release"]);
        build.args(["--package", "keyrack-server", "--package", "keyrack-tests"]);
        for program in ["keyrack-server", "bench", "bench_client"] {
            build.args(["--bin", program]);
        }
        finish("Building the programs", &mut build)
    })?;
    let postgres = TemporaryCluster::start(Durability::Durable)?;
    let mut bench = Command::new(programs(Mode::Release).join("bench"));
    bench.args(&wishes.arguments).current_dir(workspace());
    if let Some(peers) = &wishes.peers {
        let folder = peers
            .canonicalize()
            .while_doing(|| format!("{} cannot be entered", peers.display()))?;
        bench.arg("--peers").arg(folder);
    }
    postgres.introduce(&mut bench, Mode::Release);
    finish("Measuring", &mut bench)?;
    println!("{}", ui_size::measured()?);
    Ok(())
}
