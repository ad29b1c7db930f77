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
    let part = part(&wishes.arguments);
    let is_measured = |needing: &str| part.is_none_or(|part| part == needing);
    let mut built = vec![
        ("keyrack-server", "keyrack-server"),
        ("keyrack-tests", "bench"),
        ("keyrack-tests", "bench_client"),
    ];
    if is_measured(WINDOW) {
        ui_build::build(Optimisation::Measured)?;
    }
    if is_measured(START) {
        ui_build::build(Optimisation::Shipped)?;
        built.push(("keyrack-app", "keyrack"));
    }
    progress::aloud("Building the programs as they are shipped", || {
        let mut build = cargo(&["build", "--release"]);
        for (package, program) in &built {
            build.args(["--package", package, "--bin", program]);
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
    if is_measured(START) {
        println!("{}", ui_size::measured()?);
    }
    Ok(())
}

/// The parts of the measuring program for which the interface and the app are built, which takes
/// longer than measuring the others.
const WINDOW: &str = "window";
const START: &str = "start";

/// The one part that is to be measured, if not all are.
fn part(arguments: &[String]) -> Option<&str> {
    let pairs = arguments.iter().zip(arguments.iter().skip(1));
    let mut apart = pairs.filter(|(name, _)| *name == "--only");
    let mut together = arguments.iter().filter_map(|it| it.strip_prefix("--only="));
    apart
        .next()
        .map(|(_, part)| part.as_str())
        .or_else(|| together.next())
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn what_is_to_be_measured_alone_is_found_however_it_is_said() {
        let of = |said: &str| -> Vec<String> { said.split(' ').map(str::to_owned).collect() };
        assert_eq!(part(&of("--only window")), Some("window"));
        assert_eq!(part(&of("--devices 3 --only=start")), Some("start"));
        assert_eq!(part(&of("--devices 3")), None);
    }
}
