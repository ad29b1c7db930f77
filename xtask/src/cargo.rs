//! Cargo, called from inside a program that cargo itself started.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::leftovers;

/// The folder of this workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_owned)
        .unwrap_or_default()
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => workspace().join(folder),
        None => workspace().join("target"),
    }
}

/// Where a build in this mode puts its programs.
pub fn programs(mode: Mode) -> PathBuf {
    target().join(match mode {
        Mode::Debug => "debug",
        Mode::Release => "release",
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Debug,
    Release,
}

/// `cargo …` in the workspace.
///
/// What the outer cargo says about this package is taken out of the environment: build scripts
/// that watch those variables would otherwise run again at every call.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(workspace());
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(describes_the_package) {
            command.env_remove(name);
        }
    }
    leftovers::mark(&mut command);
    command
}

fn describes_the_package(variable: &str) -> bool {
    [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
    ]
    .iter()
    .any(|prefix| variable.starts_with(prefix))
        || ["CARGO_PRIMARY_PACKAGE", "OUT_DIR"].contains(&variable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_a_person_stay_and_the_outer_package_does_not() {
        assert!(describes_the_package("CARGO_PKG_NAME"));
        assert!(!describes_the_package("CARGO_HOME"));
        assert!(!describes_the_package("CARGO_PROFILE_DEV_DEBUG"));
    }
}
