//! `cargo xtask fuzz`: hostile bytes for whatever reads bytes, made by a fuzzer that sees which of
//! them lead somewhere new. What it found stays in the target folder and is where it goes on.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    arguments::Fuzz,
    cargo::{cargo, target, workspace},
    packages,
    problem::{Problem, While},
    process::{finish, listen_to, status_of},
    progress, setup,
    tools::{self, Tool},
};

/// The targets of `tests/fuzz`.
pub const TARGETS: [&str; 5] = ["frame", "scanner", "admission", "pull", "config"];

const CARGO_FUZZ: Tool = Tool {
    name: "cargo-fuzz",
    version: "0.13.2",
    purpose: "to fuzz",
};
/// Megabytes that a target may have at once, and that it may ask for at once.
const MOST_MEMORY: &str = "256";
/// Seconds that one input may take.
const PATIENCE: &str = "10";
/// Bytes of an input.
const LONGEST: &str = "65536";

/// Builds the targets, and runs each for its share of the time.
pub fn fuzz(wishes: &Fuzz) -> Result<(), Problem> {
    setup::packages(&[packages::BUILD], wishes.consent)?;
    CARGO_FUZZ.ensure(wishes.consent)?;
    let programs = build()?;
    let wanted: Vec<&str> = TARGETS
        .into_iter()
        .filter(|name| wishes.target.as_deref().is_none_or(|one| one == *name))
        .collect();
    let share = Duration::from_secs(wishes.minutes * 60) / wanted.len() as u32;
    let mut finds = 0;
    for name in wanted {
        let doing = format!("Feeding {name} for {}", progress::spoken(share));
        let found = progress::aloud(&doing, || run(&programs.join(name), name, share))?;
        for file in &found {
            println!("  {name} failed on {}", file.display());
        }
        finds += found.len();
    }
    if finds == 0 {
        println!("Nothing was found.");
        Ok(())
    } else {
        Err(Problem::Found {
            finds,
            folder: found_folder(),
        })
    }
}

/// Where everything that outlives a run is kept.
fn folder() -> PathBuf {
    target().join("fuzz")
}

fn found_folder() -> PathBuf {
    folder().join("found")
}

/// Builds every target and returns the folder of the programs. They take the versions of the
/// workspace.
fn build() -> Result<PathBuf, Problem> {
    let fuzz = workspace().join("tests/fuzz");
    fs::copy(workspace().join("Cargo.lock"), fuzz.join("Cargo.lock"))
        .while_doing(|| format!("{} cannot be written", fuzz.display()))?;
    progress::aloud("Building the fuzz targets", || {
        let mut build = cargo(&["fuzz", "build", "--sanitizer", "none", "--fuzz-dir"]);
        build
            .arg(&fuzz)
            .arg("--target-dir")
            .arg(folder())
            .env("PATH", tools::path())
            // What it asks of the compiler is not for everybody yet.
            .env("RUSTC_BOOTSTRAP", "1");
        finish("Building the fuzz targets", &mut build)
    })?;
    let machine = listen_to("Asking for the machine", Command::new("rustc").arg("-vV"))?;
    let machine = machine
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap_or_default();
    Ok(folder().join(machine).join("release"))
}

/// Runs one target, beginning with the corpus and all that earlier runs kept; the files it failed
/// on.
fn run(program: &Path, name: &str, share: Duration) -> Result<Vec<PathBuf>, Problem> {
    let kept = folder().join("corpus").join(name);
    let found = found_folder().join(name);
    for folder in [&kept, &found] {
        fs::create_dir_all(folder)
            .while_doing(|| format!("{} cannot be made", folder.display()))?;
    }
    let before = files(&found)?;
    let option = |name: &str, value: &str| format!("-{name}={value}");
    let mut fuzzer = Command::new(program);
    fuzzer
        .arg(option("max_total_time", &share.as_secs().to_string()))
        .arg(option("rss_limit_mb", MOST_MEMORY))
        .arg(option("malloc_limit_mb", MOST_MEMORY))
        .arg(option("timeout", PATIENCE))
        .arg(option("max_len", LONGEST))
        .arg(option("artifact_prefix", &format!("{}/", found.display())))
        .arg("-print_final_stats=1")
        .arg(&kept)
        .arg(workspace().join("tests/fuzz/corpus").join(name))
        .current_dir(workspace());
    let ended = status_of(&mut fuzzer)?;
    let mut found = files(&found)?;
    found.retain(|file| !before.contains(file));
    if !ended.success() && found.is_empty() {
        return Err(Problem::CommandFailed {
            doing: format!("Feeding {name}"),
            status: ended.to_string(),
            output: String::new(),
        });
    }
    Ok(found)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let listed = fs::read_dir(folder).and_then(|entries| {
        entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()
    });
    let mut files = listed.while_doing(|| format!("{} cannot be listed", folder.display()))?;
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_targets_are_those_that_cargo_fuzz_builds() {
        let folder = workspace().join("tests/fuzz/fuzz_targets");
        let mut built: Vec<_> = files(&folder)
            .unwrap()
            .iter()
            .filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned()))
            .collect();
        let mut named = TARGETS.map(str::to_owned).to_vec();
        built.sort();
        named.sort();
        assert_eq!(built, named);
    }
}
