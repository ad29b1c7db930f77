//! What the two commands `cargo xtask run` and `cargo xtask test` are made of: system packages,
//! the interface's build, a private Postgres cluster, a private display, and progress lines.
//!
//! **Architecture Invariant**: nothing outlives the command that started it. What runs is held by
//! a value whose drop stops it, and every wait ends at Ctrl-C.

pub mod advisories;
pub mod arguments;
pub mod bench;
pub mod cargo;
pub mod cluster;
pub mod demo;
pub mod display;
pub mod fuzz;
pub mod interrupt;
pub mod leftovers;
pub mod network;
pub mod notice;
pub mod packages;
pub mod problem;
pub mod process;
pub mod progress;
pub mod replay;
pub mod run;
pub mod screenshots;
pub mod setup;
pub mod simulate;
pub mod state;
pub mod surroundings;
pub mod sync_server;
pub mod test;
pub mod test_results;
pub mod tools;
pub mod ui_build;
pub mod ui_parts;
pub mod ui_size;
pub mod wasm_target;

use arguments::{Arguments, Command};
use problem::Problem;

/// Does what the command line asks for.
pub fn carry_out(arguments: &Arguments) -> Result<(), Problem> {
    match &arguments.command {
        Command::Run(wishes) => run::run(wishes),
        Command::Test(wishes) => test::test(wishes),
        Command::Ui(wishes) => {
            wasm_target::ensure(wishes.consent)?;
            ui_build::build(wishes.optimisation())?;
            if wishes.release {
                println!("{}", ui_size::measured()?);
            }
            Ok(())
        }
        Command::Bench(wishes) => bench::bench(wishes),
        Command::Simulate(wishes) => simulate::simulate(wishes),
        Command::Replay(wishes) => replay::replay(wishes),
        Command::Fuzz(wishes) => fuzz::fuzz(wishes),
        Command::Screenshots(wishes) => screenshots::screenshots(wishes),
        Command::Advisories(wishes) => advisories::advisories(wishes.consent),
        Command::Setup(wishes) => setup::setup(wishes.consent),
    }
}
