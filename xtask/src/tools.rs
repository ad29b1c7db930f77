//! Programs that cargo installs for one command: into the target folder, where they touch nothing of
//! the person's.

use std::{env, ffi::OsString, iter, process::Command};

use crate::{
    arguments::Consent,
    cargo::{cargo, target},
    problem::Problem,
    process::{finish, listen_to},
    progress, setup,
};

/// A program from crates.io.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    pub name: &'static str,
    /// What is installed when there is none.
    pub version: &'static str,
    /// What it is for: `to fuzz`.
    pub purpose: &'static str,
}

impl Tool {
    /// Installs it into the target folder, unless the person has one.
    ///
    /// # Errors
    /// [`Problem::CommandFailed`] when cargo cannot install it.
    pub fn ensure(&self, consent: Consent) -> Result<(), Problem> {
        let Tool { name, version, .. } = self;
        let mut asked = Command::new(name);
        asked.arg("--version").env("PATH", path());
        match listen_to(&format!("Looking for {name}"), &mut asked) {
            Ok(_) => return Ok(()),
            Err(Problem::Interrupted) => return Err(Problem::Interrupted),
            Err(_) => {}
        }
        println!(
            "Missing on this machine:\n  {}: {name} {version}, into target/tools",
            self.purpose
        );
        setup::agree(
            consent,
            "Install it with cargo?",
            &format!("cargo install {name} --locked --version {version}"),
        )?;
        let doing = format!("Installing {name}");
        progress::aloud(&doing, || {
            let mut install = cargo(&["install", name, "--locked", "--version", version]);
            finish(&doing, install.arg("--root").arg(target().join("tools")))
        })
    }
}

/// Where programs are looked for: in the target folder first.
pub fn path() -> OsString {
    let tools = target().join("tools/bin");
    let others = env::var_os("PATH").unwrap_or_default();
    let places = iter::once(tools).chain(env::split_paths(&others));
    env::join_paths(places).unwrap_or(others)
}
