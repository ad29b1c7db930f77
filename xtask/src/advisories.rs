//! `cargo xtask advisories`: whether anything that Keyrack depends on has a known flaw, and whether
//! its licences and sources are those that `deny.toml` takes.
//!
//! **Architecture Invariant**: what could not be checked is said, and never passes for checked. What
//! is passed over is listed once, in `deny.toml`, with its reason.

use std::{
    env, fmt, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    arguments::Consent,
    cargo::{cargo, target, workspace},
    problem::{Problem, While},
    process::{finish, listen_to},
    progress,
    tools::{self, Tool},
};

/// Names a database on this machine: a folder, or a .tar.gz of one.
const NAMED: &str = "KEYRACK_ADVISORY_DB";
const DATABASE: &str = "https://github.com/RustSec/advisory-db";
/// Seconds in which the database's server has to answer.
const PATIENCE: &str = "5";

const CARGO_AUDIT: Tool = Tool {
    name: "cargo-audit",
    version: "0.22.2",
    purpose: "to look for known flaws",
};
const CARGO_DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
    purpose: "to look at licences and sources",
};

/// Where advisories are had from.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Source {
    Folder(PathBuf),
    Archive(PathBuf),
    Network,
}

/// Why nothing was checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Skipped {
    NoDatabase,
    NoProgram(&'static str),
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "SKIPPED: nothing was checked for known flaws, licences and sources, because ",
        )?;
        match self {
            Skipped::NoDatabase => write!(
                f,
                "{DATABASE} does not answer within {PATIENCE} s. Name a copy of it with {NAMED}."
            ),
            Skipped::NoProgram(name) => write!(
                f,
                "{name} could not be installed; what cargo said is above."
            ),
        }
    }
}

/// Checks all that `Cargo.lock` names, or says that it did not.
///
/// # Errors
/// When a flaw, a licence or a source is not passed over, and when a database is named that is none.
pub fn advisories(consent: Consent) -> Result<(), Problem> {
    let named = env::var_os(NAMED).filter(|it| !it.is_empty());
    let Some(source) = choose(named.map(PathBuf::from), answers) else {
        println!("{}", Skipped::NoDatabase);
        return Ok(());
    };
    let database = match &source {
        Source::Folder(folder) => Some(database_in(folder)?),
        Source::Archive(archive) => Some(unpack(archive)?),
        Source::Network => None,
    };
    for tool in [CARGO_AUDIT, CARGO_DENY] {
        match tool.ensure(consent) {
            Ok(()) => {}
            Err(Problem::CommandFailed { .. }) => {
                println!("{}", Skipped::NoProgram(tool.name));
                return Ok(());
            }
            Err(other) => return Err(other),
        }
    }
    let policy = workspace().join("deny.toml");
    let policy = fs::read_to_string(&policy)
        .while_doing(|| format!("{} cannot be read", policy.display()))?;
    let flaws = audit_arguments(database.as_deref(), &policy);
    let flaws = run("Looking for known flaws", &flaws);
    // Both are told, whatever came of the first.
    let others = run("Looking at licences and sources", &deny_arguments(&source));
    flaws.and(others)
}

fn run(doing: &str, arguments: &[String]) -> Result<(), Problem> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    progress::aloud(doing, || {
        finish(doing, cargo(&arguments).env("PATH", tools::path()))
    })
}

/// What somebody named is used or found wanting; the network is only asked where nobody named any.
fn choose(named: Option<PathBuf>, answers: impl FnOnce() -> bool) -> Option<Source> {
    match named {
        Some(path) if path.is_dir() || !is_archive(&path) => Some(Source::Folder(path)),
        Some(path) => Some(Source::Archive(path)),
        None => answers().then_some(Source::Network),
    }
}

fn is_archive(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".tar.gz") || name.ends_with(".tgz")
}

/// Whether the database's server answers soon.
fn answers() -> bool {
    let mut asked = Command::new("timeout");
    asked
        .args([
            PATIENCE,
            "git",
            "ls-remote",
            "--exit-code",
            DATABASE,
            "HEAD",
        ])
        .env("GIT_TERMINAL_PROMPT", "0");
    listen_to("Asking for the advisory database", &mut asked).is_ok()
}

/// The folder with `crates` in it: this one, or the only one in it, as archives of a repository have.
fn database_in(folder: &Path) -> Result<PathBuf, Problem> {
    let has_crates = |folder: &Path| folder.join("crates").is_dir();
    if has_crates(folder) {
        return Ok(folder.to_owned());
    }
    let below = fs::read_dir(folder).into_iter().flatten().flatten();
    let found = below.map(|entry| entry.path()).find(|it| has_crates(it));
    found.ok_or_else(|| Problem::NoAdvisories {
        folder: folder.to_owned(),
    })
}

