//! Why a command ended without doing what was asked: a sentence for the person at the terminal.

use std::{io, path::PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error("Interrupted.")]
    Interrupted,
    #[error("Some tests failed.")]
    TestsFailed,
    #[error(
        "There is no display to open a window on: neither DISPLAY nor WAYLAND_DISPLAY is set. \
         Nothing was started. Run it in a terminal of a desktop session, or over `ssh -X` from \
         one. Without a desktop, `cargo xtask test` still runs every test, and `cargo xtask \
         screenshots` takes pictures of the app: both bring a display of their own."
    )]
    NoDisplay,
    #[error(
        "Port {0} is in use by another program, so the sync server cannot listen there. Nothing \
         was started. End that program, or choose another port with `--port`."
    )]
    PortInUse(u16),
    #[error(
        "Another `cargo xtask run` is using {folder}. Nothing was started. `cargo xtask run \
         --second` opens one more window on it; else close it first, or give this one a folder of \
         its own with `--state` and a port of its own with `--port`."
    )]
    AlreadyRunning { folder: PathBuf },
    #[error(
        "Another `cargo xtask run` is using {folder}, and no server of it answers. Nothing was \
         started. If its network is away, press Enter in its terminal; if it is still starting, \
         wait until its window is open; else close it first, or give this one a folder of its own \
         with `--state`."
    )]
    NotServing { folder: PathBuf },
    #[error(
        "Nothing was installed. To install it yourself, run\n    {by_hand}\nand then this command \
         again."
    )]
    Declined { by_hand: String },
    #[error(
        "Packages are missing and nobody can be asked, as this is not a terminal. Run it again \
         with `--yes`, or install them with\n    {by_hand}"
    )]
    NobodyToAsk { by_hand: String },
    #[error("Packages are missing and there is no sudo. As root, run\n    {by_hand}")]
    NoSudo { by_hand: String },
    #[error(
        "The packages could not be installed; what apt-get said is above. To try by hand:\n    \
         {by_hand}"
    )]
    InstallFailed { by_hand: String },
    #[error(
        "The Rust target wasm32-unknown-unknown is missing, and rustup is not there to add it. \
         Add it with the tool that installed Rust, or install Rust from https://rustup.rs."
    )]
    NoWasmTarget,
    #[error("No Postgres server was found (looked for {looked_for}). Install `postgresql`.")]
    NoPostgres { looked_for: String },
    #[error(
        "The demo's database was made by Postgres {version}, which is not installed. Install \
         postgresql-{version}, or start over with `cargo xtask run --reset`."
    )]
    OtherPostgres { version: String },
    #[error(
        "There is no user `postgres` to run Postgres as; root itself may not. Install `postgresql`."
    )]
    NoPostgresUser,
    #[error("{folder} belongs to somebody else. Choose another folder with `--state`.")]
    ForeignFolder { folder: PathBuf },
    #[error(
        "The path of {folder} is too long for a socket in it. Choose a shorter one with `--state`."
    )]
    PathTooLong { folder: PathBuf },
    #[error(
        "Root may not run Postgres, and the user `postgres` cannot reach {folder}, because \
         {closed} is private. Choose a folder elsewhere with `--state`."
    )]
    Unreachable { folder: PathBuf, closed: PathBuf },
    #[error("{what} did not start. Its log says:\n{log}")]
    DidNotStart { what: &'static str, log: String },
    #[error(
        "The demo's Postgres stopped by itself, so the rest was stopped too. Nothing that was \
         acknowledged is lost: run it again to continue."
    )]
    PostgresStopped,
    #[error("The sync server stopped by itself. The end of {log_file} says:\n{log}")]
    ServerStopped { log_file: PathBuf, log: String },
    #[error("{doing} failed ({status}).{output}")]
    CommandFailed {
        doing: String,
        status: String,
        output: String,
    },
    #[error("The window ended by itself ({status}). The end of {log_file} says:\n{log}")]
    WindowFailed {
        status: String,
        log_file: PathBuf,
        log: String,
    },
    #[error("{program} could not be started: {source}")]
    CannotStart { program: String, source: io::Error },
    #[error("{doing}: {source}")]
    Io { doing: String, source: io::Error },
    #[error(
        "Hostile bytes made Keyrack fail, {finds} times. Each file that did is in {folder}; put it \
         into tests/fuzz/corpus under a name that begins with `found-`, and `cargo xtask test` \
         replays it."
    )]
    Found { finds: usize, folder: PathBuf },
    #[error(
        "{folder} has no advisories in it, and KEYRACK_ADVISORY_DB names it. It is to name a folder \
         with a copy of https://github.com/RustSec/advisory-db, or a .tar.gz of one."
    )]
    NoAdvisories { folder: PathBuf },
    #[error("The interface's wasm could not be prepared for the web view: {0}")]
    WasmBindgen(String),
    #[error("The interface's wasm could not be taken apart: {0}")]
    TakingApart(String),
}

/// Says what was being done when the operating system refused.
pub trait While<T> {
    fn while_doing(self, doing: impl FnOnce() -> String) -> Result<T, Problem>;
}

impl<T> While<T> for io::Result<T> {
    fn while_doing(self, doing: impl FnOnce() -> String) -> Result<T, Problem> {
        self.map_err(|source| Problem::Io {
            doing: doing(),
            source,
        })
    }
}