/// Unpacks an archive into the target folder, in place of the one before.
fn unpack(archive: &Path) -> Result<PathBuf, Problem> {
    let folder = target().join("advisories");
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
    .and_then(|()| fs::create_dir_all(&folder))
    .while_doing(|| format!("{} cannot be made", folder.display()))?;
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(archive).arg("-C").arg(&folder);
    listen_to("Unpacking the advisory database", &mut tar)?;
    database_in(&folder)
}

/// Flaws, and code that nobody keeps or that is unsound, but for what is passed over.
fn audit_arguments(database: Option<&Path>, policy: &str) -> Vec<String> {
    let mut arguments: Vec<String> = ["audit", "--deny", "unmaintained", "--deny", "unsound"]
        .map(str::to_owned)
        .into();
    if let Some(database) = database {
        arguments.extend(["--db".to_owned(), database.display().to_string()]);
        arguments.push("--no-fetch".to_owned());
    }
    for id in passed_over(policy) {
        arguments.extend(["--ignore".to_owned(), id.to_owned()]);
    }
    arguments
}

/// cargo-deny knows a database by the address that it fetched it from: one on this machine is for
/// cargo-audit alone.
fn deny_arguments(source: &Source) -> Vec<String> {
    let checks = ["deny", "check", "--hide-inclusion-graph"];
    let mut arguments: Vec<String> = checks.map(str::to_owned).into();
    arguments.extend(["bans", "licenses", "sources"].map(str::to_owned));
    if *source == Source::Network {
        arguments.push("advisories".to_owned());
    }
    arguments
}

/// The advisories that the policy passes over: `{ id = "RUSTSEC-…", reason = "…" }`, one a line.
fn passed_over(policy: &str) -> impl Iterator<Item = &str> {
    policy.lines().filter_map(|line| {
        let (_, rest) = line.trim_start().strip_prefix('{')?.split_once("id = \"")?;
        rest.split('"').next()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = include_str!("../../deny.toml");

    fn nobody_asks() -> bool {
        panic!("the network is asked")
    }

    #[test]
    fn a_database_that_is_named_is_used_and_nobody_asks_the_network() {
        let folder = tempfile::tempdir().unwrap();
        let named = folder.path().to_owned();
        let source = choose(Some(named.clone()), nobody_asks);
        assert_eq!(source, Some(Source::Folder(named)));
        let archive = PathBuf::from("/somewhere/advisory-db.tar.gz");
        let source = choose(Some(archive.clone()), nobody_asks);
        assert_eq!(source, Some(Source::Archive(archive)));
    }

    #[test]
    fn the_network_counts_where_it_answers() {
        assert_eq!(choose(None, || true), Some(Source::Network));
        assert_eq!(choose(None, || false), None);
    }

    #[test]
    fn what_was_skipped_and_why_is_said() {
        for (skipped, why) in [
            (Skipped::NoDatabase, NAMED),
            (Skipped::NoProgram("cargo-audit"), "cargo-audit"),
        ] {
            let said = skipped.to_string();
            assert!(said.starts_with("SKIPPED: nothing was checked"), "{said}");
            assert!(said.contains(why), "{said}");
        }
    }

    #[test]
    fn a_database_is_found_in_its_folder_or_one_below_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let missing = database_in(folder.path()).unwrap_err();
        assert!(missing.to_string().contains(NAMED), "{missing}");
        assert!(database_in(Path::new("/not/there")).is_err());
        let below = folder.path().join("advisory-db-main");
        fs::create_dir_all(below.join("crates")).unwrap();
        assert_eq!(database_in(folder.path()).unwrap(), below);
        assert_eq!(database_in(&below).unwrap(), below);
    }

    #[test]
    fn what_the_policy_passes_over_is_passed_over_with_a_reason() {
        let ids: Vec<&str> = passed_over(POLICY).collect();
        assert!(ids.iter().all(|id| id.starts_with("RUSTSEC-")), "{ids:?}");
        assert_eq!(ids.len(), POLICY.matches("id = \"").count());
        assert_eq!(ids.len(), POLICY.matches("reason = \"").count());
        let arguments = audit_arguments(None, POLICY);
        for id in ids {
            let is_there = |two: &[String]| two == ["--ignore", id];
            assert!(arguments.windows(2).any(is_there), "{id}");
        }
    }

    #[test]
    fn a_database_on_this_machine_is_read_and_nothing_is_fetched() {
        let arguments = audit_arguments(Some(Path::new("/db")), "").join(" ");
        assert!(arguments.ends_with("--db /db --no-fetch"), "{arguments}");
        let folder = Source::Folder("/db".into());
        assert!(!deny_arguments(&folder).contains(&"advisories".to_owned()));
        let network = deny_arguments(&Source::Network);
        assert!(network.contains(&"advisories".to_owned()));
    }
}
